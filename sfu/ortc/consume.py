"""From a producer and a receiver's capabilities to what is sent to that receiver."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sfu.ortc.capabilities import FIR, NACK, PLI, REMB, TRANSPORT_CC
from sfu.ortc.codecs import AUXILIARY, Codec, matches, media_type, number
from sfu.ortc.encodings import Encoding, ProducerType
from sfu.ortc.errors import OrtcError
from sfu.ortc.normalise import ProducerParameters
from sfu.ortc.parameters import (
    RtcpFeedback,
    RtcpParameters,
    RtpCapabilities,
    RtpCodecCapability,
    RtpCodecParameters,
    RtpEncodingParameters,
    RtpHeaderExtensionParameters,
    RtpParameters,
    RtxParameters,
)
from sfu.wire.extensions import URIS, Extension

_REPAIR: Final = {"audio": (NACK,), "video": (NACK, PLI, FIR)}
_TRANSPORT_SEQUENCE_URI: Final = URIS[Extension.TRANSPORT_SEQUENCE]
_ABS_SEND_TIME_URI: Final = URIS[Extension.ABS_SEND_TIME]


@dataclass(frozen=True)
class ConsumerParameters:
    """What a receiver is sent.

    Attributes:
        rtp_parameters: what it is told: one encoding, whatever the publisher has.
        payload_type: of media, canonical.
        rtx_payload_type: of retransmissions; None when the receiver knows none.
        consumer_type: what it can choose from.
    """

    rtp_parameters: RtpParameters
    payload_type: int
    rtx_payload_type: int | None
    consumer_type: ProducerType


def can_consume(parameters: ProducerParameters, capabilities: RtpCapabilities) -> bool:
    """Whether a receiver can make anything of it."""
    return bool(_matching(parameters.codec, capabilities))


def consume(  # noqa: PLR0913 - what the consumer is called, in each of its names
    parameters: ProducerParameters,
    capabilities: RtpCapabilities,
    ssrc: int,
    rtx_ssrc: int | None,
    mid: str,
    cname: str,
    *,
    transport_cc: bool = False,
) -> ConsumerParameters:
    """Reduce what is consumable to what a receiver can take.

    Args:
        parameters: the producer's.
        capabilities: the receiver's. Its payload types do not matter, because the router's are
            used; a header extension has to have the router's id, because packets carry that.
        ssrc: of the media sent.
        rtx_ssrc: of its retransmissions; None for none.
        mid: of the receiver's media description, unique on its transport.
        cname: joins streams for synchronisation; "" when the publisher did not say.
        transport_cc: ask for feedback about every packet instead of an estimate (REMB), of
            receivers that give it for sound and pictures.

    Raises:
        OrtcError: ``cannot-consume``: the receiver does not have the codec.
    """
    codec = parameters.codec
    matching = _matching(codec, capabilities)
    if not matching:
        raise OrtcError("cannot-consume", f"The receiver cannot decode this {codec.mime_type}.")
    repaired = next((one for one in matching if _knows_rtx(one, capabilities)), None)
    chosen = repaired or matching[0]
    rtx_payload_type = codec.rtx_payload_type if repaired is not None else None
    if rtx_ssrc is None:
        rtx_payload_type = None

    transport_cc = transport_cc and _all_feed_back(capabilities)
    extensions = _extensions(parameters, capabilities, transport_cc)
    feedback = _feedback(codec, chosen, extensions)
    return ConsumerParameters(
        rtp_parameters=RtpParameters(
            mid=mid,
            codecs=_codecs(codec, chosen, feedback, rtx_payload_type),
            header_extensions=extensions,
            encodings=(
                _encoding(parameters.encodings, ssrc, rtx_ssrc if rtx_payload_type else None),
            ),
            # Without a name clients write no SSRC into their descriptions, and without that they
            # cannot tell streams apart.
            rtcp=RtcpParameters(cname=cname or f"{ssrc:08x}", reduced_size=True),
            msid=parameters.msid,
        ),
        payload_type=codec.payload_type,
        rtx_payload_type=rtx_payload_type,
        consumer_type=parameters.producer_type,
    )


def _matching(codec: Codec, capabilities: RtpCapabilities) -> list[RtpCodecCapability]:
    return [one for one in capabilities.codecs if matches(codec, one)]


def _knows_rtx(codec: RtpCodecCapability, capabilities: RtpCapabilities) -> bool:
    """Whether a receiver takes retransmissions of one of its codecs."""
    kind = media_type(codec)[0]
    for one in capabilities.codecs:
        if media_type(one) != (kind, "rtx") or one.clock_rate != codec.clock_rate:
            continue
        repeats = number(one.parameters, "apt", -1)
        if codec.preferred_payload_type in (None, repeats):
            return True
    return False


def _all_feed_back(capabilities: RtpCapabilities) -> bool:
    """Whether a receiver gives transport-wide feedback about each kind of media that it takes.

    Firefox does so about pictures only. Sound has numbers of the same series, so that all of it
    would look lost.
    """
    kinds: dict[str, bool] = {}
    for one in capabilities.codecs:
        kind, name = media_type(one)
        if name not in AUXILIARY:
            offered = any(feedback.pair == TRANSPORT_CC.pair for feedback in one.rtcp_feedback)
            kinds[kind] = kinds.get(kind, False) or offered
    return all(kinds.values())


def _codecs(
    codec: Codec,
    receiver: RtpCodecCapability,
    feedback: tuple[RtcpFeedback, ...],
    rtx_payload_type: int | None,
) -> tuple[RtpCodecParameters, ...]:
    parameters = dict(codec.parameters)
    if codec.name == "av1":
        # A receiver refuses a level above its own, though senders name what they could send.
        level = number(receiver.parameters, "level-idx", 5)
        parameters["level-idx"] = 5 if level is None else level
    media = RtpCodecParameters(
        mime_type=codec.mime_type,
        payload_type=codec.payload_type,
        clock_rate=codec.clock_rate,
        channels=codec.channels,
        parameters=parameters,
        rtcp_feedback=feedback,
    )
    if rtx_payload_type is None:
        return (media,)
    rtx = RtpCodecParameters(
        mime_type=f"{codec.kind}/rtx",
        payload_type=rtx_payload_type,
        clock_rate=codec.clock_rate,
        parameters={"apt": codec.payload_type},
    )
    return media, rtx


def _extensions(
    parameters: ProducerParameters, capabilities: RtpCapabilities, transport_cc: bool
) -> tuple[RtpHeaderExtensionParameters, ...]:
    """Those that the packets can carry and the receiver knows under the same id.

    The kind that capabilities name is passed over: clients that read an offer keep one entry for
    an id, of the last kind that has it.
    """
    known = {
        (one.uri, one.preferred_id)
        for one in capabilities.header_extensions
        if one.direction not in ("sendonly", "inactive")
    }
    return tuple(
        one
        for one in parameters.consumable.header_extensions
        if (one.uri, one.id) in known and (transport_cc or one.uri != _TRANSPORT_SEQUENCE_URI)
    )


def _feedback(
    codec: Codec, receiver: RtpCodecCapability, extensions: Iterable[RtpHeaderExtensionParameters]
) -> tuple[RtcpFeedback, ...]:
    """What the receiver offers of repair, and one way of telling how much gets through."""
    offered = {one.pair for one in receiver.rtcp_feedback}
    uris = {one.uri for one in extensions}
    wanted = list(_REPAIR[codec.kind])
    if _TRANSPORT_SEQUENCE_URI in uris and TRANSPORT_CC.pair in offered:
        wanted.append(TRANSPORT_CC)
    elif codec.kind == "video" and _ABS_SEND_TIME_URI in uris:
        wanted.append(REMB)
    return tuple(one for one in wanted if one.pair in offered)


def _encoding(
    encodings: Sequence[Encoding], ssrc: int, rtx_ssrc: int | None
) -> RtpEncodingParameters:
    """One stream in place of all; streams of a simulcast appear as its spatial layers."""
    mode = next((one.scalability_mode for one in encodings if one.scalability_mode), None)
    if len(encodings) > 1:
        temporal = max(one.layers.temporal for one in encodings)
        mode = f"L{len(encodings)}T{temporal}"
    return RtpEncodingParameters(
        ssrc=ssrc,
        rtx=RtxParameters(ssrc=rtx_ssrc) if rtx_ssrc is not None else None,
        scalability_mode=mode,
        max_bitrate=max((one.max_bitrate or 0 for one in encodings), default=0) or None,
    )
