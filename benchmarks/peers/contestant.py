"""What the comparison of servers needs of each server: start it, fill it, stop it."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

import ifaddr

from benchmarks.peers.synthetic.crowd import Crowd
from benchmarks.peers.synthetic.crowd_transport import CrowdStream
from benchmarks.peers.synthetic.published import VideoTrack


class Server(Protocol):
    """A server that runs. Everybody has a transport to publish and another to subscribe.

    Attributes:
        pid: of its process; its children's time and memory count as its own.
    """

    pid: int

    async def publish(self, room: str, track: VideoTrack) -> str:
        """Connect somebody who sends a track from now on; what the server calls it.

        Raises:
            ConnectFailed: ICE or DTLS did not succeed.
            RefusedByServer: the server did not want to.
        """

    async def subscribe(
        self, room: str, publications: Sequence[str], checked: bool
    ) -> list[CrowdStream]:
        """Connect somebody who receives what others publish; one stream each.

        Args:
            room: where.
            publications: what ``publish`` returned.
            checked: whether all that comes is decrypted, checked and timed.

        Raises:
            ConnectFailed: ICE or DTLS did not succeed.
            RefusedByServer: the server did not want to.
        """


@dataclass(frozen=True)
class Absence:
    """Why a server is not among those measured.

    Attributes:
        word: what the table says: ``not installed``, ``cannot run here``.
        advice: what to do about it: a sentence.
    """

    word: str
    advice: str


class Contestant(Protocol):
    """A server that can be run here, or not.

    Attributes:
        name: as tables say it.
    """

    name: str

    def absence(self) -> Absence | None:
        """Why it cannot be measured here; None when it can."""

    def settings(self) -> str:
        """The version, and what is set otherwise than it comes; only where it can be measured."""

    def running(self, core: int, crowd: Crowd) -> AbstractAsyncContextManager[Server]:
        """Start it on one core, for a crowd that lives in the running loop."""


class RefusedByServer(Exception):  # noqa: N818 - an outcome
    """A server did not do what it was asked for; the message is the server's."""


def machine_address() -> str:
    """An IPv4 address of this machine, where possible not the loopback interface's.

    Packets to it stay in the machine all the same; but libnice, which Janus uses, gathers no
    candidates on the loopback interface.
    """
    addresses = [
        str(ip.ip)
        for adapter in ifaddr.get_adapters()
        for ip in adapter.ips
        if ip.is_IPv4 and not str(ip.ip).startswith("127.")
    ]
    return addresses[0] if addresses else LOOPBACK


LOOPBACK = "127.0.0.1"
