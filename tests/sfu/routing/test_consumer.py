"""One consumer: when it starts and stops, which layer it gets, what is sent again."""

import struct
from dataclasses import replace

import pytest

from sfu.media.repetition_limits import STOCK
from sfu.ortc.encodings import Encoding, ProducerType
from sfu.routing.consumer import Consumer
from sfu.routing.producer import Producer
from sfu.wire.rtcp_feedback import FullIntraRequest, Nack, PictureLossIndication
from tests.sfu.routing.publishing import Peer, World, parameters
from tests.sfu.routing.subscribing import (
    Audience,
    Subscriber,
    later,
    without_transport,
)

KEY, DELTA = b"\x10\x00key", b"\x10\x01delta"


class Stage:
    """A publisher of some layers, and subscribers."""

    def __init__(
        self,
        layers: int = 1,
        *,
        kind: str = "video",
        mode: str | None = None,
        producer_type: ProducerType | None = None,
        connect: bool = True,
    ) -> None:
        self.world = World()
        self.audience = Audience(self.world)
        self.peer: Peer = self.world.peer()
        encodings = [
            Encoding(rid=f"r{index}", ssrc=10 + index, scalability_mode=mode)
            for index in range(layers)
        ]
        given = parameters(
            *encodings,
            kind="audio" if kind == "audio" else "video",
            codec="opus" if kind == "audio" else "vp8",
            transport_cc=False,
        )
        if producer_type is not None:
            given = replace(given, producer_type=producer_type)
        self.producer: Producer = self.peer.produce(given)
        self.subscriber: Subscriber = self.audience.join(connect=connect)
        self.numbers = [1000] * layers

    def send(self, *layers: int, key: bool = False, wait: float = 0.03) -> None:
        """One packet, a whole frame, in each of the layers."""
        now = later(self.world, wait)
        for layer in layers or (0,):
            payload = (KEY if key else DELTA) + struct.pack("!BI", layer, self.numbers[layer])
            timestamp = round(now * 90_000) & 0xFFFFFFFF
            self.peer.send(self.peer.rtp(self.numbers[layer], timestamp, 10 + layer, payload))
            self.numbers[layer] += 1
        self.audience.flush()

    def got(self, consumer: Consumer) -> list[tuple[int, bool]]:
        """Layer, and whether it is a key frame, of each packet in order."""
        return [
            (packet.payload[-5], packet.payload.startswith(KEY))
            for _, packet in self.subscriber.sent(consumer).parsed()
        ]

    def asked(self) -> list[int]:
        """Layers of which the publisher is asked for a key frame now."""
        return [
            stream.spatial_layer
            for stream in self.producer.streams
            if stream.requests.take(self.world.now, bool(stream.waiting))
        ]

    def review(self) -> None:
        self.subscriber.outbound.take_rtcp(later(self.world, 0.5))


def test_video_starts_with_a_key_frame() -> None:
    stage = Stage()
    consumer = stage.subscriber.consume(stage.producer)
    assert stage.asked() == [0]
    stage.send()
    stage.send(key=True)
    stage.send()
    assert stage.got(consumer) == [(0, True), (0, False)]
    assert stage.asked() == []


def test_audio_starts_at_once() -> None:
    stage = Stage(kind="audio")
    consumer = stage.subscriber.consume(stage.producer)
    stage.send()
    assert len(stage.got(consumer)) == 1
    stage.producer.set_paused(True, stage.world.now)
    consumer.producer_paused(True, stage.world.now)
    stage.send()
    stage.producer.set_paused(False, stage.world.now)
    consumer.producer_paused(False, stage.world.now)
    stage.send()
    assert len(stage.got(consumer)) == 2
    numbers = sorted(stage.subscriber.sent(consumer).packets)
    assert numbers[1] == numbers[0] + 1


def test_waits_for_its_transport() -> None:
    stage = Stage(connect=False)
    consumer = stage.subscriber.consume(stage.producer)
    stage.send(key=True)
    assert stage.asked() == []
    assert stage.subscriber.outbound.next_deadline() is None
    stage.subscriber.connect()
    stage.subscriber.connect()
    assert stage.asked() == [0]
    stage.send(key=True)
    assert stage.got(consumer) == [(0, True)]


def test_paused_at_first_and_resumed() -> None:
    stage = Stage()
    consumer = stage.subscriber.consume(stage.producer, paused=True)
    stage.send(key=True)
    assert stage.got(consumer) == []
    consumer.resume(stage.world.now)
    consumer.resume(stage.world.now)
    stage.send()
    stage.send(key=True)
    assert stage.got(consumer) == [(0, True)]
    consumer.pause(stage.world.now)
    assert len(stage.producer.streams[0].fan_out) == 0
    consumer.resume(stage.world.now)
    stage.send()
    stage.send(key=True)
    assert stage.got(consumer) == [(0, True)] * 2


