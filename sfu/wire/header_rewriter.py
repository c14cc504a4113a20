"""From a publisher's RTP header to the canonical one, in place.

Hot path. A forwarded packet has one layout, whoever sent it: no CSRC, no padding, and an extension
block that begins with two slots at fixed places, which the fan-out fills by columns:

    byte  0  fixed header (12)
         12  profile, length in words
         16  transport-wide sequence number: data at 18 and 19
         20  abs-send-time: data at 22 to 24
         25  the publisher's elements that are forwarded, under their canonical ids
             zeros up to a whole word; then the payload

The places hold in both forms of RFC 8285: in the one-byte form each slot has a padding byte in
front, where the two-byte form has the first byte of its longer element header.

What identifies the publisher's leg (mid, rid, repaired rid, its transport-wide numbers and send
times) is read here and never forwarded.

A stream's blocks nearly all have the same ids and lengths in the same order, so this *shape* is
parsed once and kept. A block is matched to its shape by one masked comparison of the bytes that
carry ids, lengths and padding; the rest is then data at known places.
"""

import struct
from collections.abc import Iterable, Mapping

from sfu.wire.errors import WireError
from sfu.wire.extensions import (
    ONE_BYTE_PROFILE,
    TWO_BYTE_PROFILE,
    Element,
    Extension,
    parse_elements,
)

HEADROOM = 16
"""Bytes that must be free in front of a received packet: its header can grow by so many."""

TRANSPORT_SEQUENCE_OFFSET = 18
ABS_SEND_TIME_OFFSET = 22
FIRST_BYTE = 0x90
"""First byte of a canonical packet: version 2 with extension, no CSRC, and no padding until a burst
of packets is made even."""

FORWARDED = frozenset(
    {
        Extension.AUDIO_LEVEL,
        Extension.VIDEO_ORIENTATION,
        Extension.PLAYOUT_DELAY,
        Extension.DEPENDENCY_DESCRIPTOR,
    }
)
"""What a subscriber is told of the publisher's extensions."""

_FIXED_HEADER = struct.Struct("!BBHII")
_BLOCK_HEADER = struct.Struct("!HH")
_SEQUENCE, _SEND_TIME = Extension.TRANSPORT_SEQUENCE, Extension.ABS_SEND_TIME
_ONE_BYTE_SLOTS = bytes((0, _SEQUENCE << 4 | 1, 0, 0, 0, _SEND_TIME << 4 | 2, 0, 0, 0))
_TWO_BYTE_SLOTS = bytes((_SEQUENCE, 2, 0, 0, _SEND_TIME, 3, 0, 0, 0))
_LONGEST_ONE_BYTE = 16
_MOST_SHAPES = 64

FixedHeader = tuple[int, int, int, int, int]
"""First byte, marker and payload type, sequence number, timestamp, SSRC."""


