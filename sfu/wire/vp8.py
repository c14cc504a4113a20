"""VP8 payload descriptor (RFC 7741 §4.2), and rewriting of the numbers in it.

 0 1 2 3 4 5 6 7
+-+-+-+-+-+-+-+-+
|X|R|N|S|R| PID |  S: start of a partition; PID: its number
|I|L|T|K| RSV   |  if X: which of the following are there
|M| picture id  |  if I: 7 bits, or 15 bits when M
|   TL0PICIDX   |  if L
|TID|Y| KEYIDX  |  if T or K
"""

from typing import Final

import msgspec

from sfu.units import U8, U16, Octets
from sfu.wire.errors import WireError

_EXTENDED: Final = 0x80
_NON_REFERENCE: Final = 0x20
_START: Final = 0x10
_PICTURE_ID: Final = 0x80
_TL0: Final = 0x40
_TEMPORAL: Final = 0x20
_KEY_INDEX: Final = 0x10
_LONG: Final = 0x80
_LAYER_SYNC: Final = 0x20


class Vp8Descriptor(msgspec.Struct, frozen=True):
    """What precedes the VP8 data of a packet. Offsets count from the descriptor; 0 when absent.

    Attributes:
        starts_frame: the packet is the first of a frame.
        key_frame: the packet is the first of a key frame.
        non_reference: the frame may be dropped without harm to others.
        picture_id: 7 or 15 bits; None when absent.
        picture_id_bits: 7, 15, or 0.
        tl0_picture_index: counts frames of the base temporal layer, 8 bits; None when absent.
        temporal_id: 0 to 3; None when absent.
        layer_sync: the frame depends on the base layer only: a receiver may switch up here.
        key_index: 5 bits; None when absent.
        picture_id_at: offset of the picture id.
        tl0_at: offset of TL0PICIDX.
        size: bytes of the descriptor.
    """

    starts_frame: bool
    key_frame: bool
    non_reference: bool
    picture_id: int | None
    picture_id_bits: int
    tl0_picture_index: int | None
    temporal_id: int | None
    layer_sync: bool
    key_index: int | None
    picture_id_at: int
    tl0_at: int
    size: int


def parse_vp8(payload: Octets) -> Vp8Descriptor:
    """Read the descriptor of one RTP payload.

    Raises:
        WireError: the descriptor is cut off, or no VP8 data follows it.
    """
    try:
        return _parse(payload)
    except IndexError:
        raise WireError("VP8 descriptor is cut off") from None


def _parse(payload: Octets) -> Vp8Descriptor:
    first = payload[0]
    flags = payload[1] if first & _EXTENDED else 0
    at = 2 if first & _EXTENDED else 1
    picture_id, picture_id_bits, picture_id_at = None, 0, 0
    if flags & _PICTURE_ID:
        picture_id, picture_id_bits, picture_id_at = payload[at], 7, at
        at += 1
        if picture_id & _LONG:
            picture_id, picture_id_bits = (picture_id & 0x7F) << 8 | payload[at], 15
            at += 1
    tl0, tl0_at = None, 0
    if flags & _TL0:
        tl0, tl0_at = payload[at], at
        at += 1
    layer = None
    if flags & (_TEMPORAL | _KEY_INDEX):
        layer = payload[at]
        at += 1
    starts_frame = first & (_START | 0x07) == _START
    # The first bit of the VP8 data itself is 0 in a key frame (RFC 6386 §9.1).
    inter_frame = payload[at] & 1
    return Vp8Descriptor(
        starts_frame=starts_frame,
        key_frame=starts_frame and not inter_frame,
        non_reference=bool(first & _NON_REFERENCE),
        picture_id=picture_id,
        picture_id_bits=picture_id_bits,
        tl0_picture_index=tl0,
        temporal_id=layer >> 6 if layer is not None and flags & _TEMPORAL else None,
        layer_sync=bool(layer is not None and flags & _TEMPORAL and layer & _LAYER_SYNC),
        key_index=layer & 0x1F if layer is not None and flags & _KEY_INDEX else None,
        picture_id_at=picture_id_at,
        tl0_at=tl0_at,
        size=at,
    )


def rewrite_vp8(
    payload: bytearray | memoryview,
    descriptor: Vp8Descriptor,
    picture_id: int,
    tl0_picture_index: int,
) -> None:
    """Put other numbers in place; what the descriptor does not have is left out.

    Args:
        payload: the RTP payload, writable.
        descriptor: as parsed from it.
        picture_id: cut to 7 or 15 bits, as the descriptor has it.
        tl0_picture_index: cut to 8 bits.
    """
    at = descriptor.picture_id_at
    if descriptor.picture_id_bits == 15:
        payload[at] = _LONG | picture_id >> 8 & 0x7F
        payload[at + 1] = picture_id & 0xFF
    elif at:
        payload[at] = picture_id & 0x7F
    if descriptor.tl0_at:
        payload[descriptor.tl0_at] = tl0_picture_index & 0xFF


def rewrite_vp8_rows(
    rows: U8, at: int, descriptor: Vp8Descriptor, picture_ids: U16, tl0_picture_indices: U8
) -> None:
    """``rewrite_vp8`` on copies of one packet for several subscribers.

    Hot path. At most four array operations, whatever the number of rows.

    Args:
        rows: uint8, shape (n, width), bytes of a row contiguous: the copies.
        at: place of the descriptor in each row.
        descriptor: of the packet.
        picture_ids: uint16, shape (n,).
        tl0_picture_indices: uint8, shape (n,).
    """
    first = at + descriptor.picture_id_at
    if descriptor.picture_id_bits == 15:
        rows[:, first : first + 2].view(">u2")[:, 0] = picture_ids | 0x8000
    elif descriptor.picture_id_at:
        rows[:, first] = picture_ids & 0x7F
    if descriptor.tl0_at:
        rows[:, at + descriptor.tl0_at] = tl0_picture_indices
