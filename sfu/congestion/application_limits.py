"""Whether less is sent than may be: then nothing is learnt of the path but by probes."""

from typing import Final

import numpy as np

from sfu.units import F64, I64, Mask

BEGINS: Final = 0.65
"""Sending less than so much of the estimate, a slot is limited by what there is to send …"""

ENDS: Final = 0.8
"""… until it sends more than this (libwebrtc's ALR detector: 65 %, with a budget to leave it)."""


class ApplicationLimits:
    """Whether each slot is limited by what there is to send.

    Args:
        capacity: slots.

    Attributes:
        limited: bool, shape (capacity,); at first nobody is.
    """

    def __init__(self, capacity: int) -> None:
        self.limited: Mask = np.zeros(capacity, np.bool_)

    def forget(self, slots: int | I64) -> None:
        """Begin anew."""
        self.limited[slots] = False

    def update(self, slots: I64, sent: F64, rates: F64) -> None:
        """Compare what was sent with what might be, both in bit/s; NaN: not known."""
        share = np.where(self.limited[slots], ENDS, BEGINS)
        self.limited[slots] = np.where(np.isnan(sent), self.limited[slots], sent < share * rates)
