"""When a transport's packets came, for transport-wide congestion feedback.

Appending is on the packet path and does nothing else; what came is put in order when feedback is
due, ten times a second. Ten packets without loss, which is the usual feedback, take 6 µs.
"""

import struct
from collections import deque
from itertools import pairwise
from typing import Final

import numpy as np

from sfu.wire.twcc import NOT_RECEIVED, TICK_US, TICKS_PER_REFERENCE, build_feedback

REACH: Final = 4096
"""Transport-wide numbers that are remembered."""

MOST_PER_FEEDBACK: Final = 300
"""Packets of one feedback packet: it then stays below 720 bytes whatever the arrival times."""

ARRIVAL_MASK: Final = (1 << 46) - 1
"""Of an arrival time in microseconds, what fits in front of a number: two years."""

_MASK: Final = REACH - 1
_NUMBER_BITS: Final = 16
_CYCLE: Final = 1 << _NUMBER_BITS
_NUMBER_MASK: Final = _CYCLE - 1
_ALL_ARRIVED: Final = struct.Struct("!HHIHB")
_RUN_OF_SMALL: Final = 1 << 13
_SMALL: Final = 256


class ArrivalLog:
    """Arrivals of one transport.

    Attributes:
        fresh: arrivals not put in order yet, the newest ``REACH`` of them: microseconds under
            ``ARRIVAL_MASK`` shifted left by 16 bits, and the transport-wide number in those bits.
            The packet path appends here.
    """

    __slots__ = ("_feedback_number", "_next", "_reported", "_times", "fresh")

    def __init__(self) -> None:
        self.fresh: deque[int] = deque(maxlen=REACH)
        # A list, because one entry is read and written ten times quicker than in an array.
        self._times = [NOT_RECEIVED] * REACH
        self._next = -1  # extended number after the highest; -1 before the first
        self._reported = 0  # extended number up to which everything has been reported
        self._feedback_number = 0

    @property
    def waiting(self) -> bool:
        """Whether there is something to report."""
        return bool(self.fresh) or self._reported < self._next

    def take_feedback(self) -> bytes | None:
        """Control information about what came since the last time; None when nothing did.

        It begins with the first packet not yet reported, or with an earlier one that was reported
        lost and has come since. What does not fit is left for the next call.
        """
        if self.fresh:
            self._settle()
        start = self._reported
        times = self._window(start, min(self._next, start + MOST_PER_FEEDBACK))
        while times and times[-1] == NOT_RECEIVED:
            times.pop()  # may yet come, unless the window is full of what did not
        if not times:
            self._reported = min(self._next, start + MOST_PER_FEEDBACK)
            return None
        fci = self._describe_all(start, times) if NOT_RECEIVED not in times else None
        count = len(times)
        if fci is None:
            arrivals = np.array(times, np.int64)
            fci, count = build_feedback(start & _NUMBER_MASK, arrivals, self._feedback_number)
        self._feedback_number = self._feedback_number + 1 & 0xFF
        self._reported = start + count
        return fci

    def _describe_all(self, start: int, times: list[int]) -> bytes | None:
        """``build_feedback`` for a few packets that all came, one soon after the other.

        None when they did not.
        """
        ticks = [time // TICK_US for time in times]
        deltas = [after - before for before, after in pairwise(ticks)]
        if deltas and not 0 <= min(deltas) <= max(deltas) < _SMALL:
            return None
        reference, first = divmod(ticks[0], TICKS_PER_REFERENCE)
        return _ALL_ARRIVED.pack(
            start & _NUMBER_MASK,
            len(times),
            (reference & 0xFFFFFF) << 8 | self._feedback_number,
            _RUN_OF_SMALL | len(times),
            first,
        ) + bytes(deltas)

    def _settle(self) -> None:
        """Put the fresh arrivals in their places."""
        times, following = self._times, self._next
        if following < 0:
            following = self._reported = (self.fresh[0] & _NUMBER_MASK) + _CYCLE
        for arrival in self.fresh:
            ahead = (arrival - following) & _NUMBER_MASK
            if not ahead:
                times[following & _MASK] = arrival >> _NUMBER_BITS
                following += 1
            elif ahead < _CYCLE // 2:
                self._clear(following, ahead)
                following += ahead + 1
                times[following - 1 & _MASK] = arrival >> _NUMBER_BITS
            elif following - (late := following + ahead - _CYCLE) <= REACH:
                times[late & _MASK] = arrival >> _NUMBER_BITS
                self._reported = min(self._reported, late)
        self.fresh.clear()
        self._next = following
        self._reported = max(self._reported, following - REACH)

    def _clear(self, first: int, count: int) -> None:
        """Forget what stood in the places of packets that have not come."""
        count = min(count, REACH)
        first &= _MASK
        before_end = min(count, REACH - first)
        self._times[first : first + before_end] = [NOT_RECEIVED] * before_end
        self._times[: count - before_end] = [NOT_RECEIVED] * (count - before_end)

    def _window(self, start: int, end: int) -> list[int]:
        first, last = start & _MASK, end & _MASK
        if start >= end:
            return []
        if first < last:
            return self._times[first:last]
        return self._times[first:] + self._times[:last]
