"""The worker's TCP port: peers whose network lets no UDP through (ICE over TCP, RFC 6544, passive).

A connection is a peer's address like others (``sfu.transport.stream_addresses``), and what comes on
it takes the way of datagrams: into the rows of the receive ring, as if a batch had been received.

What goes out waits in a queue of bounded length for each connection, and the kernel's is kept
short. Who does not read misses packets, as on a narrow network, and nobody else notices.
"""

import asyncio
import errno
import logging
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeAlias

from sfu.transport.destinations import Destinations
from sfu.transport.packet_ring import PacketRing
from sfu.transport.stream_addresses import NUMBERS, pack_stream_address, site_of
from sfu.transport.stream_guests import GuestBook
from sfu.transport.transmit_ring import TransmitRing
from sfu.units import I64, Seconds
from sfu.worker.tcp_connection import MEDIA_ROOM, ROOM, TcpConnection

log = logging.getLogger(__name__)

MOST_QUEUED: Final = 64 << 20
"""Bytes in all queues together, from which on media is dropped for whoever has a queue."""

_BACKLOG: Final = 512
_ACCEPTED: Final = 64
"""Connections accepted before others are served again."""

_READ_BYTES: Final = 16 << 10
"""Bytes read from a connection before others have their turn."""

_LOOK: Final = 1.0
"""Seconds between two looks at who is overdue."""

_REST: Final = 0.2
"""Seconds for which nobody is accepted when the system has no more files or memory."""

_RESET: Final = struct.pack("ii", 1, 0)
"""SO_LINGER: a connection that is refused leaves nothing behind, not even in the kernel."""

_OUT_OF_ROOM: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})

OnPackets: TypeAlias = Callable[[bytes, int, Seconds], None]
"""(address row, packets in the first rows of the receive ring, now)."""

OnLost: TypeAlias = Callable[[bytes, Seconds], None]
"""(address row of a connection that is over, now)."""


@dataclass(slots=True)
class TcpCounts:
    """What a TCP port has done since it was opened.

    Attributes:
        accepted: connections that were let in.
        received: packets received.
        sent: packets queued for sending.
        dropped: packets given up: the peer reads too slowly, or has gone.
    """

    accepted: int = 0
    received: int = 0
    sent: int = 0
    dropped: int = 0


