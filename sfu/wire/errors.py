"""What every parser of this package raises, and nothing else."""


class WireError(ValueError):
    """Bytes do not follow their format. Drop them and count."""
