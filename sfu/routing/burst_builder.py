"""Puts packets together to bursts, then has them stored and fanned out.

Hot path. A burst is one message to each subscriber, cut into datagrams by the kernel: four times
cheaper than a message for each, as long as all but the last are of one length. Encoders cut a frame
into packets of nearly one length: with libwebrtc, the last ones of a frame are a byte longer. So
packets that are a few bytes short are padded (RFC 3550 §5.1).
"""

from typing import Final, TypeAlias

import numpy as np

from sfu.routing.fan_out import MOST_PACKETS, pack_head
from sfu.routing.received_stream import ReceivedStream
from sfu.transport.packet_ring import PacketRing
from sfu.units import I32, U32
from sfu.wire.header_rewriter import ABS_SEND_TIME_OFFSET, FIRST_BYTE, Shape, rewrite_header

MOST_PADDING: Final = 12
"""Bytes by which a packet may be lengthened: 1 % of a long one."""

_PADDING: Final = tuple(
    bytes(max(0, size - 1)) + bytes((size,)) for size in range(1 + MOST_PADDING)
)
_PADDING_BIT: Final = 0x20
_TIMESTAMP_MASK: Final = 0xFFFFFFFF
_HEAD_BYTES: Final = 8
_HEAD_HALVES: Final = 4
_CLOSED: Final = -1

Content: TypeAlias = tuple[bytes, Shape, int, int]
"""Extension block, its shape, the canonical packet's first two bytes, the packet's timestamp."""


class BurstBuilder:
    """Makes packets canonical where they stand in the receive ring, and collects them.

    Attributes:
        send_time: abs-send-time of all packets that are added, three bytes.
        stream: whose burst is being put together; None between bursts.
    """

    __slots__ = (
        "_end",
        "_first",
        "_head_bytes",
        "_head_halves",
        "_heads",
        "_least",
        "_length_entries",
        "_lengths",
        "_next",
        "_number",
        "_rows",
        "_single_heads",
        "_single_lengths",
        "_start",
        "_uneven",
        "_whole",
        "_width",
        "send_time",
        "stream",
    )

    def __init__(self, ring: PacketRing) -> None:
        capacity = ring.capacity
        self.send_time = bytes(3)
        self.stream: ReceivedStream | None = None
        self._whole = ring.whole
        self._rows = [row.data for row in ring.whole]
        self._heads: U32 = np.zeros((capacity, 2), np.uint32)
        self._head_bytes = self._heads.data.cast("B")
        self._head_halves = self._head_bytes.cast("H")
        self._lengths: I32 = np.zeros(capacity, np.int32)
        self._length_entries = self._lengths.data
        # Making a view costs as much as working on it.
        self._single_heads = [self._heads[row : row + 1] for row in range(capacity)]
        self._single_lengths = [self._lengths[row : row + 1] for row in range(capacity)]
        # The packets are in rows first to end - 1, from column ``start`` on; the longest has
        # ``width`` bytes, the shortest but perhaps the last ``least``.
        self._first = self._end = self._start = self._width = self._least = 0
        self._number = 0  # of the first packet
        self._next = _CLOSED  # the number that continues the burst
        self._uneven = False

    def add(
        self,
        row: int,
        payload: int,
        end: int,
        stream: ReceivedStream,
        number: int,
        content: Content,
    ) -> None:
        """Make a packet canonical, and forward it with others or at the next ``finish``.

        Args:
            row: of the ring.
            payload: offset of the payload in the row, with its headroom.
            end: where the payload ends, likewise.
            stream: which it is of.
            number: under which it is forwarded, extended.
            content: the rest.
        """
        if not stream.fan_out and stream.layering is None:
            # Of simulcast layers, most have no subscribers most of the time.
            stream.unheard = max(stream.unheard, number)
            return
        block, shape, flags, timestamp = content
        view = self._rows[row]
        wire_number = number & 0xFFFF
        timestamp = (timestamp + stream.timestamp_shift) & _TIMESTAMP_MASK
        fixed = (FIRST_BYTE, flags & 0xFF, wire_number, timestamp, 0)
        start = rewrite_header(view, payload, block, shape, fixed)
        send_time = start + ABS_SEND_TIME_OFFSET
        view[send_time : send_time + 3] = self.send_time
        length = end - start
        pack_head(self._head_bytes, row * _HEAD_BYTES, flags, wire_number, timestamp)
        self._length_entries[row] = length
        if (
            stream is self.stream
            and number == self._next
            and row == self._end
            and start == self._start
            and (length == self._width or self._fits(length))
        ):
            self._end = row + 1
            if self._next != _CLOSED and row + 1 - self._first < MOST_PACKETS:
                self._next = number + 1
            else:
                self._next = _CLOSED
            return
        if self.stream is not None:
            self.finish()
        self.stream = stream
        self._first, self._end, self._start = row, row + 1, start
        self._number, self._next = number, number + 1
        self._width = self._least = length
        self._uneven = False

    def _fits(self, length: int) -> bool:
        """Whether a packet of another length can be in the burst."""
        if length > self._width:
            if length - self._least > MOST_PADDING:
                return False
            self._width = length
            self._uneven = True
        elif self._width - length > MOST_PADDING:
            self._next = _CLOSED  # the last one may be as short as it likes
        else:
            self._least = min(self._least, length)
            self._uneven = True
        return True

    def finish(self) -> None:
        """Store the burst and write it for its subscribers; there must be one."""
        stream = self.stream
        assert stream is not None, "a burst has begun"
        self.stream = None
        first, end, start, width = self._first, self._end, self._start, self._width
        packets = self._whole[first:end, start : start + width]
        if end == first + 1:
            heads, lengths = self._single_heads[first], self._single_lengths[first]
            stream.store.add(self._number, packets, [width])
            (stream.layering or stream.fan_out).forward(packets, heads, lengths, self._number)
            return
        if self._uneven:
            self._even_out(first, end - 1, start, width)
        heads, lengths = self._heads[first:end], self._lengths[first:end]
        stream.store.add(self._number, packets, lengths.tolist())
        (stream.layering or stream.fan_out).forward(packets, heads, lengths, self._number)

    def _even_out(self, first: int, last: int, start: int, width: int) -> None:
        """Pad the packets before the last to one length."""
        for row in range(first, last):
            length = self._length_entries[row]
            if length < width:
                view = self._rows[row]
                view[start] |= _PADDING_BIT
                view[start + length : start + width] = _PADDING[width - length]
                self._head_halves[row * _HEAD_HALVES] |= _PADDING_BIT << 8
                self._length_entries[row] = width
