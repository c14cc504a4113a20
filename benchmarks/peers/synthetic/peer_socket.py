"""A UDP socket towards one server, watched by the running asyncio loop."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from typing import Final

_MOST_DATAGRAM: Final = 2048
_BUFFER: Final = 1 << 20


class PeerSocket:
    """A connected socket.

    Args:
        host: of the server, IPv4 or IPv6.
        port: of the server.
        local: our address, IPv4; empty for whichever leads to the server.
        on_readable: called when datagrams have come.

    Attributes:
        source: the server's address, packed, and port.
        address: ours.
    """

    def __init__(self, host: str, port: int, local: str, on_readable: Callable[[], None]) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._loop = asyncio.get_running_loop()
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        self._socket.bind(("::" if family == socket.AF_INET6 else local, 0))
        self._socket.connect((host, port))
        self.source: tuple[bytes, int] = (socket.inet_pton(family, host), port)
        ours = self._socket.getsockname()
        self.address: tuple[str, int] = (ours[0], ours[1])
        self._loop.add_reader(self._socket.fileno(), on_readable)

    def datagrams(self) -> Iterator[bytes]:
        """Those that have come, until there are no more or the socket is closed."""
        while self._socket.fileno() >= 0:
            try:
                yield self._socket.recv(_MOST_DATAGRAM)
            except (BlockingIOError, ConnectionRefusedError):
                return

    def send(self, datagram: bytes) -> None:
        """Send, or lose it, as on any wire."""
        try:
            self._socket.send(datagram)
        except (BlockingIOError, ConnectionRefusedError):
            return

    def close(self) -> None:
        """Close it."""
        self._loop.remove_reader(self._socket.fileno())
        self._socket.close()
