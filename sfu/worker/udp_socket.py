"""What a worker's UDP socket can do, whichever way it does it; and how ports are opened.

There are two: ``batched_socket`` for Linux, ``portable_socket`` for anything else.
"""

import contextlib
import errno
import socket
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

from sfu.transport.packet_ring import PacketRing
from sfu.transport.transmit_ring import TransmitRing
from sfu.units import I64
from sfu.worker import kernel

BUFFER_BYTES: Final = 8 << 20
"""Kernel buffer in each direction: 30 ms of 2 Gbit/s."""

MOST_WAITING: Final = 2048
"""Datagrams that wait for room in the kernel; what comes on top is dropped, as on any wire."""


_SIZES: Final = 33
"""Sizes that are told apart, by powers of two: more than there can be."""

NO_ROOM: Final = frozenset({errno.EAGAIN, errno.EWOULDBLOCK})
"""Errors that mean "later"."""


@dataclass(slots=True)
class SocketCounts:
    """What a socket has done since it was opened.

    Attributes:
        received: datagrams received.
        receive_batches: calls that received some.
        sent: datagrams given to the kernel.
        send_batches: calls that sent some.
        messages: messages in them; a message of more than one datagram is a run.
        runs: messages that the kernel cut into datagrams.
        batch_sizes: calls that received 1, 2, up to 4, up to 8 … datagrams.
        run_sizes: messages of 1, 2, up to 4, up to 8 … datagrams; the first entry is not counted.
        delayed: datagrams that had to wait for room.
        dropped: datagrams given up for want of room.
        failed: datagrams that the kernel refused for another reason.
    """

    received: int = 0
    receive_batches: int = 0
    sent: int = 0
    send_batches: int = 0
    messages: int = 0
    runs: int = 0
    batch_sizes: list[int] = field(default_factory=lambda: [0] * _SIZES)
    run_sizes: list[int] = field(default_factory=lambda: [0] * _SIZES)
    delayed: int = 0
    dropped: int = 0
    failed: int = 0


class UdpSocket(Protocol):
    """One UDP port: datagrams in by batches, and out from a transmit ring.

    Attributes:
        received: the ring that ``receive`` fills from row 0 on.
        arrivals: int64, shape (capacity,), when the kernel received each datagram, in nanoseconds
            of the wall clock; None when that was not asked for.
        counts: what it has done so far.
    """

    received: PacketRing
    arrivals: I64 | None
    counts: SocketCounts

    def receive(self) -> int:
        """Receive what is there, up to a ring full, and return how many datagrams that was.

        Never waits, never raises. A datagram longer than MOST_RECEIVED is cut off, and then fails
        the integrity check of SRTP, DTLS or STUN.
        """

    def sources(self, count: int) -> list[bytes]:
        """Where the datagrams of the first ``count`` rows came from, as ``pack_address`` has it."""

    def send(self, ring: TransmitRing, rows: I64 | None = None) -> None:
        """Send the rows in use of the ring that the socket was made for; never waits or raises.

        Args:
            ring: the transmit ring.
            rows: int64, shape (n,), n at least 1, ascending: those to be sent; None for all.
        """

    def send_datagram(self, data: bytes, address: bytes) -> None:
        """Send one datagram that is not media; never waits, never raises."""

    def send_waiting(self) -> bool:
        """Send what waits for room, when the socket has become writable.

        Returns:
            Whether anything still waits.
        """

    @property
    def waiting(self) -> int:
        """Datagrams that wait: while there are any, watch for the socket becoming writable."""

    def address(self, host: str, port: int) -> bytes:
        """An address in the form that this socket uses."""

    def fileno(self) -> int:
        """The file descriptor, to be watched."""

    def close(self) -> None:
        """Close the port."""


def open_port(host: str, port: int) -> socket.socket:
    """Open a UDP port with big buffers.

    Args:
        host: address to listen at; "" is every address, of IPv4 and IPv6 where there is IPv6.
        port: 0 for any.

    Raises:
        OSError: the address cannot be had.
    """
    opened = _open_dual_stack(port) if not host else None
    if opened is None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        opened = socket.socket(family, socket.SOCK_DGRAM)
        try:
            opened.bind((host, port))
        except OSError:
            opened.close()
            raise
    opened.setblocking(False)
    for forced, plain in (
        (kernel.SO_RCVBUFFORCE, socket.SO_RCVBUF),
        (kernel.SO_SNDBUFFORCE, socket.SO_SNDBUF),
    ):
        # The forced form exceeds the system's limit, and needs CAP_NET_ADMIN.
        with contextlib.suppress(OSError):
            opened.setsockopt(socket.SOL_SOCKET, plain, BUFFER_BYTES)
            if kernel.HAS_BATCHES:
                opened.setsockopt(socket.SOL_SOCKET, forced, BUFFER_BYTES)
    return opened


def bind_tcp(host: str, port: int) -> socket.socket:
    """Take a TCP port, to be listened at.

    Args:
        host: address; "" is every address, of IPv4 and IPv6 where there is IPv6.
        port: 0 for any.

    Raises:
        OSError: the address cannot be had.
    """
    opened = _open_dual_stack(port, socket.SOCK_STREAM) if not host else None
    if opened is None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        opened = socket.socket(family, socket.SOCK_STREAM)
        try:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            opened.bind((host, port))
            opened.listen(1)
        except OSError:
            opened.close()
            raise
    return opened


def _open_dual_stack(
    port: int, kind: socket.SocketKind = socket.SOCK_DGRAM
) -> socket.socket | None:
    try:
        opened = socket.socket(socket.AF_INET6, kind)
    except OSError:
        return None
    try:
        opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        if kind is socket.SOCK_STREAM:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind(("::", port))
        if kind is socket.SOCK_STREAM:
            opened.listen(1)
    except OSError:
        opened.close()
        return None
    return opened


class WaitingDatagrams:
    """Sends datagrams one by one, and keeps those for which the kernel has no room, in order.

    Args:
        send: sends one datagram (data, address) and returns 0 or an errno.
        counts: what becomes of them.
    """

    def __init__(
        self, send: Callable[[bytes | memoryview, bytes], int], counts: SocketCounts
    ) -> None:
        self._send = send
        self._counts = counts
        self._datagrams: deque[tuple[bytes, bytes]] = deque()

    def __len__(self) -> int:
        """Datagrams that wait."""
        return len(self._datagrams)

    def offer(self, data: bytes | memoryview, address: bytes) -> None:
        """Send a datagram after those that wait, or let it wait too."""
        if not self._datagrams and not self._is_full(data, address):
            return
        if len(self._datagrams) >= MOST_WAITING:
            self._counts.dropped += 1
            return
        self._datagrams.append((bytes(data), address))
        self._counts.delayed += 1

    def send(self) -> bool:
        """Send as many as there is room for; whether any still wait."""
        while self._datagrams and not self._is_full(*self._datagrams[0]):
            self._datagrams.popleft()
        return bool(self._datagrams)

    def _is_full(self, data: bytes | memoryview, address: bytes) -> bool:
        """Send a datagram; whether there was no room for it."""
        error = self._send(data, address)
        if error in NO_ROOM:
            return True
        if error:
            self._counts.failed += 1
        else:
            self._counts.sent += 1
            self._counts.messages += 1
        return False
