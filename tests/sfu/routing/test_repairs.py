"""What is sent again at a pace, and as padding."""

import pytest

from sfu.congestion.pacer import BURST, Pacer
from sfu.media.retransmission import MOST_PADDING
from sfu.ortc.encodings import Encoding
from sfu.routing.consumer import Consumer
from sfu.routing.repairs import Repairs
from sfu.units import BitsPerSecond
from sfu.wire.rtcp_feedback import Nack
from sfu.wire.rtp import parse_rtp
from tests.sfu.routing.publishing import Peer, World, parameters
from tests.sfu.routing.subscribing import Audience, later, without_transport

KEY, DELTA = b"\x10\x00key", b"\x10\x01delta"
SIZE = 900


class Stage:
    """A camera, and somebody who receives it over a network whose rate is estimated."""

    def __init__(self, rate: float = 1_000_000) -> None:
        self.world = World()
        self.audience = Audience(self.world)
        self.peer: Peer = self.world.peer()
        self.producer = self.peer.produce(parameters(Encoding(ssrc=10), transport_cc=False))
        self.subscriber = self.audience.join()
        self.consumer: Consumer = self.subscriber.consume(self.producer)
        self.pacer: Pacer[object] = Pacer(BitsPerSecond(rate), self.world.now)
        self.number = 1000

    @property
    def repairs(self) -> Repairs:
        assert isinstance(self.consumer.repairs, Repairs)
        return self.consumer.repairs

    def estimate(self) -> None:
        self.world.shared.pacers[self.subscriber.slot] = self.pacer  # type: ignore[assignment]

    def send(self, count: int = 1, *, key: bool = False, size: int = SIZE) -> None:
        now = later(self.world, 0.03)
        for _ in range(count):
            payload = (KEY if key else DELTA) + bytes(size)
            timestamp = round(now * 90_000) & 0xFFFFFFFF
            self.peer.send(self.peer.rtp(self.number, timestamp, 10, payload))
            self.number += 1
        self.audience.flush()

    def ask(self, count: int) -> int:
        """Ask for the newest packets again; how many come at once."""
        before = len(self.subscriber.repeated(self.consumer))
        newest = sorted(self.subscriber.sent(self.consumer).packets)[-count:]
        lost = tuple(number & 0xFFFF for number in newest)
        self.subscriber.outbound.receive_rtcp([Nack(1, self.consumer.ssrc, lost)], self.world.now)
        self.audience.flush()
        return len(self.subscriber.repeated(self.consumer)) - before

    def pad(self, octets: int) -> list[tuple[int, int]]:
        destination = self.subscriber.outbound.destination
        assert destination is not None
        padded = self.repairs.pad(octets, destination, later(self.world, 0.01))
        self.audience.flush()
        return padded


def test_without_an_estimate_all_leave_at_once() -> None:
    stage = Stage()
    stage.send(key=True)
    stage.send(40)
    assert stage.ask(40) == 40
    assert stage.world.shared.waiting == {}


def test_with_an_estimate_a_few_leave_and_the_others_wait() -> None:
    stage = Stage()
    stage.estimate()
    stage.send(key=True)
    stage.send(40)
    assert stage.ask(1) == 1
    later(stage.world, 1.0)
    left = stage.ask(40)
    assert left == BURST // SIZE + 1
    (waiting,) = stage.world.shared.waiting.values()
    assert len(waiting) == 40 - left
    while len(waiting):
        later(stage.world, 0.005)
        while (found := waiting.next(stage.world.now)) is not None:
            repeats, number, destination = found
            waiting.spend(repeats.repeat(number, destination, stage.world.now))
    stage.audience.flush()
    original = sorted(stage.subscriber.sent(stage.consumer).packets.items())[-40:]
    repeated = stage.subscriber.repeated(stage.consumer)[1:]
    assert [without_transport(one) for one in repeated] == [
        without_transport(packet) for _, packet in original
    ]


def test_padding_is_the_newest_packets_again() -> None:
    stage = Stage()
    stage.send(key=True)
    stage.send(5)
    stage.send(size=20)  # not worth it
    padded = stage.pad(2 * SIZE)
    assert [number for number, _ in padded] == stage.subscriber.transport_numbers[-len(padded) :]
    assert 2 * SIZE <= sum(size for _, size in padded) < 3 * SIZE + 100
    wanted = stage.subscriber.sent(stage.consumer).parsed()[-2:-4:-1]
    repeated = [parse_rtp(one) for one in stage.subscriber.repeated(stage.consumer)]
    assert [one.sequence_number for one in repeated] == [number for number, _ in wanted]


def test_padding_where_nothing_was_sent_yet() -> None:
    stage = Stage()
    padded = stage.pad(1000)
    assert sum(size for _, size in padded) >= 1000
    rtx = stage.subscriber.by_ssrc[stage.consumer.ssrc + 1]
    numbers = sorted(rtx.packets)
    assert numbers == list(range(numbers[0], numbers[0] + len(padded)))
    for _, packet in rtx.parsed():
        assert (packet.payload, packet.padding) == (b"", MOST_PADDING)
    stage.send(key=True)
    stage.pad(SIZE)  # the same stream goes on
    assert max(rtx.packets) == numbers[-1] + 1


@pytest.mark.parametrize("octets", [0, -5])
def test_no_padding(octets: int) -> None:
    stage = Stage()
    stage.send(key=True)
    assert stage.pad(octets) == []


def test_who_pads() -> None:
    stage = Stage()
    outbound = stage.subscriber.outbound
    idle = stage.subscriber.consume(stage.producer, paused=True, name="paused")
    assert outbound.padding_source() in (stage.repairs, idle.repairs)
    stage.send(key=True)
    assert outbound.padding_source() is stage.repairs
    for consumer in (stage.consumer, idle):
        consumer.close()
    assert outbound.padding_source() is None
    stage.subscriber.consume(stage.producer, rtx=False, name="plain")
    assert outbound.padding_source() is None
