"""What is sent and what can be received, as clients write it down.

The dictionaries of ORTC (https://draft.ortc.org/, §9) as the clients of this family speak them:
camelCase JSON, unknown fields passed over, numbers and lists bounded. The structs say only what
*shape* a body has; whether it makes sense is for ``normalise`` and ``consume``.
"""

from typing import Annotated, Literal, TypeAlias

import msgspec

from sfu.ortc.errors import invalid
from sfu.ortc.json_body import decode_body

Kind: TypeAlias = Literal["audio", "video"]
Direction: TypeAlias = Literal["sendrecv", "sendonly", "recvonly", "inactive"]
Scalar: TypeAlias = str | int | float | bool | None
FormatParameters: TypeAlias = dict[str, Scalar]
"""A codec's ``fmtp`` (RFC 8866 §6.15), by name."""

Text: TypeAlias = Annotated[str, msgspec.Meta(max_length=256)]
PayloadType: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=127)]
SsrcNumber: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=0xFFFF_FFFF)]
Rate: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=0xFFFF_FFFF)]
ExtensionId: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=255)]
Format: TypeAlias = Annotated[FormatParameters, msgspec.Meta(max_length=64)]


def _none() -> tuple[()]:
    """The default of lists that are written even when empty: clients iterate over them."""
    return ()


def _no_parameters() -> FormatParameters:
    """Likewise."""
    return {}


class Ortc(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True, eq=True):
    """Configuration shared by all dictionaries."""


class RtcpFeedback(Ortc, frozen=True, kw_only=True):
    """A kind of RTCP feedback (RFC 4585 §4.2), such as ``nack`` or ``nack`` with ``pli``."""

    type: Text
    parameter: Text | None = None

    @property
    def pair(self) -> tuple[str, str]:
        """Type and parameter, "" for none: equal for equal feedback."""
        return self.type, self.parameter or ""


Feedback: TypeAlias = Annotated[tuple[RtcpFeedback, ...], msgspec.Meta(max_length=32)]


class CodecDescription(Ortc, frozen=True, kw_only=True):
    """What capabilities and parameters say alike about a codec.

    Attributes:
        mime_type: such as ``video/VP8``; case does not matter.
        clock_rate: Hz of its RTP timestamps.
        channels: of audio; None means one.
    """

    mime_type: Text
    clock_rate: Rate
    channels: Annotated[int, msgspec.Meta(ge=0, le=255)] | None = None
    parameters: Format = msgspec.field(default_factory=_no_parameters)
    rtcp_feedback: Feedback = msgspec.field(default_factory=_none)


# ---- capabilities --------------------------------------------------------------------------------


class RtpCodecCapability(CodecDescription, frozen=True, kw_only=True):
    """A codec that an endpoint can use."""

    kind: Kind | None = None
    preferred_payload_type: PayloadType | None = None


class RtpHeaderExtension(Ortc, frozen=True, kw_only=True):
    """A header extension that an endpoint can use, in the ``direction`` seen from it."""

    kind: Kind | Literal[""] | None = None
    uri: Text
    preferred_id: ExtensionId
    preferred_encrypt: bool | None = None
    direction: Direction | None = None


class RtpCapabilities(Ortc, frozen=True, kw_only=True):
    """What an endpoint can send or receive."""

    codecs: Annotated[tuple[RtpCodecCapability, ...], msgspec.Meta(max_length=128)] = msgspec.field(
        default_factory=_none
    )
    header_extensions: Annotated[tuple[RtpHeaderExtension, ...], msgspec.Meta(max_length=64)] = (
        msgspec.field(default_factory=_none)
    )


# ---- parameters ----------------------------------------------------------------------------------


class RtpCodecParameters(CodecDescription, frozen=True, kw_only=True):
    """A codec that is used, and the payload type it is used under."""

    payload_type: PayloadType


class RtpHeaderExtensionParameters(Ortc, frozen=True, kw_only=True):
    """A header extension that is used, and its id (RFC 8285)."""

    uri: Text
    id: ExtensionId
    encrypt: bool | None = None


class RtxParameters(Ortc, frozen=True, kw_only=True):
    """Where an encoding's retransmissions are (RFC 4588)."""

    ssrc: SsrcNumber


