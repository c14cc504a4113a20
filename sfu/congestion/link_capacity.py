"""What a path was seen to carry when it was full: mean and spread (libwebrtc's link capacity)."""

from typing import Final

import numpy as np

from sfu.units import F64, I64

WEIGHT: Final = 0.05
"""Of each new sample in the mean."""

LEAST_DEVIATION: Final = 400.0
MOST_DEVIATION: Final = 2500.0
"""Of the variance over the mean, in bit/s: deviations of 14 and of 35 kbit/s at 500 kbit/s."""

DEVIATIONS: Final = 3.0
"""So many standard deviations from the mean, it is another path."""


class LinkCapacities:
    """One estimate per slot.

    Args:
        capacity: slots.

    Attributes:
        means: float64, shape (capacity,), bit/s; NaN: not known.
    """

    def __init__(self, capacity: int) -> None:
        self.means: F64 = np.full(capacity, np.nan)
        self._variances: F64 = np.full(capacity, LEAST_DEVIATION)

    def forget(self, slots: int | I64) -> None:
        """Begin anew."""
        self.means[slots] = np.nan
        self._variances[slots] = LEAST_DEVIATION

    def bounds(self, slots: I64) -> tuple[F64, F64]:
        """Between which rates these slots' paths are what they were; NaN: not known."""
        means = self.means[slots]
        reach = DEVIATIONS * np.sqrt(self._variances[slots] * means)
        return means - reach, means + reach

    def note_full(self, slots: I64, rates: F64) -> None:
        """Paths that were full when they carried these rates, in bit/s."""
        means = self.means[slots]
        new = np.isnan(means)
        means = np.where(new, rates, means + WEIGHT * (rates - means))
        errors = means - rates
        samples = errors * errors / np.maximum(means, 1000.0)
        variances = self._variances[slots] + WEIGHT * (samples - self._variances[slots])
        self.means[slots] = means
        self._variances[slots] = np.clip(variances, LEAST_DEVIATION, MOST_DEVIATION)
