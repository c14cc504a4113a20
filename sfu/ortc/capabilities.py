"""What a router can take and give, as it tells clients that join."""

from functools import cache
from typing import Final

from sfu.ortc.codecs import CODECS, Codec
from sfu.ortc.header_extensions import KINDS, direction
from sfu.ortc.parameters import (
    FormatParameters,
    RtcpFeedback,
    RtpCapabilities,
    RtpCodecCapability,
    RtpHeaderExtension,
)
from sfu.wire.extensions import URIS

NACK: Final = RtcpFeedback(type="nack", parameter="")
PLI: Final = RtcpFeedback(type="nack", parameter="pli")
FIR: Final = RtcpFeedback(type="ccm", parameter="fir")
REMB: Final = RtcpFeedback(type="goog-remb", parameter="")
TRANSPORT_CC: Final = RtcpFeedback(type="transport-cc", parameter="")

FEEDBACK: Final = {
    "audio": (NACK, TRANSPORT_CC),
    "video": (NACK, PLI, FIR, REMB, TRANSPORT_CC),
}
"""What is understood at all; publishers that can do both are asked for transport-cc, not REMB."""


@cache
def router_capabilities() -> RtpCapabilities:
    """The codecs and header extensions of every router.

    Payload types and extension ids are canonical: whatever a publisher uses, subscribers are sent
    these. A client publishes with the first codec that it has too, unless told otherwise.
    """
    codecs = []
    for codec in CODECS:
        codecs.append(_capability(codec))
        if codec.rtx_payload_type is not None:
            codecs.append(_rtx_capability(codec, codec.rtx_payload_type))
    extensions = [
        RtpHeaderExtension(
            kind=kind,
            uri=URIS[extension],
            preferred_id=extension.value,
            preferred_encrypt=False,
            direction=direction(extension),
        )
        for extension, kinds in KINDS.items()
        for kind in kinds
    ]
    return RtpCapabilities(codecs=tuple(codecs), header_extensions=tuple(extensions))


def _capability(codec: Codec) -> RtpCodecCapability:
    return RtpCodecCapability(
        kind=codec.kind,
        mime_type=codec.mime_type,
        preferred_payload_type=codec.payload_type,
        clock_rate=codec.clock_rate,
        channels=codec.channels,
        parameters=codec.parameters,
        rtcp_feedback=FEEDBACK[codec.kind],
    )


def _rtx_capability(codec: Codec, payload_type: int) -> RtpCodecCapability:
    parameters: FormatParameters = {"apt": codec.payload_type}
    return RtpCodecCapability(
        kind=codec.kind,
        mime_type=f"{codec.kind}/rtx",
        preferred_payload_type=payload_type,
        clock_rate=codec.clock_rate,
        parameters=parameters,
    )
