"""Media planes for tests."""

from signaling.media_plane import SfuState


class SwitchedPlane:
    """An SFU that is alive or not, as the test says; ``state`` tells it more exactly."""

    def __init__(self, alive: bool = True, room_capacity: int = 500) -> None:
        self.state = SfuState.READY if alive else SfuState.NONE
        self.room_capacity = room_capacity

    @property
    def alive(self) -> bool:
        return self.state is SfuState.READY

    @alive.setter
    def alive(self, alive: bool) -> None:
        self.state = SfuState.READY if alive else SfuState.NONE

    def state_for(self, room_id: str) -> SfuState:
        return self.state

    def capacity(self) -> int:
        return 0 if self.state is SfuState.NONE else self.room_capacity
