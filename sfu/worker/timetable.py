"""When what is due next: one timer for everything that waits."""

import heapq
from typing import Generic, TypeVar

from sfu.units import Seconds

T = TypeVar("T")


class Timetable(Generic[T]):
    """Things that become due, each at most once.

    Entries that were overtaken stay in the heap until their time comes, and are then passed over.
    """

    def __init__(self) -> None:
        self._due: dict[T, Seconds] = {}
        self._heap: list[tuple[Seconds, int, T]] = []
        self._number = 0

    def set(self, what: T, due: Seconds | None) -> None:
        """Make something due at a time; None for never."""
        if due is None:
            self._due.pop(what, None)
            return
        if self._due.get(what) != due:
            self._due[what] = due
            self._number += 1
            heapq.heappush(self._heap, (due, self._number, what))

    def bring_forward(self, what: T, due: Seconds) -> None:
        """Make something due at a time, unless it is due earlier."""
        known = self._due.get(what)
        if known is None or due < known:
            self.set(what, due)

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
        """When the next thing is due, or a little earlier."""
        return self._heap[0][0] if self._heap else None
