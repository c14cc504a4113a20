"""Senders and receivers with a network between them that loses, delays and overtakes."""

import random
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sfu.congestion.acknowledgements import UDP_IP_OVERHEAD, Acknowledgements
from sfu.congestion.acknowledging import AcknowledgementReader
from sfu.congestion.sent_packets import SentPackets
from sfu.units import I32, I64, U16
from sfu.wire.twcc import NOT_RECEIVED, build_feedback


class Rows:
    """What a flush has sent."""

    def __init__(self, rows: list[tuple[int, int, int]]) -> None:
        columns = np.array(rows, np.int64).reshape(-1, 3)
        self.slots: I64 = columns[:, 0].copy()
        self.transport_numbers: U16 = (columns[:, 1] & 0xFFFF).astype(np.uint16)
        self.lengths: I32 = columns[:, 2].astype(np.int32)

    def __len__(self) -> int:
        return len(self.slots)


@dataclass
class Receiver:
    """Gives feedback as browsers do: from the first number it has not told of to the newest."""

    clock: float
    arrived: dict[int, float] = field(default_factory=dict)
    told: int = 0
    feedbacks: int = 0

    def feedback(self) -> list[bytes]:
        fcis = []
        while self.arrived:
            # A packet that was overtaken makes it speak again of those that came after it.
            first, end = min(self.arrived), max(max(self.arrived) + 1, self.told)
            first = min(first, max(self.told, 0))
            times = np.full(end - first, NOT_RECEIVED, np.int64)
            for number, at in self.arrived.items():
                times[number - first] = int((at + self.clock) * 1e6)
            fci, count = build_feedback(first & 0xFFFF, times, self.feedbacks & 0xFF)
            self.feedbacks += 1
            fcis.append(fci)
            self.told = max(self.told, first + count)
            self.arrived = {n: at for n, at in self.arrived.items() if n >= first + count}
        return fcis


class Network:
    """Two subscribers, whose packets carry numbers from ``first`` on."""

    SLOTS = (2, 5)

    def __init__(self, first: int = 0, clock: float = 1000.0) -> None:
        self.now = 50.0
        self.sent = SentPackets(8, lambda: self.now)
        self.reader = AcknowledgementReader(self.sent, 8)
        self.receivers = {slot: Receiver(clock, told=first) for slot in self.SLOTS}
        self.next = dict.fromkeys(self.SLOTS, first)
        self.log: dict[tuple[int, int], tuple[float, int]] = {}
        for slot in self.SLOTS:
            self.sent.open(slot)

    def send(self, slot: int, *fates: float | None) -> None:
        """Send packets in one flush: each arrives after some seconds, or never."""
        rows = []
        for fate in fates:
            number = self.next[slot]
            self.next[slot] += 1
            size = 100 + number % 1000
            rows.append((slot, number, size))
            self.log[slot, number] = (self.now, size + UDP_IP_OVERHEAD)
            if fate is not None:
                self.receivers[slot].arrived[number] = self.now + fate
        self.sent.note(Rows(rows))

    def read(self, *slots: int) -> Acknowledgements:
        waiting = [(slot, fci) for slot in slots for fci in self.receivers[slot].feedback()]
        return self.reader.read(
            [slot for slot, _ in waiting],
            [fci + bytes(-len(fci) % 4) for _, fci in waiting],
            [len(fci) for _, fci in waiting],
        )


def test_arrivals_with_their_times() -> None:
    network = Network()
    network.send(5, 0.03, 0.031)
    network.now += 0.01
    network.send(2, 0.05)
    said = network.read(5, 2)
    assert said.slots.tolist() == [2, 5, 5]
    assert said.sent == pytest.approx([50.01, 50.0, 50.0], abs=2e-6)
    assert said.arrived - 1000.0 == pytest.approx([50.06, 50.03, 50.031], abs=3e-4)
    assert said.sizes.tolist() == [128, 128, 129]
    assert said.probes.tolist() == [0, 0, 0]


def test_what_is_missing_is_lost_when_it_has_not_come_by_the_next_reading() -> None:
    network = Network()
    network.send(2, 0.03, None, None, 0.03)
    first = network.read(2)
    assert not np.isnan(first.arrived).any()
    assert len(first) == 2
    network.receivers[2].arrived[1] = network.now + 0.2  # it was only overtaken
    network.now += 0.05
    network.send(2, 0.03)
    second = network.read(2)
    assert second.sizes.tolist() == [129, 130, 132]
    assert np.isnan(second.arrived).tolist() == [False, True, False]
    network.send(2, 0.03)
    assert len(network.read(2)) == 1


