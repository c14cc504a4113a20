"""The codecs that are forwarded, and when two descriptions mean the same one.

Descriptions agree when type, clock rate and channels do, and what the codec's own format
parameters (``fmtp``) say about the bit stream: the profile, and for H264 how it is packetized.
Levels are limits of a receiver, not kinds of stream, and are passed over.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from sfu.ortc.parameters import CodecDescription, FormatParameters, Kind, Scalar
from sfu.wire.errors import WireError
from sfu.wire.h264 import is_same_profile, parse_profile_level_id


@dataclass(frozen=True)
class Codec:
    """A codec under its canonical payload types, which are the same in all rooms.

    Attributes:
        name: subtype of the media type, in lower case: "opus", "vp8" and so on.
        mime_type: as it is usually written.
        clock_rate: Hz.
        channels: of audio; None for video.
        payload_type: of media, towards all subscribers.
        rtx_payload_type: of retransmissions (RFC 4588), likewise; None for audio.
        parameters: ``fmtp``.
    """

    kind: Kind
    name: str
    mime_type: str
    clock_rate: int
    payload_type: int
    channels: int | None = None
    rtx_payload_type: int | None = None
    parameters: FormatParameters = field(default_factory=dict)


def _video(subtype: str, payload_type: int, **parameters: Scalar) -> Codec:
    """A video codec; its retransmissions have the next payload type."""
    return Codec(
        kind="video",
        name=subtype.lower(),
        mime_type=f"video/{subtype}",
        clock_rate=90_000,
        payload_type=payload_type,
        rtx_payload_type=payload_type + 1,
        parameters={name.replace("_", "-"): value for name, value in parameters.items()},
    )


def _h264(payload_type: int, packetization_mode: int, profile_level_id: str) -> Codec:
    return _video(
        "H264",
        payload_type,
        level_asymmetry_allowed=1,
        packetization_mode=packetization_mode,
        profile_level_id=profile_level_id,
    )


# Payload types: 64 to 95 collide with RTCP (RFC 5761 §4), and clients of this family use 127 for
# probes of their own.
CODECS: Final[tuple[Codec, ...]] = (
    Codec(
        kind="audio",
        name="opus",
        mime_type="audio/opus",
        clock_rate=48_000,
        channels=2,
        payload_type=111,
        parameters={"minptime": 10, "useinbandfec": 1},
    ),
    _video("VP8", 96),
    _video("VP9", 98, profile_id=0),
    _video("VP9", 100, profile_id=2),
    _h264(102, 1, "42e01f"),
    _h264(104, 0, "42e01f"),
    _h264(106, 1, "64001f"),
    _h264(108, 1, "640c1f"),
    _video("AV1", 112, level_idx=5, profile=0, tier=0),
)
"""What the server forwards, in the order in which it would rather have it."""

AUXILIARY: Final = frozenset(
    {"rtx", "red", "ulpfec", "flexfec", "flexfec-03", "cn", "telephone-event"}
)
"""Subtypes that accompany a codec and are none themselves."""

_MEDIA_TYPE: Final = re.compile(r"(audio|video)/([!-.0-~]+)", re.IGNORECASE)
_MOST_DIGITS: Final = 9


def media_type(codec: CodecDescription) -> tuple[str, str]:
    """Kind and subtype in lower case; two empty strings for what is no media type."""
    match = _MEDIA_TYPE.fullmatch(codec.mime_type)
    return (match[1].lower(), match[2].lower()) if match else ("", "")


def number(parameters: Mapping[str, Scalar], name: str, default: int) -> int | None:
    """A whole number among format parameters, given as number or digits; None for another thing."""
    value = parameters.get(name)
    if value is None:
        return default
    if isinstance(value, str):
        plain = value.isascii() and value.isdecimal() and len(value) <= _MOST_DIGITS
        return int(value) if plain else None
    return int(value) if 0 <= value < 10**_MOST_DIGITS and value == int(value) else None


def profile_level_id(parameters: Mapping[str, Scalar]) -> str:
    """H264's profile-level-id in lower case.

    Left out it is constrained baseline at level 3.1, as browsers have it, instead of the baseline
    of RFC 6184 §8.1. Some clients make numbers of what looks like one, such as 640032.
    """
    value = parameters.get("profile-level-id")
    if value is None:
        return "42e01f"
    return f"{value:06d}" if isinstance(value, int) else str(value).lower()


def matches(codec: Codec, other: CodecDescription) -> bool:
    """Whether a description means this codec."""
    if media_type(other) != (codec.kind, codec.name) or other.clock_rate != codec.clock_rate:
        return False
    if codec.kind == "audio" and (other.channels or 1) != (codec.channels or 1):
        return False
    one, two = codec.parameters, other.parameters
    match codec.name:
        case "vp9":
            return _agree(one, two, "profile-id")
        case "av1":
            return _agree(one, two, "profile") and _agree(one, two, "tier")
        case "h264":
            return _agree(one, two, "packetization-mode") and _same_h264_profile(one, two)
        case _:
            return True


def _agree(one: FormatParameters, two: FormatParameters, name: str) -> bool:
    """Whether both say the same number; what is left out is 0 (RFC 6184 §8.1, RFC 9628 §6, AV1)."""
    first = number(one, name, 0)
    return first is not None and first == number(two, name, 0)


def _same_h264_profile(one: FormatParameters, two: FormatParameters) -> bool:
    try:
        return is_same_profile(profile_level_id(one), profile_level_id(two))
    except WireError:
        return False


def canonical(description: CodecDescription) -> Codec | None:
    """The codec of ours that is meant; None when it is not forwarded."""
    return next((codec for codec in CODECS if matches(codec, description)), None)


# What a publisher may tell subscribers about its stream. Everything else is kept from them: it
# would end in their session descriptions, and it is limits of the publisher as a receiver.
_TOLD: Final[dict[str, tuple[str, ...]]] = {
    "opus": (
        "minptime",
        "maxptime",
        "ptime",
        "useinbandfec",
        "usedtx",
        "sprop-stereo",
        "sprop-maxcapturerate",
    ),
    "vp9": ("profile-id",),
    "h264": ("level-asymmetry-allowed", "packetization-mode"),
    "av1": ("level-idx", "profile", "tier"),
}


def as_sent(codec: Codec, publisher: CodecDescription) -> Codec:
    """The canonical codec with the publisher's format parameters, as far as others are told."""
    parameters: FormatParameters = {}
    for name in _TOLD.get(codec.name, ()):
        value = number(publisher.parameters, name, -1)
        if value is not None and value >= 0:
            parameters[name] = value
    if codec.name == "h264":
        text = profile_level_id(publisher.parameters)
        parse_profile_level_id(text)  # it matched, so it can be read: six digits and no more
        parameters["profile-level-id"] = text
    return replace(codec, parameters=parameters)
