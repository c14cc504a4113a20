"""Whether delays grow: a line through the latest groups' delays (draft-ietf-rmcat-gcc-02 §4.2).

As libwebrtc does it instead of the draft's Kalman filter: delays are smoothed, and the slope of a
least-squares line through the latest WINDOW of them is the trend: about the share of what was sent
that was not carried, 0 on a path that carries everything.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from sfu.congestion.batches import begins
from sfu.congestion.packet_groups import Groups
from sfu.units import F64, I64, Mask

WINDOW: Final = 20
"""Groups that the line goes through."""

SMOOTHING: Final = 0.9
"""Of the smoothed delay, what stays with each group."""

JITTER_WEIGHT: Final = 0.1
"""Of a pass in the mean jitter."""

MEMORY: Final = 10.0
"""Seconds for which the least delay is remembered, at least."""

MOST_COUNTED: Final = 1000
"""Groups are counted up to this."""

MOST_FORWARD: Final = 3.0
"""By how much more than ours a receiver's clock may advance, in seconds, in one pass."""

MOST_BACK: Final = 0.5
"""By how many seconds a group may come before an earlier one."""

_MOST_AT_ONCE: Final = 32
"""Groups of a slot and pass that are looked at: what is older has no weight left in the window."""

LONGEST_SILENCE: Final = 2.0
"""After so many seconds without feedback a slot's groups say nothing of the path any more."""

_STRIDE: Final = 32768.0
_LEAST_SPREAD: Final = 1e-9
_AGES = np.arange(_MOST_AT_ONCE)[:, None] - np.arange(_MOST_AT_ONCE)
_WEIGHTS: Final = np.where(_AGES >= 0, (1 - SMOOTHING) * SMOOTHING ** np.maximum(_AGES, 0), 0.0).T
_REMAINS: Final = SMOOTHING ** np.arange(1.0, _MOST_AT_ONCE + 1)
_WINDOW: Final = np.arange(WINDOW)


@dataclass(frozen=True, slots=True, eq=False)
class Trends:
    """What the groups of one pass say.

    Attributes:
        slots: that have new groups; int64, shape (t,).
        slopes: of their lines, seconds of delay per second; NaN: not known; float64, shape (t,).
        new: groups that are new; int64, shape (t,).
        seen: groups since the beginning, up to MOST_COUNTED; float64, shape (t,).
    """

    slots: I64
    slopes: F64
    new: I64
    seen: F64


