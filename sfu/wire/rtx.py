"""Retransmission payload format (RFC 4588 §4): the original sequence number, then the payload.

A retransmission has the SSRC, payload type and sequence numbers of its own stream; header
extensions are carried along. An empty payload, or one of padding only, is a bandwidth probe and
retransmits nothing.
"""

import struct

from sfu.units import Octets
from sfu.wire.errors import WireError

ORIGINAL_SIZE = 2
_FIXED = struct.Struct("!BBHII")
_ORIGINAL = struct.Struct("!H")


def original_sequence_number(packet: Octets, payload: int, padding: int = 0) -> int | None:
    """Sequence number of the packet that is retransmitted; None for a probe.

    Args:
        packet: the RTX packet.
        payload: offset of its payload.
        padding: bytes of padding at its end.
    """
    if len(packet) - padding < payload + ORIGINAL_SIZE:
        return None
    number: int = _ORIGINAL.unpack_from(packet, payload)[0]
    return number


def encapsulate(
    packet: Octets, payload: int, ssrc: int, payload_type: int, sequence_number: int
) -> bytes:
    """A copy of a packet as its retransmission.

    Args:
        packet: the original, without padding.
        payload: offset of its payload.
        ssrc: of the RTX stream.
        payload_type: of the RTX stream, 0 to 127.
        sequence_number: of the RTX stream, 16 bits.

    Raises:
        WireError: the header exceeds the packet.
    """
    first, second, original, timestamp, _ = _fixed(packet, payload)
    header = _FIXED.pack(
        first, second & 0x80 | payload_type, sequence_number, timestamp, ssrc
    ) + bytes(packet[12:payload])
    return header + _ORIGINAL.pack(original) + bytes(packet[payload:])


def decapsulate(packet: Octets, payload: int, ssrc: int, payload_type: int) -> bytes:
    """A copy of a retransmission as the original; padding stays.

    Args:
        packet: the RTX packet.
        payload: offset of its payload.
        ssrc: of the original stream.
        payload_type: of the original stream, 0 to 127.

    Raises:
        WireError: the packet is a probe, or its header exceeds it.
    """
    first, second, _, timestamp, _ = _fixed(packet, payload)
    padding = packet[-1] if first & 0x20 else 0
    original = original_sequence_number(packet, payload, padding)
    if original is None:
        raise WireError("RTX packet retransmits nothing")
    header = _FIXED.pack(first, second & 0x80 | payload_type, original, timestamp, ssrc)
    return header + bytes(packet[12:payload]) + bytes(packet[payload + ORIGINAL_SIZE :])


def _fixed(packet: Octets, payload: int) -> tuple[int, int, int, int, int]:
    if not _FIXED.size <= payload <= len(packet):
        raise WireError("RTP header exceeds the packet")
    first, second, sequence_number, timestamp, ssrc = _FIXED.unpack_from(packet)
    return first, second, sequence_number, timestamp, ssrc
