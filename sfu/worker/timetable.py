"""When what is due next: one timer for everything that waits."""

import heapq
import math
from typing import Generic, TypeVar

from sfu.units import Seconds

T = TypeVar("T")


class Timetable(Generic[T]):
    """Things that become due, each at most once, and several together where they are close.

    Times are rounded up to a grid: what is due together is done in one go, with one wake-up.

    Args:
        grid: seconds between two times at which something can be due.

    Entries that were overtaken stay in the heap until they are at its top.
    """

    def __init__(self, grid: float = 0.01) -> None:
        self._grid = grid
        self._due: dict[T, Seconds] = {}
        self._heap: list[tuple[Seconds, int, T]] = []
        self._number = 0

    def set(self, what: T, due: Seconds | None) -> None:
        """Make something due at a time; None for never."""
        if due is None:
            self._due.pop(what, None)
            return
        due = Seconds(math.ceil(due / self._grid) * self._grid)
        if self._due.get(what) != due:
            self._due[what] = due
            self._number += 1
            heapq.heappush(self._heap, (due, self._number, what))

    def take_due(self, now: Seconds) -> list[T]:
        """What is due, in order; it is forgotten until it is set again."""
        due = []
        while self._heap and self._heap[0][0] <= now:
            at, _, what = heapq.heappop(self._heap)
            if self._due.get(what) == at:
                del self._due[what]
                due.append(what)
        return due

    def next_deadline(self) -> Seconds | None:
        """When the next thing is due."""
        heap, due = self._heap, self._due
        while heap:
            at, _, what = heap[0]
            if due.get(what) == at:
                return at
            heapq.heappop(heap)
        return None
