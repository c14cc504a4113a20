"""A TCP connection to a server's passive candidate (RFC 6544), used like a UDP socket."""

import socket
from collections.abc import Callable, Iterator
from typing import Final

from typing_extensions import override

from benchmarks.peers.synthetic.peer_socket import PeerSocket
from sfu.wire.framing import Deframer, frame

_READ: Final = 1 << 16
_LONGEST: Final = 2048


class StreamSocket(PeerSocket):
    """See ``PeerSocket``; what the other end has no room for waits for the next packet."""

    KIND = socket.SOCK_STREAM
    BUFFER = 1 << 16

    def __init__(self, local: str, is_ipv6: bool = False) -> None:
        super().__init__(local, is_ipv6)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._deframer = Deframer(_LONGEST)
        self._out = bytearray()

    @override
    def connect(self, host: str, port: int, on_readable: Callable[[], None]) -> None:
        self._socket.connect_ex((host, port))
        self._source = (socket.inet_pton(self._socket.family, host), port)
        self._loop.add_reader(self._socket.fileno(), on_readable)

    @override
    def datagrams(self) -> Iterator[bytes]:
        while self._socket.fileno() >= 0:
            try:
                data = self._socket.recv(_READ)
            except (BlockingIOError, ConnectionError):
                return
            if not data:
                self.close()
                return
            for packet in self._deframer.split(data):
                self.traffic.received.add(packet)
                yield packet

    @override
    def send(self, datagram: bytes) -> None:
        self._out += frame(datagram)
        try:
            del self._out[: self._socket.send(self._out)]
        except (BlockingIOError, ConnectionError):
            return
        self.traffic.sent.add(datagram)

    @property
    def is_closed(self) -> bool:
        """Whether the other end, or we, have ended it."""
        return self._socket.fileno() < 0
