"""Packets sent again at a subscriber's request, as RTX (RFC 4588), and within bounds.

A request names packets by number (RFC 4585 §6.2.1); a hostile one names thousands, again and again.
So a packet is sent again only after the time in which the one before could have arrived, only some
times, and all together at most half of what was sent in the first place, but for a stock that lets
a subscriber make good an interruption of about a second.
"""

from typing import Final

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

MOST_TIMES: Final = 10
"""One packet is sent again."""

SHORTEST_INTERVAL: Final = 0.02
"""Seconds between two repetitions of a packet, when the round trip is shorter or unknown."""

STOCK: Final = 256
"""Packets that may be sent again whatever was sent before."""

SHARE: Final = 0.5
"""Repetitions per packet sent."""

MOST_PADDING: Final = 255
"""Bytes of a packet of padding only: its last byte counts them (RFC 3550 §5.1)."""

_BLOCK: Final = HeaderRewriter({}).shape_of(b"").template
_MOST_REMEMBERED: Final = 512
"""Packets whose repetitions are counted: as many as a stream keeps."""


class Retransmissions:
    """One consumer's RTX stream.

    Args:
        ssrc: of the RTX stream.
        payload_type: of the RTX stream.
        first: its first sequence number, in the lower half so that the receiver cannot take the
            first wrap for a step back (RFC 3711 §3.3.1).

    Attributes:
        packets: sent again so far.
    """

    __slots__ = ("_next", "_payload_type", "_remembered", "_sent", "_ssrc", "_stock", "packets")

    def __init__(self, ssrc: int, payload_type: int, first: int) -> None:
        self._ssrc = ssrc
        self._payload_type = payload_type
        self._next = first
        self._stock: float = STOCK
        self._sent = 0
        self._remembered: dict[int, tuple[Seconds, int]] = {}
        self.packets = 0

    def permit(self, number: int, sent: int, rtt: Seconds | None, now: Seconds) -> bool:
        """Whether a packet may be sent again now; if so, that is counted.

        Args:
            number: the packet's outgoing number.
            sent: packets of the stream that were sent in the first place, so far.
            rtt: round-trip time, when it is known.
            now: monotonic.
        """
        at, times = self._remembered.get(number, (None, 0))
        if at is not None:
            interval = SHORTEST_INTERVAL if rtt is None else max(rtt, SHORTEST_INTERVAL)
            if times >= MOST_TIMES or now - at < interval:
                return False
        self._stock = min(STOCK, self._stock + (sent - self._sent) * SHARE)
        self._sent = sent
        if self._stock < 1:
            return False
        self._stock -= 1
        self._remembered[number] = now, times + 1
        if len(self._remembered) > _MOST_REMEMBERED:
            del self._remembered[next(iter(self._remembered))]
        return True

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
