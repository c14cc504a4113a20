"""What has come of one SSRC: numbers without wraps, loss and jitter (RFC 3550 appendix A).

Hot path.

A number far ahead of the newest is believed only when its successor comes next (A.1): either the
sender has begun anew, or the packet is not of this stream.
"""

from typing import Final

from sfu.units import Seconds
from sfu.wire.rtcp_reports import ReportBlock

NOTHING: Final = -1
"""In place of a number: the packet is not to be used."""

MOST_AHEAD: Final = 3000
"""Packets that can be lost without the sender having begun anew."""

_CYCLE: Final = 0x10000
_NONE: Final = -1 << 20
_US: Final = 1e-6
_MOST_LOST: Final = 0x7FFFFF


class ReceiveLog:
    """One SSRC's packets, as they come.

    Args:
        ssrc: the source.
        clock_rate: of its timestamps, per second.

    Attributes:
        highest: the highest extended number so far; an extended number is never below 0, and -1
            means that nothing has come.
        timestamp: of the packet with the highest number.
        received: packets that came.
        lost: packets that had not come when they were reported; some may have come later.
        jumps: how often the sender has begun anew.
        restarted: whether the packet just taken is the first of a new beginning.
    """

    __slots__ = (
        "_base",
        "_clock",
        "_expected",
        "_expected_before",
        "_jitter",
        "_jumped_to",
        "_last_report",
        "_last_report_at",
        "_received_before",
        "_transit",
        "highest",
        "jumps",
        "lost",
        "received",
        "restarted",
        "ssrc",
        "timestamp",
    )

    def __init__(self, ssrc: int, clock_rate: int) -> None:
        self.ssrc = ssrc
        self.highest = NOTHING
        self.timestamp = -1
        self.received = 0
        self.lost = 0
        self.jumps = 0
        self.restarted = False
        self._clock = clock_rate * _US
        self._expected = _NONE
        self._base = 0
        self._jumped_to = _NONE
        self._transit = 0.0
        self._jitter = 0.0
        self._expected_before = self._received_before = 0
        self._last_report = 0
        self._last_report_at = Seconds(0.0)

    def take(self, number: int, timestamp: int, arrival_us: int) -> int:
        """Note a packet.

        Args:
            number: its sequence number, 16 bits.
            timestamp: 32 bits.
            arrival_us: when it came, in microseconds of any clock.

        Returns:
            Its extended number; NOTHING when it is not to be used.
        """
        if number != self._expected:
            return self._take_other(number, timestamp, arrival_us)
        self._expected = number + 1 & 0xFFFF
        self.received += 1
        self.highest += 1
        if timestamp != self.timestamp:
            # The packets of a frame leave together and say nothing about the path.
            transit = arrival_us * self._clock - timestamp
            moved = abs(transit - self._transit)
            self._transit = transit
            self.timestamp = timestamp
            if moved < 1_000_000:  # timestamps have not wrapped or jumped
                self._jitter += (moved - self._jitter) * 0.0625
        return self.highest

    def _take_other(self, number: int, timestamp: int, arrival_us: int) -> int:
        highest = self.highest
        if highest < 0:
            return self._begin(number, timestamp, arrival_us)
        ahead = (number - highest) & 0xFFFF
        if ahead >= 0x8000:
            self.received += 1
            return highest + ahead - _CYCLE
        if not ahead:
            return NOTHING
        if ahead > MOST_AHEAD:
            jumped_to, self._jumped_to = self._jumped_to, number + 1 & 0xFFFF
            if number != jumped_to:
                return NOTHING
            self.jumps += 1
            self.restarted = True
            return self._begin(number, timestamp, arrival_us)
        self.received += 1
        self._jumped_to = _NONE
        self.highest = highest + ahead
        self._expected = number + 1 & 0xFFFF
        self._transit = arrival_us * self._clock - timestamp
        self.timestamp = timestamp
        return highest + ahead

    def _begin(self, number: int, timestamp: int, arrival_us: int) -> int:
        # A cycle is left in front, so that a straggler does not fall below 0.
        self.highest = self._base = number + _CYCLE
        self._expected = number + 1 & 0xFFFF
        self._jumped_to = _NONE
        self.received = 1
        self._expected_before = self._received_before = 0
        self.timestamp = timestamp
        self._transit = arrival_us * self._clock - timestamp
        return self.highest

    def note_sender_report(self, ntp: int, now: Seconds) -> None:
        """A sender report came; ``ntp`` is its time in 32.32 fixed point."""
        self._last_report = ntp >> 16 & 0xFFFFFFFF
        self._last_report_at = now

    @property
    def jitter(self) -> float:
        """Interarrival jitter, in timestamp units (§6.4.1)."""
        return self._jitter

    def report(self, now: Seconds) -> ReportBlock | None:
        """What to report since the last time (A.3); None when nothing has come since then."""
        received = self.received - self._received_before
        if received <= 0:
            return None
        total = self.highest - self._base + 1
        expected = total - self._expected_before
        self._expected_before, self._received_before = total, self.received
        lost = expected - received
        self.lost += max(0, lost)
        fraction = min(255, (lost << 8) // expected) if lost > 0 else 0
        delay = round((now - self._last_report_at) * 65536) if self._last_report else 0
        return ReportBlock(
            ssrc=self.ssrc,
            fraction_lost=fraction,
            packets_lost=max(-_MOST_LOST, min(_MOST_LOST, total - self.received)),
            highest_sequence=self.highest - _CYCLE & 0xFFFFFFFF,
            jitter=int(self._jitter) & 0xFFFFFFFF,
            last_report=self._last_report,
            delay=max(0, min(0xFFFFFFFF, delay)),
        )
