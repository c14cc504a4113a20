"""The worker's UDP port on Linux: a system call per batch, a network-stack passage per run.

Hot path. ``recvmmsg`` fills the rows of a ring; ``sendmmsg`` sends the rows of another, as messages
whose headers stand ready in memory. What a flush writes into them is the names (addresses), the
sizes of segments and the lengths: three array operations for all messages of one shape.

Everything that the kernel reads or writes is owned by objects that live as long as the socket.
"""

import ctypes
import errno
import socket

import numpy as np

from sfu.transport.destinations import ADDRESS_BYTES, Destinations, pack_address
from sfu.transport.gso_runs import merge_by_destination
from sfu.transport.packet_ring import MOST_RECEIVED, PacketRing
from sfu.transport.transmit_ring import Span, TransmitRing
from sfu.units import I64, U8
from sfu.worker import kernel
from sfu.worker.message_headers import Messages, SpanMessages, joined_spans, merging_pays
from sfu.worker.udp_socket import NO_ROOM, SocketCounts, WaitingDatagrams

_MOST_SHAPES = 2048
"""Message headers kept for spans of the ring; beyond, all are forgotten and made anew."""

_FEW = 4
"""Datagrams of a batch up to which a loop is quicker than array operations."""

_MESSAGE_WORDS = kernel.MESSAGE.itemsize // 4
_LENGTH_WORD = kernel.MESSAGE.fields["length"][1] // 4  # type: ignore[index]
_CONTROL_WORD = kernel.MESSAGE.fields["control_length"][1] // 4  # type: ignore[index]
_STAMP_WORDS = kernel.TIMESTAMP_CONTROL_BYTES // 8

_TRIALS = 16
"""Refused runs after which segmentation is given up, if most were refused."""


