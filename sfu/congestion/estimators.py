"""How much each peer's network carries: all transports' estimates as columns, an entry per slot.

Sender-side Google Congestion Control (draft-ietf-rmcat-gcc-02) as libwebrtc runs it: what delays
allow, bounded by what losses allow, lifted by what probes show. All transports are estimated in one
pass of array operations, whose number does not depend on how many there are.
"""

from typing import Final

import numpy as np

from sfu.congestion.acknowledged_rate import AcknowledgedRates
from sfu.congestion.acknowledgements import NO_PROBE, Acknowledgements
from sfu.congestion.application_limits import ApplicationLimits
from sfu.congestion.batches import Batch, divide
from sfu.congestion.loss_rate import LossRates
from sfu.congestion.overuse import OveruseDetectors, Usage
from sfu.congestion.packet_groups import Groups, PacketGroups
from sfu.congestion.probe_results import ProbedClusters, ProbeResults
from sfu.congestion.rate_control import BACK_OFF, RateControls
from sfu.congestion.trendline import Trendlines
from sfu.units import F64, I64, Mask

START_RATE: Final = 600_000.0
"""Estimate of a transport that nothing is known of, in bit/s (mediasoup's default, too)."""

LOWEST_RATE: Final = 30_000.0
"""No estimate is below this, in bit/s: a voice, and feedback to learn from."""

HIGHEST_RATE: Final = 100_000_000.0
"""No estimate is above this, in bit/s."""

WORTH_TELLING: Final = 0.01
"""An estimate has moved when it is off by this share of what was last told."""

MOST_AWAY: Final = 1e10
"""Seconds from its origin at which a receiver's clock is taken for broken."""

SILENCE: Final = 1.0
"""Seconds without any feedback on what is being sent, after which the estimate begins to fall …"""

HALF_LIFE: Final = 1.0
"""… by half in so many seconds (RFC 8888 §7: losing feedback is to be taken for congestion)."""

AFTER_SILENCE: Final = 0.5
"""Share of the estimate that is given back when feedback comes again."""

ROUND_TRIP_WEIGHT: Final = 0.125
"""Of a new round trip in the mean (RFC 6298 §2)."""


