"""Which protocol a datagram of a shared port belongs to.

Hot path. The first byte tells STUN, DTLS and RTP apart (RFC 7983 §7, as updated by RFC 9443 §2);
the second tells RTCP from RTP (RFC 5761 §4): what would be payload types 64 to 95 is RTCP. ZRTP,
TURN channels and QUIC are not spoken here and count as unknown.
"""

from enum import IntEnum

import numpy as np

from sfu.units import I32, U8, Octets

SHORTEST = 12
"""No protocol of the port has a shorter datagram (an RTP header; SRTCP is longer still)."""


class Protocol(IntEnum):
    """What a datagram is."""

    UNKNOWN = 0
    STUN = 1
    DTLS = 2
    RTP = 3
    RTCP = 4


def _protocol(first: int, second: int) -> Protocol:
    if first <= 3:
        return Protocol.STUN
    if 20 <= first <= 63:
        return Protocol.DTLS
    if 128 <= first <= 191:
        return Protocol.RTCP if 192 <= second <= 223 else Protocol.RTP
    return Protocol.UNKNOWN


BY_FIRST_TWO: tuple[Protocol, ...] = tuple(
    _protocol(first, second) for first in range(256) for second in range(256)
)
"""Protocol by the first two bytes as a big-endian number: for loops that have it at hand."""

_TABLE: U8 = np.array(BY_FIRST_TWO, np.uint8)
_SHORTEST = np.array(SHORTEST, np.int32)


def protocol_of(datagram: Octets) -> Protocol:
    """The protocol of one datagram; UNKNOWN when it is too short for any."""
    if len(datagram) < SHORTEST:
        return Protocol.UNKNOWN
    return BY_FIRST_TWO[datagram[0] << 8 | datagram[1]]


class ProtocolColumn:
    """The protocols of a receive buffer's rows.

    Args:
        buffer: uint8, shape (rows, width), the bytes of a row contiguous; a datagram begins in
            column 0.
        lengths: int32, shape (rows,), bytes per datagram; read at every call, never copied.

    Attributes:
        protocols: uint8, shape (rows,), values of ``Protocol``; valid up to the last call's count.
    """

    __slots__ = ("_lengths", "_long_enough", "_prefixes", "protocols")

    def __init__(self, buffer: U8, lengths: I32) -> None:
        self._prefixes = buffer[:, :2].view(">u2")[:, 0]
        self._lengths = lengths
        self._long_enough = np.zeros(len(lengths), np.bool_)
        self.protocols: U8 = np.zeros(len(lengths), np.uint8)

    def classify(self, count: int) -> list[int]:
        """Fill ``protocols`` for rows 0 to ``count - 1`` and return them as a list.

        Three array operations and a list: 2.2 µs for any batch up to 64 rows. Below eight rows a
        loop is quicker, 1.3 µs for one.
        """
        prefixes, lengths = self._prefixes[:count], self._lengths[:count]
        protocols = self.protocols[:count]
        if count < 8:
            few = [
                int(BY_FIRST_TWO[prefix]) if length >= SHORTEST else 0
                for prefix, length in zip(prefixes.tolist(), lengths.tolist(), strict=True)
            ]
            protocols[:] = few
            return few
        long_enough = self._long_enough[:count]
        _TABLE.take(prefixes, out=protocols, mode="clip")
        np.greater_equal(lengths, _SHORTEST, long_enough)
        np.multiply(protocols, long_enough, protocols)
        found: list[int] = protocols.tolist()
        return found
