"""A transport's consumers: their reports, and what its peer says."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sfu.media.sender_reports import middle_bits
from sfu.ortc.encodings import Encoding
from sfu.routing.consumer import Consumer
from sfu.routing.outbound import (
    FIRST_REPORT_AFTER,
    LONGEST_INTERVAL,
    MOST_COMPOUND,
    REPORT_INTERVAL,
)
from sfu.routing.producer import Producer
from sfu.units import Seconds
from sfu.wire.errors import WireError
from sfu.wire.rtcp import (
    Goodbye,
    OtherPacket,
    RtcpPacket,
    SourceDescription,
    encode_rtcp,
    parse_rtcp,
)
from sfu.wire.rtcp_feedback import BitrateLimit, Nack, TransportFeedback
from sfu.wire.rtcp_reports import ReceiverReport, ReportBlock, SenderReport
from tests.sfu.routing.publishing import Peer, World, parameters
from tests.sfu.routing.subscribing import Audience, later

RATE = 48_000


class Stage:
    """Somebody who speaks, and consumers of that on one transport."""

    def __init__(self, consumers: int = 1) -> None:
        self.world = World()
        self.audience = Audience(self.world)
        self.peer: Peer = self.world.peer()
        given = parameters(Encoding(ssrc=10), kind="audio", codec="opus", transport_cc=False)
        self.producer: Producer = self.peer.produce(given)
        self.subscriber = self.audience.join()
        self.outbound = self.subscriber.outbound
        self.consumers = [
            self.subscriber.consume(self.producer, name=str(index)) for index in range(consumers)
        ]
        self.number = 0

    @property
    def consumer(self) -> Consumer:
        return self.consumers[0]

    def speak(self, wait: float = 0.02) -> None:
        now = later(self.world, wait)
        self.number += 1
        self.peer.send(self.peer.rtp(self.number, round(now * RATE), 10))
        self.audience.flush()

    def report(self) -> None:
        now = self.world.now
        packet = SenderReport(10, round((now + 3e9) * 2**32), round(now * RATE) & 0xFFFFFFFF, 1, 1)
        self.peer.inbound.receive_rtcp([packet], now)

    def due(self) -> list[list[RtcpPacket]]:
        """Let time pass until something is due, and take it."""
        deadline = self.outbound.next_deadline()
        assert deadline is not None
        self.world.now = Seconds(max(self.world.now, deadline))
        return self.outbound.take_rtcp(self.world.now)

    def reports(self, seconds: float, wait: float = 0.02) -> list[tuple[Seconds, SenderReport]]:
        """All reports of a time in which somebody speaks."""
        found = []
        end = self.world.now + seconds
        while self.world.now < end:
            self.speak(wait)
            for compound in self.outbound.take_rtcp(self.world.now):
                found += [
                    (self.world.now, one) for one in compound if isinstance(one, SenderReport)
                ]
        return found


def test_first_report_comes_early_and_then_one_every_two_seconds() -> None:
    stage = Stage()
    start = stage.world.now
    stage.speak()
    stage.report()
    times = [at - start for at, _ in stage.reports(5.5)]
    assert times[0] == pytest.approx(FIRST_REPORT_AFTER, abs=0.03)
    assert times[1:] == pytest.approx([2, 4], abs=0.15)


def test_reports_are_on_the_publishers_line_and_count_what_was_sent() -> None:
    stage = Stage()
    stage.speak()
    stage.report()
    sent = stage.subscriber.sent(stage.consumer)
    found = stage.reports(6.3)
    assert len(found) == 4
    for at, report in found:
        assert report.ssrc == stage.consumer.ssrc
        assert report.ntp_time / 2**32 - 3e9 == pytest.approx(at, abs=0.001)
        assert report.rtp_timestamp == pytest.approx(at * RATE, abs=2)
    packets = found[-1][1].packet_count
    assert len(sent.packets) - 60 < packets <= len(sent.packets)
    octets = sum(len(packet.payload) for _, packet in sent.parsed()[:packets])
    assert found[-1][1].octet_count == pytest.approx(octets, rel=0.1)


def test_nothing_is_reported_before_the_publisher_has_or_while_nothing_is_sent() -> None:
    stage = Stage()
    assert stage.reports(1.5) == []
    stage.report()
    assert len(stage.reports(0.3)) == 1, "soon after the publisher's"
    stage.speak()
    stage.outbound.take_rtcp(later(stage.world, 2.0))
    for _ in range(5):
        assert stage.due() == []


def test_no_deadline_without_a_running_consumer() -> None:
    stage = Stage()
    assert stage.outbound in stage.world.shared.urgent
    assert stage.outbound.next_deadline() is not None
    stage.consumer.pause(stage.world.now)
    assert stage.outbound.next_deadline() is None
    assert stage.outbound.take_rtcp(later(stage.world, 9.0)) == []
    stage.consumer.resume(stage.world.now)
    assert stage.outbound.next_deadline() is not None
    stage.consumer.close()
    assert stage.outbound.next_deadline() is None


def test_deadlines_always_lie_ahead_once_they_were_kept() -> None:
    stage = Stage(3)
    stage.speak()
    stage.report()
    for _ in range(50):
        stage.due()
        deadline = stage.outbound.next_deadline()
        assert deadline is not None
        assert deadline > stage.world.now
        stage.speak()


def test_many_reports_are_split_and_come_less_often() -> None:
    stage = Stage(300)
    stage.speak(0.2)
    stage.report()
    compounds = stage.due()
    told: list[int] = []
    for compound in compounds:
        *reports, description = compound
        assert len(encode_rtcp(compound)) <= MOST_COMPOUND
        assert isinstance(description, SourceDescription)
        ssrcs = [one.ssrc for one in reports if isinstance(one, SenderReport)]
        assert [chunk.ssrc for chunk in description.chunks] == ssrcs
        assert parse_rtcp(encode_rtcp(compound)) == compound
        told += ssrcs
    assert sorted(told) == [consumer.ssrc for consumer in stage.consumers]
    assert len(compounds) < 20
    rounds = {at for at, _ in stage.reports(10.0, wait=0.25)}
    assert 10 / LONGEST_INTERVAL <= len(rounds) < 10 / REPORT_INTERVAL


def block(consumer: Consumer, last_report: int = 0, delay: float = 0.0) -> ReportBlock:
    return ReportBlock(consumer.ssrc, 32, 5, 1000, 480, last_report, round(delay * 65536))


def test_receiver_reports_tell_quality_and_round_trip() -> None:
    stage = Stage()
    stage.speak()
    stage.report()
    (at, report), *_ = stage.reports(0.3)
    answer = block(stage.consumer, middle_bits(report.ntp_time), 0.05)
    stage.outbound.receive_rtcp([ReceiverReport(1, (answer,))], Seconds(at + 0.13))
    assert stage.outbound.rtt == pytest.approx(0.08, abs=0.001)
    quality = stage.consumer.reports.quality
    assert quality is not None
    assert (quality.fraction_lost, quality.packets_lost, quality.jitter) == (0.125, 5, 0.01)
    stage.outbound.receive_rtcp([ReceiverReport(1, (answer,))], Seconds(at + 0.93))
    assert stage.outbound.rtt == pytest.approx(0.18, abs=0.001), "smoothed"


def test_remb_is_kept_with_its_time() -> None:
    stage = Stage()
    assert stage.outbound.remb is None
    stage.outbound.receive_rtcp([BitrateLimit(1, 0, 800_000, (5,))], stage.world.now)
    assert stage.outbound.remb_at == stage.world.now
    later(stage.world, 1.0)
    stage.outbound.receive_rtcp([BitrateLimit(1, 0, 900_000, (5,))], stage.world.now)
    assert stage.outbound.remb == 900_000


class Asked:
    """In place of repairs."""

    def __init__(self, numbers: list[int]) -> None:
        self.numbers = numbers

    def send(self, lost: Sequence[int], *_: object) -> None:
        self.numbers.extend(lost)


def test_numbers_asked_for_are_bounded_per_transport() -> None:
    stage = Stage(2)
    asked: list[int] = []
    for consumer in stage.consumers:
        consumer.repairs = Asked(asked)  # type: ignore[assignment]
    for _ in range(100):
        for consumer in stage.consumers:
            packet = Nack(1, consumer.ssrc, tuple(range(6000)))
            stage.outbound.receive_rtcp([packet], stage.world.now)
        later(stage.world, 0.01)
    assert len(asked) <= 2010


ssrcs = st.sampled_from([0, 1, 1002, 1004, 1003, 2**32 - 1])
u32 = st.integers(0, 2**32 - 1)
blocks = st.builds(
    ReportBlock, ssrcs, st.integers(0, 255), st.integers(-(2**23), 2**23 - 1), u32, u32, u32, u32
)
packets = st.one_of(
    st.builds(ReceiverReport, u32, st.lists(blocks, max_size=5).map(tuple)),
    st.builds(
        SenderReport, ssrcs, st.just(1), u32, u32, u32, st.lists(blocks, max_size=3).map(tuple)
    ),
    st.builds(Nack, u32, ssrcs, st.lists(st.integers(0, 65535), max_size=50).map(tuple)),
    st.builds(BitrateLimit, u32, u32, st.integers(0, (2**18 - 1) << 63), st.just((1,))),
    st.builds(TransportFeedback, u32, u32, st.binary(max_size=30)),
    st.builds(Goodbye, st.lists(ssrcs, max_size=3).map(tuple)),
    st.builds(OtherPacket, st.integers(192, 223), st.integers(0, 31), st.just(b"")),
)


@given(st.lists(st.one_of(packets, st.binary(max_size=100)), max_size=20))
@settings(deadline=None, max_examples=100)
def test_hostile_rtcp_is_harmless(hostile: list[RtcpPacket | bytes]) -> None:
    stage = Stage(2)
    for index, one in enumerate(hostile):
        if index % 3 == 0:
            stage.speak()
            stage.report()
        try:
            parsed = parse_rtcp(one) if isinstance(one, bytes) else [one]
        except WireError:
            continue
        stage.outbound.receive_rtcp(parsed, stage.world.now)
        stage.outbound.take_rtcp(later(stage.world, 0.4))
        stage.audience.flush()
    rtt = stage.outbound.rtt
    assert rtt is None or 0 <= rtt <= 10
    stage.speak()
    assert len(stage.consumers) == len(stage.producer.consumers)
