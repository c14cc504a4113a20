"""A stream's timestamps in its sender's wall-clock time (RFC 3550 §6.4.1)."""

import msgspec

from sfu.units import Seconds


class SenderClock(msgspec.Struct, frozen=True):
    """What the newest sender report of a stream says.

    Attributes:
        ntp: the sender's time, seconds since 1900 in 32.32 fixed point.
        timestamp: of the same instant, as the stream's packets are forwarded, 32 bits.
        arrival: when the report came.
    """

    ntp: int
    timestamp: int
    arrival: Seconds
