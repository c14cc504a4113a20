"""When a publisher's packets were captured, told to subscribers in their own timestamps.

A sender report (RFC 3550 §6.4.1) pairs a wall-clock time with an RTP timestamp: a point on the line
that leads from one to the other. A subscriber needs the line to play a member's sound and picture
together, and we need it to go from one simulcast layer, whose timestamps begin anywhere, to another
without a jump. The wall clock is always the publisher's: our own would tell how packets arrived.
"""

from typing import Final, NamedTuple

from sfu.media.sender_clock import SenderClock
from sfu.units import Seconds
from sfu.wire.serial import TIMESTAMP_BITS, difference

_NTP_UNITS: Final = 1 << 32
_NTP_MASK: Final = (1 << 64) - 1
_TIMESTAMP_MASK: Final = (1 << TIMESTAMP_BITS) - 1

MOST_PAUSE: Final = 1 << 30
"""Units by which timestamps advance at most: 3.3 hours at 90 kHz. Twice as many would be back."""

_MOST_DISAGREEMENT: Final = 1.0
"""Seconds by which sender reports may contradict the arrival of packets; then they are wrong."""

_MOST_DRIFT: Final = 1e-3
"""Seconds per second, likewise."""


class Instant(NamedTuple):
    """One packet of a stream.

    Attributes:
        clock: the stream's, None before its first sender report.
        timestamp: the packet's RTP timestamp as the stream counts.
        arrival: when it arrived.
    """

    clock: SenderClock | None
    timestamp: int
    arrival: Seconds


def translate(clock: SenderClock, clock_rate: int, shift: int, now: Seconds) -> tuple[int, int]:
    """A point of the publisher's line for now.

    Whatever the way of the report took, both parts are carried forward by the same time, so the
    point stays on the line.

    Args:
        clock: of the stream.
        clock_rate: of the stream, units per second.
        shift: what is added to the stream's timestamps for the subscriber.
        now: the time for which the point is to be.

    Returns:
        NTP time (64 bits) and the subscriber's RTP timestamp (32 bits).
    """
    elapsed = now - clock.arrival
    ntp = clock.ntp + round(elapsed * _NTP_UNITS)
    timestamp = clock.timestamp + round(elapsed * clock_rate) + shift
    return ntp & _NTP_MASK, timestamp & _TIMESTAMP_MASK


def units_between(earlier: Instant, later: Instant, clock_rate: int) -> int:
    """By how much timestamps should advance from one stream's packet to another stream's.

    By capture times when both streams have sent reports, and the result is credible; else by
    arrival times. May be 0 or negative: streams overlap.

    Args:
        earlier: the packet sent last.
        later: the one to be sent next.
        clock_rate: of both streams.
    """
    by_arrival = later.arrival - earlier.arrival
    if earlier.clock is not None and later.clock is not None:
        by_capture = _captured(later, clock_rate) - _captured(earlier, clock_rate)
        # Subtract before dividing: 64 bits do not fit a float.
        apart = difference(later.clock.ntp, earlier.clock.ntp, 64) / _NTP_UNITS
        by_capture += apart
        if abs(by_capture - by_arrival) <= _MOST_DISAGREEMENT + _MOST_DRIFT * abs(by_arrival):
            return round(by_capture * clock_rate)
    return round(min(by_arrival * clock_rate, MOST_PAUSE))


def _captured(packet: Instant, clock_rate: int) -> float:
    """Seconds from the sender report's instant to the packet's capture."""
    assert packet.clock is not None
    return difference(packet.timestamp, packet.clock.timestamp, TIMESTAMP_BITS) / clock_rate


def middle_bits(ntp: int) -> int:
    """The 32 bits by which a receiver report names a sender report (RFC 3550 §6.4.1, LSR)."""
    return ntp >> 16 & 0xFFFFFFFF
