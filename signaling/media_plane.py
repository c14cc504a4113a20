"""The seam to whatever carries media for a room that has outgrown the mesh."""

from enum import StrEnum
from typing import Protocol


class SfuState(StrEnum):
    """Whether there is an SFU, or will be one in a moment."""

    READY = "ready"
    """A worker is connected: it can be entered now."""
    FULL = "full"
    """Workers are connected, and none takes another room: who is on it stays."""
    DRAINING = "draining"
    """Those that are connected are about to end: who can do without, does; the others stay."""
    STARTING = "starting"
    """None is connected yet, and one is about to be: rooms that are on it stay."""
    LOST = "lost"
    """The last one is gone, and usually back in a moment: who can do without it, does."""
    NONE = "none"
    """There is none, and nobody hopes for one."""


class MediaPlane(Protocol):
    """The SFU as the registry sees it: the registry asks before it decides, and never waits."""

    @property
    def state(self) -> SfuState:
        """Whether a room could be handed to it."""

    def state_for(self, room_id: str) -> SfuState:
        """The same, for a room that it may carry already."""

    def capacity(self) -> int:
        """Members one room may have on it."""


class MeshOnly:
    """The media plane of a server without an SFU: rooms end at the mesh cap."""

    @property
    def state(self) -> SfuState:
        """There never is one."""
        return SfuState.NONE

    def state_for(self, room_id: str) -> SfuState:
        """Nor for any room."""
        return SfuState.NONE

    def capacity(self) -> int:
        """None at all."""
        return 0
