"""The worker's UDP port where Linux's batched calls are missing: a system call per datagram."""

import socket
import time

import numpy as np

from sfu.transport.destinations import Destinations, pack_address, unpack_address
from sfu.transport.packet_ring import MOST_RECEIVED, PacketRing
from sfu.transport.transmit_ring import TransmitRing
from sfu.units import I64
from sfu.worker.udp_socket import SocketCounts, WaitingDatagrams

_MOST_NAMES = 65536
"""Addresses whose two forms are kept; beyond, all are forgotten and made anew."""


class PortableSocket:
    """A ``UdpSocket`` by ``recvfrom_into`` and ``sendto``.

    Args:
        port: a bound UDP socket, which is then ours.
        destinations: where the slots of the transmit ring lead.
        ring: the transmit ring; it sends here from now on.
        received: the ring to receive into.
        arrivals: whether to note when each datagram was read.
    """

    def __init__(
        self,
        port: socket.socket,
        destinations: Destinations,
        ring: TransmitRing,
        received: PacketRing,
        *,
        arrivals: bool = False,
    ) -> None:
        self.received = received
        self.counts = SocketCounts()
        self.arrivals: I64 | None = np.zeros(received.capacity, np.int64) if arrivals else None
        self._port = port
        self._dual_stack = port.family == socket.AF_INET6
        self._destinations = destinations
        self._ring = ring
        self._rows = [row.data for row in ring.rows]
        self._received_rows = [row[:MOST_RECEIVED].data for row in received.rows]
        self._sources: list[bytes] = []
        self._names: dict[bytes, tuple[str, int]] = {}
        self._rows_by_name: dict[tuple[str | int, ...], bytes] = {}
        self._waiting = WaitingDatagrams(self._send_one, self.counts)
        ring.sender = self.send

    @property
    def waiting(self) -> int:
        """Datagrams that wait for room."""
        return len(self._waiting)

    def address(self, host: str, port: int) -> bytes:
        """An address in the form that this socket uses."""
        return pack_address(host, port, dual_stack=self._dual_stack)

    def fileno(self) -> int:
        """The file descriptor, to be watched."""
        return self._port.fileno()

    def close(self) -> None:
        """Close the port."""
        self._ring.sender = lambda _: None
        self._port.close()

    def receive(self) -> int:
        """Receive a batch; see ``UdpSocket``."""
        self._sources.clear()
        for row in self._received_rows:
            try:
                length, name = self._port.recvfrom_into(row)
            except OSError:
                break
            count = len(self._sources)
            self.received.lengths[count] = length
            if self.arrivals is not None:
                self.arrivals[count] = time.time_ns()
            self._sources.append(self._row_of(name))
        if self._sources:
            self.counts.received += len(self._sources)
            self.counts.receive_batches += 1
            self.counts.batch_sizes[(len(self._sources) - 1).bit_length()] += 1
        return len(self._sources)

    def sources(self, count: int) -> list[bytes]:
        """Where the first ``count`` datagrams came from."""
        return self._sources[:count]

    def send(self, ring: TransmitRing, rows: I64 | None = None) -> None:
        """Send the ring's rows in use; see ``UdpSocket``."""
        slots = ring.slots[: len(ring)].tolist()
        lengths = ring.lengths[: len(ring)].tolist()
        for row in range(len(ring)) if rows is None else rows.tolist():
            if lengths[row]:
                address = self._destinations.address(slots[row])
                self._waiting.offer(self._rows[row][: lengths[row]], address)
        self.counts.send_batches += 1

    def send_datagram(self, data: bytes, address: bytes) -> None:
        """Send one datagram that is not media."""
        self._waiting.offer(data, address)

    def send_waiting(self) -> bool:
        """Send what waits for room; whether anything still does."""
        return self._waiting.send()

    def _send_one(self, data: bytes | memoryview, address: bytes) -> int:
        try:
            self._port.sendto(data, self._name_of(address))
        except OSError as error:
            return error.errno or -1
        return 0

    def _name_of(self, row: bytes) -> tuple[str, int]:
        """What Python calls an address; IPv4 is written as IPv6 on a dual-stack socket."""
        name = self._names.get(row)
        if name is None:
            if len(self._names) >= _MOST_NAMES:
                self._names.clear()
            host, port = unpack_address(row)
            mapped = self._dual_stack and ":" not in host
            name = self._names[row] = (f"::ffff:{host}" if mapped else host, port)
        return name

    def _row_of(self, name: tuple[str | int, ...]) -> bytes:
        row = self._rows_by_name.get(name)
        if row is None:
            if len(self._rows_by_name) >= _MOST_NAMES:
                self._rows_by_name.clear()
            host = str(name[0]).partition("%")[0].removeprefix("::ffff:")
            scope = f"%{name[3]}" if len(name) > 3 and name[3] else ""
            row = self._rows_by_name[name] = self.address(host + scope, int(name[1]))
        return row
