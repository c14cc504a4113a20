"""Estimates over simulated links, on virtual time: with real packets and real feedback."""

from collections import deque
from collections.abc import Iterator

import numpy as np
import pytest
from typing_extensions import override

from sfu.congestion.feedback import MOST_STATUSES
from sfu.ortc.encodings import Encoding
from sfu.routing.repairs import Repairs
from sfu.transport.srtp import SrtpSession
from sfu.transport.transmit_ring import TransmitRing
from sfu.units import BitsPerSecond, Seconds
from sfu.wire.twcc import NOT_RECEIVED, build_feedback
from sfu.worker.estimation import MOST_WAITING, Estimated, Estimation
from tests.sfu.routing.publishing import World, parameters
from tests.sfu.routing.subscribing import Audience, Subscriber

STEP = 0.005
FRAME = 1 / 30
FEEDBACK = 0.1
PACKET = 1000
IP_UDP = 28
DELAY = 0.02


class Link:
    """A subscriber's downlink: a queue drained at a rate, and the receiver's feedback."""

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self.free_at = 0.0
        self.arrived: dict[int, float] = {}
        self.delays: deque[float] = deque(maxlen=500)
        self.octets = 0
        self._told: int | None = None
        self._newest = 0
        self._feedbacks = 0

    def carry(self, number: int, size: int, now: float) -> None:
        number = self._newest + ((number - self._newest + 0x8000) & 0xFFFF) - 0x8000
        self._newest = max(self._newest, number)
        begun = max(now, self.free_at)
        if begun - now > 1.0:
            return  # the queue is full
        self.octets += size + IP_UDP
        self.free_at = begun + 8 * (size + IP_UDP) / self.rate
        self.delays.append(self.free_at - now)
        self.arrived[number] = self.free_at + DELAY

    def feedback(self, now: float) -> Iterator[bytes]:
        come = {number: at for number, at in self.arrived.items() if at <= now}
        if not come:
            return
        first = min(come) if self._told is None else min(self._told, *come)
        times = np.full(max(come) + 1 - first, NOT_RECEIVED, np.int64)
        for number, at in come.items():
            times[number - first] = int(at * 1e6)
            del self.arrived[number]
        self._told = first + len(times)
        while (times >= 0).any():
            fci, count = build_feedback(first & 0xFFFF, times, self._feedbacks & 0xFF)
            self._feedbacks += 1
            yield fci
            first, times = first + count, times[count:]


class Wish:
    """The sending side of a subscriber, with demands of its own."""

    def __init__(self, subscriber: Subscriber, demand: float) -> None:
        self.subscriber = subscriber
        self.told: list[tuple[float, float]] = []
        self.wanted = demand

    @property
    def destination(self) -> tuple[int, SrtpSession] | None:
        return self.subscriber.outbound.destination

    def padding_source(self) -> Repairs | None:
        return self.subscriber.outbound.padding_source()

    def set_estimate(self, rate: BitsPerSecond, now: Seconds) -> None:
        self.told.append((now, rate))

    @property
    def demand(self) -> BitsPerSecond:
        return BitsPerSecond(self.wanted)

    @property
    def next_step(self) -> BitsPerSecond | None:
        lacks = not self.told or self.told[-1][1] < self.wanted
        return BitsPerSecond(self.wanted) if lacks else None

    @property
    def rate(self) -> float:
        return self.told[-1][1]


class Stage:
    """A camera whose rate can be changed, and subscribers behind links."""

    def __init__(self, *rates: float, demand: float = 3_000_000) -> None:
        self.world = World()
        self.audience = Audience(self.world)
        self.estimation = Estimation(self.world.shared, lambda: self.world.now)
        self.peer = self.world.peer()
        self.producer = self.peer.produce(parameters(Encoding(ssrc=10), transport_cc=False))
        self.links: dict[int, Link] = {}
        self.wishes: dict[int, Wish] = {}
        for index, rate in enumerate(rates):
            subscriber = self.audience.join()
            subscriber.consume(self.producer, name=str(index))
            self.links[subscriber.slot] = Link(rate)
            self.wishes[subscriber.slot] = Wish(subscriber, demand)
        self.silent: set[int] = set()
        self.bitrate = 400_000.0
        self._number = 0
        self._frame_at = self._feedback_at = float(self.world.now)
        deliver = self.world.shared.ring.sender

        def send(ring: TransmitRing) -> None:
            deliver(ring)
            for row in range(len(ring)):
                slot, number = int(ring.slots[row]), int(ring.transport_numbers[row])
                self.links[slot].carry(number, int(ring.lengths[row]), self.world.now)

        self.world.shared.ring.sender = send

    @property
    def link(self) -> Link:
        return next(iter(self.links.values()))

    @property
    def wish(self) -> Wish:
        return next(iter(self.wishes.values()))

    def run(self, seconds: float) -> None:
        end = self.world.now + seconds
        while self.world.now < end:
            self.world.now = now = Seconds(self.world.now + STEP)
            if now >= self._frame_at:
                self._frame_at += FRAME
                self._frame(now)
            if now >= self._feedback_at:
                self._feedback_at += FEEDBACK
                self._feedback(now)
            due = self.estimation.due
            if due is not None and now >= due:
                self.estimation.run(now)
            self.audience.flush()

    def _frame(self, now: float) -> None:
        for _ in range(max(1, round(self.bitrate * FRAME / 8 / PACKET))):
            begins = b"\x10\x00key" if self._number % 50 == 0 else b"\x10\x01delta"
            timestamp = round(now * 90_000) & 0xFFFFFFFF
            self.peer.send(self.peer.rtp(self._number, timestamp, 10, begins + bytes(PACKET)))
            self._number += 1

    def _feedback(self, now: Seconds) -> None:
        for slot, link in self.links.items():
            fcis = list(link.feedback(now))
            if fcis and slot not in self.silent:
                waiting = [(fci + bytes(-len(fci) % 4), len(fci)) for fci in fcis]
                self.estimation.receive(slot, self.side(slot), waiting, now)

    def side(self, slot: int) -> Estimated:
        """The sending side of a subscriber."""
        return self.wishes[slot]


