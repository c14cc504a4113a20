"""A small SFU of our own on Pion, built of Debian's packages, among the servers compared."""