class TcpPort:
    """Listens, receives and sends, in the running event loop.

    Args:
        listening: bound; then ours.
        destinations: where the slots of the transmit ring lead.
        received: what comes is put into its first rows.
        arrivals: int64, shape (capacity,), of those rows, in nanoseconds of the wall clock.

    Attributes:
        book: the connections there are.
        counts: what it has done so far.
        queued: bytes in all queues.
    """

    def __init__(
        self,
        listening: socket.socket,
        destinations: Destinations,
        received: PacketRing,
        arrivals: I64 | None,
    ) -> None:
        self.book = GuestBook()
        self.counts = TcpCounts()
        self.queued = 0
        self._listening = listening
        self._destinations = destinations
        self._received = received
        self._arrivals = arrivals
        self._rows = [row.data for row in received.rows]
        self._loop = asyncio.get_running_loop()
        self._connections: dict[bytes, TcpConnection] = {}
        self._next = 0
        self._buffer = memoryview(bytearray(_READ_BYTES))
        self._timer: asyncio.TimerHandle | None = None
        self._resting: asyncio.TimerHandle | None = None
        self._on_packets: OnPackets = lambda *_: None
        self._on_lost: OnLost = lambda *_: None

    def open(self, on_packets: OnPackets, on_lost: OnLost) -> None:
        """Begin to listen.

        Args:
            on_packets: takes what has come; must not raise.
            on_lost: told of a connection that its peer, or we, have ended; not by ``release``.

        Raises:
            OSError: somebody else listens there.
        """
        self._on_packets, self._on_lost = on_packets, on_lost
        self._listening.setblocking(False)
        self._listening.listen(_BACKLOG)
        self._loop.add_reader(self._listening, self._accept)

    @property
    def number(self) -> int:
        """Of the port."""
        return int(self._listening.getsockname()[1])

    def close(self) -> None:
        """End everything; harmless when done twice."""
        if self._listening.fileno() >= 0:
            self._loop.remove_reader(self._listening)
            self._listening.close()
        for timer in (self._timer, self._resting):
            if timer is not None:
                timer.cancel()
        for connection in list(self._connections.values()):
            self._forget(connection)

    # ---- connections -------------------------------------------------------------------------

    def prove(self, address: bytes, now: Seconds) -> None:
        """A valid check has come on a connection."""
        connection = self._connections.get(address)
        if connection is not None:
            self.book.prove(connection.guest, now)

    def release(self, address: bytes) -> None:
        """A connection is of no use any more; harmless when it is gone."""
        connection = self._connections.get(address)
        if connection is not None:
            self._forget(connection)

    def _accept(self) -> None:
        for _ in range(_ACCEPTED):
            try:
                opened, name = self._listening.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                if error.errno not in _OUT_OF_ROOM:
                    return  # the connection's own affair (accept(2))
                log.error("no TCP connection can be accepted: %s", error.strerror)
                self._rest()
                return
            self._admit(opened, str(name[0]), int(name[1]))

    def _rest(self) -> None:
        """The socket stays readable: looking at it again at once would be a busy loop."""
        self._loop.remove_reader(self._listening)
        add = partial(self._loop.add_reader, self._listening, self._accept)
        self._resting = self._loop.call_later(_REST, add)

    def _admit(self, opened: socket.socket, host: str, port: int) -> None:
        address = self._new_address(host, port)
        guest = self.book.admit(self._next, site_of(host), _now())
        if guest is None:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            opened.close()
            return
        TcpConnection.prepare(opened)
        connection = self._connections[address] = TcpConnection(opened, address, guest)
        self.counts.accepted += 1
        self._loop.add_reader(opened, self._read, connection)
        if self._timer is None:
            self._timer = self._loop.call_later(_LOOK, self._look)

    def _new_address(self, host: str, port: int) -> bytes:
        while True:
            self._next = (self._next + 1) % NUMBERS
            address = pack_stream_address(host, port, self._next)
            if address not in self._connections:
                return address

    def _look(self) -> None:
        self._timer = None
        now = _now()
        for guest in self.book.overdue(now):
            for connection in [one for one in self._connections.values() if one.guest is guest]:
                self._lose(connection)
        if self._connections:
            self._timer = self._loop.call_later(_LOOK, self._look)

    def _lose(self, connection: TcpConnection) -> None:
        """A connection is over, and whoever it was of has to be told."""
        if self._connections.get(connection.address) is connection:
            self._forget(connection)
            self._on_lost(connection.address, _now())

    def _forget(self, connection: TcpConnection) -> None:
        del self._connections[connection.address]
        self.book.leave(connection.guest)
        self._loop.remove_reader(connection.socket)
        self._loop.remove_writer(connection.socket)
        self.queued -= len(connection)
        connection.end()
        connection.socket.close()

    # ---- in ----------------------------------------------------------------------------------

    def _read(self, connection: TcpConnection) -> None:
        try:
            size = connection.socket.recv_into(self._buffer)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            size = 0
        packets = connection.split(self._buffer[:size]) if size else None
        if packets is None:
            self._lose(connection)
            return
        now = _now()
        if connection.guest.proven:
            connection.guest.heard = now
        capacity = self._received.capacity
        for first in range(0, len(packets), capacity):
            self._hand_on(connection.address, packets[first : first + capacity], now)

    def _hand_on(self, address: bytes, packets: list[bytes], now: Seconds) -> None:
        lengths, rows = self._received.lengths, self._rows
        for row, packet in enumerate(packets):
            rows[row][: len(packet)] = packet
            lengths[row] = len(packet)
        if self._arrivals is not None:
            self._arrivals[: len(packets)] = time.time_ns()
        self.counts.received += len(packets)
        self._on_packets(address, len(packets), now)

    # ---- out ---------------------------------------------------------------------------------

    def send_packet(self, data: bytes, address: bytes) -> None:
        """Send one packet that is not media; never waits, never raises."""
        connection = self._connections.get(address)
        if connection is None:
            self.counts.dropped += 1
            return
        before = len(connection)
        self._note(connection.queue(data, ROOM))
        self._push(connection, before)

    def send_rows(self, ring: TransmitRing, rows: I64) -> None:
        """Send rows of the transmit ring whose slots are connections; never waits, never raises."""
        by_slot: dict[int, list[int]] = {}
        for row, slot in zip(rows.tolist(), ring.slots[rows].tolist(), strict=True):
            by_slot.setdefault(slot, []).append(row)
        for slot, theirs in by_slot.items():
            connection = self._connections.get(self._destinations.address(slot))
            if connection is None:
                self.counts.dropped += len(theirs)
                continue
            before = len(connection)
            room = 0 if before and self.queued > MOST_QUEUED else MEDIA_ROOM
            for row in theirs:
                length = int(ring.lengths[row])
                if length:
                    self._note(connection.queue(ring.rows[row, :length].data, room))
            self._push(connection, before)

    def _note(self, queued: bool) -> None:
        if queued:
            self.counts.sent += 1
        else:
            self.counts.dropped += 1

    def _push(self, connection: TcpConnection, before: int) -> None:
        """Have the kernel take what it will, and watch for room if that was not everything."""
        if not connection.is_waiting:
            if connection.flush():
                self._loop.add_writer(connection.socket, self._write, connection)
            elif connection.is_over:
                # Not now: whoever sends may be in the middle of something.
                self._loop.call_soon(self._lose, connection)
        self.queued += len(connection) - before

    def _write(self, connection: TcpConnection) -> None:
        before = len(connection)
        if not connection.flush():
            self._loop.remove_writer(connection.socket)
        self.queued += len(connection) - before
        if connection.is_over:
            self._lose(connection)


def _now() -> Seconds:
    return Seconds(time.monotonic())
