"""Packets on their way out: written in blocks, protected in place, sent together.

Hot path. A block belongs to a burst: ``packets`` consecutive packets of one stream for
``subscribers`` subscribers, in rows that follow each other subscriber by subscriber. So what goes
to one destination stands together, and is one message with UDP segmentation, without any sorting.

An array operation on a few rows costs 0.2 to 0.3 µs, and making the view that it works on as much
again. The same blocks come again and again, because writing starts at row 0 after every flush; so
blocks, with all their views, are kept.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from sfu.transport.packet_ring import PacketRing
from sfu.transport.srtp import MOST_OVERHEAD, Context, SrtpSession, protect_all
from sfu.units import I32, U8, U16, U32
from sfu.wire.header_rewriter import TRANSPORT_SEQUENCE_OFFSET

CAPACITY = 1024
"""Rows: 1.5 MB. Few make more system calls and shorter runs (160 rows: +6 to +10 % in rooms of
twenty); more gain nothing."""

_FEW = 32
"""Rows up to which a loop adds up their lengths more quickly than an array operation."""

_MOST_WORDS = 4
"""Places in its packets of which a block keeps views."""

_MOST_BLOCKS = 2048
"""Blocks kept; beyond, all are forgotten and made anew (17 µs each)."""

Span: TypeAlias = tuple[int, int, int]
"""First row, subscribers, packets for each: ``subscribers * packets`` rows."""


class Scratch:
    """Working memory for blocks of one shape: the same for all, so that it stays in the cache.

    Attributes:
        head: uint32, shape (subscribers, packets, 2): the first two words of headers.
        flags_and_numbers: uint16, (…, 2), view of ``head``.
        timestamps: uint32, view of ``head``.
        numbers: uint16, shape (subscribers, packets).
        base: uint16, shape (subscribers, 1).
        ramp: uint16, like ``numbers``: 0, 1, 2 … for every subscriber.
        step: uint16, no dimension: ``packets``.
    """

    __slots__ = ("base", "flags_and_numbers", "head", "numbers", "ramp", "step", "timestamps")

    def __init__(self, subscribers: int, packets: int) -> None:
        self.head: U32 = np.zeros((subscribers, packets, 2), np.uint32)
        self.flags_and_numbers: U16 = self.head.view(np.uint16)[..., :2]
        self.timestamps: U32 = self.head[..., 1]
        self.numbers: U16 = np.zeros((subscribers, packets), np.uint16)
        self.base: U16 = np.zeros((subscribers, 1), np.uint16)
        self.ramp: U16 = np.tile(np.arange(packets, dtype=np.uint16), (subscribers, 1))
        self.step = np.array(packets, np.uint16)


class Block:
    """Views of some rows of the ring, each of shape (subscribers, packets) or longer.

    Attributes:
        scratch: working memory of this shape.
        packets: uint8, (…, ROW_BYTES), whole rows.
        flags_and_numbers: uint16 in network order, (…, 2): the header's first four bytes.
        timestamps: uint32 in network order.
        ssrcs: uint32 to be written as it stands in the packet, already in network order.
        transport_numbers: uint16 in network order: transport-wide sequence numbers.
        slots: int64, destinations.
        lengths: int32, bytes per packet, before protection.
    """

    __slots__ = (
        "_words",
        "flags_and_numbers",
        "lengths",
        "packets",
        "scratch",
        "slots",
        "ssrcs",
        "timestamps",
        "transport_numbers",
    )

    def __init__(self, ring: "TransmitRing", span: Span, scratch: Scratch) -> None:
        start, subscribers, packets = span
        self.scratch = scratch
        stop = start + subscribers * packets

        def block(column: npt.NDArray[Any]) -> npt.NDArray[Any]:
            return column[start:stop].reshape(subscribers, packets, *column.shape[1:])

        self.packets: U8 = block(ring.rows)
        self.flags_and_numbers: U16 = block(ring.column(0, ">u2", 2))
        self.timestamps: U32 = block(ring.column(4, ">u4"))[..., 0]
        self.ssrcs: U32 = block(ring.column(8, "=u4"))[..., 0]
        self.transport_numbers: U16 = block(ring.column(TRANSPORT_SEQUENCE_OFFSET, ">u2"))[..., 0]
        self.slots: npt.NDArray[np.int64] = block(ring.slots)
        self.lengths: I32 = block(ring.lengths)
        self._words: dict[int, U16] = {}

    def words(self, at: int) -> U16:
        """Two bytes of each packet in network order, anywhere in it."""
        words = self._words.get(at)
        if words is None:
            if len(self._words) >= _MOST_WORDS:
                self._words.clear()
            words = self._words[at] = self.packets[:, :, at : at + 2].view(">u2")[:, :, 0]
        return words


class TransmitRing(PacketRing):
    """Packets to be protected and sent, at most ``capacity`` before it sends by itself.

    Attributes:
        slots: int64, shape (capacity,), the destination of each row.
        contexts: the SRTP context of each row in use; whoever adds rows extends it.
        spans: the blocks in use, in order of their rows.
        groups: for each span, whose destinations it shares: a number per room.
        refused: rows that libsrtp would not protect, in the flush under way. They are not sent:
            their length is 0.
        transport_numbers: uint16 in network order, shape (capacity,), the transport-wide sequence
            number of each row.
        sender: takes the rows in use when they are ready: the socket.
        observer: told of the rows in use after they were sent; None as long as nobody asks.
        keeper: likewise.
        protected: packets protected so far.
        octets: in them, protected.
        refusals: packets that libsrtp would not protect so far.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        super().__init__(capacity)
        self.slots: npt.NDArray[np.int64] = np.zeros(capacity, np.int64)
        self.contexts: list[Context] = []
        self.spans: list[Span] = []
        self.groups: list[int] = []
        self.refused = 0
        self.transport_numbers: U16 = self.column(TRANSPORT_SEQUENCE_OFFSET, ">u2")[:, 0]
        self.sender: Callable[[TransmitRing], None] = lambda _: None
        self.observer: Callable[[TransmitRing], None] | None = None
        self.keeper: Callable[[TransmitRing], None] | None = None
        self.protected = 0
        self.octets = 0
        self.refusals = 0
        self._blocks: dict[Span, Block] = {}
        self._scratches: dict[tuple[int, int], Scratch] = {}
        self._end = 0
        self._length_entries = self.lengths.data
        self._ones = np.ones(capacity, np.int32)

    def __len__(self) -> int:
        """Rows in use."""
        return self._end

    def block(self, subscribers: int, packets: int, group: int) -> Block:
        """The next ``subscribers * packets`` rows, at most ``capacity``, to be filled at once.

        The caller writes every view of the block it is given and extends ``contexts`` by as many
        entries, before it asks for another or flushes.
        """
        start = self._end
        end = start + subscribers * packets
        if end > len(self.rows):
            self.flush()
            start, end = 0, end - start
        span = (start, subscribers, packets)
        self._end = end
        self.spans.append(span)
        self.groups.append(group)
        block = self._blocks.get(span)
        if block is None:
            block = self._make_block(span)
        return block

    def _make_block(self, span: Span) -> Block:
        if len(self._blocks) >= _MOST_BLOCKS:
            self._blocks.clear()
            self._scratches.clear()
        shape = span[1:]
        scratch = self._scratches.get(shape)
        if scratch is None:
            scratch = self._scratches[shape] = Scratch(*shape)
        block = self._blocks[span] = Block(self, span, scratch)
        return block

    def append(self, packet: bytes, slot: int, session: SrtpSession) -> None:
        """Add a single packet, such as a retransmission, for a destination."""
        if len(packet) > self.rows.shape[1] - MOST_OVERHEAD:
            raise ValueError(f"a packet of {len(packet)} bytes")
        block = self.block(1, 1, -1)
        block.packets[0, 0, : len(packet)] = np.frombuffer(packet, np.uint8)
        block.lengths[0] = len(packet)
        block.slots[0] = slot
        self.contexts.append(session.context)

    def flush(self) -> None:
        """Protect what was written and hand it to the sender."""
        count = self._end
        if not count:
            return
        statuses = protect_all(self.contexts, self.packets, self.packet_lengths)
        self.refused = count - statuses.count(0)
        if self.refused:
            self.lengths[:count][np.frombuffer(statuses, np.uint8) != 0] = 0
        self.sender(self)
        if self.observer is not None:
            self.observer(self)
        if self.keeper is not None:
            self.keeper(self)
        self.protected += count - self.refused
        self.octets += self._octets(count)
        self.refusals += self.refused
        self.contexts.clear()
        self.spans.clear()
        self.groups.clear()
        self._end = 0

    def _octets(self, count: int) -> int:
        """In the first rows: 0.2 µs for a few, 0.9 µs for any number."""
        if count <= _FEW:
            return sum(self._length_entries[:count])
        return int(self.lengths[:count].dot(self._ones[:count]))
