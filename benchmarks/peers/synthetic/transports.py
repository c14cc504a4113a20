"""What a synthetic peer needs of its transport, with a loop of its own or in a crowd."""

from typing import Protocol

from benchmarks.peers.synthetic.connection import RemoteTransport
from benchmarks.peers.synthetic.media import Media


class ConnectFailed(Exception):  # noqa: N818 - reads as what happened
    """ICE or DTLS did not succeed, or what was waited for did not happen; the message says why."""


class MediaTransport(Protocol):
    """One connection to a server, and the media on it.

    Attributes:
        media: what is sent and received.
    """

    media: Media

    def begin(self, remote: RemoteTransport) -> None:
        """Start the checks."""

    async def until_connected(self) -> None:
        """Wait until media may flow.

        Raises:
            ConnectFailed: it will not.
        """

    def wake(self) -> None:
        """Look at what is due: a track was added."""

    def move(self, host: str | None = None) -> None:
        """Go on from another address, as a phone that leaves the house: no restart, new port."""

    def restart_ice(self, remote: RemoteTransport) -> None:
        """Check again with new credentials; DTLS and media go on."""

    def close(self) -> None:
        """Say goodbye (DTLS close_notify) and be gone; harmless when done twice."""

    def vanish(self) -> None:
        """Be gone without a word, as a tab that is killed."""
