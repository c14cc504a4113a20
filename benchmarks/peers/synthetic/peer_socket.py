"""A UDP socket towards one other end, watched by the running asyncio loop."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from typing import Final, Self

from benchmarks.traffic import Carried, Traffic

_MOST_DATAGRAM: Final = 2048


class PeerSocket:
    """A socket with an address, and from ``connect`` on with another end.

    What comes between the two waits; it is told from strangers' datagrams by its contents.

    Args:
        local: our address; empty for whichever leads to the other end, once that is known.
        is_ipv6: whether the other end has such an address.

    Attributes:
        traffic: what the kernel has taken of us, and given to us.
    """

    KIND = socket.SOCK_DGRAM
    BUFFER = 1 << 20

    def __init__(self, local: str, is_ipv6: bool = False) -> None:
        family = socket.AF_INET6 if is_ipv6 else socket.AF_INET
        self._loop = asyncio.get_running_loop()
        self._source: tuple[bytes, int] = (b"", 0)
        self.traffic = Traffic(Carried(), Carried())
        self._socket = socket.socket(family, self.KIND)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.BUFFER)
        self._socket.bind((local or ("::" if is_ipv6 else ""), 0))

    @classmethod
    def towards(cls, host: str, local: str) -> Self:
        """For another end of which the address is known, IPv4 or IPv6; ours is IPv4."""
        is_ipv6 = ":" in host
        return cls("" if is_ipv6 else local, is_ipv6)

    @property
    def address(self) -> tuple[str, int]:
        """Ours, host and port."""
        ours = self._socket.getsockname()
        return ours[0], ours[1]

    @property
    def source(self) -> tuple[bytes, int]:
        """The other end's address, packed, and port."""
        return self._source

    def connect(self, host: str, port: int, on_readable: Callable[[], None]) -> None:
        """Face another end.

        Args:
            host: its address.
            port: the same.
            on_readable: called when datagrams have come.
        """
        self._socket.connect((host, port))
        self._source = (socket.inet_pton(self._socket.family, host), port)
        self._loop.add_reader(self._socket.fileno(), on_readable)

    def datagrams(self) -> Iterator[bytes]:
        """Those that have come, until there are no more or the socket is closed."""
        while self._socket.fileno() >= 0:
            try:
                datagram = self._socket.recv(_MOST_DATAGRAM)
            except (BlockingIOError, ConnectionRefusedError):
                return
            self.traffic.received.add(datagram)
            yield datagram

    def send(self, datagram: bytes) -> None:
        """Send, or lose it, as on any wire."""
        try:
            self._socket.send(datagram)
        except (BlockingIOError, ConnectionRefusedError):
            return
        self.traffic.sent.add(datagram)

    def close(self) -> None:
        """Close it; harmless when done twice."""
        if self._socket.fileno() >= 0:
            self._loop.remove_reader(self._socket.fileno())
            self._socket.close()
