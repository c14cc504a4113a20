"""A call over an emulated link, all of it in virtual time: sender, link, receiver, estimator.

The sender is what a subscriber's side of the SFU is: it forwards a stream of the best-fitting layer
and a voice, and probes when it would send more. Pure and seeded.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol

import numpy as np

from benchmarks.emulation.pipe import Pipe
from benchmarks.emulation.plan import Plan
from sfu.congestion.acknowledgements import NO_PROBE, Acknowledgements
from sfu.congestion.estimators import Estimators
from sfu.congestion.probing import Prober
from sfu.units import BitsPerSecond, Seconds

STEP: Final = 0.005
"""Seconds of virtual time that are gone through at once."""

PASS_EVERY: Final = 0.05
FEEDBACK_EVERY: Final = 0.1
"""Seconds, as libwebrtc's receivers do it at usual rates."""

PACKET: Final = 1200
PROBE_PACKET: Final = 1000
LEAST_PROBES: Final = 5
VOICE: Final = 110
VOICE_EVERY: Final = 0.02
VOICE_RATE: Final = 8 * VOICE / VOICE_EVERY
LEAST: Final = 20_000.0
FRAME_EVERY: Final = 1 / 30
TICK: Final = 250e-6
"""Of the times in feedback."""

SLOT: Final = 1


class Outgoing(NamedTuple):
    """A packet that is to leave: when (seconds), bytes, and its probe cluster."""

    at: float
    size: int
    probe: int


class Parcel(NamedTuple):
    """A packet on the link: whose it is (0: the call's, else a competitor's), and its number."""

    owner: int
    number: int


class Wishes(Protocol):
    """What a sender would send if it were allowed to: bit/s, of its media."""

    def choose(self, estimate: float, now: float) -> float:
        """The rate of what is sent, bit/s."""

    def wanted(self, estimate: float) -> float:
        """The rate that would be needed for the next better; 0: nothing."""


@dataclass
class Layers:
    """Sends the best layer that fits: up with some margin, down at once."""

    rates: Sequence[float]
    margin: float = 1.1
    current: int = 0

    def choose(self, estimate: float, now: float) -> float:
        """The rate of the layer that is sent."""
        fitting = [n for n, rate in enumerate(self.rates) if rate <= estimate]
        best = max(fitting, default=0)
        if best > self.current and self.rates[best] * self.margin > estimate:
            best -= 1
        self.current = max(best, self.current) if best >= self.current else best
        return self.rates[self.current]

    def wanted(self, estimate: float) -> float:
        """What the next layer takes."""
        if self.current + 1 < len(self.rates):
            return self.rates[self.current + 1] * self.margin
        return 0.0


@dataclass
class Elastic:
    """Sends whatever it may, up to a rate: as many layers of many streams do."""

    most: float = 50e6
    share: float = 0.95

    def choose(self, estimate: float, now: float) -> float:
        """Nearly the estimate."""
        return min(max(self.share * estimate - VOICE_RATE, LEAST), self.most)

    def wanted(self, estimate: float) -> float:
        """As much as there is."""
        return min(2 * estimate, self.most) if estimate < self.most else 0.0


class Competitor(Protocol):
    """Another flow on the same link."""

    def due(self, now: float) -> list[int]:
        """Sizes of the packets it sends by now."""

    def acknowledge(self, now: float) -> None:
        """One of its packets has arrived."""

    def lose(self, now: float) -> None:
        """One has been dropped."""


