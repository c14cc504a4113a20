"""Every message on the wire, one struct each; decoding is validation."""
