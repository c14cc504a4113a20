"""RTP packets, one at a time (RFC 3550 §5.1). The packet path reads them in place.

 0                   1                   2                   3
 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
|V=2|P|X|  CC   |M|     PT      |       sequence number         |
|                           timestamp                           |
|           synchronization source (SSRC) identifier            |
|            contributing source (CSRC) identifiers ...         |
|  extension profile            |  length in 32-bit words       |
|                        extension data ...                     |
"""

import struct

import msgspec

from sfu.units import Octets
from sfu.wire.errors import WireError

FIXED_HEADER = struct.Struct("!BBHII")
FIXED_SIZE = FIXED_HEADER.size
_WORDS = struct.Struct("!HH")

VERSION_BITS = 0x80
PADDING_BIT = 0x20
EXTENSION_BIT = 0x10
COUNT_BITS = 0x0F
MARKER_BIT = 0x80


class RtpPacket(msgspec.Struct, frozen=True, kw_only=True):
    """One packet.

    Attributes:
        payload_type: 0 to 127.
        sequence_number: 16 bits.
        timestamp: 32 bits, in the payload's clock rate.
        ssrc: 32 bits.
        marker: last packet of a video frame, first packet of a talk spurt.
        csrcs: contributing sources, at most 15.
        extension_profile: 16 bits, None when there is no header extension.
        extension: the extension's data without its four bytes of header; whole 32-bit words.
        payload: without padding.
        padding: bytes of padding after the payload, its count included; 0 to 255.
    """

    payload_type: int
    sequence_number: int
    timestamp: int
    ssrc: int
    marker: bool = False
    csrcs: tuple[int, ...] = ()
    extension_profile: int | None = None
    extension: bytes = b""
    payload: bytes = b""
    padding: int = 0


def parse_rtp(data: Octets) -> RtpPacket:
    """Read one packet that the first two bytes have shown to be RTP and not RTCP.

    Raises:
        WireError: wrong version, or header, extension or padding exceed the packet.
    """
    size = len(data)
    if size < FIXED_SIZE:
        raise WireError(f"RTP packet of {size} bytes")
    first, second, sequence_number, timestamp, ssrc = FIXED_HEADER.unpack_from(data)
    if first >> 6 != 2:
        raise WireError(f"RTP version {first >> 6}")
    offset = FIXED_SIZE + 4 * (first & COUNT_BITS)
    profile, start = None, offset
    if first & EXTENSION_BIT:
        if offset + 4 > size:
            raise WireError("RTP header extension is cut off")
        profile, words = _WORDS.unpack_from(data, offset)
        start = offset + 4
        offset = start + 4 * words
    padding = data[-1] if first & PADDING_BIT else 0
    if offset + padding > size or (first & PADDING_BIT and not padding):
        raise WireError("RTP header and padding exceed the packet")
    return RtpPacket(
        payload_type=second & 0x7F,
        sequence_number=sequence_number,
        timestamp=timestamp,
        ssrc=ssrc,
        marker=second >= MARKER_BIT,
        csrcs=struct.unpack_from(f"!{first & COUNT_BITS}I", data, FIXED_SIZE),
        extension_profile=profile,
        extension=bytes(data[start:offset]),
        payload=bytes(data[offset : size - padding]),
        padding=padding,
    )


def encode_rtp(packet: RtpPacket) -> bytes:
    """The packet's bytes; padding is zeros and its count."""
    first = VERSION_BITS | len(packet.csrcs)
    extension = b""
    if packet.extension_profile is not None:
        first |= EXTENSION_BIT
        words = len(packet.extension) // 4
        extension = _WORDS.pack(packet.extension_profile, words) + packet.extension
    padding = b""
    if packet.padding:
        first |= PADDING_BIT
        padding = bytes(packet.padding - 1) + bytes((packet.padding,))
    header = FIXED_HEADER.pack(
        first,
        packet.marker << 7 | packet.payload_type,
        packet.sequence_number,
        packet.timestamp,
        packet.ssrc,
    )
    csrcs = struct.pack(f"!{len(packet.csrcs)}I", *packet.csrcs)
    return header + csrcs + extension + packet.payload + padding
