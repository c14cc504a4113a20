"""Percentiles of any number of durations in constant memory."""

import math
from typing import Final

import numpy as np
import numpy.typing as npt

_SHORTEST: Final = 1e-6
_PER_DECADE: Final = 100
_DECADES: Final = 8
"""One microsecond to 100 seconds in steps of 2.3 %."""


class Latencies:
    """A histogram with logarithmic steps.

    Attributes:
        longest: the longest duration, exact; 0 before the first.
    """

    def __init__(self) -> None:
        self._counts: npt.NDArray[np.int64] = np.zeros(_PER_DECADE * _DECADES + 1, np.int64)
        self.longest = 0.0

    def __len__(self) -> int:
        return int(self._counts.sum())

    def add(self, seconds: float) -> None:
        """Note one duration; negative ones (clocks that disagree by nanoseconds) count as none."""
        place = math.ceil(_PER_DECADE * math.log10(max(seconds, _SHORTEST) / _SHORTEST))
        self._counts[min(place, len(self._counts) - 1)] += 1
        self.longest = max(self.longest, seconds)

    def add_all(self, seconds: npt.NDArray[np.float64]) -> None:
        """Note many, shape (n,)."""
        if not len(seconds):
            return
        places = np.log10(np.maximum(seconds, _SHORTEST) / _SHORTEST) * _PER_DECADE
        indices = np.minimum(np.ceil(places).astype(np.int64), len(self._counts) - 1)
        self._counts += np.bincount(indices, minlength=len(self._counts))
        self.longest = max(self.longest, float(seconds.max()))

    def merge(self, other: "Latencies") -> None:
        """Note all that another has noted."""
        self._counts += other._counts  # noqa: SLF001 - of its own kind
        self.longest = max(self.longest, other.longest)

    def percentile(self, percent: float) -> float:
        """Seconds that ``percent`` % of the durations do not exceed, at most 2.4 % too long.

        Raises:
            ValueError: there are no durations, or ``percent`` is not within 0 to 100.
        """
        total = len(self)
        if not total:
            raise ValueError("a percentile of nothing")
        if not 0 <= percent <= 100:
            raise ValueError(f"{percent} is no percentage")
        rank = max(1, math.ceil(percent / 100 * total))
        place = int(np.searchsorted(np.cumsum(self._counts), rank))
        return min(_SHORTEST * 10 ** (place / _PER_DECADE), max(self.longest, _SHORTEST))
