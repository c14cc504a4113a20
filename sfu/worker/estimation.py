"""What the networks of a worker's peers carry: feedback in, estimates and probes out.

Feedback is queued as it comes, and read for all transports together twenty times a second: one pass
costs some hundred microseconds, whoever it is for, and then little for each transport more. A
transport takes part from its first feedback on; for one that gives none, nothing is done.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from sfu.congestion.acknowledging import AcknowledgementReader
from sfu.congestion.estimators import Estimators
from sfu.congestion.feedback import HEADER_SIZE, MOST_STATUSES
from sfu.congestion.pacer import Pacer
from sfu.congestion.probing import Prober
from sfu.congestion.sent_packets import SentPackets
from sfu.routing.shared import Repetition, Shared
from sfu.units import F64, I64, BitsPerSecond, Seconds
from sfu.worker.paced_sending import PacedSending, Padded

PASS_INTERVAL: Final = Seconds(0.05)
"""How long feedback waits for other feedback, at most."""

MANY: Final = 1024
"""Feedbacks that are not left to wait."""

MOST_WAITING: Final = 8192
"""Feedbacks that wait; what comes on top is dropped."""

LOOK_INTERVAL: Final = Seconds(0.1)
"""Between two looks at who has ceased to answer."""

REVIEW_INTERVAL: Final = Seconds(1.0)
"""Between two looks at a transport whose estimate stays where it is ..."""

EAGER_INTERVAL: Final = Seconds(0.1)
"""... and at one for which more is wanted."""

FRESH: Final = 0.5
"""Seconds for which the last feedback tells whether a queue is building up."""

_NOTEWORTHY: Final = 0.03
"""Share of an estimate by which it has to change, for anybody to be told ..."""

_AMPLE: Final = 1.5
"""... unless it is so many times what is wanted, before and after."""

_NEVER: Final = np.inf


@dataclass(slots=True)
class EstimationCounts:
    """Since the worker's start.

    Attributes:
        feedbacks: transport-wide feedback packets that came.
        refused: those dropped unread: too many, or speaking of too many packets.
    """

    feedbacks: int = 0
    refused: int = 0


class Estimated(Padded, Protocol):
    """The sending side of a transport, as far as estimates go."""

    def set_estimate(self, rate: BitsPerSecond, now: Seconds) -> None:
        """The peer's network carries so much."""

    @property
    def demand(self) -> BitsPerSecond:
        """What would be sent if the network carried it."""

    @property
    def next_step(self) -> BitsPerSecond | None:
        """The estimate at which more would be sent; None when nothing is lacking."""


class _Path:
    """What is kept of one transport."""

    __slots__ = ("outbound", "pacer", "prober")

    def __init__(self, outbound: Estimated, rate: BitsPerSecond, now: Seconds) -> None:
        self.outbound = outbound
        self.prober = Prober()
        self.pacer: Pacer[Repetition] = Pacer(rate, now)


