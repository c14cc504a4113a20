"""How much arrives: bytes per time, on either side of the path.

What left and what came is summed up per pass, with the span of time that each sum stands for; the
rate is that of the latest passes that together make up WINDOW seconds. The receiver's word is
bounded by ours: nothing arrives faster than it was sent.
"""

from typing import Final

import numpy as np

from sfu.congestion.batches import Batch
from sfu.units import F64, I64

WINDOW: Final = 0.3
"""Seconds over which a rate is taken ..."""

JITTERS: Final = 8.0
"""... and so many times the path's jitter."""

SHORTEST: Final = 0.15
"""Seconds there must be for a first rate (libwebrtc: 150 ms)."""

LONGEST_PAUSE: Final = 1.0
"""Seconds after which what was before is forgotten."""

_PASSES: Final = 16
_BITS: Final = 8.0


class AcknowledgedRates:
    """The latest passes of every slot.

    Args:
        capacity: slots.

    Attributes:
        rates: float64, shape (capacity,), bit/s that arrived; NaN: not known.
        sent: float64, shape (capacity,), bit/s that left, by the same packets and those lost.
    """

    def __init__(self, capacity: int) -> None:
        self.rates: F64 = np.full(capacity, np.nan)
        self.sent: F64 = np.full(capacity, np.nan)
        # What came, how long that took, and how long it took to send; the latest last.
        self._bytes: F64 = np.zeros((capacity, _PASSES))
        self._arriving: F64 = np.zeros((capacity, _PASSES))
        self._sending: F64 = np.zeros((capacity, _PASSES))
        self._lost: F64 = np.zeros((capacity, _PASSES))
        self._arrived: F64 = np.full(capacity, np.nan)
        self._left: F64 = np.full(capacity, np.nan)

    def forget(self, slots: int | I64) -> None:
        """Begin anew."""
        self.rates[slots] = self.sent[slots] = np.nan
        self._arrived[slots] = self._left[slots] = np.nan
        for passes in (self._bytes, self._arriving, self._sending, self._lost):
            passes[slots] = 0.0

    def update(self, batch: Batch, lost_bytes: F64, jitter: F64) -> None:
        """Add a pass.

        Args:
            batch: packets that came.
            lost_bytes: that were lost beside them; float64, of the batch's slots.
            jitter: of all slots, seconds; float64, shape (capacity,).
        """
        slots = batch.slots
        arrived = np.maximum.reduceat(batch.arrived, batch.starts)
        left = np.maximum.reduceat(batch.sent, batch.starts)
        arriving = arrived - self._arrived[slots]
        sending = left - self._left[slots]
        # A first pass, a long pause or another clock: only the time is noted.
        strange = ~((arriving > -WINDOW) & (arriving < LONGEST_PAUSE) & (sending < LONGEST_PAUSE))
        anew = slots[strange]
        for passes in (self._bytes, self._arriving, self._sending, self._lost):
            passes[anew] = 0.0
        self._arrived[anew], self._left[anew] = arrived[strange], left[strange]
        self.rates[anew] = self.sent[anew] = np.nan
        carried = np.add.reduceat(batch.sizes.astype(np.float64), batch.starts)
        if strange.any():
            usual = ~strange
            slots, arrived, left = slots[usual], arrived[usual], left[usual]
            arriving, sending, carried = arriving[usual], sending[usual], carried[usual]
            lost_bytes = lost_bytes[usual]
        self._arrived[slots] = np.maximum(arrived, self._arrived[slots])
        self._left[slots] = np.maximum(left, self._left[slots])
        self._bytes[slots] = came = _push(self._bytes[slots], carried)
        self._lost[slots] = lost = _push(self._lost[slots], lost_bytes)
        self._arriving[slots] = there = _push(self._arriving[slots], np.maximum(arriving, 0.0))
        self._sending[slots] = here = _push(self._sending[slots], np.maximum(sending, 0.0))
        windows = WINDOW + JITTERS * jitter[slots]
        self._measure(slots, windows[:, None], (came, lost, there, here))

    def _measure(self, slots: I64, windows: F64, passes: tuple[F64, F64, F64, F64]) -> None:
        came, lost, there, here = passes
        spans = np.maximum(there, here)
        # From the latest backwards, as many passes as it takes to make up the window.
        counted = spans[:, ::-1].cumsum(axis=1)[:, ::-1] - spans < windows
        received = _BITS * (came * counted).sum(axis=1)
        both = received + _BITS * (lost * counted).sum(axis=1)
        arriving = (there * counted).sum(axis=1)
        sending = (here * counted).sum(axis=1)
        longest = np.maximum(arriving, sending)
        known = longest >= SHORTEST
        self.rates[slots[known]] = received[known] / longest[known]
        known = sending >= SHORTEST
        self.sent[slots[known]] = both[known] / sending[known]


def _push(passes: F64, latest: F64) -> F64:
    return np.concatenate((passes[:, 1:], latest[:, None]), axis=1)