class BatchedSocket:
    """A ``UdpSocket`` by ``recvmmsg``, ``sendmmsg`` and UDP_SEGMENT.

    Args:
        port: a bound UDP socket, which is then ours.
        destinations: where the slots of the transmit ring lead.
        ring: the transmit ring; it sends here from now on.
        received: the ring to receive into.
        arrivals: whether to note when the kernel received each datagram.
        segmentation: whether to use UDP_SEGMENT; None to find out whether it works.
    """

    def __init__(
        self,
        port: socket.socket,
        destinations: Destinations,
        ring: TransmitRing,
        received: PacketRing,
        *,
        arrivals: bool = False,
        segmentation: bool | None = None,
    ) -> None:
        self.received = received
        self.counts = SocketCounts()
        self.segmentation = kernel.segmentation_works() if segmentation is None else segmentation
        self._port = port
        self._descriptor = port.fileno()
        self._dual_stack = port.family == socket.AF_INET6
        self._sendmmsg, self._recvmmsg, self._sendto = (
            kernel.sendmmsg,
            kernel.recvmmsg,
            kernel.sendto,
        )
        self._waiting = WaitingDatagrams(self._send_one, self.counts)
        self._refused_runs = 0
        self._prepare_receiving(arrivals)
        self._prepare_sending(destinations, ring)
        ring.sender = self.send

    def _prepare_receiving(self, arrivals: bool) -> None:
        capacity = self.received.capacity
        self._source_rows: U8 = np.zeros((capacity, ADDRESS_BYTES), np.uint8)
        self._sources = self._source_rows.view(f"V{ADDRESS_BYTES}")[:, 0]
        self._received_iovecs = np.zeros(capacity, kernel.IOVEC)
        self._received_iovecs["base"] = kernel.addresses_of(self.received.rows)
        self._received_iovecs["length"] = min(MOST_RECEIVED, self.received.rows.shape[1])
        self._received_messages = messages = np.zeros(capacity, kernel.MESSAGE)
        messages["name"] = kernel.addresses_of(self._source_rows)
        messages["name_length"] = ADDRESS_BYTES
        messages["iovec"] = kernel.addresses_of(self._received_iovecs)
        messages["iovec_length"] = 1
        self._received_start: int = messages.ctypes.data
        self._received_lengths = messages["length"]
        self._received_words = messages.view(np.uint32).data
        self._length_entries = self.received.lengths.data
        self._source_bytes = self._source_rows.reshape(-1).data
        self.arrivals: I64 | None = None
        if arrivals:
            self._port.setsockopt(socket.SOL_SOCKET, kernel.SO_TIMESTAMPNS, 1)
            self.arrivals = np.zeros(capacity, np.int64)
            self._timestamps: I64 = np.zeros((capacity, kernel.TIMESTAMP_CONTROL_BYTES // 8), "=i8")
            messages["control"] = kernel.addresses_of(self._timestamps)
            self._control_lengths = messages["control_length"]
            self._control_lengths[:] = kernel.TIMESTAMP_CONTROL_BYTES
            self._arrival_entries = self.arrivals.data
            self._stamp_entries = self._timestamps.reshape(-1).data

    def _prepare_sending(self, destinations: Destinations, ring: TransmitRing) -> None:
        capacity = ring.capacity
        self._ring = ring
        self._names = destinations.pointers
        self._row_addresses = kernel.addresses_of(ring.rows)
        self._iovecs = np.zeros(capacity, kernel.IOVEC)
        self._iovecs["base"] = self._row_addresses
        self._iovec_lengths = self._iovecs["length"]
        self._iovec_addresses = kernel.addresses_of(self._iovecs)
        self._shapes: dict[Span, SpanMessages] = {}
        self._merged_iovecs = np.zeros(capacity, kernel.IOVEC)
        self._merged_iovec_addresses = kernel.addresses_of(self._merged_iovecs)
        self._merged = Messages(capacity)

    @property
    def waiting(self) -> int:
        """Datagrams that wait for room."""
        return len(self._waiting)

    def address(self, host: str, port: int) -> bytes:
        """An address in the form that this socket uses."""
        return pack_address(host, port, dual_stack=self._dual_stack)

    def fileno(self) -> int:
        """The file descriptor, to be watched."""
        return self._descriptor

    def close(self) -> None:
        """Close the port."""
        self._ring.sender = lambda _: None
        self._port.close()

    def receive(self) -> int:
        """Receive a batch; see ``UdpSocket``."""
        count: int = self._recvmmsg(
            self._descriptor,
            self._received_start,
            self.received.capacity,
            kernel.MSG_DONTWAIT,
            None,
        )
        if count <= 0:
            return 0
        if count <= _FEW:
            self._take_few(count)
        else:
            self.received.lengths[:count] = self._received_lengths[:count]
            if self.arrivals is not None:
                stamps = self._timestamps[:count]
                self.arrivals[:count] = stamps[:, 2] * 1_000_000_000 + stamps[:, 3]
                # The kernel has written how much it used of each.
                self._control_lengths[:count] = kernel.TIMESTAMP_CONTROL_BYTES
        self.counts.received += count
        self.counts.receive_batches += 1
        self.counts.batch_sizes[(count - 1).bit_length()] += 1
        return count

    def _take_few(self, count: int) -> None:
        """The same as for many, without array operations: they are slow to begin."""
        words, lengths = self._received_words, self._length_entries
        for row in range(count):
            lengths[row] = words[row * _MESSAGE_WORDS + _LENGTH_WORD]
        if self.arrivals is not None:
            stamps, arrivals = self._stamp_entries, self._arrival_entries
            for row in range(count):
                at = row * _STAMP_WORDS
                arrivals[row] = stamps[at + 2] * 1_000_000_000 + stamps[at + 3]
                words[row * _MESSAGE_WORDS + _CONTROL_WORD] = kernel.TIMESTAMP_CONTROL_BYTES

    def sources(self, count: int) -> list[bytes]:
        """Where the first ``count`` datagrams came from."""
        if count <= _FEW:
            data = self._source_bytes
            return [
                bytes(data[at : at + ADDRESS_BYTES])
                for at in range(0, count * ADDRESS_BYTES, ADDRESS_BYTES)
            ]
        rows: list[bytes] = self._sources[:count].tolist()
        return rows

    def send(self, ring: TransmitRing, rows: I64 | None = None) -> None:
        """Send the ring's rows in use; see ``UdpSocket``."""
        count = len(ring)
        self._iovec_lengths[:count] = ring.lengths[:count]
        if rows is not None or ring.refused or (self.segmentation and merging_pays(ring)):
            self._send_merged(ring, count, rows)
            return
        for span in joined_spans(ring.spans) if self.segmentation else [(0, count, 1)]:
            shape = self._shapes.get(span)
            if shape is None:
                if len(self._shapes) >= _MOST_SHAPES:
                    self._shapes.clear()
                shape = self._shapes[span] = SpanMessages(span, ring, self._iovec_addresses)
            shape.names[:] = self._names[shape.slots]
            _, messages, packets = span
            if packets > 1:
                shape.segments[:] = shape.lengths
            self._transmit(shape, messages, messages * packets, messages if packets > 1 else 0)

    def _send_merged(self, ring: TransmitRing, count: int, rows: I64 | None) -> None:
        """Send the ring in order of destination; or, when packets were refused, each by itself."""
        lengths, slots = ring.lengths[:count], ring.slots[:count]
        if ring.refused or not self.segmentation:
            order = lengths.nonzero()[0] if rows is None else rows[lengths[rows] != 0]
            starts = np.arange(len(order) + 1)
            if not len(order):
                return
        elif rows is None:
            order, starts = merge_by_destination(slots, lengths)
        else:
            order, starts = merge_by_destination(slots[rows], lengths[rows])
            order = rows[order]
        merged = self._merged
        first, count, messages = starts[:-1], len(order), len(starts) - 1
        self._merged_iovecs["base"][:count] = self._row_addresses[order]
        self._merged_iovecs["length"][:count] = lengths[order]
        sizes = starts[1:] - first
        heads = order[first]
        merged.table["iovec"][:messages] = self._merged_iovec_addresses[first]
        merged.table["iovec_length"][:messages] = sizes
        are_runs = sizes > 1
        merged.table["control_length"][:messages] = are_runs * len(kernel.SEGMENT_CONTROL)
        merged.names[:messages] = self._names[slots[heads]]
        merged.segments[:messages] = lengths[heads]
        self._transmit(merged, messages, count, int(np.count_nonzero(are_runs)))

    def _transmit(self, messages: Messages, count: int, datagrams: int, runs: int) -> None:
        """Give the first ``count`` messages to the kernel, behind what waits already."""
        if self._waiting:
            self._send_apart(messages, 0, count)
            return
        sent = self._sendmmsg(self._descriptor, messages.start, count, kernel.MSG_DONTWAIT)
        if sent == count:
            self._note(count, datagrams, runs)
            if runs:
                self._note_sizes(messages, 0, count)
        else:
            self._transmit_rest(messages, 0, count, sent)

    def _transmit_rest(self, messages: Messages, done: int, count: int, sent: int) -> None:
        """Carry on where the kernel stopped: before a message that it has no room or no way for.

        Args:
            messages: to be sent.
            done: messages dealt with before the last call.
            count: messages in all.
            sent: what the last call returned.
        """
        sizes = messages.table["iovec_length"]
        while True:
            if sent > 0:
                some = sizes[done : done + sent]
                self._note(sent, int(some.sum()), int(np.count_nonzero(some > 1)))
                self._note_sizes(messages, done, done + sent)
                done += sent
            elif ctypes.get_errno() in NO_ROOM:
                break
            elif ctypes.get_errno() != errno.EINTR:
                if sizes[done] > 1:
                    self._distrust_segmentation()
                self._send_apart(messages, done, done + 1)
                done += 1
            if done == count:
                return
            start = messages.start + done * kernel.MESSAGE.itemsize
            sent = self._sendmmsg(self._descriptor, start, count - done, kernel.MSG_DONTWAIT)
        self._send_apart(messages, done, count)

    def _send_apart(self, messages: Messages, first: int, end: int) -> None:
        """Send messages datagram by datagram, or let them wait for room."""
        for message in messages.table[first:end]:
            address = ctypes.string_at(int(message["name"]), ADDRESS_BYTES)
            size = 2 * int(message["iovec_length"])
            iovecs = (ctypes.c_uint64 * size).from_address(int(message["iovec"]))
            for base, length in zip(iovecs[::2], iovecs[1::2], strict=True):
                self._waiting.offer(ctypes.string_at(base, length), address)

    def _distrust_segmentation(self) -> None:
        """Note that the kernel refused a run, as some devices and tunnels make it do."""
        self._refused_runs += 1
        if self._refused_runs >= _TRIALS and self._refused_runs > self.counts.runs:
            self.segmentation = False

    def _note(self, messages: int, datagrams: int, runs: int) -> None:
        counts = self.counts
        counts.send_batches += 1
        counts.messages += messages
        counts.sent += datagrams
        counts.runs += runs

    def _note_sizes(self, messages: Messages, first: int, end: int) -> None:
        """Note how long runs were; 0.2 µs where all are equally long."""
        sizes = self.counts.run_sizes
        if messages.size:
            sizes[(messages.size - 1).bit_length()] += end - first
            return
        found = np.bincount(messages.table["iovec_length"][first:end].astype(np.int64))
        for size, count in enumerate(found.tolist()):
            if count:
                sizes[(size - 1).bit_length()] += count

    def send_datagram(self, data: bytes, address: bytes) -> None:
        """Send one datagram that is not media."""
        self._waiting.offer(data, address)

    def send_waiting(self) -> bool:
        """Send what waits for room; whether anything still does."""
        return self._waiting.send()

    def _send_one(self, data: bytes | memoryview, address: bytes) -> int:
        size = len(data)
        sent = self._sendto(
            self._descriptor, bytes(data), size, kernel.MSG_DONTWAIT, address, ADDRESS_BYTES
        )
        return 0 if sent == size else ctypes.get_errno()
