"""RTCP: compound and reduced-size datagrams, descriptions and farewells (RFC 3550 §6, RFC 5506).

     0                   1                   2                   3
     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    |V=2|P| count   |  packet type  |  length in words, minus one   |
    |  body ...                                                     |

Reports are in ``rtcp_reports``, feedback in ``rtcp_feedback``. A packet that is not understood, or
whose body does not follow its format, becomes an ``OtherPacket`` and does not spoil its neighbours;
only broken framing is an error.
"""

import struct
from collections.abc import Callable, Collection, Iterable
from typing import Final, TypeAlias

import msgspec

from sfu.units import Octets
from sfu.wire import rtcp_feedback
from sfu.wire.errors import WireError
from sfu.wire.rtcp_feedback import Feedback
from sfu.wire.rtcp_reports import (
    ReceiverReport,
    SenderReport,
    encode_receiver_report,
    encode_sender_report,
    parse_receiver_report,
    parse_sender_report,
)

SENDER_REPORT: Final = 200
RECEIVER_REPORT: Final = 201
SOURCE_DESCRIPTION: Final = 202
GOODBYE: Final = 203
EXTENDED_REPORT: Final = 207

CNAME: Final = 1

_HEADER = struct.Struct("!BBH")
_SSRC = struct.Struct("!I")
_VERSION = 0x80
_PADDING_BIT = 0x20


class DescriptionChunk(msgspec.Struct, frozen=True):
    """One source's items (§6.5): (item type, value of at most 255 bytes)."""

    ssrc: int
    items: tuple[tuple[int, bytes], ...]


class SourceDescription(msgspec.Struct, frozen=True):
    """Who the sources are (§6.5)."""

    chunks: tuple[DescriptionChunk, ...]


class Goodbye(msgspec.Struct, frozen=True):
    """Sources that end (§6.6); ``reason`` at most 255 bytes, None when not given."""

    ssrcs: tuple[int, ...]
    reason: bytes | None = None


class OtherPacket(msgspec.Struct, frozen=True):
    """A packet kept as it is: application-defined, extended report, or of a broken body.

    ``body`` is all after the four bytes of header, padding included; whole words.
    """

    packet_type: int
    count: int
    body: bytes
    padded: bool = False


RtcpPacket: TypeAlias = (
    SenderReport | ReceiverReport | SourceDescription | Goodbye | Feedback | OtherPacket
)


def parse_rtcp(data: Octets, skip: Collection[int] = ()) -> list[RtcpPacket]:
    """The packets of a compound or reduced-size datagram, in order.

    Args:
        data: the datagram, decrypted.
        skip: packet types that are passed over, unread.

    Raises:
        WireError: empty, wrong version, or a packet exceeds the datagram.
    """
    raw = bytes(data)
    size = len(raw)
    packets: list[RtcpPacket] = []
    at = 0
    while at + 4 <= size:
        first, kind, words = _HEADER.unpack_from(raw, at)
        end = at + 4 + 4 * words
        if first >> 6 != 2 or end > size:
            raise WireError("RTCP packet of a wrong version or length")
        if kind not in skip:
            packets.append(_parse_one(kind, first, raw[at + 4 : end]))
        at = end
    if at != size or not size:
        raise WireError("RTCP datagram is empty or cut off")
    return packets


def encode_rtcp(packets: Iterable[RtcpPacket]) -> bytes:
    """The packets' bytes, one after the other.

    Padding of whole words is not restored; a padded packet may only be the last (RFC 3550 §6.4.1).
    """
    return b"".join(_encode_one(packet) for packet in packets)


def _parse_one(kind: int, first: int, body: bytes) -> RtcpPacket:
    count = first & 0x1F
    padded = bool(first & _PADDING_BIT)
    try:
        content = _without_padding(body) if padded else body
        parser = _PARSERS.get(kind)
        if parser is not None:
            return parser(count, content)
        feedback = rtcp_feedback.parse_feedback(kind, count, content)
        if feedback is not None:
            return feedback
    except (WireError, struct.error):
        pass
    return OtherPacket(kind, count, body, padded)


