"""Headers of outgoing messages, standing ready in memory; and which packets make up a message.

Hot path.
"""

import numpy as np
import numpy.typing as npt

from sfu.transport.destinations import ADDRESS_BYTES
from sfu.transport.transmit_ring import Span, TransmitRing
from sfu.units import I32, I64, U8, U16
from sfu.worker import kernel

_MESSAGE_COST = 1.5
_SORTING_COST = 15.0
_SORTING_COST_PER_PACKET = 0.1
"""µs of CPU, as measured with five and ten rooms: what a message saved is worth, and what sorting a
ring by destination takes."""

U64 = npt.NDArray[np.uint64]


class Messages:
    """Headers of ``count`` messages, with a control message UDP_SEGMENT for each.

    Attributes:
        table: shape (count,), ``struct mmsghdr``.
        start: where it stands in memory.
        names: uint64, shape (count,), addresses to send to, as pointers.
        segments: uint16, shape (count,), bytes per segment.
        size: datagrams of each message; 0 where they differ.
    """

    __slots__ = ("_control", "names", "segments", "size", "start", "table")

    def __init__(self, count: int) -> None:
        self.size = 0
        self.table = np.zeros(count, kernel.MESSAGE)
        self.table["name_length"] = ADDRESS_BYTES
        self.start: int = self.table.ctypes.data
        self.names: U64 = self.table["name"]
        self._control: U8 = np.repeat(kernel.SEGMENT_CONTROL[None], count, axis=0)
        self.table["control"] = kernel.addresses_of(self._control)
        size_at = kernel.SEGMENT_SIZE_OFFSET
        self.segments: U16 = self._control[:, size_at : size_at + 2].view(np.uint16)[:, 0]


class SpanMessages(Messages):
    """Headers for a span of the transmit ring, a message per subscriber.

    Args:
        span: which rows.
        ring: the transmit ring.
        iovecs: uint64, shape (capacity,), where the ``struct iovec`` of each row stands.

    Attributes:
        slots: int64, shape (subscribers,), where each message goes.
        lengths: int32, shape (subscribers,), length of each message's first packet.
    """

    __slots__ = ("lengths", "slots")

    def __init__(self, span: Span, ring: TransmitRing, iovecs: U64) -> None:
        start, subscribers, packets = span
        super().__init__(subscribers)
        self.size = packets
        rows = slice(start, start + subscribers * packets, packets)
        self.slots: I64 = ring.slots[rows]
        self.lengths: I32 = ring.lengths[rows]
        self.table["iovec"] = iovecs[rows]
        self.table["iovec_length"] = packets
        self.table["control_length"] = len(kernel.SEGMENT_CONTROL) if packets > 1 else 0


def merging_pays(ring: TransmitRing) -> bool:
    """Whether blocks share so many destinations that sorting packets by destination pays."""
    groups = ring.groups
    if len(groups) == 1:
        return False
    seen: set[int] = set()
    saved = 0
    for group, (_, subscribers, _) in zip(groups, ring.spans, strict=True):
        if group in seen:
            saved += subscribers
        else:
            seen.add(group)
    return saved * _MESSAGE_COST >= _SORTING_COST + len(ring) * _SORTING_COST_PER_PACKET


def joined_spans(spans: list[Span]) -> list[Span]:
    """Neighbouring spans with equally many packets, as one."""
    joined = spans[:1]
    for span in spans[1:]:
        start, subscribers, packets = joined[-1]
        if span[2] == packets:
            joined[-1] = (start, subscribers + span[1], packets)
        else:
            joined.append(span)
    return joined
