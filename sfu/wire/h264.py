"""H264 payloads (RFC 6184 §5) as far as a forwarder looks, and profile-level-id (§8.1)."""

from enum import Enum
from typing import Final

import msgspec

from sfu.units import Octets
from sfu.wire.errors import WireError

IDR_SLICE: Final = 5
SEQUENCE_PARAMETERS: Final = 7
PICTURE_PARAMETERS: Final = 8
_STAP_A: Final = 24
_FU_A: Final = 28
_FU_START: Final = 0x80
_TYPE_BITS: Final = 0x1F
_FORBIDDEN: Final = 0x80


class H264Payload(msgspec.Struct, frozen=True):
    """Which NAL units a packet contains or begins.

    Attributes:
        nal_types: types of the units that begin in the packet, in order; empty in a fragment
            that continues one.
        reference_idc: 0 when nothing refers to the units, so that they may be dropped.
    """

    nal_types: tuple[int, ...]
    reference_idc: int

    @property
    def has_sequence_parameters(self) -> bool:
        """Whether a sequence parameter set is inside."""
        return SEQUENCE_PARAMETERS in self.nal_types

    @property
    def starts_idr(self) -> bool:
        """Whether an IDR slice begins here."""
        return IDR_SLICE in self.nal_types

    @property
    def key_frame(self) -> bool:
        """Whether a receiver can begin here.

        Senders put the parameter sets in front of the IDR slices, with the same timestamp: then
        the packet with them is the first of the key frame.
        """
        return self.has_sequence_parameters or self.starts_idr


def parse_h264(payload: Octets) -> H264Payload:
    """Read one RTP payload: a single NAL unit, a STAP-A or an FU-A (packetization mode 0 or 1).

    Raises:
        WireError: empty or cut off, or of a type that belongs to the interleaved mode.
    """
    if not payload or payload[0] & _FORBIDDEN:
        raise WireError("not an H264 payload")
    first = payload[0]
    kind, reference_idc = first & _TYPE_BITS, first >> 5 & 3
    if kind == _STAP_A:
        return H264Payload(_aggregated(payload), reference_idc)
    if kind == _FU_A:
        if len(payload) < 2:
            raise WireError("FU-A is cut off")
        starts = payload[1] & _FU_START
        return H264Payload((payload[1] & _TYPE_BITS,) if starts else (), reference_idc)
    if not 1 <= kind < _STAP_A:
        raise WireError(f"H264 packet type {kind}")
    return H264Payload((kind,), reference_idc)


def _aggregated(payload: Octets) -> tuple[int, ...]:
    """Types of the units in a STAP-A: each is preceded by its size in two bytes (§5.7.1)."""
    kinds = []
    at, size = 1, len(payload)
    while at < size:
        if at + 2 > size:
            raise WireError("STAP-A is cut off")
        length = payload[at] << 8 | payload[at + 1]
        at += 2
        if not length or at + length > size:
            raise WireError("STAP-A unit is empty or exceeds the packet")
        kinds.append(payload[at] & _TYPE_BITS)
        at += length
    if not kinds:
        raise WireError("STAP-A of nothing")
    return tuple(kinds)


class H264Profile(Enum):
    """Profiles that WebRTC endpoints name."""

    CONSTRAINED_BASELINE = "constrained-baseline"
    BASELINE = "baseline"
    MAIN = "main"
    CONSTRAINED_HIGH = "constrained-high"
    HIGH = "high"
    PREDICTIVE_HIGH_444 = "predictive-high-444"


LEVEL_1B: Final = 9
"""Level 1b as a number: above level 1.0 (10) in ability, so compare with ``level_rank``."""

_CONSTRAINT_3: Final = 0x10
# RFC 6184 table 5: profile_idc, which bits of profile-iop count, and their value.
_PATTERNS: Final = (
    (0x42, 0x4F, 0x40, H264Profile.CONSTRAINED_BASELINE),
    (0x4D, 0x8F, 0x80, H264Profile.CONSTRAINED_BASELINE),
    (0x58, 0xCF, 0xC0, H264Profile.CONSTRAINED_BASELINE),
    (0x42, 0x4F, 0x00, H264Profile.BASELINE),
    (0x58, 0xCF, 0x80, H264Profile.BASELINE),
    (0x4D, 0xAF, 0x00, H264Profile.MAIN),
    (0x64, 0xFF, 0x00, H264Profile.HIGH),
    (0x64, 0xFF, 0x0C, H264Profile.CONSTRAINED_HIGH),
    (0xF4, 0xFF, 0x00, H264Profile.PREDICTIVE_HIGH_444),
)
_LEVELS: Final = frozenset({10, 11, 12, 13, 20, 21, 22, 30, 31, 32, 40, 41, 42, 50, 51, 52})


class ProfileLevel(msgspec.Struct, frozen=True):
    """What profile-level-id stands for; ``level`` is ten times the level, or ``LEVEL_1B``."""

    profile: H264Profile
    level: int

    @property
    def level_rank(self) -> float:
        """Orders levels by what they can do: 1, 1b, 1.1 and so on."""
        return 10.5 if self.level == LEVEL_1B else self.level


DEFAULT_PROFILE_LEVEL: Final = ProfileLevel(H264Profile.BASELINE, 10)
"""What a missing profile-level-id means (RFC 6184 §8.1)."""


def parse_profile_level_id(text: str) -> ProfileLevel:
    """Read the six hexadecimal digits.

    Raises:
        WireError: not six digits, or a profile or level that is not known.
    """
    try:
        idc, constraints, level = bytes.fromhex(text) if len(text) == 6 else b""
    except ValueError:
        raise WireError("profile-level-id is not six digits") from None
    found = (p for i, mask, value, p in _PATTERNS if idc == i and constraints & mask == value)
    profile = next(found, None)
    if profile is None:
        raise WireError(f"H264 profile {text}")
    # In the baseline and main profiles level 1b is written as level 1.1 with a constraint bit.
    if level == 11 and idc in (0x42, 0x4D, 0x58) and constraints & _CONSTRAINT_3:
        level = LEVEL_1B
    if level not in _LEVELS and level != LEVEL_1B:
        raise WireError(f"H264 level {level}")
    return ProfileLevel(profile, level)


def is_same_profile(one: str, other: str) -> bool:
    """Whether two profile-level-ids name one profile, whatever the level.

    Raises:
        WireError: either is not readable.
    """
    return parse_profile_level_id(one).profile is parse_profile_level_id(other).profile
