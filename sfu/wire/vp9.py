"""VP9 payload descriptor (RFC 9628 §4.2).

 0 1 2 3 4 5 6 7
+-+-+-+-+-+-+-+-+
|I|P|L|F|B|E|V|Z|
|M| picture id  |  if I: 7 bits, or 15 bits when M
| TID |U| SID |D|  if L
|   TL0PICIDX   |  if L and not F
|   P_DIFF    |N|  if F and P: up to three
|  scalability structure ...  if V
"""

from typing import Final

import msgspec

from sfu.units import Octets
from sfu.wire.errors import WireError

_PICTURE_ID: Final = 0x80
_INTER_PREDICTED: Final = 0x40
_LAYERS: Final = 0x20
_FLEXIBLE: Final = 0x10
_BEGIN: Final = 0x08
_END: Final = 0x04
_STRUCTURE: Final = 0x02
_NOT_REFERENCE: Final = 0x01
_LONG: Final = 0x80
_MOST_REFERENCES: Final = 3


class Vp9Structure(msgspec.Struct, frozen=True):
    """Scalability structure (RFC 9628 §4.2.1).

    Attributes:
        spatial_layers: 1 to 8.
        resolutions: (width, height) per spatial layer; empty when not told.
        pictures: per picture of the group (temporal id, switching up point, reference
            differences); empty when not told.
    """

    spatial_layers: int
    resolutions: tuple[tuple[int, int], ...]
    pictures: tuple[tuple[int, bool, tuple[int, ...]], ...]


class Vp9Descriptor(msgspec.Struct, frozen=True):
    """What precedes the VP9 data of a packet.

    Attributes:
        begins_frame: first packet of a layer frame.
        ends_frame: last packet of a layer frame.
        key_frame: first packet of a key frame of the lowest spatial layer.
        inter_predicted: the layer frame depends on earlier pictures.
        flexible: references are told per frame.
        picture_id: 7 or 15 bits; None when absent.
        picture_id_bits: 7, 15, or 0.
        temporal_id: 0 to 7; None when absent.
        spatial_id: 0 to 7; None when absent.
        switching_up: a receiver may switch up to this temporal layer here.
        inter_layer: the layer frame depends on the spatial layer below.
        not_reference: no higher spatial layer of this picture depends on the layer frame.
        tl0_picture_index: 8 bits; None when absent.
        references: picture id differences, flexible mode.
        structure: None when absent.
        size: bytes of the descriptor.
    """

    begins_frame: bool
    ends_frame: bool
    key_frame: bool
    inter_predicted: bool
    flexible: bool
    picture_id: int | None
    picture_id_bits: int
    temporal_id: int | None
    spatial_id: int | None
    switching_up: bool
    inter_layer: bool
    not_reference: bool
    tl0_picture_index: int | None
    references: tuple[int, ...]
    structure: Vp9Structure | None
    size: int


def parse_vp9(payload: Octets) -> Vp9Descriptor:
    """Read the descriptor of one RTP payload.

    Raises:
        WireError: the descriptor is cut off, or has more references than allowed.
    """
    try:
        return _parse(payload)
    except IndexError:
        raise WireError("VP9 descriptor is cut off") from None


def _parse(payload: Octets) -> Vp9Descriptor:
    flags = payload[0]
    at = 1
    picture_id, picture_id_bits = None, 0
    if flags & _PICTURE_ID:
        picture_id, picture_id_bits = payload[at], 7
        at += 1
        if picture_id & _LONG:
            picture_id, picture_id_bits = (picture_id & 0x7F) << 8 | payload[at], 15
            at += 1
    layers, tl0 = None, None
    if flags & _LAYERS:
        layers = payload[at]
        at += 1
        if not flags & _FLEXIBLE:
            tl0 = payload[at]
            at += 1
    references: tuple[int, ...] = ()
    if flags & _FLEXIBLE and flags & _INTER_PREDICTED:
        references, at = _parse_references(payload, at)
    structure = None
    if flags & _STRUCTURE:
        structure, at = _parse_structure(payload, at)
    spatial_id = layers >> 1 & 7 if layers is not None else None
    begins_frame = bool(flags & _BEGIN)
    inter_predicted = bool(flags & _INTER_PREDICTED)
    return Vp9Descriptor(
        begins_frame=begins_frame,
        ends_frame=bool(flags & _END),
        key_frame=begins_frame and not inter_predicted and not spatial_id,
        inter_predicted=inter_predicted,
        flexible=bool(flags & _FLEXIBLE),
        picture_id=picture_id,
        picture_id_bits=picture_id_bits,
        temporal_id=layers >> 5 if layers is not None else None,
        spatial_id=spatial_id,
        switching_up=bool(layers is not None and layers & 0x10),
        inter_layer=bool(layers is not None and layers & 1),
        not_reference=bool(flags & _NOT_REFERENCE),
        tl0_picture_index=tl0,
        references=references,
        structure=structure,
        size=at,
    )


def _parse_references(payload: Octets, at: int) -> tuple[tuple[int, ...], int]:
    references: list[int] = []
    more = True
    while more:
        if len(references) == _MOST_REFERENCES:
            raise WireError("VP9 frame has too many references")
        references.append(payload[at] >> 1)
        more = bool(payload[at] & 1)
        at += 1
    return tuple(references), at


def _parse_structure(payload: Octets, at: int) -> tuple[Vp9Structure, int]:
    head = payload[at]
    at += 1
    spatial_layers = (head >> 5) + 1
    resolutions = []
    if head & 0x10:
        for _ in range(spatial_layers):
            width, height = (
                payload[at] << 8 | payload[at + 1],
                payload[at + 2] << 8 | payload[at + 3],
            )
            resolutions.append((width, height))
            at += 4
    pictures = []
    if head & 0x08:
        count = payload[at]
        at += 1
        for _ in range(count):
            picture = payload[at]
            at += 1
            differences = tuple(payload[at + i] for i in range(picture >> 2 & 3))
            at += len(differences)
            pictures.append((picture >> 5, bool(picture & 0x10), differences))
    return Vp9Structure(spatial_layers, tuple(resolutions), tuple(pictures)), at
