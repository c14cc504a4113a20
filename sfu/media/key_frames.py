"""Where a key frame begins, by codec: what a receiver can start from.

A detector looks at the first packets of a frame, once a frame (1 to 2 µs), and never raises.
"""

from collections.abc import Callable
from typing import Final, TypeAlias

from sfu.units import Octets
from sfu.wire.av1 import parse_av1
from sfu.wire.errors import WireError
from sfu.wire.h264 import parse_h264
from sfu.wire.vp8 import parse_vp8
from sfu.wire.vp9 import parse_vp9

KeyFrameDetector: TypeAlias = Callable[[Octets, bytes], bool]
"""(payload, dependency descriptor or b"") -> whether the packet is the first of a key frame."""

_STARTS_FRAME: Final = 0x80
_HAS_STRUCTURE: Final = 0x80
_MANDATORY_SIZE: Final = 3

# What the first byte tells already: most packets need no parsing.
_VP8_START_BITS: Final = 0x17
_VP8_START: Final = 0x10  # S, and partition 0
_LONGEST_VP8_DESCRIPTOR: Final = 7  # with a byte of VP8 data
_VP9_START_BITS: Final = 0x48
_VP9_START: Final = 0x08  # B, and not P
_NAL_TYPE_BITS: Final = 0x1F
_NAL_OTHER_SLICE: Final = 1
_AV1_NEW_SEQUENCE: Final = 0x08


def describes_key_frame(descriptor: bytes) -> bool:
    """Whether a dependency descriptor is that of a key frame's first packet.

    Only a key frame carries the structure (AV1 RTP specification, A.8.3.4): the first bit after
    the mandatory fields.
    """
    return (
        len(descriptor) > _MANDATORY_SIZE
        and descriptor[0] >= _STARTS_FRAME
        and descriptor[_MANDATORY_SIZE] >= _HAS_STRUCTURE
    )


def is_vp8_key_frame(payload: Octets, descriptor: bytes) -> bool:
    """By the payload even with a descriptor: VP8 may come with one that has no structure."""
    if descriptor and describes_key_frame(descriptor):
        return True
    if len(payload) < _LONGEST_VP8_DESCRIPTOR:
        try:
            return parse_vp8(payload).key_frame
        except WireError:
            return False
    first = payload[0]
    if first & _VP8_START_BITS != _VP8_START:
        return False
    at = 1
    if first & 0x80:
        flags = payload[1]
        at = 2
        if flags & 0x80:
            at += 1 + (payload[2] >> 7)
        at += (flags >> 6 & 1) + (flags & 0x30 != 0)
    return not payload[at] & 1


def is_vp9_key_frame(payload: Octets, descriptor: bytes) -> bool:
    """The base spatial layer, and no prediction from earlier pictures."""
    if descriptor and describes_key_frame(descriptor):
        return True
    if not payload or payload[0] & _VP9_START_BITS != _VP9_START:
        return False
    try:
        return parse_vp9(payload).key_frame
    except WireError:
        return False


def is_h264_key_frame(payload: Octets, descriptor: bytes) -> bool:
    """The parameter sets, or an IDR slice that came without."""
    if descriptor and describes_key_frame(descriptor):
        return True
    if not payload or payload[0] & _NAL_TYPE_BITS == _NAL_OTHER_SLICE:
        return False
    try:
        return parse_h264(payload).key_frame
    except WireError:
        return False


def is_av1_key_frame(payload: Octets, descriptor: bytes) -> bool:
    """By the descriptor where there is one; else a new coded video sequence with its header."""
    if descriptor:
        return describes_key_frame(descriptor)
    if not payload or not payload[0] & _AV1_NEW_SEQUENCE:
        return False
    try:
        return parse_av1(payload).key_frame
    except WireError:
        return False


DETECTORS: Final[dict[str, KeyFrameDetector]] = {
    "vp8": is_vp8_key_frame,
    "vp9": is_vp9_key_frame,
    "h264": is_h264_key_frame,
    "av1": is_av1_key_frame,
}
"""By codec name in lower case. Codecs not named can be begun anywhere."""
