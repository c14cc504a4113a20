"""Media planes for tests."""

from dataclasses import dataclass, field

from sfu.control.messages import Command


@dataclass
class SwitchedPlane:
    """An SFU that is alive or not, as the test says."""

    alive: bool = True
    room_capacity: int = 500
    commands: list[Command] = field(default_factory=list)

    def capacity(self) -> int:
        return self.room_capacity if self.alive else 0

    def submit(self, command: Command) -> None:
        self.commands.append(command)
