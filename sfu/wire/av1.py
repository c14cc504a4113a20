"""AV1 payloads (RTP Payload Format for AV1 §4.4 and §4.3) as far as a forwarder looks.

 0 1 2 3 4 5 6 7
+-+-+-+-+-+-+-+-+
|Z|Y| W |N|-|-|-|  aggregation header, then OBU elements
"""

from typing import Final

import msgspec

from sfu.units import Octets
from sfu.wire.errors import WireError

SEQUENCE_HEADER: Final = 1
_CONTINUES: Final = 0x80
_CONTINUED: Final = 0x40
_NEW_SEQUENCE: Final = 0x08
_OBU_FORBIDDEN: Final = 0x80
_OBU_EXTENSION: Final = 0x04
_LEB128_BYTES: Final = 8


class Av1Payload(msgspec.Struct, frozen=True):
    """What one packet contains.

    Attributes:
        continues: its first element continues an OBU of the packet before.
        continued: its last element is continued in the next packet.
        new_sequence: the packet is the first of a coded video sequence.
        obu_types: of the OBUs that begin in the packet, in order.
        temporal_id: 0 to 7, of the first OBU that tells; None when none does.
        spatial_id: 0 to 3, likewise.
    """

    continues: bool
    continued: bool
    new_sequence: bool
    obu_types: tuple[int, ...]
    temporal_id: int | None
    spatial_id: int | None

    @property
    def key_frame(self) -> bool:
        """Whether a receiver can begin here: a coded video sequence begins, with its header."""
        return self.new_sequence and SEQUENCE_HEADER in self.obu_types


def parse_av1(payload: Octets) -> Av1Payload:
    """Read one RTP payload.

    Raises:
        WireError: empty or cut off, an empty element, or a new sequence that continues an old one.
    """
    if len(payload) < 2:
        raise WireError("AV1 payload is cut off")
    head = payload[0]
    continues, new_sequence = bool(head & _CONTINUES), bool(head & _NEW_SEQUENCE)
    if continues and new_sequence:
        raise WireError("AV1 sequence begins with a continuation")
    kinds: list[int] = []
    layers: tuple[int, int] | None = None
    for number, (at, end) in enumerate(_elements(payload, head >> 4 & 3)):
        if number == 0 and continues:
            continue
        header = payload[at]
        if header & _OBU_FORBIDDEN:
            raise WireError("AV1 OBU header with the forbidden bit")
        kinds.append(header >> 3 & 0x0F)
        if layers is None and header & _OBU_EXTENSION:
            if at + 1 >= end:
                raise WireError("AV1 OBU header is cut off")
            layers = payload[at + 1] >> 5, payload[at + 1] >> 3 & 3
    return Av1Payload(
        continues=continues,
        continued=bool(head & _CONTINUED),
        new_sequence=new_sequence,
        obu_types=tuple(kinds),
        temporal_id=layers[0] if layers else None,
        spatial_id=layers[1] if layers else None,
    )


def _elements(payload: Octets, count: int) -> list[tuple[int, int]]:
    """First and end of each element.

    With a count, the last element has no length and takes the rest; with 0 every one has a length.
    """
    elements: list[tuple[int, int]] = []
    at, size = 1, len(payload)
    while at < size:
        if count and len(elements) == count - 1:
            end = size
        else:
            length, at = _leb128(payload, at)
            end = at + length
            if not length or end > size:
                raise WireError("AV1 element is empty or exceeds the packet")
        elements.append((at, end))
        at = end
    if len(elements) < count:
        raise WireError("AV1 packet has too few elements")
    return elements


def _leb128(payload: Octets, at: int) -> tuple[int, int]:
    """A number of seven bits per byte, the lowest first, and where it ends."""
    value = 0
    for index, octet in enumerate(payload[at : at + _LEB128_BYTES]):
        value |= (octet & 0x7F) << 7 * index
        if octet < 0x80:
            return value, at + index + 1
    raise WireError("AV1 element length is cut off")
