"""How a subscriber receives, as its receiver reports say (RFC 3550 §6.4.1)."""

from collections import deque
from typing import Final

import msgspec

from sfu.media.sender_reports import middle_bits
from sfu.units import Seconds
from sfu.wire.rtcp_reports import ReportBlock

_MOST_REMEMBERED: Final = 8
"""Sender reports to which a receiver may refer: those of some eight seconds."""

_DELAY_UNITS: Final = 1 << 16
MOST_RTT: Final = 10.0
"""Seconds; what is longer is a mistake or a lie."""


class ReceptionQuality(msgspec.Struct, frozen=True):
    """One receiver report of one stream.

    Attributes:
        fraction_lost: since the report before, 0 to 1.
        packets_lost: since the beginning; negative when more came than were sent.
        jitter: in seconds.
        at: when it came.
    """

    fraction_lost: float
    packets_lost: int
    jitter: Seconds
    at: Seconds


def read_block(block: ReportBlock, clock_rate: int, now: Seconds) -> ReceptionQuality:
    """What a report block says."""
    return ReceptionQuality(
        block.fraction_lost / 256, block.packets_lost, Seconds(block.jitter / clock_rate), now
    )


class SentReports:
    """The sender reports of one stream that its receiver may refer to."""

    __slots__ = ("_sent",)

    def __init__(self) -> None:
        self._sent: deque[tuple[int, Seconds]] = deque(maxlen=_MOST_REMEMBERED)

    def add(self, ntp: int, now: Seconds) -> None:
        """A report with this NTP time was sent."""
        self._sent.append((middle_bits(ntp), now))

    def round_trip(self, block: ReportBlock, now: Seconds) -> Seconds | None:
        """Round-trip time by a block that has come; None when it refers to no known report.

        Jitter of our own clock may make it slightly negative: then it is 0.
        """
        for middle, sent in self._sent:
            if middle == block.last_report:
                elapsed = now - sent - block.delay / _DELAY_UNITS
                if -0.01 < elapsed < MOST_RTT:
                    return Seconds(max(elapsed, 0.0))
                return None
        return None