@pytest.mark.parametrize("first", ["consumer", "producer", "outbound"])
def test_leaves_nothing_behind(first: str) -> None:
    stage = Stage(2)
    consumer = stage.subscriber.consume(stage.producer)
    waiting = stage.subscriber.consume(stage.producer, name="d")
    stage.send(0, 1, key=True)
    waiting.pause(stage.world.now)
    waiting.resume(stage.world.now)
    if first == "producer":
        stage.producer.close()
    for one in (consumer, waiting, consumer):
        one.close()
        one.resume(stage.world.now)
        one.prefer(0, 0, stage.world.now)
        one.connected(0, stage.subscriber._session, stage.world.now)
        nack(stage, one, 1, 2)
        one.request_key_frame(stage.world.now)
    stage.producer.close()
    outbound = stage.subscriber.outbound
    assert not stage.producer.consumers
    assert not any(stream.waiting or len(stream.fan_out) for stream in stage.producer.streams)
    assert not outbound._consumers
    assert not outbound._running
    assert not outbound._beginning
    assert outbound.take_layers_changed() == []
    assert outbound.next_deadline() is None


# ---- layers --------------------------------------------------------------------------------------


def test_highest_layer_is_served_from_the_first_frame_on() -> None:
    stage = Stage(3)
    consumer = stage.subscriber.consume(stage.producer)
    stage.send(0, 1, 2, key=True)
    stage.send(0, 1, 2)
    assert stage.got(consumer) == [(0, True), (1, True), (2, True), (2, False)]
    assert consumer.layers == (2, 0)
    assert stage.asked() == []


def test_preference_is_met_at_the_next_key_frame() -> None:
    stage = Stage(3)
    consumer = stage.subscriber.consume(stage.producer)
    consumer.prefer(2, None, stage.world.now)
    stage.send(0, 1, 2, key=True)
    stage.asked()
    consumer.prefer(0, None, stage.world.now)
    assert stage.asked() == [0]
    stage.send(0, 1, 2)
    stage.send(1, key=True)  # not what was wished for
    assert consumer.layers == (2, 0)
    stage.send(0, key=True)
    stage.send(0, 1, 2)
    assert stage.got(consumer)[-3:] == [(2, False), (0, True), (0, False)]
    assert consumer.layers == (0, 0)


def test_next_lower_layer_replaces_one_that_stops_and_goes_when_it_comes_back() -> None:
    stage = Stage(3)
    consumer = stage.subscriber.consume(stage.producer)
    stage.send(0, 1, 2, key=True)
    for _ in range(50):
        stage.send(0, 1)
    stage.review()
    assert stage.asked() == [1]
    stage.send(0, 1, key=True)
    assert consumer.layers == (1, 0)
    for _ in range(40):
        stage.send(0, 1)
        stage.review()
    assert stage.asked() == [], "nobody asks for what the publisher does not send"
    stage.send(2, key=True)
    assert consumer.layers == (2, 0)
    assert stage.got(consumer)[-1] == (2, True)


def test_requests_to_a_layer_that_died_are_given_up() -> None:
    stage = Stage(2)
    stage.send(0, 1)
    stage.subscriber.consume(stage.producer)
    assert stage.asked() == [1]
    for _ in range(5):
        stage.send(0, wait=0.3)
        stage.review()
    stage.asked()
    stage.send(0, key=True)
    for _ in range(10):
        stage.send(0, wait=0.3)
        stage.review()
        assert stage.asked() == []


def test_changes_are_told_once() -> None:
    stage = Stage(2, mode="L1T3")
    outbound = stage.subscriber.outbound
    consumer = stage.subscriber.consume(stage.producer)
    assert outbound.take_layers_changed() == []
    stage.send(0, 1, key=True)
    assert outbound in stage.world.shared.urgent
    assert outbound.take_layers_changed() == [("c", (1, 2, None))]
    assert outbound.take_layers_changed() == []
    consumer.pause(stage.world.now)
    assert outbound.take_layers_changed() == [("c", (None, None, None))]
    consumer.resume(stage.world.now)
    stage.send(1, key=True)
    assert outbound.take_layers_changed() == [("c", (1, 2, None))]
    later(stage.world, 10.0)
    stage.review()
    assert outbound.take_layers_changed() == [("c", (None, None, "publisher"))]
    stage.send(1)
    stage.review()
    assert outbound.take_layers_changed() == [("c", (1, 2, None))]


