"""How long one waited for a frame: arithmetic on the times at which frames came."""

import bisect
import itertools
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Window:
    """A stretch of time, its beginning not included; in whatever unit the times have."""

    start: float
    end: float

    @property
    def length(self) -> float:
        """How long it is."""
        return self.end - self.start

    @property
    def before(self) -> "Window":
        """The equal one just before it."""
        return Window(self.start - self.length, self.start)


def longest_gap(times: Sequence[float], window: Window) -> float:
    """The longest wait for a frame, as it was felt in a window.

    A wait counts in the window in which it ends, with its whole length; one that does not end
    counts as far as the window goes. Without any frame before or in the window, the window is one
    wait.

    Args:
        times: of the frames, in order.
        window: where to look.
    """
    first = bisect.bisect_right(times, window.start)
    last = bisect.bisect_right(times, window.end)
    before = times[first - 1] if first else window.start
    inside = [before, *times[first:last]]
    waits = [later - earlier for earlier, later in itertools.pairwise(inside)]
    return max([*waits, window.end - inside[-1]])


def excess(times: Sequence[float], window: Window) -> float:
    """By how much the longest gap in a window exceeds that in the equal window just before.

    Less than nothing when it was better.
    """
    return longest_gap(times, window) - longest_gap(times, window.before)


def stalls(times: Sequence[float], window: Window, longest: float) -> list[Window]:
    """All waits in a window that were longer than ``longest``, from frame to frame."""
    first = max(1, bisect.bisect_right(times, window.start))
    last = bisect.bisect_right(times, window.end)
    pairs = zip(times[first - 1 : last - 1], times[first:last], strict=True)
    return [Window(*pair) for pair in pairs if pair[1] - pair[0] > longest]


@dataclass(frozen=True)
class Reading:
    """A counter that only grows, at one moment."""

    at: float
    value: float


def growth(readings: Sequence[Reading], window: Window) -> float:
    """By how much a counter grew in a window, on a straight line between the readings.

    What is outside of the readings is taken for their ends: nothing grew there.
    """
    if not readings:
        return 0.0
    return _value(readings, window.end) - _value(readings, window.start)


def _value(readings: Sequence[Reading], at: float) -> float:
    place = bisect.bisect_right(readings, at, key=lambda reading: reading.at)
    if place == 0:
        return readings[0].value
    earlier = readings[place - 1]
    if place == len(readings):
        return earlier.value
    later = readings[place]
    share = (at - earlier.at) / (later.at - earlier.at)
    return earlier.value + share * (later.value - earlier.value)
