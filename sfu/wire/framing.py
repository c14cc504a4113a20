"""Packets in a stream, each behind its length (RFC 4571 §2), as ICE over TCP has them (RFC 6544).

 0                   1                   2                   3
 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
|            length             |  packet (STUN, DTLS, SRTP) …  |
"""

from typing import Final

from sfu.units import Octets

PREFIX_BYTES: Final = 2


def frame(packet: Octets) -> bytes:
    """A packet behind its length.

    Raises:
        OverflowError: it is longer than 65535 bytes.
    """
    return len(packet).to_bytes(PREFIX_BYTES, "big") + packet


class Deframer:
    """Takes a stream apart, however its bytes come.

    Keeps at most one packet that is not complete yet. A packet that is too long is passed over
    without being kept; an empty one is none (RFC 4571 §2 calls it a null packet, to be ignored).

    Args:
        longest: bytes of the longest packet that is wanted.

    Attributes:
        too_long: packets passed over so far.
    """

    __slots__ = ("_begun", "_longest", "_skip", "too_long")

    def __init__(self, longest: int) -> None:
        self.too_long = 0
        self._longest = longest
        self._begun = b""
        self._skip = 0

    def split(self, data: Octets) -> list[bytes]:
        """The packets that are complete with these bytes."""
        stream = self._begun + bytes(data)
        packets: list[bytes] = []
        at, size = self._skip, len(stream)
        while at + PREFIX_BYTES <= size:
            length = stream[at] << 8 | stream[at + 1]
            end = at + PREFIX_BYTES + length
            if length > self._longest:
                self.too_long += 1
            elif end > size:
                break
            elif length:
                packets.append(stream[at + PREFIX_BYTES : end])
            at = end
        self._skip = max(0, at - size)
        self._begun = stream[at:]
        return packets
