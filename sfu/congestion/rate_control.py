"""The rate that delays allow: additive or multiplicative increase, multiplicative decrease.

(draft-ietf-rmcat-gcc-02 §4.4, §4.5; the constants are those of libwebrtc's ``AimdRateControl``.)

```
             usage  NORMAL     OVER                       UNDER
  phase
  HOLD              INCREASE   DECREASE, then HOLD        HOLD
  INCREASE          INCREASE   DECREASE, then HOLD        HOLD
```

The decrease is made at once and then held until the queue has drained, so no slot stays in it.
"""

from enum import IntEnum
from typing import Final

import numpy as np

from sfu.congestion.link_capacity import LinkCapacities
from sfu.units import F64, I64, Mask


class Phase(IntEnum):
    """What the rate does."""

    HOLD = 0
    INCREASE = 1
    DECREASE = 2


NEXT: Final = np.array(
    [
        # NORMAL          OVER            UNDER
        [Phase.INCREASE, Phase.DECREASE, Phase.HOLD],  # HOLD
        [Phase.INCREASE, Phase.DECREASE, Phase.HOLD],  # INCREASE
        [Phase.HOLD, Phase.DECREASE, Phase.HOLD],  # DECREASE
    ],
    np.int8,
)
"""The next phase, by phase and usage."""

BACK_OFF: Final = 0.9
"""Of what arrives, what is sent while a queue drains (§4.5: beta, 0.8 to 0.95)."""

GROWTH: Final = 1.08
"""Per second, as long as the path has not been seen full (§4.5: eta)."""

HEADROOM: Final = 1.25
"""The rate grows to so many times what arrives, and …"""

EXTRA: Final = 10_000.0
"""… by so many bit/s more: what has not been tried is not known."""

LEAST_GROWTH: Final = 4_000.0
"""Bit/s per second near the capacity."""

REDUCED_EVERY: Final = (0.01, 0.2)
"""Seconds between two decreases: a round trip, within these."""

USUAL_ROUND_TRIP: Final = 0.2
"""Seconds, as long as it is not known."""

RESPONSE: Final = 0.1
"""Seconds the detector needs beside the round trip."""

FRAME: Final = 1 / 30
PACKET_BITS: Final = 9600.0
"""Of the video that is assumed: packets are as large as frames fill them evenly."""


class RateControls:
    """One rate per slot.

    Args:
        capacity: slots.
        start: the rate in the beginning, bit/s.
        lowest: bit/s, and …
        highest: … bit/s, between which rates stay.

    Attributes:
        rates: float64, shape (capacity,), bit/s.
    """

    def __init__(self, capacity: int, start: float, lowest: float, highest: float) -> None:
        self.rates: F64 = np.full(capacity, start)
        self._start, self._lowest, self._highest = start, lowest, highest
        self._phases = np.full(capacity, Phase.HOLD, np.int8)
        self._changed: F64 = np.zeros(capacity)
        self._throughputs: F64 = np.full(capacity, start)
        self.links = LinkCapacities(capacity)

    def begin(self, slot: int, now: float) -> None:
        """Begin anew."""
        self.rates[slot] = self._throughputs[slot] = self._start
        self._phases[slot] = Phase.HOLD
        self._changed[slot] = now
        self.links.forget(slot)

    def set(self, slots: I64, rates: F64, now: float) -> None:
        """Put rates, in bit/s, in place of those there are."""
        self.rates[slots] = np.clip(rates, self._lowest, self._highest)
        self._changed[slots] = now

    def raise_to(self, slots: I64, rates: F64, now: float) -> None:
        """Rates that paths were seen to carry, in bit/s: what is known of smaller ones is void."""
        self.links.forget(slots[~(rates <= self.links.bounds(slots)[1])])
        self.set(slots, rates, now)

    def update(
        self, slots: I64, usages: I64, throughputs: F64, round_trips: F64, now: float
    ) -> None:
        """Move the rates of slots that were heard.

        Args:
            slots: distinct.
            usages: a Usage for each.
            throughputs: bit/s that arrived; NaN: not known.
            round_trips: seconds; NaN: not known.
            now: our clock.
        """
        phases = NEXT[self._phases[slots], usages]
        round_trips = np.where(np.isnan(round_trips), USUAL_ROUND_TRIP, round_trips)
        measured = ~np.isnan(throughputs)
        throughputs = np.where(measured, throughputs, self._throughputs[slots])
        self._throughputs[slots] = throughputs
        # Whoever begins to increase has not been increasing since the last change.
        begun = (phases == Phase.INCREASE) & (self._phases[slots] != Phase.INCREASE)
        self._changed[slots[begun]] = now
        up = phases == Phase.INCREASE
        down = phases == Phase.DECREASE
        if up.any():
            self._increase(slots[up], throughputs[up], round_trips[up], now)
        if down.any():
            self._decrease(slots[down], throughputs[down], measured[down], round_trips[down], now)
        self._phases[slots] = np.where(down, Phase.HOLD, phases)

    def _increase(self, slots: I64, throughputs: F64, round_trips: F64, now: float) -> None:
        rates = self.rates[slots]
        beyond = throughputs > self.links.bounds(slots)[1]
        self.links.forget(slots[beyond])
        seconds = np.clip(now - self._changed[slots], 0.0, 1.0)
        near = ~np.isnan(self.links.means[slots])
        slowly = _near_capacity(rates, round_trips) * seconds
        quickly = np.maximum(rates * (GROWTH**seconds - 1), 1000.0 * seconds)
        grown = rates + np.where(near, slowly, quickly)
        most = np.maximum(HEADROOM * throughputs + EXTRA, rates)
        self.set(slots, np.minimum(grown, most), now)

    def _decrease(
        self, slots: I64, throughputs: F64, measured: Mask, round_trips: F64, now: float
    ) -> None:
        rates = self.rates[slots]
        waited = now - self._changed[slots] >= np.clip(round_trips, *REDUCED_EVERY)
        waited |= measured & (throughputs < 0.5 * rates)
        slots, rates = slots[waited], rates[waited]
        throughputs, measured = throughputs[waited], measured[waited]
        lower, _ = self.links.bounds(slots)
        self.links.forget(slots[throughputs < lower])
        lowered = BACK_OFF * throughputs
        means = self.links.means[slots]
        lowered = np.where((lowered > rates) & ~np.isnan(means), BACK_OFF * means, lowered)
        # Without a measurement all that is known is that it is too much.
        lowered = np.where(measured, lowered, rates / 2)
        self.links.note_full(slots[measured], throughputs[measured])
        self.set(slots, np.minimum(lowered, rates), now)


def _near_capacity(rates: F64, round_trips: F64) -> F64:
    """Growth near the capacity, in bit/s per second: half a packet per response time (§4.5)."""
    frames = rates * FRAME
    packets = frames / np.ceil(frames / PACKET_BITS)
    growth: F64 = np.maximum(packets / (2 * (round_trips + RESPONSE)), LEAST_GROWTH)
    return growth