class Trendlines:
    """The latest groups of every slot.

    Args:
        capacity: slots.

    Attributes:
        jitter: float64, shape (capacity,), seconds by which delays are off from what is usual.
        queues: float64, shape (capacity,), seconds by which the latest delay is above the least
            of the last MEMORY to twice MEMORY seconds.
    """

    def __init__(self, capacity: int) -> None:
        self.jitter: F64 = np.zeros(capacity)
        self.queues: F64 = np.zeros(capacity)
        # Both relative to the first group: float64 would not hold microseconds of any clock.
        self._times: F64 = np.full((capacity, WINDOW), np.nan)
        self._delays: F64 = np.full((capacity, WINDOW), np.nan)
        self._smoothed: F64 = np.zeros(capacity)
        self._first_sent: F64 = np.zeros(capacity)
        self._first_arrived: F64 = np.full(capacity, np.nan)
        self._latest: F64 = np.zeros(capacity)
        self._heard: F64 = np.zeros(capacity)
        self._seen: F64 = np.zeros(capacity)
        self._interrupted: Mask = np.zeros(capacity, np.bool_)
        self._shifts: F64 = np.zeros(capacity)
        self._least: F64 = np.full(capacity, np.inf)  # delay, in the current period
        self._least_before: F64 = np.full(capacity, np.inf)  # and in the one before
        self._period_began: F64 = np.zeros(capacity)

    def forget(self, slots: int | I64) -> None:
        """Begin anew."""
        self._times[slots] = self._delays[slots] = np.nan
        self._first_arrived[slots] = np.nan
        self._smoothed[slots] = self._latest[slots] = 0.0
        self._seen[slots] = self.jitter[slots] = self.queues[slots] = self._shifts[slots] = 0.0
        self._least[slots] = self._least_before[slots] = np.inf
        self._interrupted[slots] = False

    def interrupt(self, slots: I64) -> None:
        """Take the next groups' delays to go on from those before, however they have changed."""
        self._interrupted[slots] = True

    def update(self, groups: Groups, now: float) -> Trends:
        """Add the groups of a pass.

        Args:
            groups: complete ones.
            now: our clock.
        """
        first = begins(groups.owners)
        starts = first.nonzero()[0]
        ranks = first.cumsum() - 1
        counts = np.diff(starts, append=len(first))
        whose = groups.slots[groups.owners[starts]]
        if not len(whose):
            return Trends(whose, np.empty(0), counts, np.empty(0))
        new = np.isnan(self._first_arrived[whose])
        self._first_arrived[whose[new]] = groups.arrived[starts[new]]
        self._first_sent[whose[new]] = groups.sent[starts[new]]
        self._heard[whose[new]] = now
        times = groups.arrived - self._first_arrived[whose][ranks]
        jumped = self._jumped(whose, times, starts, counts, now) & ~new
        if jumped.any():
            self.forget(whose[jumped])
            kept = ~jumped[ranks] | np.append(first[1:], True)
            left = Groups(
                groups.slots, groups.owners[kept], groups.sent[kept], groups.arrived[kept]
            )
            return self.update(left, now)
        times = _in_order(times, self._latest[whose], ranks)
        self._latest[whose] = times[starts + counts - 1]
        self._heard[whose] = now
        delays = times - (groups.sent - self._first_sent[whose][ranks])
        self._seen[whose] = np.minimum(self._seen[whose] + counts, MOST_COUNTED)
        self._measure_queues(whose, delays, starts, counts, now)
        self._resume(whose, delays, starts, ranks)
        slopes = self._fit(whose, times, delays, starts, counts)
        return Trends(whose, slopes, counts, self._seen[whose])

    def _measure_queues(
        self, whose: I64, delays: F64, starts: I64, counts: I64, now: float
    ) -> None:
        over = now - self._period_began[whose] > MEMORY
        self._least_before[whose[over]] = self._least[whose[over]]
        self._least[whose[over]] = np.inf
        self._period_began[whose[over]] = now
        shifts = self._shifts[whose]
        least = np.minimum(self._least[whose], np.minimum.reduceat(delays, starts) - shifts)
        self._least[whose] = least
        least = np.minimum(least, self._least_before[whose])
        self.queues[whose] = delays[starts + counts - 1] - shifts - least

    def _resume(self, whose: I64, delays: F64, starts: I64, ranks: I64) -> None:
        """Let delays go on from those before an interruption; in place."""
        resumed = self._interrupted[whose]
        if resumed.any():
            shifts = np.where(resumed, self._smoothed[whose] - delays[starts], 0.0)
            self._first_sent[whose] += shifts
            self._shifts[whose] += shifts
            delays += shifts[ranks]
            self._interrupted[whose] = False

    def _jumped(self, whose: I64, times: F64, starts: I64, counts: I64, now: float) -> Mask:
        """Which slots' receivers have set their clock, or were not heard for long."""
        earliest = np.minimum.reduceat(times, starts) - self._latest[whose]
        ahead = times[starts + counts - 1] - self._latest[whose] - (now - self._heard[whose])
        result: Mask = (earliest < -MOST_BACK) | (ahead > MOST_FORWARD)
        return result | (now - self._heard[whose] > LONGEST_SILENCE)

    def _fit(self, whose: I64, times: F64, delays: F64, starts: I64, counts: I64) -> F64:
        """Take the groups into the windows, and fit lines to those."""
        at_once = min(int(counts.max()), _MOST_AT_ONCE)
        taken = np.minimum(counts, at_once)
        # One row per slot, groups from the left; what is right of a slot's last is not read.
        columns = np.arange(at_once)
        cells = np.minimum((starts + counts - taken)[:, None] + columns, len(times) - 1)
        smoothed = delays[cells] @ _WEIGHTS[:at_once, :at_once]
        smoothed += self._smoothed[whose][:, None] * _REMAINS[:at_once]
        off = np.abs(delays[cells[:, 0]] - smoothed[:, 0])
        self.jitter[whose] += JITTER_WEIGHT * (off / SMOOTHING - self.jitter[whose])
        rows = np.arange(len(whose))[:, None]
        window = taken[:, None] + _WINDOW
        x = np.concatenate((self._times[whose], times[cells]), axis=1)[rows, window]
        y = np.concatenate((self._delays[whose], smoothed), axis=1)[rows, window]
        self._times[whose], self._delays[whose], self._smoothed[whose] = x, y, y[:, -1]
        x -= x.mean(axis=1, keepdims=True)
        y -= y.mean(axis=1, keepdims=True)
        spread = np.einsum("ij,ij->i", x, x)
        spread[spread < _LEAST_SPREAD] = np.nan
        slopes: F64 = np.einsum("ij,ij->i", x, y) / spread
        return slopes


def _in_order(times: F64, latest: F64, ranks: I64) -> F64:
    """Arrivals as if no group overtook another: one that is overtaken has waited for none."""
    far = ranks * _STRIDE
    ordered = np.clip(times - latest[ranks], 0.0, _STRIDE / 2) + far
    ordered = np.maximum.accumulate(ordered)
    ordered += latest[ranks] - far
    return ordered