class Estimators:
    """The estimates of all transports that a worker can send to.

    Args:
        capacity: slots, those of ``Destinations``.

    Attributes:
        rates: float64, shape (capacity,), bit/s on the wire that may be sent to the slot, between
            LOWEST_RATE and HIGHEST_RATE; START_RATE before any feedback. Read only.
    """

    def __init__(self, capacity: int) -> None:
        self.rates: F64 = np.full(capacity, START_RATE)
        self._open: Mask = np.zeros(capacity, np.bool_)
        self._told: F64 = np.full(capacity, START_RATE)
        self._heard: F64 = np.zeros(capacity)
        self._waiting: F64 = np.full(capacity, np.inf)
        self._before_silence: F64 = np.full(capacity, np.nan)
        self._demand: F64 = np.full(capacity, np.inf)
        self._round_trips: F64 = np.full(capacity, np.nan)
        self._groups = PacketGroups(capacity)
        self._trends = Trendlines(capacity)
        self._detectors = OveruseDetectors(capacity)
        self._throughputs = AcknowledgedRates(capacity)
        self._probes = ProbedClusters(capacity)
        self._limits = ApplicationLimits(capacity)
        self._controls = RateControls(capacity, START_RATE, LOWEST_RATE, HIGHEST_RATE)
        self._losses = LossRates(capacity)

    @property
    def acknowledged(self) -> F64:
        """Bit/s that arrived lately; NaN: not known; float64, shape (capacity,)."""
        return self._throughputs.rates

    @property
    def losses(self) -> F64:
        """Share of packets lost lately, 0 to 1; float64, shape (capacity,)."""
        return self._losses.shares

    @property
    def round_trips(self) -> F64:
        """Seconds from sending a packet to hearing of it; NaN: not known; shape (capacity,)."""
        return self._round_trips

    @property
    def jitter(self) -> F64:
        """Seconds by which delays vary; shape (capacity,). Probes should last a few times that."""
        return self._trends.jitter

    @property
    def queues(self) -> F64:
        """Seconds that packets wait on their way, as far as known; float64, shape (capacity,)."""
        return self._trends.queues

    @property
    def overused(self) -> Mask:
        """Whether a queue is building up: not the time to probe; bool, shape (capacity,)."""
        result: Mask = self._detectors.usages == Usage.OVER
        return result

    @property
    def application_limited(self) -> Mask:
        """Whether clearly less is sent than may be; bool, shape (capacity,).

        Then only a probe can tell whether more would go.
        """
        return self._limits.limited

    def open(self, slot: int, now: float) -> None:
        """Begin anew for the transport that has taken a slot."""
        self.rates[slot] = self._told[slot] = START_RATE
        self._heard[slot] = now
        self._waiting[slot] = self._demand[slot] = np.inf
        self._round_trips[slot] = self._before_silence[slot] = np.nan
        self._groups.forget(slot)
        self._trends.forget(slot)
        self._detectors.forget(slot)
        self._throughputs.forget(slot)
        self._probes.forget(slot)
        self._limits.forget(slot)
        self._controls.begin(slot, now)
        self._losses.begin(slot, now)
        self._open[slot] = True

    def forget_trouble(self, slots: I64, now: float) -> None:
        """Begin anew with delays and losses of transports that were silent; estimates stay.

        Their queues have drained, and what was lost by them says nothing of what comes.

        Args:
            slots: int64, shape (n,).
            now: our monotonic clock, in seconds.
        """
        self._groups.forget(slots)
        self._trends.forget(slots)
        self._detectors.forget(slots)
        self._losses.begin(slots, now)

    def close(self, slot: int) -> None:
        """Forget a transport; a slot that is not open is no error."""
        self._open[slot] = False

    def note_demand(self, slot: int, rate: float) -> None:
        """Say what would be sent to a slot if its network carried everything, in bit/s.

        An estimate far above that is of no use to anybody, and is not raised.
        """
        self._demand[slot] = rate

    def update(self, acknowledgements: Acknowledgements, now: float) -> I64:
        """Take one pass's feedback, of all transports; about every 50 ms.

        Rows of slots that are not open are passed over.

        Args:
            acknowledgements: whatever peers said since the last pass, in any quantity.
            now: our monotonic clock, in seconds.

        Returns:
            Slots whose estimate is another one now, by WORTH_TELLING or more; int64, ascending.
        """
        said = divide(acknowledgements, self._open)
        if not len(said):
            return said.slots
        self._heard[said.slots] = now
        self._waiting[said.slots] = np.inf
        self._end_silence(said.slots, now)
        arrived = np.abs(said.arrived) < MOST_AWAY
        self._losses.note(said, arrived)
        came = said if arrived.all() else said.keep(arrived)
        if len(came):
            self._take(said, came, now)
        slots = said.slots
        self._losses.update(
            slots,
            self.rates[slots],
            self.acknowledged[slots],
            self._round_trips[slots],
            self.queues[slots],
            now,
        )
        self.rates[slots] = np.clip(
            np.minimum(self._controls.rates[slots], self._losses.bounds[slots]),
            LOWEST_RATE,
            HIGHEST_RATE,
        )
        return self._tell(slots)

    def decay(self, last_sent: F64, now: float) -> I64:
        """Lower the estimates of those who are sent to and have ceased to answer.

        To be called now and then, ten times a second or less.

        Args:
            last_sent: float64, shape (capacity,), when a packet last left for each slot; any time
                long ago, or NaN, for a slot that nothing was sent to.
            now: our monotonic clock, in seconds.

        Returns:
            Slots whose estimate is another one now, by WORTH_TELLING or more; int64, ascending.
        """
        unanswered = self._open & (last_sent > self._heard)
        self._waiting[unanswered] = np.minimum(self._waiting[unanswered], now)
        silent = (now - self._waiting > SILENCE).nonzero()[0]
        if not len(silent):
            return silent
        # Waiting is put forward, so that each call lowers for the time since the last.
        since = now - self._waiting[silent] - SILENCE
        self._waiting[silent] += since
        before = self._before_silence[silent]
        self._before_silence[silent] = np.where(np.isnan(before), self.rates[silent], before)
        rates = np.maximum(self.rates[silent] * 0.5 ** (since / HALF_LIFE), LOWEST_RATE)
        self.rates[silent] = rates
        self._controls.set(silent, rates, now)
        return self._tell(silent)

    def _end_silence(self, slots: I64, now: float) -> None:
        """Half of what there was before: the fall was a precaution, and nothing is known yet."""
        before = AFTER_SILENCE * self._before_silence[slots]
        lower = self._controls.rates[slots] < before
        self._controls.set(slots[lower], before[lower], now)
        self._before_silence[slots] = np.nan

    def _take(self, said: Batch, came: Batch, now: float) -> None:
        """Learn from packets that came."""
        slots = came.slots
        self._note_round_trips(came, now)
        self._throughputs.update(came, _lost_bytes(said, slots), self.jitter)
        self._limits.update(slots, self._throughputs.sent[slots], self.rates[slots])
        self._detectors.update(self._trends.update(self._undisturbed(came, now), now), now)
        probed = self._probes.update(came, self._trends.jitter)
        usages = self._detectors.usages[slots]
        throughputs = self.acknowledged[slots]
        # What is of no use is not grown: as if it were not known that more would go.
        enough = self.rates[slots] > 2 * self._demand[slots]
        growing = np.where(enough & (usages == Usage.NORMAL), np.int8(Usage.UNDER), usages)
        self._controls.update(slots, growing, throughputs, self._round_trips[slots], now)
        if len(probed.slots):
            self._use(probed, now)

    def _undisturbed(self, came: Batch, now: float) -> Groups:
        """Groups that say something of the media's rate.

        A probe leaves a queue behind it that says nothing, and a line begins anew after it; unless
        there was a queue already.
        """
        groups = self._groups.update(came, now)
        if not came.probes.any():
            return groups
        probing = np.logical_or.reduceat(came.probes != NO_PROBE, came.starts)
        slots = came.slots[probing & (self._detectors.usages[came.slots] != Usage.OVER)]
        self._trends.interrupt(slots)
        rest = ~np.isin(groups.slots[groups.owners], slots)
        return Groups(groups.slots, groups.owners[rest], groups.sent[rest], groups.arrived[rest])

    def _use(self, probed: ProbeResults, now: float) -> None:
        """Let probes decide, unless a queue is building up.

        One that went through as sent shows that at least so much goes; one that filled the path
        shows how much: but never less than what arrives anyway.
        """
        calm = self._detectors.usages[probed.slots] != Usage.OVER
        slots, shown, full = probed.slots[calm], probed.rates[calm], probed.full[calm]
        rates = self._controls.rates[slots]
        least = np.fmin(np.fmax(BACK_OFF * self.acknowledged[slots], 0.0), rates)
        shown = np.maximum(shown, np.where(full, least, rates))
        higher = shown > rates
        self._controls.raise_to(slots[higher], shown[higher], now)
        self._controls.set(slots[~higher], shown[~higher], now)

    def _note_round_trips(self, came: Batch, now: float) -> None:
        slots = came.slots
        latest = now - np.maximum.reduceat(came.sent, came.starts)
        before = self._round_trips[slots]
        mean = before + ROUND_TRIP_WEIGHT * (latest - before)
        self._round_trips[slots] = np.clip(np.where(np.isnan(before), latest, mean), 0.0, 10.0)

    def _tell(self, slots: I64) -> I64:
        rates, told = self.rates[slots], self._told[slots]
        moved = slots[np.abs(rates - told) > WORTH_TELLING * told]
        self._told[moved] = self.rates[moved]
        return moved


def _lost_bytes(said: Batch, slots: I64) -> F64:
    """Bytes that did not come, of slots that are among those of the batch."""
    lost = np.add.reduceat(np.where(np.isnan(said.arrived), said.sizes, 0.0), said.starts)
    return lost[np.searchsorted(said.slots, slots)]
