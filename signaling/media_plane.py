"""The seam to whatever carries media for a room that has outgrown the mesh."""

from typing import Protocol

from sfu.control.messages import Command


class MediaPlane(Protocol):
    """The SFU as the registry sees it.

    The registry asks before it decides and tells afterwards; it never waits. What the plane has
    to say (a worker lost, a router opened) comes back as ``sfu.control`` reports.
    """

    @property
    def alive(self) -> bool:
        """Whether a room could be handed to it now."""

    def capacity(self) -> int:
        """Members one room may have on it."""

    def submit(self, command: Command) -> None:
        """Passes a command on; its outcome is reported later, by generation."""


class MeshOnly:
    """The media plane of a server without an SFU: rooms end at the mesh cap."""

    @property
    def alive(self) -> bool:
        """Never."""
        return False

    def capacity(self) -> int:
        """None at all."""
        return 0

    def submit(self, command: Command) -> None:
        """Nobody is there; the mode policy never gets here while ``alive`` is false."""
        raise RuntimeError(f"no SFU is configured to carry out {command!r}")
