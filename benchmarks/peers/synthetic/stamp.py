"""The last bytes of every synthetic payload: whose packet it is, which, and when it was sent."""

import struct
from typing import Final, NamedTuple

from sfu.units import Octets

_TRAILER: Final = struct.Struct("!4sIQd")
_MAGIC: Final = b"xovr"
STAMP_BYTES: Final = _TRAILER.size


class Stamp(NamedTuple):
    """What a publisher says of a packet.

    Attributes:
        source: SSRC on the publisher's side.
        number: counts the packets of that source from 0, without wrapping.
        sent: seconds of the machine's monotonic clock.
    """

    source: int
    number: int
    sent: float


def encode_stamp(source: int, number: int, sent: float) -> bytes:
    """The trailer: STAMP_BYTES bytes."""
    return _TRAILER.pack(_MAGIC, source, number, sent)


def read_stamp(packet: Octets) -> Stamp | None:
    """The stamp at the end of a packet; None when there is none, so that it was tampered with."""
    if len(packet) < STAMP_BYTES:
        return None
    magic, source, number, sent = _TRAILER.unpack_from(packet, len(packet) - STAMP_BYTES)
    return Stamp(source, number, sent) if magic == _MAGIC else None
