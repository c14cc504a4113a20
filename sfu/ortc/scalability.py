"""Scalability modes: how many layers one RTP stream holds (https://www.w3.org/TR/webrtc-svc/)."""

import re
from typing import Final

import msgspec

_MODE: Final = re.compile(r"(?P<kind>[LS])(?P<spatial>[1-3])T(?P<temporal>[1-3])h?(_KEY(_SHIFT)?)?")


class Layers(msgspec.Struct, frozen=True):
    """Layers of one stream.

    Attributes:
        spatial: 1 to 3.
        temporal: 1 to 3.
        independent: the spatial layers do not refer to each other (``S`` modes).
    """

    spatial: int
    temporal: int
    independent: bool = False


SINGLE: Final = Layers(1, 1)
"""Of a stream without scalability mode."""


def parse_scalability_mode(text: str) -> Layers | None:
    """The layers of a mode such as ``L1T2``, ``L3T3_KEY`` or ``S2T1h``; None when it is unknown."""
    match = _MODE.fullmatch(text)
    if match is None:
        return None
    return Layers(int(match["spatial"]), int(match["temporal"]), match["kind"] == "S")
