"""Everything that has to happen later, in one place, on the caller's clock."""

import heapq
from collections.abc import Hashable, Iterator
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)


class Deadlines(Generic[Key]):
    """At most one deadline per key; setting it again moves it."""

    def __init__(self) -> None:
        self._due: dict[Key, float] = {}
        self._heap: list[tuple[float, int, Key]] = []
        self._serial = 0

    def __contains__(self, key: Key) -> bool:
        return key in self._due

    def set(self, key: Key, at: float) -> None:
        """Makes ``key`` due at ``at``, and at no other time."""
        self._due[key] = at
        self._serial += 1
        heapq.heappush(self._heap, (at, self._serial, key))
        if len(self._heap) > 64 + 4 * len(self._due):
            self._sweep()

    def cancel(self, key: Key) -> None:
        """Forgets ``key``; harmless when it is not set."""
        self._due.pop(key, None)

    def next(self) -> float | None:
        """The earliest deadline; None when there is none."""
        while self._heap and self._due.get(self._heap[0][2]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def due(self, now: float) -> Iterator[Key]:
        """Takes out and yields every key that is due at ``now``, earliest first."""
        while (at := self.next()) is not None and at <= now:
            key = heapq.heappop(self._heap)[2]
            if self._due.pop(key, None) is not None:
                yield key

    def _sweep(self) -> None:
        """Drops entries that were moved or cancelled, so that the heap stays in proportion."""
        self._heap = [entry for entry in self._heap if self._due.get(entry[2]) == entry[0]]
        heapq.heapify(self._heap)
