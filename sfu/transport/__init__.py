"""What every packet needs on its way: memory to stand in, a destination, a key. No I/O."""
