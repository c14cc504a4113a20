"""What a stream remembers: numbers given, packets kept. No I/O."""
