"""RTP header extensions, one at a time (RFC 8285), and what those we know contain.

An extension is a block of elements, each an id and data. The one-byte form (profile 0xBEDE) carries
ids 1 to 14 with 1 to 16 bytes of data, the two-byte form (0x1000 to 0x100F) ids 1 to 255 with 0 to
255 bytes. Zero bytes between elements are padding. Ids are negotiated per transport, so every
publisher's differ; inside the server and towards subscribers they are those of ``Extension``.
"""

from collections.abc import Iterable
from enum import IntEnum
from typing import Final

import msgspec

from sfu.units import Octets
from sfu.wire.errors import WireError

ONE_BYTE_PROFILE: Final = 0xBEDE
TWO_BYTE_PROFILE: Final = 0x1000
_APPLICATION_BITS: Final = 0x000F


class Extension(IntEnum):
    """The extensions the server understands; the value is the canonical id."""

    MID = 1
    RID = 2
    REPAIRED_RID = 3
    ABS_SEND_TIME = 4
    TRANSPORT_SEQUENCE = 5
    AUDIO_LEVEL = 6
    VIDEO_ORIENTATION = 7
    PLAYOUT_DELAY = 8
    DEPENDENCY_DESCRIPTOR = 9


URIS: Final[dict[Extension, str]] = {
    Extension.MID: "urn:ietf:params:rtp-hdrext:sdes:mid",
    Extension.RID: "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
    Extension.REPAIRED_RID: "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
    Extension.ABS_SEND_TIME: "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
    Extension.TRANSPORT_SEQUENCE: (
        "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
    ),
    Extension.AUDIO_LEVEL: "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
    Extension.VIDEO_ORIENTATION: "urn:3gpp:video-orientation",
    Extension.PLAYOUT_DELAY: "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay",
    Extension.DEPENDENCY_DESCRIPTOR: (
        "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension"
    ),
}


class Element(msgspec.Struct, frozen=True):
    """One element of a block; ``offset`` is where its data begins in the block."""

    id: int
    offset: int
    data: bytes


def is_two_byte(profile: int) -> bool:
    """Whether a profile announces the two-byte form (RFC 8285 §4.3)."""
    return profile & ~_APPLICATION_BITS == TWO_BYTE_PROFILE


def parse_elements(profile: int, block: Octets) -> list[Element]:
    """The elements of a block, in order; none when the profile is unknown.

    Reading ends at an element whose id ends it (RFC 8285 §4.2).

    Args:
        profile: the 16 bits before the length.
        block: the extension's data, without its four bytes of header.

    Raises:
        WireError: an element exceeds the block.
    """
    if profile == ONE_BYTE_PROFILE:
        header_size = 1
    elif is_two_byte(profile):
        header_size = 2
    else:
        return []
    elements = []
    size = len(block)
    at = 0
    while at < size:
        first = block[at]
        if first == 0:
            at += 1
            continue
        if at + header_size > size:
            raise WireError("extension element is cut off")
        if header_size == 2:
            element_id, length = first, block[at + 1]
        else:
            element_id, length = first >> 4, (first & 0x0F) + 1
            if element_id in (0, 15):
                break
        at += header_size
        if at + length > size:
            raise WireError("extension element exceeds its block")
        elements.append(Element(element_id, at, bytes(block[at : at + length])))
        at += length
    return elements


def encode_elements(elements: Iterable[tuple[int, bytes]]) -> tuple[int, bytes]:
    """Profile and block of the given ids and data, in the shorter form that can hold them.

    Raises:
        ValueError: an id or a length that neither form can hold.
    """
    wanted = list(elements)
    if any(not 0 < number < 256 or len(data) > 255 for number, data in wanted):
        raise ValueError("extension id or data out of range")
    if all(number <= 14 and 1 <= len(data) <= 16 for number, data in wanted):
        profile = ONE_BYTE_PROFILE
        block = b"".join(bytes((number << 4 | len(data) - 1,)) + data for number, data in wanted)
    else:
        profile = TWO_BYTE_PROFILE
        block = b"".join(bytes((number, len(data))) + data for number, data in wanted)
    return profile, block + bytes(-len(block) % 4)


def parse_identifier(data: bytes) -> str:
    """A mid, rid or repaired rid (RFC 9143 §15.1, RFC 8852 §3).

    Raises:
        WireError: empty or not printable ASCII.
    """
    text = data.decode("ascii", "replace")
    if not text or not text.isprintable() or not text.isascii():
        raise WireError("stream identifier is not text")
    return text


ABS_SEND_TIME_UNITS: Final = 1 << 18
"""Units of abs-send-time per second: 24 bits of 6.18 fixed point, so it wraps every 64 s."""


def encode_abs_send_time(seconds: float) -> bytes:
    """The three bytes for a send time in seconds, of any clock."""
    return (round(seconds * ABS_SEND_TIME_UNITS) & 0xFFFFFF).to_bytes(3, "big")


def parse_abs_send_time(data: bytes) -> float:
    """Seconds, 0 to below 64.

    Raises:
        WireError: not three bytes.
    """
    return _number(data, 3) / ABS_SEND_TIME_UNITS


def parse_transport_sequence(data: bytes) -> int:
    """Transport-wide sequence number; the 4 byte form's feedback request is passed over.

    Raises:
        WireError: neither two nor four bytes.
    """
    return _number(data, 4) >> 16 if len(data) == 4 else _number(data, 2)


class AudioLevel(msgspec.Struct, frozen=True):
    """How loud a packet is (RFC 6464): ``level`` in -dBov, 0 loudest, 127 silence."""

    voice: bool
    level: int


def parse_audio_level(data: bytes) -> AudioLevel:
    """Read the one byte; in the two-byte form a second byte may follow as padding (RFC 6464 §3).

    Raises:
        WireError: empty.
    """
    if not data:
        raise WireError("empty audio level")
    return AudioLevel(voice=data[0] >= 0x80, level=data[0] & 0x7F)


class VideoOrientation(msgspec.Struct, frozen=True):
    """How to turn the picture before showing it (3GPP TS 26.114 §7.4.5), clockwise, in degrees."""

    rotation: int
    flip: bool = False
    back_camera: bool = False


def parse_video_orientation(data: bytes) -> VideoOrientation:
    """Read the one byte.

    Raises:
        WireError: not one byte.
    """
    bits = _number(data, 1)
    return VideoOrientation((bits & 3) * 90, bool(bits & 4), bool(bits & 8))


class PlayoutDelay(msgspec.Struct, frozen=True):
    """Limits the sender sets to the receiver's jitter buffer, in milliseconds, 0 to 40 950."""

    minimum_ms: int
    maximum_ms: int


def parse_playout_delay(data: bytes) -> PlayoutDelay:
    """Read two 12-bit numbers of 10 ms units.

    Raises:
        WireError: not three bytes.
    """
    bits = _number(data, 3)
    return PlayoutDelay((bits >> 12) * 10, (bits & 0xFFF) * 10)


def encode_playout_delay(delay: PlayoutDelay) -> bytes:
    """The three bytes; milliseconds are cut to whole tens."""
    return (delay.minimum_ms // 10 << 12 | delay.maximum_ms // 10).to_bytes(3, "big")


def _number(data: bytes, size: int) -> int:
    if len(data) != size:
        raise WireError(f"extension of {len(data)} bytes instead of {size}")
    return int.from_bytes(data, "big")