def test_nobody_is_told_twice() -> None:
    network = Network()
    network.send(2, 0.03, None, 0.03)
    fcis = network.receivers[2].feedback()
    sizes = [len(fci) for fci in fcis]
    bodies = [fci + bytes(-len(fci) % 4) for fci in fcis]
    assert len(network.reader.read([2, 2], bodies * 2, sizes * 2)) == 2
    assert np.isnan(network.reader.read([2], bodies, sizes).arrived).tolist() == [True]
    assert len(network.reader.read([2], bodies, sizes)) == 0


def test_what_is_sent_again_was_lost_and_tells_nothing_more() -> None:
    network = Network()
    network.send(2, None)
    network.now += 0.001
    network.send(2, 0.03)
    network.reader.sent_again(2, 0)
    network.reader.sent_again(2, 0)
    first = network.read(2)
    assert np.isnan(first.arrived).tolist() == [True, False]
    network.receivers[2].arrived[0] = network.now + 0.2
    network.send(2, 0.03)
    assert network.read(2).sizes.tolist() == [130]
    network.reader.sent_again(2, 1)  # it had come
    network.send(2, 0.03)
    assert network.read(2).sizes.tolist() == [131]


def test_the_receivers_clock_does_not_wrap() -> None:
    # The reference time has 24 bits of 64 ms.
    network = Network(clock=(1 << 24) * 0.064 - 50.05)
    arrived: list[float] = []
    for _ in range(20):
        network.send(2, 0.03)
        network.now += 0.01
        arrived += network.read(2).arrived.tolist()
    assert np.diff(arrived) == pytest.approx([0.01] * 19, abs=3e-4)


def test_broken_feedback_is_counted() -> None:
    network = Network()
    network.send(2, 0.03)
    (fci,) = network.receivers[2].feedback()
    said = network.reader.read([2, 2], [bytes(8), fci + bytes(-len(fci) % 4)], [8, len(fci)])
    assert (len(said), network.reader.broken) == (1, 1)


@settings(max_examples=20, deadline=None)
@given(
    st.integers(0, 1000),
    st.sampled_from([0, 65_530, 32_760, 65_536 * 3 - 40]),
    st.floats(0, 0.4),
    st.floats(0, 0.2),
)
def test_everything_is_told_once_and_in_order(
    seed: int, first: int, loss: float, jitter: float
) -> None:
    network, draw = Network(first), random.Random(seed)
    told: dict[int, list[tuple[float, float, int]]] = {slot: [] for slot in network.SLOTS}
    pending: list[tuple[float, int, int]] = []
    for _ in range(20):
        for slot in network.SLOTS:
            count = draw.randrange(4)
            rows = []
            for _ in range(count):
                number = network.next[slot]
                network.next[slot] += 1
                size = 100 + number % 1000
                rows.append((slot, number, size))
                network.log[slot, number] = (network.now, size + UDP_IP_OVERHEAD)
                if draw.random() >= loss:
                    pending.append((network.now + draw.uniform(0, jitter), slot, number))
            network.sent.note(Rows(rows))
        network.now += 0.02
        for at, slot, number in [one for one in pending if one[0] <= network.now]:
            network.receivers[slot].arrived[number] = at
        pending = [one for one in pending if one[0] > network.now]
        some_slots = [slot for slot in network.SLOTS if draw.random() < 0.5]
        if not any(network.receivers[slot].arrived for slot in some_slots):
            continue
        said = network.read(*some_slots)
        assert (np.diff(said.slots) >= 0).all()
        for slot in network.SLOTS:
            mine = said.slots == slot
            assert (np.diff(said.sent[mine]) >= -1e-9).all()
            told[slot] += zip(
                said.sent[mine].tolist(),
                said.arrived[mine].tolist(),
                said.sizes[mine].tolist(),
                strict=True,
            )
    for slot in network.SLOTS:
        wanted = sorted(
            (size, round(at, 4)) for (its, _), (at, size) in network.log.items() if its == slot
        )
        found = sorted((size, round(sent, 4)) for sent, _, size in told[slot])
        assert len(found) == len(set(found))
        assert set(found) <= set(wanted)
        for sent, arrived, _ in told[slot]:
            assert np.isnan(arrived) or -1e-3 < arrived - 1000.0 - sent < jitter + 1e-3
