"""SRTCP, one datagram at a time (RFC 3711 §3.4): feedback and reports are few."""

from sfu.transport.packet_ring import MOST_RECEIVED, PacketRing
from sfu.transport.srtp import MOST_OVERHEAD, OK, SrtpSession, protect_rtcp, unprotect_rtcp

MOST_PLAIN = MOST_RECEIVED - MOST_OVERHEAD
"""Bytes of the longest compound that can be sent."""


class RtcpSealer:
    """Protects RTCP in memory of its own."""

    def __init__(self) -> None:
        self._ring = PacketRing(1)
        self._row = self._ring.rows[0].data
        self.refused = 0

    def seal(self, compound: bytes, session: SrtpSession) -> bytes | None:
        """The datagram for a compound; None when it is too long or cannot be protected."""
        length = len(compound)
        if length > MOST_PLAIN:
            self.refused += 1
            return None
        self._row[:length] = compound
        ring = self._ring
        ring.lengths[0] = length
        if protect_rtcp(session.context, ring.packets[0], ring.packet_lengths[0]) != OK:
            self.refused += 1
            return None
        return bytes(self._row[: int(ring.lengths[0])])


def open_rtcp(ring: PacketRing, row: int, session: SrtpSession) -> bytes | None:
    """The compound in a row of a receive ring; None when it is not the peer's, or a repetition."""
    if unprotect_rtcp(session.context, ring.packets[row], ring.packet_lengths[row]) != OK:
        return None
    return ring.rows[row, : int(ring.lengths[row])].tobytes()
