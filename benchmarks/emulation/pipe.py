"""One direction of an emulated link: packets and the time in, departures out. Pure and seeded.

A packet waits in a drop-tail queue, is serialised at the rate, may be lost, and travels for the
delay. Its fate depends on the seed, on when it came, and on what came before; not on how often one
looked.
"""

import heapq
import itertools
import math
import random
from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
from typing import Final, Generic, NamedTuple, TypeVar

from benchmarks.emulation.pipe_log import Fate, PipeLog
from benchmarks.emulation.plan import Conditions

P = TypeVar("P")

_UNSAID: Final = Conditions()


class Arrival(NamedTuple, Generic[P]):
    """A packet at the other end, and when it got there."""

    at: float
    packet: P


class _Waiting(NamedTuple, Generic[P]):
    """A packet in the queue: what it is, its bits, when it came, its row in the log."""

    packet: P
    bits: int
    came: float
    row: int


class Pipe(Generic[P]):
    """What packets of any kind go through.

    Args:
        changes: since when which conditions hold, seconds since the plan's beginning; in order.
        seed: of losses, jitter and reordering, each of which draws for itself.

    Attributes:
        log: what became of each packet.
    """

    def __init__(self, changes: Sequence[tuple[float, Conditions]], seed: int) -> None:
        self.log = PipeLog()
        self._offsets = [at for at, _ in changes]
        self._conditions = [conditions for _, conditions in changes] or [_UNSAID]
        self._times = [-math.inf]  # since when each condition holds, by the caller's clock
        self._queue: deque[_Waiting[P]] = deque()
        self._queued_bits = 0
        self._clock = 0.0
        self._left = 0.0  # bits of the first in the queue
        self._started = 0.0  # when its serialisation began
        self._travelling: list[tuple[float, int, P]] = []
        self._ties = itertools.count()
        self._last_arrival = -math.inf
        self._losses = random.Random(f"losses {seed}")
        self._delays = random.Random(f"delays {seed}")
        self._detours = random.Random(f"detours {seed}")
        self._bad = False

    def begin(self, now: float) -> None:
        """The plan begins now; until then its first conditions hold."""
        self._serve(now)
        self._times[1:] = [now + at for at in self._offsets[1:]]

    def conditions(self, now: float) -> Conditions:
        """Those that hold."""
        return self._held(now)[0]

    def put(self, now: float, packet: P, size: int) -> bool:
        """A packet enters.

        Args:
            now: not earlier than in any call before.
            packet: whatever it is.
            size: bytes that it takes on the link.

        Returns:
            False if the queue is full, so that it is dropped.
        """
        self._serve(now)
        held, _ = self._held(now)
        if self._is_full(held, size):
            self.log.enter(now, size, Fate.DROPPED)
            return False
        row = self.log.enter(now, size, Fate.WAITING)
        if not self._queue:
            self._clock, self._started, self._left = now, now, 8.0 * size
        self._queue.append(_Waiting(packet, 8 * size, now, row))
        self._queued_bits += 8 * size
        self._serve(now)
        return True

    def take(self, now: float) -> list[Arrival[P]]:
        """The packets that have arrived by now, in order of arrival."""
        self._serve(now)
        arrived: list[Arrival[P]] = []
        while self._travelling and self._travelling[0][0] <= now:
            at, _, packet = heapq.heappop(self._travelling)
            arrived.append(Arrival(at, packet))
        return arrived

    def due(self) -> float:
        """When to look again: not after the next arrival; infinity if nothing is under way."""
        soonest = self._travelling[0][0] if self._travelling else math.inf
        if not self._queue:
            return soonest
        held, until = self._held(self._clock)
        finished = self._clock + _seconds(self._left, held.rate)
        return min(soonest, until, finished + (held.delay / 2 if held.jitter else held.delay))

    def __len__(self) -> int:
        """Packets that wait or travel."""
        return len(self._queue) + len(self._travelling)

    # ---- the queue -------------------------------------------------------------------------------

    def _held(self, now: float) -> tuple[Conditions, float]:
        """What holds at a time, and until when."""
        place = bisect_right(self._times, now)
        until = self._times[place] if place < len(self._times) else math.inf
        return self._conditions[place - 1], until

    def _is_full(self, held: Conditions, size: int) -> bool:
        if held.rate is None or not self._queue:
            return False
        if held.queue_bytes is not None and self._queued_bits // 8 + size > held.queue_bytes:
            return True
        waiting = self._queued_bits - self._queue[0].bits + self._left
        if held.rate == 0:
            return True
        return waiting / held.rate > held.queue

    def _serve(self, now: float) -> None:
        """Serialise until now, at the rates of the times between."""
        while self._queue:
            held, until = self._held(self._clock)
            finished = self._clock + _seconds(self._left, held.rate)
            end = min(now, until)
            if finished > end:
                if end > self._clock and held.rate is not None:
                    self._left -= (end - self._clock) * held.rate
                self._clock = max(self._clock, end)
                if until > now:
                    return
                continue
            self._clock = finished
            self._leave(self._queue.popleft(), held, finished)
            if self._queue:
                self._started, self._left = finished, float(self._queue[0].bits)

    # ---- the way ---------------------------------------------------------------------------------

    def _leave(self, one: _Waiting[P], held: Conditions, now: float) -> None:
        self._queued_bits -= one.bits
        waited = self._started - one.came
        if self._loses(held):
            self.log.left(one.row, Fate.LOST, now, waited)
            return
        self.log.left(one.row, Fate.CARRIED, now, waited)
        arrival = now + self._delay(held)
        if held.reordering and self._detours.random() < held.reordering:
            arrival += held.held_back
        elif held.keeps_order:
            arrival = self._last_arrival = max(arrival, self._last_arrival)
        heapq.heappush(self._travelling, (arrival, next(self._ties), one.packet))

    def _loses(self, held: Conditions) -> bool:
        """Gilbert's model, whose bad state lasts ``burst`` packets in the mean."""
        if held.loss == 0.0:
            self._bad = False
            return False
        if held.burst == 1.0:
            return self._losses.random() < held.loss
        turn = 1 / held.burst if self._bad else held.loss / (1 - held.loss) / held.burst
        if self._losses.random() < turn:
            self._bad = not self._bad
        return self._bad

    def _delay(self, held: Conditions) -> float:
        if held.jitter == 0.0:
            return held.delay
        return max(held.delay / 2, self._delays.gauss(held.delay, held.jitter))


def _seconds(bits: float, rate: float | None) -> float:
    if rate is None:
        return 0.0
    return bits / rate if rate else math.inf
