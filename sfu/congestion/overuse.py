"""Whether a path is used beyond what it carries (draft-ietf-rmcat-gcc-02 §4.3, §4.4).

The trend is compared with a threshold that follows what is usual on the path, so that a path with
jitter is not taken for a full one, and flows that fill queues do not starve ours.
"""

from enum import IntEnum
from typing import Final

import numpy as np

from sfu.congestion.trendline import Trends
from sfu.units import F64, I64, Mask

FIRST_THRESHOLD: Final = 12.5
LOWEST_THRESHOLD: Final = 6.0
HIGHEST_THRESHOLD: Final = 600.0
"""Of the threshold, in ms (§4.4: ``del_var_th``)."""

GAIN: Final = 4.0
MOST_GROUPS: Final = 60.0
"""A trend weighs as many times GAIN as there were groups, up to so many (libwebrtc's trendline)."""

RISE: Final = 8.7
FALL: Final = 39.0
"""How fast the threshold follows the trend upwards and downwards, per second (§4.4: K_u, K_d)."""

MOST_OFF: Final = 15.0
"""A trend further above the threshold than this, in ms, is a sudden change and not jitter."""

NOISE_WEIGHT: Final = 0.1
"""Of a pass in the mean change of the trend from pass to pass …"""

NOISE_GAIN: Final = 3.0
"""… which the trend must exceed so many times: a queue grows steadily, jitter comes and goes."""

MOST_TIME: Final = 0.1
"""Seconds that the threshold moves for at once."""


class Usage(IntEnum):
    """How a path is used."""

    NORMAL = 0
    OVER = 1
    UNDER = 2


class OveruseDetectors:
    """One detector per slot.

    Args:
        capacity: slots.

    Attributes:
        usages: int8, shape (capacity,), the Usage of every slot.
    """

    def __init__(self, capacity: int) -> None:
        self.usages = np.zeros(capacity, np.int8)
        self._thresholds: F64 = np.full(capacity, FIRST_THRESHOLD)
        self._slopes: F64 = np.zeros(capacity)
        self._weighed: F64 = np.zeros(capacity)
        self._noise: F64 = np.zeros(capacity)
        self._was_above: Mask = np.zeros(capacity, np.bool_)
        self._at: F64 = np.zeros(capacity)

    def forget(self, slots: int | I64) -> None:
        """Begin anew."""
        self.usages[slots] = Usage.NORMAL
        self._thresholds[slots] = FIRST_THRESHOLD
        self._slopes[slots] = self._weighed[slots] = self._noise[slots] = 0.0
        self._was_above[slots] = False

    def update(self, trends: Trends, now: float) -> None:
        """Judge the slots that have new groups.

        Overuse is believed when it lasts for two groups and does not lessen; until then, and where
        no trend is known, things are as they were.
        """
        slots = trends.slots
        before = self._slopes[slots]
        slopes = np.where(np.isnan(trends.slopes), before, trends.slopes)
        weighed = np.minimum(trends.seen, MOST_GROUPS) * GAIN * slopes
        thresholds = self._thresholds[slots]
        changes = np.abs(weighed - self._weighed[slots])
        noise = self._noise[slots] + NOISE_WEIGHT * (changes - self._noise[slots])
        self._noise[slots], self._weighed[slots] = noise, weighed
        above = weighed > np.maximum(thresholds, NOISE_GAIN * noise)
        certain = above & (self._was_above[slots] | (trends.new > 1)) & (slopes >= before)
        usages = np.where(above, self.usages[slots], Usage.NORMAL)
        usages[weighed < -thresholds] = Usage.UNDER
        usages[certain] = Usage.OVER
        self.usages[slots] = usages
        self._was_above[slots] = above
        self._slopes[slots] = slopes
        self._thresholds[slots] = _follow(thresholds, np.abs(weighed), now - self._at[slots])
        self._at[slots] = now


def _follow(thresholds: F64, sizes: F64, seconds: F64) -> F64:
    """The thresholds after they have moved towards the trends for some time.

    The draft's rule is a step of an exponential approach; here it is solved, so that it does not
    overshoot where passes are far apart.
    """
    pace = np.where(sizes < thresholds, FALL, RISE)
    remains = np.exp(-pace * np.clip(seconds, 0.0, MOST_TIME))
    moved = np.clip(sizes + (thresholds - sizes) * remains, LOWEST_THRESHOLD, HIGHEST_THRESHOLD)
    return np.where(sizes > thresholds + MOST_OFF, thresholds, moved)
