"""Packets sent again at a subscriber's request, as RTX (RFC 4588), and within bounds."""

from typing import Final

from sfu.media.repetition_limits import RepetitionLimits
from sfu.units import Octets, Seconds
from sfu.wire.extensions import encode_abs_send_time
from sfu.wire.header_rewriter import (
    ABS_SEND_TIME_OFFSET,
    FIRST_BYTE,
    TRANSPORT_SEQUENCE_OFFSET,
    HeaderRewriter,
)
from sfu.wire.rtp import FIXED_HEADER, PADDING_BIT
from sfu.wire.rtx import encapsulate

MOST_PADDING: Final = 255
"""Bytes of a packet of padding only: its last byte counts them (RFC 3550 §5.1)."""

_BLOCK: Final = HeaderRewriter({}).shape_of(b"").template


class Retransmissions(RepetitionLimits):
    """One consumer's RTX stream.

    Args:
        ssrc: of the RTX stream.
        payload_type: of the RTX stream.
        first: its first sequence number, in the lower half so that the receiver cannot take the
            first wrap for a step back (RFC 3711 §3.3.1).

    Attributes:
        packets: sent again so far.
    """

    __slots__ = ("_next", "_payload_type", "_ssrc", "packets")

    def __init__(self, ssrc: int, payload_type: int, first: int) -> None:
        super().__init__()
        self._ssrc = ssrc
        self._payload_type = payload_type
        self._next = first
        self.packets = 0

    def repeat(
        self, packet: Octets, number: int, shift: int, transport_number: int, now: Seconds
    ) -> bytes:
        """The next packet of the RTX stream.

        Args:
            packet: as it was kept, with the canonical header.
            number: outgoing number under which it was sent.
            shift: what was added to its timestamp then.
            transport_number: transport-wide sequence number of the repetition.
            now: its send time.
        """
        original = bytearray(packet)
        timestamp = int.from_bytes(original[4:8], "big") + shift & 0xFFFFFFFF
        original[2:4] = (number & 0xFFFF).to_bytes(2, "big")
        original[4:8] = timestamp.to_bytes(4, "big")
        _mark(original, transport_number, now)
        payload = 16 + 4 * int.from_bytes(original[14:16], "big")
        repetition = encapsulate(
            original, payload, self._ssrc, self._payload_type, self._next & 0xFFFF
        )
        self._next += 1
        self.packets += 1
        return repetition

    def padding(self, transport_number: int, now: Seconds) -> bytes:
        """The next packet of the RTX stream, which repeats nothing: MOST_PADDING bytes of padding.

        Args:
            transport_number: its transport-wide sequence number.
            now: its send time.
        """
        fixed = FIRST_BYTE | PADDING_BIT, self._payload_type, self._next & 0xFFFF, 0, self._ssrc
        packet = bytearray(FIXED_HEADER.pack(*fixed) + _BLOCK + bytes(MOST_PADDING))
        packet[-1] = MOST_PADDING
        _mark(packet, transport_number, now)
        self._next += 1
        return bytes(packet)


def _mark(packet: bytearray, transport_number: int, now: Seconds) -> None:
    """Write what is new with every packet that leaves, into a canonical header."""
    at = TRANSPORT_SEQUENCE_OFFSET
    packet[at : at + 2] = transport_number.to_bytes(2, "big")
    packet[ABS_SEND_TIME_OFFSET : ABS_SEND_TIME_OFFSET + 3] = encode_abs_send_time(now)