@dataclass
class ConstantFlow:
    """The same rate, bit/s, from a time to another."""

    rate: float
    start: float = 0.0
    end: float = float("inf")
    _owed: float = 0.0
    _at: float = 0.0

    def due(self, now: float) -> list[int]:
        """Packets since the last time."""
        if self.start <= now < self.end:
            self._owed += (now - self._at) * self.rate / 8
        self._at = now
        count = int(self._owed // PACKET)
        self._owed -= count * PACKET
        return [PACKET] * count

    def acknowledge(self, now: float) -> None:
        """It does not mind."""

    def lose(self, now: float) -> None:
        """It does not mind."""


@dataclass
class TcpFlow:
    """Additive increase, multiplicative decrease, by a window of packets (RFC 5681, no more)."""

    start: float = 0.0
    end: float = float("inf")
    window: float = 10.0
    threshold: float = 1e9
    under_way: int = 0
    _reduced: float = -1.0
    _now: float = 0.0

    def due(self, now: float) -> list[int]:
        """What the window allows."""
        if not self.start <= now < self.end:
            return []
        count = max(0, int(self.window) - self.under_way)
        self.under_way += count
        return [1500] * count

    def acknowledge(self, now: float) -> None:
        """Grow."""
        self.under_way -= 1
        self.window += 1.0 if self.window < self.threshold else 1.0 / self.window

    def lose(self, now: float) -> None:
        """Halve, once per round trip or so."""
        self.under_way -= 1
        if now - self._reduced > 0.1:
            self._reduced = now
            self.threshold = self.window = max(2.0, self.window / 2)


@dataclass
class Feedback:
    """How feedback travels: what may go wrong with it."""

    every: float = FEEDBACK_EVERY
    loss: float = 0.0
    clock: Callable[[float], float] = lambda now: now
    silent: tuple[tuple[float, float], ...] = ()


@dataclass
class Trace:
    """What happened, a row per pass; all in seconds and bit/s."""

    times: list[float] = field(default_factory=list)
    estimates: list[float] = field(default_factory=list)
    sending: list[float] = field(default_factory=list)
    acknowledged: list[float] = field(default_factory=list)
    probes: list[float] = field(default_factory=list)
    overused: list[bool] = field(default_factory=list)

    def mean(self, start: float, end: float) -> float:
        """Of the estimates in a stretch of time."""
        return float(np.mean(self.between(start, end)))

    def between(self, start: float, end: float) -> np.typing.NDArray[np.float64]:
        """The estimates in a stretch of time."""
        times = np.array(self.times)
        found = np.array(self.estimates)[(times >= start) & (times < end)]
        return np.asarray(found, np.float64)


class SimulatedCall:
    """One call over one plan.

    Args:
        plan: of the link; its downlink carries media, its uplink's delay feedback.
        wishes: what is sent.
        seed: of all that is drawn.
        probes: whether it probes.
        competitors: others on the downlink.
        feedback: how it fares.
    """

    def __init__(
        self,
        plan: Plan,
        wishes: Wishes,
        seed: int = 1,
        probes: bool = True,
        competitors: Sequence[Competitor] = (),
        feedback: Feedback | None = None,
    ) -> None:
        self.plan = plan
        self.pipe: Pipe[Parcel] = Pipe(plan.changes("down"), seed)
        self.pipe.begin(0.0)
        self.back: Pipe[list[tuple[int, float]]] = Pipe(plan.changes("up"), seed + 1000)
        self.back.begin(0.0)
        self.trace = Trace()
        self.estimators = Estimators(SLOT + 1)
        self.estimators.open(SLOT, 0.0)
        self._wishes, self._probes, self._competitors = wishes, probes, competitors
        self._prober = Prober()
        self._feedback = feedback or Feedback()
        self._random = random.Random(f"call {seed}")
        self._sent: list[Outgoing] = []
        self._reported = 0
        self._arrived: list[tuple[int, float]] = []
        self._waiting: list[Outgoing] = []
        self._next_frame = self._next_voice = 0.0
        self._next_feedback = self._next_pass = 0.0
        self._said: list[tuple[int, float]] = []
        self._rate = 0.0
        self._last_sent = np.full(SLOT + 1, np.nan)

    def run(self, seconds: float | None = None) -> Trace:
        """The whole plan, or so much of it."""
        steps = round((seconds or self.plan.seconds) / STEP)
        for step in range(1, steps + 1):
            self._step(step * STEP)
        return self.trace

    def _step(self, now: float) -> None:
        self._produce(now)
        self._waiting.sort()
        ready = [one for one in self._waiting if one.at <= now]
        del self._waiting[: len(ready)]
        for one in ready:
            number = len(self._sent)
            self._sent.append(one)
            self.pipe.put(one.at, Parcel(0, number), one.size)
        if ready:
            self._last_sent[SLOT] = ready[-1].at
        for owner, competitor in enumerate(self._competitors, 1):
            for size in competitor.due(now):
                if not self.pipe.put(now, Parcel(owner, 0), size):
                    competitor.lose(now)
        for arrival in self.pipe.take(now):
            if arrival.packet.owner:
                self._competitors[arrival.packet.owner - 1].acknowledge(now)
            else:
                self._arrived.append((arrival.packet.number, arrival.at))
        self._report(now)
        if now >= self._next_pass:
            self._next_pass += PASS_EVERY
            self._pass(now)

    def _produce(self, now: float) -> None:
        while self._next_voice <= now:
            self._waiting.append(Outgoing(self._next_voice, VOICE, NO_PROBE))
            self._next_voice += VOICE_EVERY
        while self._next_frame <= now:
            estimate = float(self.estimators.rates[SLOT])
            self._rate = self._wishes.choose(estimate, now)
            size = self._rate / 8 * FRAME_EVERY * self._random.uniform(0.8, 1.2)
            self._burst(self._next_frame, int(size), max(2.5 * self._rate, 1e6))
            self._next_frame += FRAME_EVERY

    def _burst(
        self, start: float, size: int, pace: float, probe: int = NO_PROBE, most: int = PACKET
    ) -> None:
        """So many bytes in packets of at most so many, paced at bit/s."""
        count = max(1, -(-size // most))
        each = max(80, size // count)
        gap = each * 8 / pace
        for n in range(count):
            self._waiting.append(Outgoing(start + n * gap, each, probe))

    def _report(self, now: float) -> None:
        """The receiver sends feedback; what has come to the sender's side is kept for the pass."""
        if now >= self._next_feedback:
            self._next_feedback += self._feedback.every
            if self._arrived:
                told = self._told()
                if not self._lost(now):
                    self.back.put(now, told, 100)
        for arrival in self.back.take(now):
            self._said.extend(arrival.packet)

    def _told(self) -> list[tuple[int, float]]:
        """What a receiver says of all numbers up to the highest that has come."""
        came = dict(self._arrived)
        highest = max(came)
        numbers = sorted(came.keys() | set(range(self._reported, highest)))
        self._reported = max(self._reported, highest + 1)
        self._arrived = []
        clock = self._feedback.clock
        return [
            (number, round(clock(came[number]) / TICK) * TICK if number in came else np.nan)
            for number in numbers
        ]

    def _lost(self, now: float) -> bool:
        silent = any(start <= now < end for start, end in self._feedback.silent)
        return silent or self._random.random() < self._feedback.loss

    def _pass(self, now: float) -> None:
        if self._said:
            self.estimators.update(self._acknowledgements(), now)
        self.estimators.decay(self._last_sent, now)
        estimate = float(self.estimators.rates[SLOT])
        trace = self.trace
        trace.times.append(now)
        trace.estimates.append(estimate)
        trace.sending.append(self._rate)
        trace.acknowledged.append(float(self.estimators.acknowledged[SLOT]))
        overused = bool(self.estimators.overused[SLOT])
        trace.overused.append(overused)
        if self._probes:
            self._probe(now, estimate, overused)

    def _probe(self, now: float, estimate: float, overused: bool) -> None:
        wanted = self._wishes.wanted(estimate)
        probe = self._prober.consider(
            BitsPerSecond(estimate),
            BitsPerSecond(wanted) if wanted else None,
            Seconds(now),
            overused=overused,
            jitter=Seconds(float(self.estimators.jitter[SLOT])),
        )
        if probe is not None:
            padding = max(probe.rate - self._rate, 0.5 * probe.rate)
            octets = int(max(padding * probe.duration / 8, LEAST_PROBES * PROBE_PACKET))
            self._burst(now, octets, padding, probe.cluster, PROBE_PACKET)
            self.trace.probes.append(now)

    def _acknowledgements(self) -> Acknowledgements:
        """What has been said since the last pass, in sending order."""
        said = dict(self._said)
        self._said = []
        numbers = sorted(said)
        sent = [self._sent[number] for number in numbers]
        return Acknowledgements(
            np.full(len(numbers), SLOT, np.int64),
            np.array([one.at for one in sent]),
            np.array([said[number] for number in numbers]),
            np.array([one.size for one in sent], np.int32),
            np.array([one.probe for one in sent], np.int32),
        )
