"""The RTP streams of one producer: told apart, within bounds, lowest first."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from sfu.ortc.codecs import Codec
from sfu.ortc.errors import invalid
from sfu.ortc.parameters import RtpEncodingParameters
from sfu.ortc.scalability import SINGLE, Layers, parse_scalability_mode

ProducerType: TypeAlias = Literal["simple", "simulcast", "svc"]

MOST_ENCODINGS: Final = 8
_RID: Final = re.compile(r"[0-9A-Za-z_-]{1,32}")
_LAYERED_CODECS: Final = frozenset({"vp9", "av1"})
"""Whose streams can hold spatial layers; those of the others only temporal ones."""


@dataclass(frozen=True)
class Encoding:
    """One stream of a publisher.

    Attributes:
        rid: in the packets' header extension (RFC 8852); its retransmissions name it as repaired.
        ssrc: None when only the packets tell.
        rtx_ssrc: of its retransmissions, likewise.
        scalability_mode: as given, one that ``parse_scalability_mode`` knows; None for audio.
        max_bitrate: bits per second.
    """

    rid: str | None = None
    ssrc: int | None = None
    rtx_ssrc: int | None = None
    scalability_mode: str | None = None
    max_bitrate: int | None = None

    @property
    def layers(self) -> Layers:
        """Layers inside the stream."""
        return layers_of(self.scalability_mode)


def layers_of(mode: str | None) -> Layers:
    """Layers of a scalability mode; one of each without a mode, or with one that is not known."""
    return (parse_scalability_mode(mode) if mode else None) or SINGLE


def read_encodings(given: Sequence[RtpEncodingParameters], codec: Codec) -> tuple[Encoding, ...]:
    """Check the streams and put the lowest first.

    Clients name the lowest first already; where each says how much it shrinks the picture, or each
    its bitrate, that decides.

    Raises:
        OrtcError: ``invalid-parameters``.
    """
    if not given:
        raise invalid("There are no encodings.")
    most = MOST_ENCODINGS if codec.kind == "video" else 1
    if len(given) > most:
        raise invalid(f"There are {len(given)} {codec.kind} encodings; {most} is the most.")
    encodings = tuple(_read(one, codec) for one in _lowest_first(given))
    _check_distinct(encodings)
    return encodings


def producer_type(encodings: Sequence[Encoding], codec: Codec) -> ProducerType:
    """What its subscribers can choose from.

    ``simulcast``: streams, or the temporal layers of a codec without spatial ones; ``svc``: layers
    inside one stream; ``simple``: nothing.
    """
    if len(encodings) > 1:
        return "simulcast"
    layers = encodings[0].layers
    if layers.spatial == layers.temporal == 1:
        return "simple"
    return "svc" if codec.name in _LAYERED_CODECS else "simulcast"


def _lowest_first(given: Sequence[RtpEncodingParameters]) -> list[RtpEncodingParameters]:
    scales = [one.scale_resolution_down_by for one in given]
    bitrates = [one.max_bitrate for one in given]
    order: list[float]
    if None not in scales and len(set(scales)) == len(scales):
        order = [-scale for scale in scales if scale is not None]
    elif None not in bitrates and len(set(bitrates)) == len(bitrates):
        order = [bitrate for bitrate in bitrates if bitrate is not None]
    else:
        return list(given)
    return [one for _, one in sorted(zip(order, given, strict=True), key=lambda pair: pair[0])]


def _read(given: RtpEncodingParameters, codec: Codec) -> Encoding:
    if given.ssrc is None and given.rid is None:
        raise invalid("An encoding has neither an SSRC nor a rid.")
    if given.rid is not None and not _RID.fullmatch(given.rid):
        raise invalid("A rid is letters, digits, hyphens and underscores, 32 at most.")
    mode = given.scalability_mode if codec.kind == "video" else None
    if mode:
        layers = parse_scalability_mode(mode)
        if layers is None:
            raise invalid(f"The scalability mode {mode!r} is not known.")
        if layers.spatial > 1 and codec.name not in _LAYERED_CODECS:
            raise invalid(f"A stream of {codec.mime_type} has no spatial layers.")
    return Encoding(
        rid=given.rid,
        ssrc=given.ssrc,
        rtx_ssrc=given.rtx.ssrc if given.rtx is not None else None,
        scalability_mode=mode or None,
        max_bitrate=int(given.max_bitrate) if given.max_bitrate else None,
    )


def _check_distinct(encodings: Sequence[Encoding]) -> None:
    rids = [one.rid for one in encodings if one.rid is not None]
    if len(set(rids)) < len(rids):
        raise invalid("Two encodings have the same rid.")
    ssrcs = [s for one in encodings for s in (one.ssrc, one.rtx_ssrc) if s is not None]
    if len(set(ssrcs)) < len(ssrcs):
        raise invalid("An SSRC is used twice.")
    if len(encodings) > 1 and any(one.layers.spatial > 1 for one in encodings):
        raise invalid("Encodings of a simulcast have no spatial layers of their own.")
