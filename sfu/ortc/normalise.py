"""From what a publisher says about its media to what the server makes of it.

Publishers differ in payload types, header extension ids and SSRCs; subscribers are all sent the
same. This is where the two are mapped, once, when something is published.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sfu.ortc.capabilities import FEEDBACK, FIR, NACK, PLI, TRANSPORT_CC
from sfu.ortc.codecs import AUXILIARY, Codec, as_sent, canonical, media_type, number
from sfu.ortc.encodings import Encoding, ProducerType, producer_type, read_encodings
from sfu.ortc.errors import OrtcError, invalid
from sfu.ortc.header_extensions import KINDS, SLOTS, by_uri
from sfu.ortc.parameters import (
    Kind,
    RtcpParameters,
    RtpCodecParameters,
    RtpEncodingParameters,
    RtpHeaderExtensionParameters,
    RtpParameters,
)
from sfu.wire.extensions import URIS, Extension
from sfu.wire.header_rewriter import FORWARDED

# Names end in the session descriptions of others: one word, printable, nothing else.
_WORD: Final = re.compile(r"[!-~]{1,255}")
_MID: Final = re.compile(r"[0-9A-Za-z!#$%&'*+.^_`{|}~-]{1,64}")
_MSID: Final = re.compile(r"[!-~]{1,128}( [!-~]{1,128})?")
_RTCP_TYPES: Final = range(64, 96)


@dataclass(frozen=True)
class ProducerParameters:
    """What a publisher sends, and what it becomes.

    Attributes:
        mid: in its packets' header extension, if that is negotiated.
        codec: canonical, with the publisher's format parameters.
        producer_type: what subscribers can choose from.
        payload_types: the publisher's to canonical, of media.
        rtx_payload_types: the publisher's of retransmissions to canonical *of media*.
        extension_ids: what the publisher's extension ids mean. It is an upper bound: some are
            never sent.
        encodings: its streams, lowest first, one at least.
        nack: whether it sends again what is asked for (RFC 4585 §6.2.1).
        pli: whether it can be asked for a key frame by PLI (RFC 4585 §6.3.1).
        fir: likewise by FIR (RFC 5104 §4.3.1).
        transport_cc: whether it numbers its packets and takes feedback about all of them.
        cname: joins its streams for synchronisation; "" when it did not say.
        msid: its stream and track, if it said.
        consumable: the same as parameters: canonical codecs, ids, streams without SSRC and rid.
    """

    kind: Kind
    mid: str | None
    codec: Codec
    producer_type: ProducerType
    payload_types: dict[int, int]
    rtx_payload_types: dict[int, int]
    extension_ids: dict[int, Extension]
    encodings: tuple[Encoding, ...]
    nack: bool
    pli: bool
    fir: bool
    transport_cc: bool
    cname: str
    msid: str | None
    consumable: RtpParameters


def normalise(kind: Kind, parameters: RtpParameters) -> ProducerParameters:
    """Check a publisher's parameters and map them.

    Of several codecs the one of the encodings, or else the first, is what is sent; the others are
    passed over with what accompanies them, as are header extensions that are not known.

    Raises:
        OrtcError: ``unsupported-codec`` or ``invalid-parameters``.
    """
    _check_names(parameters)
    codecs = parameters.codecs
    _check_codecs(kind, codecs)
    sent = _sent_codec(codecs, parameters.encodings)
    found = canonical(sent)
    if found is None:
        raise OrtcError("unsupported-codec", f"{_printable(sent.mime_type)} is not supported.")
    codec = as_sent(found, sent)
    payload_types = {sent.payload_type: codec.payload_type}
    rtx_payload_types = {
        one.payload_type: codec.payload_type
        for one in codecs
        if _is_rtx(one) and _apt(one) == sent.payload_type
    }
    if any(number in _RTCP_TYPES for number in (*payload_types, *rtx_payload_types)):
        raise invalid("Payload types 64 to 95 cannot be told from RTCP.")
    extension_ids = _extension_ids(kind, parameters.header_extensions)
    encodings = read_encodings(parameters.encodings, codec)
    _check_findable(encodings, set(extension_ids.values()))
    feedback = {one.pair for one in sent.rtcp_feedback}
    return ProducerParameters(
        kind=kind,
        mid=parameters.mid,
        codec=codec,
        producer_type=producer_type(encodings, codec),
        payload_types=payload_types,
        rtx_payload_types=rtx_payload_types,
        extension_ids=extension_ids,
        encodings=encodings,
        nack=NACK.pair in feedback,
        pli=PLI.pair in feedback,
        fir=FIR.pair in feedback,
        transport_cc=TRANSPORT_CC.pair in feedback
        and Extension.TRANSPORT_SEQUENCE in extension_ids.values(),
        cname=parameters.rtcp.cname or "",
        msid=parameters.msid or None,
        consumable=_consumable(codec, extension_ids, encodings, parameters),
    )


# ---- names ---------------------------------------------------------------------------------------


def _check_names(parameters: RtpParameters) -> None:
    """Identifiers are one word each, so that none can say more than itself."""
    if parameters.mid is not None and not _MID.fullmatch(parameters.mid):
        raise invalid("The mid is not a token of at most 64 characters.")
    if parameters.rtcp.cname and not _WORD.fullmatch(parameters.rtcp.cname):
        raise invalid("The CNAME is not one printable word.")
    if parameters.msid and not _MSID.fullmatch(parameters.msid):
        raise invalid("The msid is not a stream and a track.")


def _printable(text: str) -> str:
    return ascii(text)[1:-1]


# ---- codecs --------------------------------------------------------------------------------------


def _is_rtx(codec: RtpCodecParameters) -> bool:
    return media_type(codec)[1] == "rtx"


def _apt(codec: RtpCodecParameters) -> int | None:
    """The payload type whose packets an RTX codec repeats (RFC 4588 §8.6)."""
    return number(codec.parameters, "apt", -1)


def _check_codecs(kind: Kind, codecs: Sequence[RtpCodecParameters]) -> None:
    payload_types = {codec.payload_type for codec in codecs}
    if len(payload_types) < len(codecs):
        raise invalid("A payload type is used twice.")
    for codec in codecs:
        if media_type(codec)[0] != kind:
            raise invalid(f"{_printable(codec.mime_type)} is no {kind} codec.")
    media = {codec.payload_type for codec in codecs if not _is_rtx(codec)}
    for codec in codecs:
        if _is_rtx(codec) and _apt(codec) not in media:
            raise invalid(f"Payload type {codec.payload_type} repeats packets of no codec.")


def _sent_codec(
    codecs: Sequence[RtpCodecParameters], encodings: Sequence[RtpEncodingParameters]
) -> RtpCodecParameters:
    """The codec of the encodings."""
    media = [codec for codec in codecs if media_type(codec)[1] not in AUXILIARY]
    if not media:
        raise invalid("There is no codec.")
    named = {one.codec_payload_type for one in encodings if one.codec_payload_type is not None} or {
        media[0].payload_type
    }
    if len(named) > 1:
        raise OrtcError("unsupported-codec", "All encodings have to use the same codec.")
    chosen = next((codec for codec in media if codec.payload_type in named), None)
    if chosen is None:
        raise invalid("An encoding names a payload type of no codec.")
    return chosen


# ---- header extensions ---------------------------------------------------------------------------


def _extension_ids(
    kind: Kind, extensions: Sequence[RtpHeaderExtensionParameters]
) -> dict[int, Extension]:
    ids: dict[int, Extension] = {}
    seen = set()
    for one in extensions:
        if one.id in seen:
            raise invalid(f"Header extension id {one.id} is used twice.")
        seen.add(one.id)
        extension = by_uri(one.uri)
        # Encrypted ones (RFC 6904) cannot be read, and so are not known.
        if extension is not None and kind in KINDS[extension] and not one.encrypt:
            ids[one.id] = extension
    return ids


def _check_findable(encodings: Sequence[Encoding], extensions: set[Extension]) -> None:
    """Packets of an encoding without SSRC have to say themselves where they belong."""
    if all(one.ssrc is not None for one in encodings) or Extension.RID in extensions:
        return
    if len(encodings) > 1 or Extension.MID not in extensions:
        raise invalid("Encodings without SSRC need the header extension that carries the rid.")


# ---- what subscribers get ------------------------------------------------------------------------


def _consumable(
    codec: Codec,
    extension_ids: Mapping[int, Extension],
    encodings: Sequence[Encoding],
    given: RtpParameters,
) -> RtpParameters:
    codecs = [
        RtpCodecParameters(
            mime_type=codec.mime_type,
            payload_type=codec.payload_type,
            clock_rate=codec.clock_rate,
            channels=codec.channels,
            parameters=codec.parameters,
            rtcp_feedback=FEEDBACK[codec.kind],
        )
    ]
    if codec.rtx_payload_type is not None:
        codecs.append(
            RtpCodecParameters(
                mime_type=f"{codec.kind}/rtx",
                payload_type=codec.rtx_payload_type,
                clock_rate=codec.clock_rate,
                parameters={"apt": codec.payload_type},
            )
        )
    carried = SLOTS | FORWARDED & set(extension_ids.values())
    return RtpParameters(
        codecs=tuple(codecs),
        header_extensions=tuple(
            RtpHeaderExtensionParameters(uri=URIS[one], id=one.value) for one in sorted(carried)
        ),
        encodings=tuple(
            RtpEncodingParameters(
                scalability_mode=one.scalability_mode, max_bitrate=one.max_bitrate
            )
            for one in encodings
        ),
        rtcp=RtcpParameters(cname=given.rtcp.cname, reduced_size=True),
        msid=given.msid or None,
    )