def test_layers_inside_one_stream_fall_with_the_next_picture() -> None:
    stage = Stage(mode="L3T3", producer_type="svc")
    consumer = stage.subscriber.consume(stage.producer)
    stage.send(key=True)
    consumer.prefer(0, 0, stage.world.now)
    assert consumer.layers == (2, 2)
    stage.send()
    assert consumer.layers == (0, 0)
    assert len(stage.got(consumer)) == 2
    assert stage.subscriber.outbound.take_layers_changed() == [("c", (0, 0, None))]


def test_simple_producers_have_no_layers_to_tell_of() -> None:
    stage = Stage()
    consumer = stage.subscriber.consume(stage.producer)
    stage.send(key=True)
    assert consumer.layers == (0, 0)
    assert stage.subscriber.outbound.take_layers_changed() == []


# ---- requests ------------------------------------------------------------------------------------


def test_key_frames_are_asked_for_by_pli_and_fir_within_bounds() -> None:
    stage = Stage()
    consumer = stage.subscriber.consume(stage.producer)
    outbound = stage.subscriber.outbound
    stage.send(key=True)
    stage.asked()
    asked = 0
    for index in range(1000):
        later(stage.world, 0.01)
        outbound.receive_rtcp(
            [
                PictureLossIndication(1, consumer.ssrc),
                FullIntraRequest(1, 0, ((consumer.ssrc, index & 0xFF),) * 500),
                PictureLossIndication(1, 99),
            ],
            stage.world.now,
        )
        if stage.asked():
            asked += 1
            stage.send(key=True, wait=0.0)
    assert 10 <= asked <= 13


def nack(stage: Stage, consumer: Consumer, *numbers: int) -> int:
    """Ask for packets; how many came."""
    before = len(stage.subscriber.repeated(consumer))
    packet = Nack(1, consumer.ssrc, tuple(number & 0xFFFF for number in numbers))
    stage.subscriber.outbound.receive_rtcp([packet], stage.world.now)
    stage.audience.flush()
    return len(stage.subscriber.repeated(consumer)) - before


def test_lost_packets_are_sent_again_also_from_before_a_change_of_layers() -> None:
    stage = Stage(2)
    consumer = stage.subscriber.consume(stage.producer)
    stage.send(0, 1, key=True)
    stage.send(0, 1)
    consumer.prefer(0, None, stage.world.now)
    stage.send(0, key=True)
    stage.send(0, 1)
    consumer.pause(stage.world.now)
    packets = stage.subscriber.sent(consumer).packets
    assert nack(stage, consumer, *packets) == len(packets) == 5
    repeated = stage.subscriber.repeated(consumer)
    assert list(map(without_transport, repeated)) == [
        without_transport(packets[number]) for number in sorted(packets)
    ]
    numbers = stage.subscriber.transport_numbers
    assert numbers == list(range(len(numbers))), "transport-wide numbers go on"


def test_unknown_future_and_repeated_numbers_are_passed_over() -> None:
    stage = Stage()
    consumer = stage.subscriber.consume(stage.producer)
    assert nack(stage, consumer, 1, 2, 3) == 0
    stage.send(key=True)
    (number,) = stage.subscriber.sent(consumer).packets
    assert nack(stage, consumer, number - 1, number + 1, number + 0x7FFF) == 0
    assert nack(stage, consumer, *[number] * 100) == 1
    later(stage.world, 0.5)
    assert nack(stage, consumer, *[number] * 100) == 1


def test_without_rtx_pictures_are_not_sent_again() -> None:
    stage = Stage()
    consumer = stage.subscriber.consume(stage.producer, rtx=False)
    stage.send(key=True)
    assert nack(stage, consumer, *stage.subscriber.sent(consumer).packets) == 0


def test_greed_is_bounded() -> None:
    stage = Stage()
    consumer = stage.subscriber.consume(stage.producer)
    stage.send(key=True)
    for _ in range(399):
        stage.send()
    numbers = sorted(stage.subscriber.sent(consumer).packets)
    total = 0
    for _ in range(20):
        later(stage.world, 1.0)
        total += nack(stage, consumer, *numbers * 10)
    assert total <= STOCK + 200
    assert total >= STOCK


def test_sequence_numbers_begin_in_the_lower_half() -> None:
    for _ in range(10):
        stage = Stage()
        consumer = stage.subscriber.consume(stage.producer)
        stage.send(key=True)
        (number,) = stage.subscriber.sent(consumer).packets
        assert 0 < number < 0x8000
