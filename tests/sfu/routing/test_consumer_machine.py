"""Consumers under any interleaving, against a subscriber that believes nothing.

Every packet carries in its payload where it comes from, so what a subscriber got tells by itself
whether something is missing, doubled, out of order, or begun in the middle.
"""

import math
import struct
from dataclasses import dataclass, field

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from typing_extensions import override

from sfu.media.repetition_limits import MOST_TIMES
from sfu.ortc.encodings import Encoding
from sfu.routing.consumer import Consumer
from sfu.routing.producer import Producer
from sfu.routing.repairs import Repairs
from sfu.units import BitsPerSecond
from sfu.wire.rtcp import SourceDescription
from sfu.wire.rtcp_feedback import BitrateLimit, Nack, PictureLossIndication
from sfu.wire.rtcp_reports import SenderReport
from tests.sfu.routing.publishing import World, parameters
from tests.sfu.routing.subscribing import Audience, Subscriber, later, without_transport

RATE = 90_000
LAYERS = 3
NTP_AT_ZERO = 3_900_000_000
KEY_START, KEY_MORE, DELTA_START, DELTA_MORE = (
    b"\x10\x00",
    b"\x00\x00",
    b"\x10\x01",
    b"\x00\x01",
)
_TAG = struct.Struct("!BHId")  # layer, times begun anew, packet, capture time


@dataclass
class Layer:
    """One encoding at the publisher's."""

    index: int
    begun: int = 0
    packet: int = 0  # of the layer, never begun anew
    lost: dict[int, bytes] = field(default_factory=dict)
    needs_key_frame: bool = True

    @property
    def ssrc(self) -> int:
        return 100 + 50 * self.index + self.begun

    def number(self, packet: int) -> int:
        return 65_500 + 7_000 * self.begun + packet

    def timestamp(self, captured: float) -> int:
        return (
            round(captured * RATE) + (self.index * 5 + self.begun + 1) * 700_000_000
        ) & 0xFFFFFFFF


@dataclass
class Watch:
    """One consumer, and what it should get."""

    subscriber: Subscriber
    consumer: Consumer
    starts: int = 0  # so often it was stopped
    start_of: dict[int, int] = field(default_factory=dict)  # outgoing number: starts before it

    @property
    def is_served(self) -> bool:
        return self.consumer._feed.stream is not None

    def note(self) -> None:
        for number in self.subscriber.sent(self.consumer).packets:
            self.start_of.setdefault(number, self.starts)


