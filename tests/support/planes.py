"""Media planes for tests."""

from dataclasses import dataclass


@dataclass
class SwitchedPlane:
    """An SFU that is alive or not, as the test says."""

    alive: bool = True
    room_capacity: int = 500

    def capacity(self) -> int:
        return self.room_capacity if self.alive else 0
