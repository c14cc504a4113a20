"""The rate that losses allow, where delays do not tell: short queues and policers.

Losses that a lower rate does not lessen are the path's own (radio), and are borne: up to
MOST_INHERENT they bring no estimate down. So a loss of 5 % never does; one of 10 to 20 % does once,
and is then known. (draft-ietf-rmcat-gcc-02 §5 with its 10 %; the inherent loss is an idea of
libwebrtc's ``LossBasedBweV2``.)
"""

from typing import Final

import numpy as np

from sfu.congestion.batches import Batch
from sfu.units import F64, I64, Mask

LEAST_PACKETS: Final = 20
"""Packets that a share is taken of …"""

LEAST_TIME: Final = 0.3
"""… and the seconds they make up; with a round trip more, as often the rate is lowered."""

HIGH: Final = 0.1
"""Share of losses, beyond those the path has anyway, that brings the rate down (§5)."""

LOW: Final = 0.02
"""Share of losses below which the path is taken to be sound (§5)."""

LONG_QUEUE: Final = 0.1
"""Seconds of queue at which losses above LOW are those of a full queue, which no longer grows."""

BACK_OFF: Final = 0.9
"""Of what arrives, what is sent while such a queue drains."""

HELPED: Final = 0.7
"""Losses that are less than so much of what they were have been lessened by the lower rate."""

MOST_INHERENT: Final = 0.25
"""Share of losses that are borne, at most."""

RECOVERY: Final = 1.05
"""By how much the bound is raised in each period without high losses."""


class LossRates:
    """One bound per slot.

    Args:
        capacity: slots.

    Attributes:
        bounds: float64, shape (capacity,), bit/s; infinite: losses are no reason to send less.
        shares: float64, shape (capacity,), share of packets lost lately, 0 to 1.
    """

    def __init__(self, capacity: int) -> None:
        self.bounds: F64 = np.full(capacity, np.inf)
        self.shares: F64 = np.zeros(capacity)
        self._inherent: F64 = np.zeros(capacity)
        self._before: F64 = np.full(capacity, np.nan)
        self._sent: F64 = np.zeros(capacity)
        self._lost: F64 = np.zeros(capacity)
        self._since: F64 = np.zeros(capacity)
        self._latest: F64 = np.full(capacity, -np.inf)

    def begin(self, slot: int | I64, now: float) -> None:
        """Begin anew."""
        self.bounds[slot] = np.inf
        self.shares[slot] = self._inherent[slot] = self._sent[slot] = self._lost[slot] = 0.0
        self._before[slot] = np.nan
        self._since[slot] = now
        self._latest[slot] = -np.inf

    def note(self, batch: Batch, came: Mask) -> None:
        """Count packets.

        Args:
            batch: packets that came and others.
            came: which did; bool, of the batch's rows. One that left before those counted already
                was counted as lost, and has come after all.
        """
        slots = batch.slots
        late = came & (batch.sent < self._latest[slots][batch.owners])
        lost = np.add.reduceat((~came).astype(np.float64) - late, batch.starts)
        self._sent[slots] += batch.counts
        if late.any():
            self._sent[slots] -= np.add.reduceat(late.astype(np.float64), batch.starts)
        self._lost[slots] = np.maximum(self._lost[slots] + lost, 0.0)
        left = np.maximum.reduceat(batch.sent, batch.starts)
        self._latest[slots] = np.maximum(self._latest[slots], left)

    def update(
        self, slots: I64, rates: F64, throughputs: F64, round_trips: F64, queues: F64, now: float
    ) -> None:
        """Move the bounds of those of which enough is known.

        Args:
            slots: distinct.
            rates: their estimates, bit/s.
            throughputs: bit/s that arrived; NaN: not known.
            round_trips: seconds; NaN: not known.
            queues: seconds of delay that are not the path's.
            now: our clock.
        """
        period = LEAST_TIME + np.where(np.isnan(round_trips), 0.0, round_trips)
        due = (self._sent[slots] >= LEAST_PACKETS) & (now - self._since[slots] >= period)
        if not due.any():
            return
        slots, rates, throughputs = slots[due], rates[due], throughputs[due]
        queued = queues[due] > LONG_QUEUE
        shares = np.minimum(self._lost[slots] / self._sent[slots], 1.0)
        self.shares[slots] = shares
        self._sent[slots] = self._lost[slots] = 0.0
        self._since[slots] = now
        before = self._before[slots]
        inherent = np.minimum(self._inherent[slots], shares + LOW)
        # Losses that were not lessened by sending less are not ours.
        unmoved = (shares > HELPED * before) & ~queued
        inherent = np.where(unmoved, np.minimum(shares, MOST_INHERENT), inherent)
        self._inherent[slots] = inherent
        high = shares - inherent > np.where(queued, LOW, HIGH)
        bounds = self.bounds[slots]
        lowered = np.minimum(rates, bounds) * (1 - shares / 2)
        lowered = np.fmax(lowered, np.fmin(throughputs, rates))
        lowered = np.where(queued, np.fmin(lowered, BACK_OFF * throughputs), lowered)
        raised = bounds * RECOVERY
        bounds = np.where(high, lowered, np.where(unmoved | (raised > 2 * rates), np.inf, raised))
        self.bounds[slots] = bounds
        self._before[slots] = np.where(high, shares, np.nan)
