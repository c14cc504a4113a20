"""The numbers of pictures in VP8 and VP9 payload descriptors, where they stand in a packet.

Receivers expect them to go on by one from picture to picture (RFC 7741 §4.2, RFC 9628 §4.2), so who
leaves pictures out, or goes over to another encoding, moves those that follow. All of it is modulo
2^15: what is moved so is right in seven bits as well.
"""

from collections.abc import Callable
from typing import Final, NamedTuple, TypeAlias

from sfu.units import Octets

_LONG: Final = 0x80
_VP8_EXTENDED: Final = 0x80
_VP8_TL0: Final = 0x40
_PICTURE_ID: Final = 0x80
_VP9_LAYERS: Final = 0x20
_VP9_FLEXIBLE: Final = 0x10


class PictureNumbers(NamedTuple):
    """Of one packet.

    Attributes:
        at: place of the picture id in the packet.
        long: whether it has 15 bits in two bytes, in place of 7 in one.
        picture: the picture id.
        base_at: place of TL0PICIDX; 0 when there is none.
        base: TL0PICIDX, 8 bits: the number of the base-layer picture that this one builds on.
    """

    at: int
    long: bool
    picture: int
    base_at: int
    base: int


PictureReader: TypeAlias = Callable[[Octets], PictureNumbers | None]
"""The numbers in a canonical packet; None when it has none. Never raises."""


def payload_of(packet: Octets) -> int:
    """Where the payload of a canonical packet begins; see ``header_rewriter``."""
    return 16 + 4 * (packet[14] << 8 | packet[15])


def vp8_picture_numbers(packet: Octets) -> PictureNumbers | None:
    """As ``PictureReader``: 0.6 µs."""
    at = payload_of(packet)
    try:
        if not packet[at] & _VP8_EXTENDED or not packet[at + 1] & _PICTURE_ID:
            return None
        return _numbers(packet, at + 2, 0 if packet[at + 1] & _VP8_TL0 else None)
    except IndexError:
        return None


def vp9_picture_numbers(packet: Octets) -> PictureNumbers | None:
    """As ``PictureReader``."""
    at = payload_of(packet)
    try:
        flags = packet[at]
        if not flags & _PICTURE_ID:
            return None
        has_base = flags & _VP9_LAYERS and not flags & _VP9_FLEXIBLE
        return _numbers(packet, at + 1, 1 if has_base else None)
    except IndexError:
        return None


def _numbers(packet: Octets, at: int, before_base: int | None) -> PictureNumbers:
    """The id at a place, and TL0PICIDX so many bytes behind it."""
    picture = packet[at]
    long = bool(picture & _LONG)
    base_at = base = 0
    if before_base is not None:
        base_at = at + 1 + long + before_base
        base = packet[base_at]
    if long:
        picture = (picture & 0x7F) << 8 | packet[at + 1]
    return PictureNumbers(at, long, picture, base_at, base)


def move_pictures(packet: bytearray | memoryview, read: PictureReader, by: int, base: int) -> None:
    """Add to the numbers in a packet.

    Args:
        packet: canonical, writable.
        read: finds them.
        by: is added to the picture id.
        base: is added to TL0PICIDX.
    """
    numbers = read(packet)
    if numbers is None:
        return
    moved = numbers.picture + by
    if numbers.long:
        packet[numbers.at] = _LONG | moved >> 8 & 0x7F
        packet[numbers.at + 1] = moved & 0xFF
    else:
        packet[numbers.at] = moved & 0x7F
    if numbers.base_at:
        packet[numbers.base_at] = numbers.base + base & 0xFF


PICTURE_READERS: Final[dict[str, PictureReader]] = {
    "vp8": vp8_picture_numbers,
    "vp9": vp9_picture_numbers,
}
"""By codec name in lower case; the others number no pictures."""
