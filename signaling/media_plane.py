"""The seam to whatever carries media for a room that has outgrown the mesh."""

from typing import Protocol


class MediaPlane(Protocol):
    """The SFU as the registry sees it: the registry asks before it decides, and never waits."""

    @property
    def alive(self) -> bool:
        """Whether a room could be handed to it now, or within the moments a worker restarts."""

    def capacity(self) -> int:
        """Members one room may have on it."""


class MeshOnly:
    """The media plane of a server without an SFU: rooms end at the mesh cap."""

    @property
    def alive(self) -> bool:
        """Never."""
        return False

    def capacity(self) -> int:
        """None at all."""
        return 0
