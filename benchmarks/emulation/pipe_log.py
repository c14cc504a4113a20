"""What became of the packets of one direction, as columns, and what follows from them."""

import enum
from array import array
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray


class Fate(enum.IntEnum):
    """Of a packet."""

    WAITING = 0
    CARRIED = 1
    LOST = 2
    DROPPED = 3


MOST: Final = 2_000_000
"""Packets that are kept in mind; those after them are only carried."""


class PipeLog:
    """Grows by a row for each packet."""

    def __init__(self) -> None:
        self._came = array("d")
        self._left = array("d")
        self._waited = array("f")
        self._sizes = array("i")
        self._fates = array("b")

    def enter(self, now: float, size: int, fate: Fate) -> int:
        """A packet came, at a time (any clock's seconds), of so many bytes; its row."""
        row = len(self._came)
        if row < MOST:
            self._came.append(now)
            self._left.append(now)
            self._waited.append(0.0)
            self._sizes.append(size)
            self._fates.append(fate)
        return row

    def left(self, row: int, fate: Fate, now: float, waited: float) -> None:
        """It has left the queue, where it waited (seconds, without its own serialisation)."""
        if row < MOST:
            self._left[row] = now
            self._waited[row] = waited
            self._fates[row] = fate

    def told(self, zero: float) -> "Packets":
        """All so far, in seconds since ``zero``."""
        return Packets(
            came=[round(one - zero, 5) for one in self._came],
            left=[round(one - zero, 5) for one in self._left],
            waited=[round(one, 6) for one in self._waited],
            sizes=list(self._sizes),
            fates=list(self._fates),
        )


class Packets(msgspec.Struct):
    """The packets of one direction, a column each, in the order in which they came.

    Attributes:
        came: seconds since the plan's beginning.
        left: when it had left the queue, was lost there, or was dropped.
        waited: in the queue, seconds, its own serialisation excepted.
        sizes: bytes.
        fates: of ``Fate``.
    """

    came: list[float]
    left: list[float]
    waited: list[float]
    sizes: list[int]
    fates: list[int]

    def between(self, start: float, end: float) -> "Packets":
        """Those that came in a stretch of time."""
        came = np.asarray(self.came)
        first, last = np.searchsorted(came, [start, end])
        some = slice(int(first), int(last))
        return Packets(
            self.came[some],
            self.left[some],
            self.waited[some],
            self.sizes[some],
            self.fates[some],
        )

    def count(self, *fates: Fate) -> int:
        """Packets that fared so."""
        return int(np.isin(self._column(self.fates, np.int8), fates).sum())

    def in_words(self) -> str:
        """Packets, and how they fared."""
        delays = self.delays()
        queued = 1000 * float(np.percentile(delays, 95)) if len(delays) else 0.0
        return (
            f"{len(self.came):,} packets, {self.count(Fate.CARRIED):,} carried, "
            f"{self.count(Fate.LOST):,} lost, {self.count(Fate.DROPPED):,} dropped by the queue, "
            f"{queued:.0f} ms in the queue (p95)"
        )

    def share_lost(self) -> float:
        """Of those that had left the queue."""
        through = self.count(Fate.CARRIED, Fate.LOST)
        return self.count(Fate.LOST) / through if through else 0.0

    def delays(self) -> NDArray[np.float64]:
        """Seconds in the queue of each packet that was not dropped."""
        fates = self._column(self.fates, np.int8)
        through = (fates == Fate.CARRIED) | (fates == Fate.LOST)
        found: NDArray[np.float64] = np.asarray(self.waited, np.float64)[through]
        return found

    def rates(self, start: float, end: float, width: float) -> NDArray[np.float64]:
        """Bits a second that left the queue, in each slice of so many seconds."""
        edges = np.arange(start, end + width / 2, width)
        fates = self._column(self.fates, np.int8)
        through = (fates == Fate.CARRIED) | (fates == Fate.LOST)
        left = self._column(self.left, np.float64)[through]
        bits = 8.0 * self._column(self.sizes, np.float64)[through]
        found, _ = np.histogram(left, edges, weights=bits)
        return np.asarray(found / width, np.float64)

    def worst_delays(self, start: float, end: float, width: float) -> NDArray[np.float64]:
        """The longest time in the queue, seconds, of those that came in each slice; 0: nobody."""
        edges = np.arange(start, end + width / 2, width)
        found = np.zeros(len(edges) - 1)
        places = np.digitize(self._column(self.came, np.float64), edges) - 1
        inside = (places >= 0) & (places < len(found))
        waited = self._column(self.waited, np.float64)
        np.maximum.at(found, places[inside], waited[inside])
        return np.asarray(found, np.float64)

    def _column(self, values: list[Any], kind: type[np.generic]) -> NDArray[Any]:
        return np.asarray(values, kind)