def test_a_network_that_carries_all_that_is_wanted_is_found_by_probes() -> None:
    stage = Stage(20_000_000)
    stage.run(3.0)
    assert stage.wish.rate >= 3_000_000
    assert stage.estimation.paced.probes > 0
    assert stage.estimation.paced.padding > 0
    probes = stage.estimation.paced.probes
    stage.run(10.0)
    assert stage.estimation.paced.probes == probes, "nobody wants more"
    assert stage.estimation.limited == 0


def test_a_network_that_carries_less_is_not_overfilled() -> None:
    stage = Stage(1_000_000)
    stage.run(15.0)
    assert stage.wish.rate < 1_150_000
    assert stage.estimation.limited == 1
    assert np.percentile(stage.link.delays, 95) < 0.1


def test_each_has_an_estimate_of_its_own() -> None:
    stage = Stage(700_000, 20_000_000)
    stage.run(8.0)
    slow, fast = (wish.rate for wish in stage.wishes.values())
    assert slow < 850_000
    assert fast >= 3_000_000
    assert len(stage.estimation) == 2
    assert min(stage.estimation.rates) < 850_000


def test_a_network_that_recovers_is_found_again() -> None:
    stage = Stage(500_000)
    stage.run(10.0)
    assert stage.wish.rate < 600_000
    stage.link.rate = 20_000_000
    stage.run(7.0)
    assert stage.wish.rate >= 3_000_000


def test_without_feedback_nothing_is_done() -> None:
    stage = Stage(1_000_000)
    stage.silent.add(next(iter(stage.links)))
    stage.run(2.0)
    assert stage.wish.told == []
    assert stage.estimation.due is None
    assert stage.world.shared.ring.observer is None
    assert stage.world.shared.pacers == {}


def test_who_leaves_leaves_nothing_behind() -> None:
    stage = Stage(700_000, 700_000)
    stage.run(2.0)
    first, second = stage.links
    stage.estimation.receive(first, stage.wishes[first], [(bytes(12), 12)], stage.world.now)
    stage.estimation.close(first)
    stage.estimation.close(first)
    del stage.links[first]
    stage.audience.subscribers[first].outbound.destination = None
    assert list(stage.world.shared.pacers) == [second]
    stage.estimation.close(second)
    assert stage.estimation.due is None
    assert stage.world.shared.ring.observer is None
    stage.estimation.run(Seconds(stage.world.now + 10.0))


def test_another_way_is_probed_anew_and_old_feedback_says_nothing() -> None:
    stage = Stage(20_000_000, demand=50_000_000)
    stage.run(10.0)
    probes = stage.estimation.paced.probes
    slot = next(iter(stage.links))
    stage.estimation.moved(slot)
    stage.estimation.moved(slot + 1)
    stage.run(0.3)
    assert stage.estimation.paced.probes > probes


def test_too_much_feedback_is_dropped() -> None:
    stage = Stage(20_000_000)
    stage.run(1.0)
    slot, now = next(iter(stage.links)), stage.world.now
    many = MOST_STATUSES.to_bytes(2, "big")
    body = bytes(2) + many + bytes(4) + b"\x1f\xff"
    body += bytes(-len(body) % 4)
    waiting = [(body, len(body))] * 3
    stage.estimation.receive(slot, stage.wishes[slot], [*waiting, (b"", 0)], now)
    assert stage.estimation.counts.refused >= 3
    one = bytes(2) + b"\x00\x01" + bytes(4)
    for other in range(MOST_WAITING + 10):
        stage.estimation.receive(slot, stage.wishes[slot], [(one, 8)], now)
        del other
    assert stage.estimation.counts.refused > 10
    stage.run(0.2)
    assert stage.estimation.broken > 0
    stage.run(1.0)
    assert stage.wish.rate >= 3_000_000


@pytest.mark.parametrize("rate", [300_000, 2_000_000])
def test_probes_stay_small(rate: float) -> None:
    stage = Stage(rate, demand=8_000_000)
    stage.bitrate = rate / 2
    stage.run(20.0)
    assert stage.estimation.paced.padding * 8 / 20 < rate / 10


class Call(Stage):
    """With the subscribers' own demands: what their networks do not carry is not sent."""

    def __init__(self, rate: float) -> None:
        super().__init__(rate)
        (wish,) = self.wishes.values()
        self.outbound = wish.subscriber.outbound
        self.bitrate = 1_000_000

    @override
    def side(self, slot: int) -> Estimated:
        return self.outbound

    @override
    def _frame(self, now: float) -> None:
        super()._frame(now)
        due = self.outbound.next_deadline()
        if due is not None and due <= now:
            self.outbound.take_rtcp(Seconds(now))

    def received(self, seconds: float) -> float:
        """Bits per second that come in so many seconds from now."""
        before = self.link.octets
        self.run(seconds)
        return (self.link.octets - before) * 8 / seconds


def test_a_picture_that_a_network_does_not_carry_comes_back_with_the_network() -> None:
    call = Call(20_000_000)
    call.run(3.0)
    assert call.received(2.0) > 900_000
    call.link.rate = 100_000
    call.run(12.0)
    assert call.received(3.0) < 110_000
    call.link.rate = 20_000_000
    call.run(8.0)
    assert call.received(2.0) > 900_000
