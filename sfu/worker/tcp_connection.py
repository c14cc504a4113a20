"""One peer's TCP connection: its queue, and what the kernel takes of it."""

import contextlib
import socket
import sys
from typing import Final

from sfu.transport.packet_ring import MOST_RECEIVED
from sfu.transport.stream_guests import Guest
from sfu.units import Octets
from sfu.wire.framing import PREFIX_BYTES, Deframer
from sfu.worker.udp_socket import NO_ROOM

MEDIA_ROOM: Final = 128 << 10
"""Bytes of the queue that media may fill: half a second of 2 Mbit/s, or a large key frame."""

ROOM: Final = MEDIA_ROOM + (32 << 10)
"""Bytes of the queue for everything: checks, handshakes and reports still pass when media does
not."""

_UNSENT: Final = 32 << 10
"""Bytes that the kernel takes beyond what is on its way (TCP_NOTSENT_LOWAT): what it has cannot be
left out any more."""

_PATIENCE_MS: Final = 15_000
"""How long what was sent may stay unacknowledged, until the connection is over (RFC 5482)."""

UNPROVEN_BYTES: Final = 16 << 10
"""Bytes that may come before a valid check."""


class TcpConnection:
    """A connection that was accepted.

    Args:
        opened: its socket, not blocking; then ours.
        address: its address row.
        guest: its place in the book.

    Attributes:
        is_waiting: whether the kernel has no room for what is queued.
        is_over: whether nothing can be sent on it any more.
        unproven_bytes: that came before a valid check.
    """

    __slots__ = (
        "_deframer",
        "_queue",
        "address",
        "guest",
        "is_over",
        "is_waiting",
        "socket",
        "unproven_bytes",
    )

    def __init__(self, opened: socket.socket, address: bytes, guest: Guest) -> None:
        self.socket = opened
        self.address = address
        self.guest = guest
        self.is_waiting = False
        self.is_over = False
        self.unproven_bytes = 0
        self._deframer = Deframer(MOST_RECEIVED)
        self._queue = bytearray()

    def __len__(self) -> int:
        """Bytes that are queued."""
        return len(self._queue)

    def queue(self, packet: Octets, room: int) -> bool:
        """Have a packet sent with the next ``flush``; whether there is so much room."""
        queue, length = self._queue, len(packet)
        if self.is_over or len(queue) + PREFIX_BYTES + length > room:
            return False
        queue += length.to_bytes(PREFIX_BYTES, "big")
        queue += packet
        return True

    def flush(self) -> bool:
        """Give the kernel what it has room for; whether anything still waits."""
        queue = self._queue
        if self.is_over or not queue:
            return False
        try:
            del queue[: self.socket.send(queue)]
        except OSError as error:
            if error.errno not in NO_ROOM:
                self.end()
        self.is_waiting = bool(queue)
        return self.is_waiting

    def split(self, data: memoryview) -> list[bytes] | None:
        """The packets that have come; None when a stranger's are not what is spoken here.

        Whatever else may call at an open port (HTTP, TLS, SSH) begins with what would be a packet
        too long for any network.
        """
        packets = self._deframer.split(data)
        if not self.guest.proven:
            self.unproven_bytes += len(data)
            if self._deframer.too_long or self.unproven_bytes > UNPROVEN_BYTES:
                return None
        return packets

    def end(self) -> None:
        """Send nothing more."""
        self.is_over = True
        self.is_waiting = False
        self._queue.clear()

    @staticmethod
    def prepare(opened: socket.socket) -> None:
        """Suit a socket to media: nothing waits for company, and little waits in the kernel."""
        opened.setblocking(False)
        with contextlib.suppress(OSError):
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if sys.platform == "linux":
                opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _UNSENT)
                opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _PATIENCE_MS)
