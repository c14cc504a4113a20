"""RTCP feedback: what receivers ask of senders, and tell about the path (RFC 4585, RFC 5104).

 0                   1                   2                   3
 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
|V=2|P|  format |  packet type  |  length in words, minus one   |
|  SSRC of packet sender                                        |
|  SSRC of media source                                         |
|  feedback control information (FCI) ...                       |
"""

import struct
from collections.abc import Callable, Iterable
from typing import Final, TypeAlias

import msgspec

from sfu.wire.errors import WireError

TRANSPORT_LAYER: Final = 205
PAYLOAD_SPECIFIC: Final = 206

_NACK: Final = (TRANSPORT_LAYER, 1)
_TRANSPORT_WIDE: Final = (TRANSPORT_LAYER, 15)
_PICTURE_LOSS: Final = (PAYLOAD_SPECIFIC, 1)
_FULL_INTRA: Final = (PAYLOAD_SPECIFIC, 4)
_APPLICATION: Final = (PAYLOAD_SPECIFIC, 15)

_SOURCES = struct.Struct("!II")
_NACK_ENTRY = struct.Struct("!HH")
_INTRA_ENTRY = struct.Struct("!IB3x")
_BLP_BITS = 16
_MANTISSA_BITS = 18


class Nack(msgspec.Struct, frozen=True):
    """Packets that did not arrive: 16-bit numbers in sending order (RFC 4585 §6.2.1)."""

    sender_ssrc: int
    media_ssrc: int
    lost: tuple[int, ...]


class PictureLossIndication(msgspec.Struct, frozen=True):
    """The picture cannot be decoded: send a key frame (RFC 4585 §6.3.1)."""

    sender_ssrc: int
    media_ssrc: int


class FullIntraRequest(msgspec.Struct, frozen=True):
    """Send a key frame (RFC 5104 §4.3.1).

    Attributes:
        sender_ssrc: who asks.
        media_ssrc: 0; the sources are in the requests.
        requests: (SSRC, number): a request with the number of the one before is a repetition.
    """

    sender_ssrc: int
    media_ssrc: int
    requests: tuple[tuple[int, int], ...]


class BitrateLimit(msgspec.Struct, frozen=True):
    """REMB: all the given sources together should not exceed a rate (draft-alvestrand-rmcat-remb).

    Attributes:
        sender_ssrc: who says so.
        media_ssrc: 0.
        bits_per_second: 18 significant bits are kept on the wire; the rest is cut.
        ssrcs: at most 255.
    """

    sender_ssrc: int
    media_ssrc: int
    bits_per_second: int
    ssrcs: tuple[int, ...]


class TransportFeedback(msgspec.Struct, frozen=True):
    """Arrival times of a transport's packets; ``twcc`` reads and writes the ``fci``.

    The control information may end within a word; it is then padded on the wire.
    """

    sender_ssrc: int
    media_ssrc: int
    fci: bytes


Feedback: TypeAlias = (
    Nack | PictureLossIndication | FullIntraRequest | BitrateLimit | TransportFeedback
)


def parse_feedback(kind: int, count: int, body: bytes) -> Feedback | None:
    """Read one feedback packet; None for a format that is not spoken here.

    Args:
        kind: RTCP packet type.
        count: the five bits that are the feedback's format.
        body: without header and padding.

    Raises:
        WireError: the control information does not follow its format.
    """
    parser = _PARSERS.get((kind, count))
    if parser is None:
        return None
    if len(body) < _SOURCES.size:
        raise WireError("RTCP feedback is cut off")
    sender, media = _SOURCES.unpack_from(body)
    return parser(sender, media, body[_SOURCES.size :])


def encode_feedback(feedback: Feedback) -> tuple[int, int, bytes]:
    """Packet type, format and body."""
    kind, fci = _control_information(feedback)
    return *kind, _SOURCES.pack(feedback.sender_ssrc, feedback.media_ssrc) + fci


def _control_information(feedback: Feedback) -> tuple[tuple[int, int], bytes]:
    match feedback:
        case Nack(lost=lost):
            return _NACK, encode_nack_entries(lost)
        case PictureLossIndication():
            return _PICTURE_LOSS, b""
        case FullIntraRequest(requests=requests):
            entries = (_INTRA_ENTRY.pack(ssrc, number) for ssrc, number in requests)
            return _FULL_INTRA, b"".join(entries)
        case BitrateLimit(bits_per_second=rate, ssrcs=ssrcs):
            return _APPLICATION, _encode_remb(rate, ssrcs)
        case TransportFeedback(fci=fci):
            return _TRANSPORT_WIDE, fci


def encode_nack_entries(lost: Iterable[int]) -> bytes:
    """Pack lost sequence numbers, in sending order, into pairs of a number and a bit mask."""
    entries = bytearray()
    pid, mask = -1, 0
    for number in lost:
        ahead = (number - pid - 1) & 0xFFFF
        if pid >= 0 and ahead < _BLP_BITS:
            mask |= 1 << ahead
            continue
        if pid >= 0:
            entries += _NACK_ENTRY.pack(pid, mask)
        pid, mask = number, 0
    if pid >= 0:
        entries += _NACK_ENTRY.pack(pid, mask)
    return bytes(entries)


def _parse_nack(sender: int, media: int, fci: bytes) -> Nack:
    if not fci:
        raise WireError("NACK of nothing")
    lost: list[int] = []
    for pid, mask in _NACK_ENTRY.iter_unpack(fci):
        lost.append(pid)
        number = pid
        while mask:
            number = (number + 1) & 0xFFFF
            if mask & 1:
                lost.append(number)
            mask >>= 1
    return Nack(sender, media, tuple(lost))


def _parse_picture_loss(sender: int, media: int, fci: bytes) -> PictureLossIndication:
    if fci:
        raise WireError("PLI with control information")
    return PictureLossIndication(sender, media)


def _parse_full_intra(sender: int, media: int, fci: bytes) -> FullIntraRequest:
    if not fci or len(fci) % _INTRA_ENTRY.size:
        raise WireError("FIR of a wrong length")
    return FullIntraRequest(sender, media, tuple(_INTRA_ENTRY.iter_unpack(fci)))


def _parse_remb(sender: int, media: int, fci: bytes) -> BitrateLimit:
    if len(fci) < 8 or fci[:4] != b"REMB" or len(fci) != 8 + 4 * fci[4]:
        raise WireError("not REMB")
    bits = int.from_bytes(fci[5:8], "big")
    rate = (bits & (1 << _MANTISSA_BITS) - 1) << (bits >> _MANTISSA_BITS)
    return BitrateLimit(sender, media, rate, struct.unpack_from(f"!{fci[4]}I", fci, 8))


def _encode_remb(rate: int, ssrcs: tuple[int, ...]) -> bytes:
    exponent = max(0, rate.bit_length() - _MANTISSA_BITS)
    bits = exponent << _MANTISSA_BITS | rate >> exponent
    head = b"REMB" + bytes((len(ssrcs),)) + bits.to_bytes(3, "big")
    return head + struct.pack(f"!{len(ssrcs)}I", *ssrcs)


_PARSERS: Final[dict[tuple[int, int], Callable[[int, int, bytes], Feedback]]] = {
    _NACK: _parse_nack,
    _TRANSPORT_WIDE: TransportFeedback,
    _PICTURE_LOSS: _parse_picture_loss,
    _FULL_INTRA: _parse_full_intra,
    _APPLICATION: _parse_remb,
}