def _without_padding(body: bytes) -> bytes:
    # RFC 3550 wants whole words; libwebrtc pads transport feedback by single bytes.
    if not body or not 0 < body[-1] <= len(body):
        raise WireError("RTCP padding of a wrong length")
    return body[: -body[-1]]


def _parse_description(count: int, body: bytes) -> SourceDescription:
    chunks = []
    at = 0
    for _ in range(count):
        ssrc = _SSRC.unpack_from(body, at)[0]
        items, at = _parse_items(body, at + 4)
        chunks.append(DescriptionChunk(ssrc, items))
    if at != len(body):
        raise WireError("bytes after the last SDES chunk")
    return SourceDescription(tuple(chunks))


def _parse_items(body: bytes, at: int) -> tuple[tuple[tuple[int, bytes], ...], int]:
    """Items up to the zero that ends them; a chunk then fills its word (RFC 3550 §6.5)."""
    items: list[tuple[int, bytes]] = []
    while True:
        if at >= len(body):
            raise WireError("SDES chunk is not ended")
        if body[at] == 0:
            return tuple(items), (at | 3) + 1
        end = at + 2 + (body[at + 1] if at + 1 < len(body) else 0)
        if end > len(body) or end < at + 2:
            raise WireError("SDES item exceeds the packet")
        items.append((body[at], body[at + 2 : end]))
        at = end


def _parse_goodbye(count: int, body: bytes) -> Goodbye:
    ssrcs = struct.unpack_from(f"!{count}I", body)
    rest = body[4 * count :]
    if not rest:
        return Goodbye(ssrcs)
    if rest[0] + 1 > len(rest):
        raise WireError("BYE reason exceeds the packet")
    return Goodbye(ssrcs, rest[1 : 1 + rest[0]])


_PARSERS: Final[dict[int, Callable[[int, bytes], RtcpPacket]]] = {
    SENDER_REPORT: parse_sender_report,
    RECEIVER_REPORT: parse_receiver_report,
    SOURCE_DESCRIPTION: _parse_description,
    GOODBYE: _parse_goodbye,
}


def _encode_one(packet: RtcpPacket) -> bytes:
    match packet:
        case SenderReport():
            return _framed(SENDER_REPORT, len(packet.reports), encode_sender_report(packet))
        case ReceiverReport():
            return _framed(RECEIVER_REPORT, len(packet.reports), encode_receiver_report(packet))
        case SourceDescription(chunks):
            return _framed(SOURCE_DESCRIPTION, len(chunks), b"".join(map(_chunk, chunks)))
        case Goodbye(ssrcs, reason):
            body = struct.pack(f"!{len(ssrcs)}I", *ssrcs)
            if reason is not None:
                body += bytes((len(reason),)) + reason
            return _framed(GOODBYE, len(ssrcs), body + bytes(-len(body) % 4))
        case OtherPacket(kind, count, body, padded):
            return _framed(kind, count | (_PADDING_BIT if padded else 0), body)
        case _:
            return _framed(*rtcp_feedback.encode_feedback(packet))


def _framed(kind: int, count: int, body: bytes) -> bytes:
    missing = -len(body) % 4
    if missing:
        # Only transport feedback has such a body; libwebrtc pads it so, too.
        count |= _PADDING_BIT
        body += bytes(missing - 1) + bytes((missing,))
    return _HEADER.pack(_VERSION | count, kind, len(body) // 4) + body


def _chunk(chunk: DescriptionChunk) -> bytes:
    items = b"".join(bytes((kind, len(value))) + value for kind, value in chunk.items)
    body = _SSRC.pack(chunk.ssrc) + items
    return body + bytes(4 - len(body) % 4)