class Consuming(RuleBasedStateMachine):
    """A simulcast publisher and three subscribers."""

    @initialize(late=st.booleans())
    def open(self, late: bool) -> None:
        self.world = World()
        self.audience = Audience(self.world)
        self.peer = self.world.peer()
        encodings = [Encoding(rid=f"r{index}") for index in range(LAYERS)]
        self.producer: Producer = self.peer.produce(parameters(*encodings, transport_cc=False))
        self.layers = [Layer(index) for index in range(LAYERS)]
        self.watches = []
        for index in range(3):
            subscriber = self.audience.join(connect=not late or index == 0)
            if late:
                subscriber.connect()
            consumer = subscriber.consume(self.producer, paused=index == 1, name=f"c{index}")
            self.watches.append(Watch(subscriber, consumer))

    # ---- the publisher ---------------------------------------------------------------------

    @rule(
        data=st.data(),
        layers=st.sets(st.integers(0, LAYERS - 1), min_size=1),
        key=st.booleans(),
        wait=st.floats(0.001, 0.1),
    )
    def publish(self, data: st.DataObject, layers: set[int], key: bool, wait: float) -> None:
        """A frame in some layers, some packets of which are lost."""
        captured = later(self.world, wait) - 0.02
        batch = []
        for index in sorted(layers):
            layer = self.layers[index]
            is_key = key or layer.needs_key_frame
            count = data.draw(st.integers(1, 4))
            lost = data.draw(st.sets(st.integers(0, count - 1), max_size=2))
            layer.needs_key_frame = layer.needs_key_frame and 0 in lost and not layer.packet
            for place in range(count):
                packet = self._packet(layer, is_key, place, captured)
                if place in lost:
                    layer.lost[layer.packet] = packet
                else:
                    batch.append(packet)
                layer.packet += 1
        if batch:
            self.peer.send(*batch)
        self._sent()

    @rule(
        frames=st.integers(1, 8),
        layers=st.sets(st.integers(0, LAYERS - 1), min_size=1),
        answer=st.booleans(),
    )
    def go_on(self, frames: int, layers: set[int], answer: bool) -> None:
        """Frames without loss; key frames where they were asked for, if the publisher answers."""
        for _ in range(frames):
            captured = later(self.world, 1 / 30) - 0.02
            batch = []
            for index in sorted(layers):
                layer = self.layers[index]
                asked = self.producer.streams[index].requests.take(self.world.now, True)
                is_key = layer.needs_key_frame or (asked and answer)
                layer.needs_key_frame = False
                for place in range(2):
                    batch.append(self._packet(layer, is_key, place, captured))
                    layer.packet += 1
            self.peer.send(*batch)
        self._sent()

    def _packet(self, layer: Layer, key: bool, place: int, captured: float) -> bytes:
        start, more = (KEY_START, KEY_MORE) if key else (DELTA_START, DELTA_MORE)
        tag = _TAG.pack(layer.index, layer.begun, layer.packet, captured)
        return self.peer.rtp(
            layer.number(layer.packet),
            layer.timestamp(captured),
            layer.ssrc,
            (more if place else start) + tag,
            rid=f"r{layer.index}".encode(),
        )

    @rule(index=st.integers(0, LAYERS - 1), data=st.data())
    def arrive_late(self, index: int, data: st.DataObject) -> None:
        layer = self.layers[index]
        if layer.lost:
            packet = data.draw(st.sampled_from(sorted(layer.lost)))
            self.peer.send(layer.lost.pop(packet))
            self._sent()

    @rule(index=st.integers(0, LAYERS - 1))
    def begin_anew(self, index: int) -> None:
        layer = self.layers[index]
        if layer.begun < 3 and layer.packet:
            layer.begun += 1
            layer.lost.clear()
            layer.needs_key_frame = True

    @rule(layers=st.sets(st.integers(0, LAYERS - 1), min_size=1))
    def report(self, layers: set[int]) -> None:
        now = self.world.now
        ntp = round((now + NTP_AT_ZERO) * 2**32) & (1 << 64) - 1
        for index in layers:
            layer = self.layers[index]
            packet = SenderReport(layer.ssrc, ntp, layer.timestamp(now), 1, 1)
            self.peer.inbound.receive_rtcp([packet], now)

    @rule(paused=st.sampled_from((True, False, False)))
    def pause_producer(self, paused: bool) -> None:
        self.producer.set_paused(paused, self.world.now)
        for watch in self.watches:
            watch.consumer.producer_paused(paused, self.world.now)
            watch.starts += paused

    # ---- the subscribers -------------------------------------------------------------------

    @rule(which=st.integers(0, 2))
    def pause(self, which: int) -> None:
        watch = self.watches[which]
        watch.consumer.pause(self.world.now)
        watch.starts += 1

    @rule(which=st.integers(0, 2))
    def resume(self, which: int) -> None:
        self.watches[which].consumer.resume(self.world.now)

    @rule(which=st.integers(0, 2), layer=st.integers(0, 4))
    def prefer(self, which: int, layer: int) -> None:
        self.watches[which].consumer.prefer(layer, None, self.world.now)

    @rule(which=st.integers(0, 2), rate=st.sampled_from((0, 1, 3e4, 2e5, 6e5, 1e6, 1e9, math.nan)))
    def estimate(self, which: int, rate: float) -> None:
        """What its network carries; the usual rates are 150, 500 and 1,500 kbit/s."""
        watch = self.watches[which]
        served = watch.is_served
        watch.subscriber.outbound.set_estimate(BitsPerSecond(rate), self.world.now)
        watch.starts += served and not watch.is_served

    @rule(which=st.integers(0, 2), rate=st.integers(0, (1 << 63) - 1))
    def limit(self, which: int, rate: int) -> None:
        """What its peer says it can receive."""
        watch = self.watches[which]
        served = watch.is_served
        watch.subscriber.outbound.receive_rtcp([BitrateLimit(1, 0, rate, ())], self.world.now)
        watch.starts += served and not watch.is_served

    @rule(which=st.integers(0, 2), priority=st.integers(0, 255))
    def matter(self, which: int, priority: int) -> None:
        self.watches[which].consumer.set_priority(priority)

    @rule(which=st.integers(0, 2))
    def ask_for_key_frame(self, which: int) -> None:
        watch = self.watches[which]
        packet = PictureLossIndication(1, watch.consumer.ssrc)
        watch.subscriber.outbound.receive_rtcp([packet], self.world.now)

    @precondition(lambda self: any(w.start_of for w in self.watches))
    @rule(which=st.integers(0, 2), data=st.data())
    def ask_again(self, which: int, data: st.DataObject) -> None:
        """Whatever was sent lately comes again as it was."""
        watch = self.watches[which]
        sent = watch.subscriber.sent(watch.consumer)
        if not sent.packets:
            return
        number = data.draw(st.sampled_from(sorted(sent.packets)[-200:]))
        before = len(watch.subscriber.repeated(watch.consumer))
        later(self.world, 1.0)
        packet = Nack(1, watch.consumer.ssrc, (number & 0xFFFF,))
        watch.subscriber.outbound.receive_rtcp([packet], self.world.now)
        self._sent()
        repeated = watch.subscriber.repeated(watch.consumer)[before:]
        expected = without_transport(sent.packets[number])
        assert [without_transport(one) for one in repeated] in ([expected], [])
        layer, begun, *_ = _TAG.unpack_from(expected, len(expected) - _TAG.size)
        if self.layers[layer].begun == begun:
            assert isinstance(watch.consumer.repairs, Repairs)
            times = watch.consumer.repairs._resent._remembered[number][1]
            assert repeated or times == MOST_TIMES

    @rule(wait=st.floats(0.1, 3.0), reported=st.booleans())
    def round(self, wait: float, reported: bool) -> None:
        """Whatever is due, is done; the reports are right."""
        if reported:
            self.go_on(1, set(range(LAYERS)), True)
            self.report(set(range(LAYERS)))
        later(self.world, wait)
        for watch in self.watches:
            outbound = watch.subscriber.outbound
            due = outbound.next_deadline()
            served = watch.is_served
            for compound in outbound.take_rtcp(self.world.now):
                assert due is not None
                self._check_reports(watch, compound)  # type: ignore[arg-type]
            watch.starts += served and not watch.is_served

    def _check_reports(
        self, watch: Watch, compound: list[SenderReport | SourceDescription]
    ) -> None:
        *reports, description = compound
        assert isinstance(description, SourceDescription)
        assert [chunk.ssrc for chunk in description.chunks] == [watch.consumer.ssrc]
        sent = watch.subscriber.sent(watch.consumer)
        (report,) = reports
        assert isinstance(report, SenderReport)
        assert report.packet_count == len(sent.packets)
        newest = max(sent.packets)
        data = sent.packets[newest]
        timestamp = struct.unpack_from("!I", data, 4)[0]
        *_, captured = _TAG.unpack_from(data, len(data) - _TAG.size)
        # The report says when the newest packet was captured: then it was.
        told = report.ntp_time / 2**32 - NTP_AT_ZERO
        behind = (report.rtp_timestamp - timestamp + 0x80000000 & 0xFFFFFFFF) - 0x80000000
        assert abs(told - behind / RATE - captured) < 0.001

    # ---- what must hold --------------------------------------------------------------------

    def _sent(self) -> None:
        self.audience.flush()
        for watch in self.watches:
            watch.note()

    @invariant()
    def streams_are_whole(self) -> None:
        if not hasattr(self, "watches"):
            return
        for watch in self.watches:
            self._check_stream(watch)

    def _check_stream(self, watch: Watch) -> None:
        before: tuple[int, int, int, int, int] | None = None
        for number, packet in watch.subscriber.sent(watch.consumer).parsed():
            layer, begun, source, _ = _TAG.unpack(packet.payload[2:])
            start = watch.start_of[number]
            starts_key_frame = packet.payload[:2] == KEY_START
            if before is None:
                assert starts_key_frame
            else:
                last, last_layer, last_source, timestamp, last_start = before
                ahead = (packet.timestamp - timestamp) & 0xFFFFFFFF
                assert ahead < 0x80000000, "timestamps never go back"
                if layer != last_layer or start != last_start:
                    assert number == last + 1
                    assert starts_key_frame
                    assert ahead > 0
                else:
                    self._check_gap(layer, begun, number - last, source - last_source)
            before = number, layer, source, packet.timestamp, start

    def _check_gap(self, layer: int, begun: int, missing: int, lost: int) -> None:
        """Within a layer, what is missing was lost on the way to us."""
        if self.layers[layer].begun == 0:
            assert missing == lost
        else:
            assert 0 < missing <= lost  # what was lost before it began anew is not missed

    @override
    def teardown(self) -> None:
        if not hasattr(self, "watches"):
            return
        for watch in self.watches:
            watch.consumer.close()
            watch.consumer.close()
            watch.subscriber.outbound.take_rtcp(self.world.now)
            assert watch.subscriber.outbound.next_deadline() is None
        assert not self.producer.consumers
        for stream in self.producer.streams:
            assert not stream.waiting
            assert not len(stream.fan_out)


TestConsuming = Consuming.TestCase
TestConsuming.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