class Estimation:
    """The estimates of a worker.

    Args:
        shared: whose transmit ring is observed as soon as a transport takes part.
        clock: monotonic; for the times at which packets leave.

    Attributes:
        estimators: of all slots.
        counts: what was done.
        paced: sends probes, and repetitions that had to wait.
    """

    def __init__(self, shared: Shared, clock: Callable[[], float]) -> None:
        capacity = len(shared.destinations.next_number)
        self.estimators = Estimators(capacity)
        self.counts = EstimationCounts()
        self._shared = shared
        self._sent = SentPackets(capacity, clock)
        self.paced = PacedSending(shared, self._sent)
        self._reader = AcknowledgementReader(self._sent, capacity)
        self._paths: dict[int, _Path] = {}
        self._given_up = 0  # by transports that are gone
        # Columns, by slot.
        self._told: F64 = np.zeros(capacity)  # the estimate that was told last
        self._demand: F64 = np.zeros(capacity)
        self._review_at: F64 = np.full(capacity, _NEVER)
        self._heard_at: F64 = np.zeros(capacity)
        # Feedback that waits.
        self._slots: list[int] = []
        self._bodies: list[bytes] = []
        self._sizes: list[int] = []
        self._statuses: dict[int, int] = {}  # packets that waiting feedback speaks of, by slot
        self._read_at: Seconds | None = None
        self._look_at: Seconds | None = None

    def __len__(self) -> int:
        """Transports that take part."""
        return len(self._paths)

    @property
    def broken(self) -> int:
        """Feedbacks that could not be read."""
        return self._reader.broken

    @property
    def given_up(self) -> int:
        """Repetitions that never left, because too much waited."""
        return self._given_up + sum(path.pacer.given_up for path in self._paths.values())

    @property
    def rates(self) -> F64:
        """Estimates of those that take part, in bit/s, shape (n,)."""
        return self.estimators.rates[list(self._paths)]

    @property
    def limited(self) -> int:
        """Transports whose estimate is below what is wanted."""
        slots = list(self._paths)
        return int(np.count_nonzero(self.estimators.rates[slots] < self._demand[slots]))

    # ---- transports ------------------------------------------------------------------------

    def close(self, slot: int) -> None:
        """Forget a transport; harmless when it takes no part."""
        path = self._paths.pop(slot, None)
        if path is None:
            return
        self._given_up += path.pacer.given_up
        self._shared.pacers.pop(slot, None)
        self.paced.forget(slot)
        self._sent.close(slot)
        self.estimators.close(slot)
        self._review_at[slot] = _NEVER
        kept = [place for place, one in enumerate(self._slots) if one != slot]
        self._slots = [self._slots[place] for place in kept]
        self._bodies = [self._bodies[place] for place in kept]
        self._sizes = [self._sizes[place] for place in kept]
        if not self._paths:
            self._shared.ring.observer = None
            self._look_at = None

    def moved(self, slot: int) -> None:
        """A transport's peer is reached another way: what was sent the old way tells nothing."""
        path = self._paths.get(slot)
        if path is not None:
            self._sent.forget(slot)
            path.prober.restart()
            self._review_at[slot] = 0.0

    def sent_again(self, slot: int, number: int) -> None:
        """A packet leaves a second time under its transport-wide number."""
        if slot in self._paths:
            self._reader.sent_again(slot, number)

    def _open(self, slot: int, outbound: Estimated, now: Seconds) -> _Path:
        if not self._paths:
            self._shared.ring.observer = self._sent.note
            self._look_at = Seconds(now + LOOK_INTERVAL)
        self._sent.open(slot)
        self.estimators.open(slot, now)
        rate = BitsPerSecond(float(self.estimators.rates[slot]))
        path = self._paths[slot] = _Path(outbound, rate, now)
        self._shared.pacers[slot] = path.pacer
        self._told[slot], self._demand[slot] = 0.0, np.inf
        self._review_at[slot] = now
        return path

    # ---- feedback --------------------------------------------------------------------------

    def receive(
        self, slot: int, outbound: Estimated, feedbacks: list[tuple[bytes, int]], now: Seconds
    ) -> None:
        """Feedback of a transport; read in due course.

        Args:
            slot: of the transport.
            outbound: its sending side.
            feedbacks: control information with padding, and its size without.
            now: monotonic.
        """
        self.counts.feedbacks += len(feedbacks)
        if slot not in self._paths:
            self._open(slot, outbound, now)  # what it speaks of has not been noted yet
            return
        for body, size in feedbacks:
            if size < HEADER_SIZE:
                self.counts.refused += 1
                continue
            statuses = self._statuses.get(slot, 0) + (body[2] << 8 | body[3])
            if statuses > MOST_STATUSES or len(self._slots) >= MOST_WAITING:
                self.counts.refused += 1
                continue
            self._statuses[slot] = statuses
            self._slots.append(slot)
            self._bodies.append(body)
            self._sizes.append(size)
        due = now if len(self._slots) >= MANY else Seconds(now + PASS_INTERVAL)
        if self._slots and (self._read_at is None or due < self._read_at):
            self._read_at = due

    # ---- time ------------------------------------------------------------------------------

    @property
    def due(self) -> Seconds | None:
        """When ``run`` has something to do; None for never."""
        paced = self.paced.due
        if self._look_at is None and paced is None:
            return None
        return min(one for one in (self._read_at, self._look_at, paced) if one is not None)

    def run(self, now: Seconds) -> None:
        """Do what is due: read feedback, tell estimates, send probes and what waits."""
        paced = self.paced.due
        if paced is not None and now >= paced:
            self.paced.run(now)
        if self._read_at is not None and now >= self._read_at:
            self._read(now)
        if self._look_at is not None and now >= self._look_at:
            self._look_at = Seconds(now + LOOK_INTERVAL)
            self._note(self.estimators.decay(self._sent.last_sent, now), now)

    def _read(self, now: Seconds) -> None:
        """Read the feedback that waits, of all transports at once."""
        self._shared.ring.flush()
        self._heard_at[self._slots] = now
        said = self._reader.read(self._slots, self._bodies, self._sizes)
        self._slots, self._bodies, self._sizes = [], [], []
        self._statuses.clear()
        self._read_at = None
        self._note(self.estimators.update(said, now), now)

    def _note(self, moved: I64, now: Seconds) -> None:
        """Tell transports whose estimates have moved far enough, and those whose turn it is."""
        rates, told = self.estimators.rates[moved], self._told[moved]
        far = np.abs(rates - told) > _NOTEWORTHY * told
        far &= np.minimum(rates, told) < _AMPLE * self._demand[moved]
        self._review_at[moved[far]] = now
        due = np.flatnonzero(self._review_at <= now).tolist()
        if due:
            # Where nothing is sent any more, a queue has drained without anybody saying so.
            silent = np.array(
                [slot for slot in due if self._heard_at[slot] < now - FRESH], np.int64
            )
            self.estimators.forget_trouble(silent, now)
            overused = self.estimators.overused
            for slot in due:
                self._review(slot, self._paths[slot], bool(overused[slot]), now)

    def _review(self, slot: int, path: _Path, overused: bool, now: Seconds) -> None:
        """Tell a transport its estimate, ask what it wants, and probe for it."""
        estimators = self.estimators
        rate = BitsPerSecond(float(estimators.rates[slot]))
        outbound = path.outbound
        outbound.set_estimate(rate, now)
        path.pacer.rate = rate
        demand, wanted = outbound.demand, outbound.next_step
        estimators.note_demand(slot, demand)
        self._told[slot], self._demand[slot] = rate, demand or np.inf
        jitter = Seconds(float(estimators.jitter[slot]))
        probe = path.prober.consider(rate, wanted, now, overused=overused, jitter=jitter)
        if probe is not None:
            self.paced.begin(slot, outbound, probe, now)
        calm = wanted is None and not path.prober.waiting
        self._review_at[slot] = now + (REVIEW_INTERVAL if calm else EAGER_INTERVAL)
