"""The few statistics that the tables show."""

import math
from collections.abc import Sequence


def percentile(samples: Sequence[float], percent: float) -> float:
    """The smallest sample that at least ``percent`` % of all do not exceed (nearest rank).

    Raises:
        ValueError: There are no samples, or ``percent`` is not within 0 to 100.
    """
    if not samples:
        raise ValueError("a percentile of nothing")
    if not 0 <= percent <= 100:
        raise ValueError(f"{percent} is no percentage")
    rank = max(1, math.ceil(percent / 100 * len(samples)))
    return sorted(samples)[rank - 1]


def median(samples: Sequence[float]) -> float:
    """The middle; of an even number the lower of the two, so always something that happened."""
    return percentile(samples, 50)


def significant(value: float, digits: int = 3) -> str:
    """A number as a table shows it: rounded to ``digits``, thousands apart, no exponent."""
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    places = digits - 1 - math.floor(math.log10(abs(value)))
    rounded = round(value, places)
    return f"{rounded:,.{max(0, places)}f}"