class RtpEncodingParameters(Ortc, frozen=True, kw_only=True):
    """One RTP stream: told by SSRC, by ``rid`` (RFC 8851), or both.

    Attributes:
        max_bitrate: bits per second.
        scalability_mode: https://www.w3.org/TR/webrtc-svc/ such as ``L3T3_KEY``.
        scale_resolution_down_by: by how much each side of the picture shrinks.
    """

    ssrc: SsrcNumber | None = None
    rid: Text | None = None
    codec_payload_type: PayloadType | None = None
    rtx: RtxParameters | None = None
    scalability_mode: Text | None = None
    scale_resolution_down_by: Annotated[float, msgspec.Meta(gt=0)] | None = None
    max_bitrate: Annotated[float, msgspec.Meta(ge=0, le=1e12)] | None = None


class RtcpParameters(Ortc, frozen=True, kw_only=True):
    """RTCP of the sender: its canonical name (RFC 7022) and whether reports may be short."""

    cname: Text | None = None
    reduced_size: bool | None = None


class RtpParameters(Ortc, frozen=True, kw_only=True):
    """How something is sent.

    Attributes:
        mid: the media description's identification (RFC 8843 §9).
        msid: stream and track (RFC 8830), separated by a space.
    """

    mid: Text | None = None
    codecs: Annotated[tuple[RtpCodecParameters, ...], msgspec.Meta(max_length=128)]
    header_extensions: Annotated[
        tuple[RtpHeaderExtensionParameters, ...], msgspec.Meta(max_length=64)
    ] = msgspec.field(default_factory=_none)
    encodings: Annotated[tuple[RtpEncodingParameters, ...], msgspec.Meta(max_length=64)] = (
        msgspec.field(default_factory=_none)
    )
    rtcp: RtcpParameters = msgspec.field(default_factory=RtcpParameters)
    msid: Text | None = None


class SctpStreamParameters(Ortc, frozen=True, kw_only=True):
    """One direction of a data channel (RFC 8831 §6): the stream and how reliable it is.

    Attributes:
        max_packet_life_time: milliseconds.
    """

    stream_id: Annotated[int, msgspec.Meta(ge=0, le=65_534)]
    ordered: bool = True
    max_packet_life_time: Annotated[int, msgspec.Meta(ge=0, le=65_535)] | None = None
    max_retransmits: Annotated[int, msgspec.Meta(ge=0, le=65_535)] | None = None
    label: Text | None = None
    protocol: Text | None = None


# ---- from JSON -----------------------------------------------------------------------------------


def decode_rtp_parameters(raw: bytes | msgspec.Raw) -> RtpParameters:
    """A publisher's parameters.

    Raises:
        OrtcError: ``invalid-parameters``.
    """
    return decode_body(raw, RtpParameters, "RTP parameters")


def decode_rtp_capabilities(raw: bytes | msgspec.Raw) -> RtpCapabilities:
    """A receiver's capabilities.

    Raises:
        OrtcError: ``invalid-parameters``.
    """
    return decode_body(raw, RtpCapabilities, "RTP capabilities")


class _GivenStream(SctpStreamParameters, frozen=True, kw_only=True):
    """As it comes in: whether ``ordered`` was given matters."""

    ordered: bool | None = None  # type: ignore[assignment]


def decode_sctp_stream_parameters(raw: bytes | msgspec.Raw) -> SctpStreamParameters:
    """A data channel's parameters; with a limit to its reliability it is unordered by default.

    Raises:
        OrtcError: ``invalid-parameters``: also when there are two limits, or one and an order,
            which no receiver of this family accepts.
    """
    given = decode_body(raw, _GivenStream, "SCTP stream parameters")
    limits = (given.max_packet_life_time, given.max_retransmits)
    limited = any(limit is not None for limit in limits)
    if None not in limits:
        raise invalid("A data channel has either a life time or a number of retransmissions.")
    if limited and given.ordered:
        raise invalid("A data channel that may lose messages cannot be ordered.")
    return SctpStreamParameters(
        stream_id=given.stream_id,
        ordered=not limited if given.ordered is None else given.ordered,
        max_packet_life_time=given.max_packet_life_time,
        max_retransmits=given.max_retransmits,
        label=given.label,
        protocol=given.protocol,
    )