class Shape:
    """Ids and lengths of a block's elements, and how such a block becomes canonical.

    Attributes:
        offset: where the data of each known extension begins in the block (its four bytes of
            header included), by ``Extension``; 0 when the block has none.
        length: bytes of data, likewise; 0 when there is none.
        header_size: bytes of the canonical RTP header.
        template: the canonical extension block with its header, slots and data zero.
        moves: (place in the packet, first, end) of the data copied from the old block.
    """

    __slots__ = ("header_size", "length", "mask", "moves", "offset", "pattern", "size", "template")

    def __init__(self, block: bytes, elements: Iterable[tuple[Extension, Element]]) -> None:
        self.size = len(block)
        self.offset = [0] * (len(Extension) + 1)
        self.length = [0] * (len(Extension) + 1)
        forwarded = []
        for extension, element in elements:
            if not self.offset[extension]:
                self.offset[extension] = element.offset + 4
                self.length[extension] = len(element.data)
                if extension in FORWARDED:
                    forwarded.append(extension)
        self.template, moves = self._layout(forwarded)
        self.moves = tuple(moves)
        self.header_size = 12 + len(self.template)
        self.mask = self.pattern = 0

    def matches_by(self, block: bytes, mask: bytes) -> None:
        """Take every block that equals ``block`` under ``mask`` as one of this shape."""
        self.mask = int.from_bytes(mask, "big")
        self.pattern = int.from_bytes(block, "big") & self.mask

    def _layout(self, forwarded: list[Extension]) -> tuple[bytes, list[tuple[int, int, int]]]:
        """The template, and where the forwarded data goes."""
        lengths = [self.length[extension] for extension in forwarded]
        two_byte = any(not 0 < length <= _LONGEST_ONE_BYTE for length in lengths)
        body = bytearray(_TWO_BYTE_SLOTS if two_byte else _ONE_BYTE_SLOTS)
        moves = []
        for extension, length in zip(forwarded, lengths, strict=True):
            body += bytes((extension, length) if two_byte else (extension << 4 | length - 1,))
            first = self.offset[extension]
            moves.append((16 + len(body), first, first + length))
            body += bytes(length)
        body += bytes(-len(body) % 4)
        profile = TWO_BYTE_PROFILE if two_byte else ONE_BYTE_PROFILE
        return _BLOCK_HEADER.pack(profile, len(body) // 4) + body, moves


class HeaderRewriter:
    """Reads one publisher's extensions and rewrites its headers.

    Args:
        ids: what the publisher's extension ids mean; ids not named are dropped.
    """

    __slots__ = ("_ids", "_last", "_shapes")

    def __init__(self, ids: Mapping[int, Extension]) -> None:
        self._ids = dict(ids)
        self._shapes: dict[int, list[Shape]] = {}
        self._last = self._add(b"")

    def shape_of(self, block: bytes) -> Shape:
        """The shape of an extension block, its four bytes of header included; b"" for none.

        A block that does not parse has a shape without elements. About 0.2 µs for a block like the
        last one, twice that for others seen before, 10 µs for a new shape.
        """
        return self.find(block) or self._remember(block)

    def find(self, block: bytes) -> Shape | None:
        """The shape of a block, if such a block has been seen."""
        last = self._last
        number = int.from_bytes(block, "big")
        size = len(block)
        if size == last.size and number & last.mask == last.pattern:
            return last
        for shape in self._shapes.get(size, ()):
            if number & shape.mask == shape.pattern:
                self._last = shape
                return shape
        return None

    def _remember(self, block: bytes) -> Shape:
        self._last = self._add(block)
        return self._last

    def _add(self, block: bytes) -> Shape:
        elements: list[Element] = []
        # What carries no data decides the shape; a block of unknown or broken form, all of it.
        mask = bytearray(b"\xff" * len(block))
        if block:
            try:
                elements = parse_elements(_BLOCK_HEADER.unpack_from(block)[0], block[4:])
            except (WireError, struct.error):
                elements = []
        for element in elements:
            first = element.offset + 4
            mask[first : first + len(element.data)] = bytes(len(element.data))
        known = [(self._ids[e.id], e) for e in elements if e.id in self._ids]
        shape = Shape(block, known)
        shape.matches_by(block, bytes(mask))
        if sum(map(len, self._shapes.values())) >= _MOST_SHAPES:
            self._shapes.clear()
        self._shapes.setdefault(len(block), []).append(shape)
        return shape


def rewrite_header(
    row: memoryview, payload: int, block: bytes, shape: Shape, fixed: FixedHeader
) -> int:
    """Put the canonical header in front of a payload; the old header is overwritten.

    For a retransmission, ``payload`` is the place after the original sequence number, and
    ``fixed`` names the original stream (RFC 4588 §4).

    Args:
        row: writable, the packet's row of the receive buffer with its headroom.
        payload: place of the payload in ``row``.
        block: the old extension block, copied from the row; b"" for none.
        shape: the block's shape.
        fixed: the new fixed header; its first byte is ``FIRST_BYTE``.

    Returns:
        Place in ``row`` where the packet now begins; never below 0 when the old packet began at
        ``HEADROOM`` or later.
    """
    start = payload - shape.header_size
    _FIXED_HEADER.pack_into(row, start, *fixed)
    row[start + 12 : payload] = shape.template
    for place, first, end in shape.moves:
        row[start + place : start + place + end - first] = block[first:end]
    return start
