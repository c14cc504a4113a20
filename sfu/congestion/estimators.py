"""How much each peer's network carries: all transports' estimates as columns, an entry per slot.

Sender-side Google Congestion Control (draft-ietf-rmcat-gcc-02).
"""

from typing import Final

import numpy as np

from sfu.congestion.acknowledgements import Acknowledgements
from sfu.units import F64, I64, Mask

START_RATE: Final = 600_000.0
"""Estimate of a transport that nothing is known of, in bit/s."""

LOWEST_RATE: Final = 30_000.0
"""No estimate is below this, in bit/s: a voice, and feedback to learn from."""

HIGHEST_RATE: Final = 100_000_000.0
"""No estimate is above this, in bit/s."""


class Estimators:
    """The estimates of all transports that a worker can send to.

    Args:
        capacity: slots, those of ``Destinations``.

    Attributes:
        rates: float64, shape (capacity,), bit/s on the wire that may be sent to the slot, between
            LOWEST_RATE and HIGHEST_RATE; START_RATE before any feedback. Read only.
        acknowledged: float64, shape (capacity,), bit/s that arrived lately; NaN: not known.
        losses: float64, shape (capacity,), share of packets lost lately, 0 to 1.
        round_trips: float64, shape (capacity,), seconds from sending a packet to hearing of it;
            NaN: not known.
        overused: bool, shape (capacity,), whether a queue is building up: not the time to probe.
        application_limited: bool, shape (capacity,), whether clearly less is sent than the
            estimate allows, so that only a probe can tell whether more would go.
    """

    def __init__(self, capacity: int) -> None:
        self.rates: F64 = np.full(capacity, START_RATE)
        self.acknowledged: F64 = np.full(capacity, np.nan)
        self.losses: F64 = np.zeros(capacity)
        self.round_trips: F64 = np.full(capacity, np.nan)
        self.overused: Mask = np.zeros(capacity, np.bool_)
        self.application_limited: Mask = np.zeros(capacity, np.bool_)
        self._demand: F64 = np.full(capacity, np.inf)
        self._open: Mask = np.zeros(capacity, np.bool_)

    def open(self, slot: int, now: float) -> None:
        """Begin anew for the transport that has taken a slot."""
        self.rates[slot] = START_RATE
        self._open[slot] = True

    def close(self, slot: int) -> None:
        """Forget a transport; a slot that is not open is no error."""
        self._open[slot] = False

    def note_demand(self, slot: int, rate: float) -> None:
        """Say what would be sent to a slot if its network carried everything, in bit/s.

        An estimate is not grown by much more than can be tried out.
        """
        self._demand[slot] = rate

    def update(self, acknowledgements: Acknowledgements, now: float) -> I64:
        """Take one pass's feedback, of all transports; about every 50 ms.

        Rows of slots that are not open are passed over.

        Args:
            acknowledgements: whatever peers said since the last pass, in any quantity.
            now: our monotonic clock, in seconds.

        Returns:
            Slots whose estimate is another one now; int64, ascending.
        """
        return np.empty(0, np.int64)

    def decay(self, last_sent: F64, now: float) -> I64:
        """Lower the estimates of those who are sent to and have ceased to answer.

        To be called now and then, ten times a second or less.

        Args:
            last_sent: float64, shape (capacity,), when a packet last left for each slot; any time
                long ago, or NaN, for a slot that nothing was sent to.
            now: our monotonic clock, in seconds.

        Returns:
            Slots whose estimate is another one now; int64, ascending.
        """
        return np.empty(0, np.int64)
