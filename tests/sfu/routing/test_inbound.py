"""Where packets belong, and what publishers are told, on virtual time."""

from collections.abc import Mapping, Sequence

import pytest

from sfu.media.missing_packets import MOST_TRIES
from sfu.ortc.encodings import Encoding
from sfu.routing.producer import Producer
from sfu.routing.received_stream import ReceivedStream
from sfu.units import Seconds
from sfu.wire.extensions import Extension
from sfu.wire.rtcp import Goodbye, RtcpPacket, encode_rtcp
from sfu.wire.rtcp_feedback import (
    FullIntraRequest,
    Nack,
    PictureLossIndication,
    TransportFeedback,
)
from sfu.wire.rtcp_reports import ReceiverReport, ReportBlock, SenderReport
from sfu.wire.rtp import parse_rtp
from sfu.wire.twcc import parse_feedback
from tests.sfu.routing.publishing import CANONICAL, MEDIA, RTX, Peer, World, parameters, record
from tests.sfu.wire.samples import EXTENSION_IDS, RTP

SSRC, RTX_SSRC = 0x1000, 0x2000
ONE = Encoding(ssrc=SSRC, rtx_ssrc=RTX_SSRC)
LAYERS = tuple(Encoding(rid=f"r{layer}") for layer in range(3))
KEY, DELTA = b"\x10\x00key", b"\x10\x01delta"


class Waiter:
    """Waits for key frames; ``seen`` has the stream's newest packet at each."""

    def __init__(self) -> None:
        self.seen: list[int] = []

    def key_frame(self, stream: ReceivedStream) -> None:
        self.seen.append(stream.newest_timestamp)


def advance(world: World, seconds: float) -> None:
    world.now = Seconds(world.now + seconds)


def take(peer: Peer, kind: type[RtcpPacket]) -> list[RtcpPacket]:
    """What is due, of one kind; the rest is lost."""
    return [one for one in peer.inbound.take_rtcp(peer.world.now) if isinstance(one, kind)]


def run(peer: Peer, seconds: float) -> list[tuple[float, RtcpPacket]]:
    """Everything that is due in the next seconds, and when."""
    world = peer.world
    end = world.now + seconds
    given: list[tuple[float, RtcpPacket]] = []
    for _ in range(10_000):
        due = peer.inbound.next_deadline()
        if due is None or due > end:
            break
        world.now = max(world.now, due)
        given += [(world.now, one) for one in peer.inbound.take_rtcp(world.now)]
    else:
        raise AssertionError("a deadline that taking does not move")
    world.now = Seconds(end)
    return given


def one_stream(encoding: Encoding = ONE, **kinds: object) -> tuple[Peer, Producer]:
    peer = World().peer()
    producer = peer.produce(parameters(encoding, **kinds))  # type: ignore[arg-type]
    for stream in producer.streams:
        record(stream)
    return peer, producer


# ---- where packets belong ----------------------------------------------------------------------


def test_simulcast_is_told_apart_by_mid_and_rid() -> None:
    peer = World().peer()
    producers = [peer.produce(parameters(*LAYERS, mid=mid)) for mid in ("0", "1")]
    recorders = [[record(stream) for stream in p.streams] for p in producers]
    peer.send(
        peer.rtp(1, 1, 10, b"\x10\0a", mid=b"0", rid=b"r0"),
        peer.rtp(1, 1, 11, b"\x10\0b", mid=b"0", rid=b"r2"),
        peer.rtp(1, 1, 12, b"\x10\0c", mid=b"1", rid=b"r2"),
        peer.rtp(2, 2, 11, b"\x10\0d"),  # later packets need not say it again
        peer.rtp(1, 1, 13, b"\x10\0e", mid=b"2", rid=b"r2"),  # a mid that nobody has
        peer.rtp(1, 1, 14, b"\x10\0f", rid=b"r1"),  # of either
        peer.rtp(1, 1, 15, b"\x10\0g", mid=b"0"),  # of which layer?
        peer.rtp(1, 1, 16, b"\x10\0h"),
    )
    payloads = [[[p.payload[2:] for p in r.parsed()] for r in layers] for layers in recorders]
    assert payloads == [[[b"a"], [], [b"b", b"d"]], [[], [], [b"c"]]]
    assert peer.world.reception.counts.unknown == 4


def test_rid_alone_is_enough_where_it_means_one() -> None:
    peer = World().peer()
    recorders = [record(s) for s in peer.produce(parameters(*LAYERS, mid=None)).streams]
    peer.send(peer.rtp(1, 1, 10, KEY, rid=b"r1"), peer.rtp(1, 1, 11, KEY, rid=b"no"))
    assert [len(recorder.packets) for recorder in recorders] == [0, 1, 0]


def test_mid_or_payload_type_alone_is_enough_for_a_single_encoding() -> None:
    peer = World().peer()
    video = record(peer.produce(parameters(mid="v")).streams[0])
    screen = record(peer.produce(parameters(mid="s")).streams[0])
    audio = peer.produce(
        parameters(kind="audio", codec="opus", mid="a", payload_types={111: CANONICAL}, rtx=False)
    )
    sound = record(audio.streams[0])
    peer.send(
        peer.rtp(1, 1, 10, KEY, mid=b"v"),
        peer.rtp(1, 1, 11, KEY, mid=b"s"),
        peer.rtp(1, 1, 12, KEY),  # camera or screen
        peer.rtp(1, 1, 13, b"opus", payload_type=111),
        peer.rtp(1, 1, 14, b"opus", payload_type=111),  # there is one already
        peer.rtp(1, 1, 15, b"what", payload_type=7, mid=b"a"),
    )
    assert [len(one.packets) for one in (video, screen, sound)] == [1, 1, 1]
    assert list(peer.inbound.routes) == [10, 11, 13]


@pytest.mark.parametrize("named", ["declared", "rid", "mid", "payload type"])
def test_retransmissions_are_recognised(named: str) -> None:
    peer = World().peer()
    encodings = {"declared": (ONE,), "rid": LAYERS}.get(named, (Encoding(ssrc=SSRC),))
    stream = peer.produce(parameters(*encodings)).streams[0]
    recorder = record(stream)
    identified = {"mid": b"0", "rid": b"r0"} if named == "rid" else {}
    packets = [peer.rtp(n, n, SSRC, b"\x10\0%d" % n, said=identified) for n in range(4)]
    peer.send(packets[0], packets[1], packets[3])
    said: dict[str, bytes] = {}
    if named == "rid":
        said = {"mid": b"0", "repaired_rid": b"r0"}
    elif named == "mid":
        said = {"mid": b"0"}
    peer.send(peer.repair(RTX_SSRC, 900, parse_rtp(packets[2]), said))
    assert [p.payload for p in recorder.parsed()] == [b"\x10\0%d" % n for n in range(4)]
    assert recorder.order[-1] == sorted(recorder.packets)[2]
    assert peer.world.reception.counts.repairs == 1
    peer.send(peer.repair(RTX_SSRC, 901, parse_rtp(packets[2])))  # again
    peer.send(peer.rtp(902, 0, RTX_SSRC, b"", payload_type=RTX, padding=200))  # a probe
    assert len(recorder.packets) == 4
    assert peer.world.reception.counts.dropped == 2


def test_media_that_claims_to_repair_is_not_believed() -> None:
    peer = World().peer()
    recorder = record(peer.produce(parameters(*LAYERS)).streams[0])
    peer.send(peer.rtp(1, 1, 10, KEY, payload_type=MEDIA, mid=b"0", repaired_rid=b"r0"))
    assert recorder.packets == {}


def test_captured_simulcast() -> None:
    peer = World().peer()
    layers = tuple(Encoding(rid=rid) for rid in "qhf")
    producer = peer.produce(parameters(*layers, mid="1", ids=EXTENSION_IDS))
    recorders = [record(stream) for stream in producer.streams]
    waiter = Waiter()
    producer.streams[0].waiting.append(waiter)
    for packet in RTP["vp8-simulcast"]:
        peer.send(packet)
    media = [p for p in map(parse_rtp, RTP["vp8-simulcast"]) if p.payload_type == MEDIA]
    by_layer = [[p for p in media if p.ssrc == ssrc] for ssrc in (2986400933, 0, 688985717)]
    for recorder, sent in zip(recorders, by_layer, strict=True):
        assert [p.payload for p in recorder.parsed()] == [p.payload for p in sent]
        assert [p.timestamp for p in recorder.parsed()] == [p.timestamp for p in sent]
    assert waiter.seen == [by_layer[0][0].timestamp]
    assert len(peer.inbound.routes) == 4
    assert peer.world.reception.counts.unknown == 0


def test_ssrcs_and_mids_are_declared_once() -> None:
    peer, _ = one_stream()
    with pytest.raises(ValueError, match="SSRC"):
        peer.produce(parameters(Encoding(ssrc=5, rtx_ssrc=SSRC), mid="1"))
    with pytest.raises(ValueError, match="SSRC"):
        peer.produce(parameters(Encoding(ssrc=5, rtx_ssrc=5), mid="1"))
    with pytest.raises(ValueError, match="mid"):
        peer.produce(parameters(Encoding(ssrc=5), mid="0"))
    peer.produce(parameters(Encoding(ssrc=5), mid="1"))


def test_removed_producers_are_forgotten() -> None:
    peer, producer = one_stream()
    recorder = record(producer.streams[0])
    peer.send(peer.rtp(1, 1, SSRC, KEY))
    peer.inbound.remove(producer)
    peer.inbound.remove(producer)
    peer.send(peer.rtp(2, 1, SSRC, DELTA, mid=b"0"))
    assert len(recorder.packets) == 1
    again = record(peer.produce(parameters(ONE)).streams[0])
    peer.send(peer.rtp(3, 1, SSRC, KEY))
    assert len(again.packets) == 1


# ---- transport-wide feedback -------------------------------------------------------------------


def test_arrivals_are_told_ten_times_a_second() -> None:
    peer, _ = one_stream()
    assert peer.inbound.next_deadline() is None
    started = peer.world.now
    arrivals = [1_790_000_000_000_000 + 1000 * n for n in range(20)]
    peer.send(*(peer.rtp(n, n, SSRC) for n in range(10)), arrivals_us=arrivals[:10])
    assert peer.inbound in peer.world.shared.urgent
    assert peer.inbound.next_deadline() == pytest.approx(started + 0.1)
    assert take(peer, TransportFeedback) == []
    advance(peer.world, 0.101)
    (told,) = take(peer, TransportFeedback)
    assert isinstance(told, TransportFeedback)
    assert told.media_ssrc == SSRC
    first = parse_feedback(told.fci)
    assert (first.base, first.count, first.feedback_number) == (65_530, 10, 0)
    assert first.ticks[-1] - first.ticks[0] == 36
    # Two are lost, one overtakes another; the wrap is passed.
    lost = [peer.rtp(n, n, SSRC) for n in (10, 11)]
    late = peer.rtp(12, n := 12, SSRC)
    peer.send(peer.rtp(n + 1, n, SSRC), late, arrivals_us=arrivals[10:12])
    advance(peer.world, 0.101)
    (told,) = take(peer, TransportFeedback)
    assert isinstance(told, TransportFeedback)
    second = parse_feedback(told.fci)
    assert (second.base, second.count, second.feedback_number) == (65_540 & 0xFFFF, 4, 1)
    assert second.sequence_number.tolist() == [6, 7]
    assert second.ticks[0] > second.ticks[1]
    # One that was told lost comes after all: it is told again from there on.
    peer.send(lost[1], arrivals_us=arrivals[12:13])
    advance(peer.world, 0.101)
    (told,) = take(peer, TransportFeedback)
    assert isinstance(told, TransportFeedback)
    third = parse_feedback(told.fci)
    assert (third.base, third.sequence_number.tolist()) == (5, [5, 6, 7])


def test_arrivals_of_all_ssrcs_and_probes_are_told() -> None:
    peer = World().peer()
    peer.produce(parameters(*LAYERS))
    peer.send(
        peer.rtp(1, 1, 10, KEY, mid=b"0", rid=b"r0"),
        peer.rtp(1, 0, 77, b"", payload_type=RTX, padding=200),  # of nobody yet
        peer.rtp(1, 1, 11, KEY, mid=b"0", rid=b"r1"),
        peer.rtp(2, 1, 11, b"", padding=200),
    )
    advance(peer.world, 0.1)
    (told,) = take(peer, TransportFeedback)
    assert isinstance(told, TransportFeedback)
    assert parse_feedback(told.fci).count == 4


def test_a_flood_is_told_in_parts() -> None:
    peer, _ = one_stream()
    for first in range(0, 1000, 50):
        peer.send(*(peer.rtp(n, n, SSRC) for n in range(first, first + 50)))
        advance(peer.world, 0.001)
    advance(peer.world, 0.3)
    told = []
    while (due := peer.inbound.next_deadline()) is not None and due <= peer.world.now:
        packets = peer.inbound.take_rtcp(peer.world.now)
        assert len(encode_rtcp(packets)) <= 1300
        told += [parse_feedback(p.fci) for p in packets if isinstance(p, TransportFeedback)]
    assert sum(len(one.sequence_number) for one in told) == 1000


def test_no_feedback_that_was_not_negotiated() -> None:
    peer, _ = one_stream(transport_cc=False)
    peer.send(peer.rtp(1, 1, SSRC))
    given = [type(packet) for _, packet in run(peer, 5)]
    assert given == [ReceiverReport]


def test_an_idle_transport_costs_nothing() -> None:
    peer, _ = one_stream()
    peer.send(peer.rtp(1, 1, SSRC))
    run(peer, 10)
    assert peer.inbound.next_deadline() is None
    peer.world.shared.urgent.clear()
    peer.send(peer.rtp(2, 1, SSRC))
    assert peer.inbound in peer.world.shared.urgent
    assert peer.inbound.next_deadline() is not None


# ---- receiver reports --------------------------------------------------------------------------


def blocks(given: Sequence[tuple[float, RtcpPacket]]) -> list[ReportBlock]:
    return [b for _, p in given if isinstance(p, ReceiverReport) for b in p.reports]


def test_receiver_reports() -> None:
    peer, _ = one_stream(nack=False)
    world = peer.world
    for n in range(65_530, 65_630):
        if n % 10:
            peer.send(peer.rtp(n, 90 * n, SSRC))
        advance(world, 0.001)
    (block,) = blocks(run(peer, 0.3))
    assert block.ssrc == SSRC
    assert block.highest_sequence == 65_629
    assert block.packets_lost == 9  # the first, 65530, is not known to have been sent
    assert block.fraction_lost == 9 * 256 // 99
    assert block.jitter == 0
    assert (block.last_report, block.delay) == (0, 0)
    report = SenderReport(SSRC, 0x1234_5678_9ABC_DEF0, 90 * 65_629, 1, 1)
    peer.inbound.receive_rtcp([report], world.now)
    at = world.now
    for n in range(65_630, 65_640):
        peer.send(peer.rtp(n, 90 * n + (n % 2) * 900, SSRC))
        advance(world, 0.001)
    given = [(when, p) for when, p in run(peer, 1.1) if isinstance(p, ReceiverReport)]
    (block,) = blocks(given)
    assert (block.fraction_lost, block.packets_lost) == (0, 9)
    assert block.last_report == 0x5678_9ABC
    assert block.delay == pytest.approx((given[0][0] - at) * 65536, abs=2)
    assert block.jitter > 200
    assert blocks(run(peer, 3)) == []


def test_sender_clock_is_in_forwarded_time() -> None:
    peer = World().peer()
    stream = peer.produce(parameters(Encoding(rid="r0"))).streams[0]
    recorder = record(stream)
    peer.send(peer.rtp(1, 1000, 10, KEY, rid=b"r0"))
    peer.inbound.receive_rtcp([SenderReport(10, 5 << 32, 1000, 1, 1)], peer.world.now)
    clock = stream.sender_clock
    assert clock is not None
    assert clock.timestamp == 1000
    advance(peer.world, 1)
    peer.send(peer.rtp(1, 7_000_000, 11, KEY, rid=b"r0"))
    assert [stream.sender_clock] == [None]
    peer.inbound.receive_rtcp(
        [SenderReport(10, 5 << 32, 1000, 1, 1), SenderReport(11, 6 << 32, 7_000_500, 1, 1)],
        peer.world.now,
    )
    clock = stream.sender_clock
    assert clock is not None
    assert clock.ntp == 6 << 32
    assert clock.arrival == peer.world.now
    assert clock.timestamp == recorder.parsed()[-1].timestamp + 500


def test_goodbye_ends_a_stream() -> None:
    peer, producer = one_stream()
    stream = producer.streams[0]
    peer.send(peer.rtp(1, 1, SSRC))
    assert stream.alive(peer.world.now)
    peer.inbound.receive_rtcp([Goodbye((SSRC, 99))], peer.world.now)
    assert not stream.alive(peer.world.now)
    advance(peer.world, 0.1)
    peer.send(peer.rtp(2, 1, SSRC))
    assert stream.alive(peer.world.now)


def test_sender_clock_waits_for_what_it_is_about() -> None:
    peer = World().peer()
    producer = peer.produce(parameters(Encoding(rid="r0")))
    stream = producer.streams[0]
    recorder = record(stream)
    peer.send(peer.rtp(1, 1000, 10, KEY, rid=b"r0"))
    producer.set_paused(True, peer.world.now)
    advance(peer.world, 1)
    peer.send(peer.rtp(1, 7_000_000, 11, KEY, rid=b"r0"))
    peer.inbound.receive_rtcp([SenderReport(11, 6 << 32, 7_000_500, 1, 1)], peer.world.now)
    assert [stream.sender_clock] == [None]
    producer.set_paused(False, peer.world.now)
    peer.send(peer.rtp(2, 7_000_100, 11, KEY))
    clock = stream.sender_clock
    assert clock is not None
    assert clock.timestamp == recorder.parsed()[-1].timestamp + 400


def test_rates() -> None:
    peer, producer = one_stream()
    stream = producer.streams[0]
    assert not stream.bits_per_second(peer.world.now)
    size = 0
    for n in range(300):
        packet = peer.rtp(n, n, SSRC, bytes(1000))
        size = 1000 * 8 * 100
        peer.send(packet)
        advance(peer.world, 0.01)
        if n > 60:
            assert stream.bits_per_second(peer.world.now) == pytest.approx(size, rel=0.05)
    advance(peer.world, 3)
    assert not stream.alive(peer.world.now)
    assert not stream.bits_per_second(peer.world.now)


# ---- what is missing ---------------------------------------------------------------------------


def asked(given: Sequence[tuple[float, RtcpPacket]]) -> list[tuple[float, tuple[int, ...]]]:
    return [(round(when, 3), p.lost) for when, p in given if isinstance(p, Nack)]


def test_lost_packets_are_asked_for_until_they_come() -> None:
    peer, _ = one_stream()
    world = peer.world
    start = world.now
    packets = [peer.rtp(65_534 + n, n, SSRC) for n in range(6)]
    peer.send(*packets[:2])
    world.shared.urgent.clear()
    peer.send(packets[5])
    assert peer.inbound in world.shared.urgent
    advance(world, 0.003)
    peer.send(packets[3])  # was only overtaken
    given = asked(run(peer, 0.15))
    assert given == [(round(start + at, 3), (0, 2)) for at in (0.005, 0.105)]
    peer.send(
        peer.repair(RTX_SSRC, 1, parse_rtp(packets[2])),
        peer.repair(RTX_SSRC, 2, parse_rtp(packets[4])),
    )
    assert asked(run(peer, 3)) == []


def test_asking_ends() -> None:
    peer, _ = one_stream()
    peer.inbound.feedback.round_trip = Seconds(0.03)
    peer.send(peer.rtp(1, 1, SSRC), peer.rtp(3, 1, SSRC))
    given = asked(run(peer, 3))
    assert len(given) == MOST_TRIES
    peer.inbound.feedback.round_trip = Seconds(0.4)
    peer.send(peer.rtp(5, 1, SSRC))
    assert 2 <= len(asked(run(peer, 3))) <= 4


def test_round_trip_is_learned_from_answers() -> None:
    peer, _ = one_stream()
    feedback = peer.inbound.feedback
    for n in range(0, 120, 2):
        packets = [peer.rtp(n + k, n, SSRC) for k in range(2)]
        peer.send(packets[1])
        run(peer, 0.035)  # asked after 5 ms
        if n:
            peer.send(peer.repair(RTX_SSRC, n, parse_rtp(packets[0])))
    assert feedback.round_trip == pytest.approx(0.03, abs=0.005)


def test_too_much_is_missing() -> None:
    peer, _ = one_stream()
    peer.send(peer.rtp(1, 1, SSRC), peer.rtp(2000, 1, SSRC))
    given = [packet for _, packet in run(peer, 0.05)]
    assert given == [PictureLossIndication(1, SSRC)]


def test_nothing_is_asked_of_who_sends_nothing_again() -> None:
    peer, _ = one_stream(nack=False, pli=False)
    peer.send(peer.rtp(1, 1, SSRC), peer.rtp(3, 1, SSRC))
    assert asked(run(peer, 2)) == []


def test_nothing_is_asked_while_paused() -> None:
    peer, producer = one_stream()
    peer.send(peer.rtp(1, 1, SSRC), peer.rtp(3, 1, SSRC))
    producer.set_paused(True, peer.world.now)
    peer.send(peer.rtp(5, 1, SSRC))
    assert asked(run(peer, 2)) == []


# ---- key frames --------------------------------------------------------------------------------


def requests(given: Sequence[tuple[float, RtcpPacket]]) -> list[float]:
    kinds = PictureLossIndication | FullIntraRequest
    return [when for when, packet in given if isinstance(packet, kinds)]


def test_waiting_for_a_key_frame() -> None:
    peer, producer = one_stream()
    stream, waiter = producer.streams[0], Waiter()
    recorder = record(stream)
    peer.send(peer.rtp(1, 100, SSRC, KEY), peer.rtp(2, 100, SSRC, b"\0rest"))
    run(peer, 1)
    peer.world.shared.urgent.clear()
    stream.waiting.append(waiter)
    for _ in range(5):
        stream.request_key_frame(peer.world.now)
    assert peer.inbound in peer.world.shared.urgent
    assert take(peer, PictureLossIndication) == [PictureLossIndication(1, SSRC)]
    assert take(peer, PictureLossIndication) == []
    start = peer.world.now
    times = requests(run(peer, 3.9))  # never answered
    assert times == pytest.approx([start + after for after in (0.5, 1.0, 2.0, 3.0)])
    peer.send(peer.rtp(3, 200, SSRC, DELTA), peer.rtp(4, 300, SSRC, KEY))
    assert waiter.seen == [300]
    assert stream.waiting == []
    assert recorder.bursts[-2:] == [1, 1], "what came before the key frame goes out before"
    assert requests(run(peer, 4)) == []
    peer.send(peer.rtp(5, 400, SSRC, KEY))
    assert waiter.seen == [300]


def test_many_wishes_are_few_requests() -> None:
    peer, producer = one_stream()
    stream = producer.streams[0]
    peer.send(peer.rtp(1, 100, SSRC, KEY))
    sent = 0
    for n in range(1000):
        stream.request_key_frame(peer.world.now)
        given = take(peer, PictureLossIndication)
        sent += len(given)
        if given:
            peer.send(peer.rtp(2 + n, 200 + n, SSRC, KEY))
        advance(peer.world, 0.01)
    assert 10 <= sent <= 13


def test_a_late_key_frame_is_not_begun_with() -> None:
    peer, producer = one_stream()
    stream, waiter = producer.streams[0], Waiter()
    stream.waiting.append(waiter)
    packets = [peer.rtp(1, 100, SSRC, DELTA), peer.rtp(2, 200, SSRC, KEY)]
    after = peer.rtp(3, 200, SSRC, b"\0rest")
    peer.send(packets[0], after, packets[1])
    assert waiter.seen == []
    peer.send(peer.rtp(4, 300, SSRC, KEY))
    assert waiter.seen == [300]


def test_audio_can_be_begun_anywhere() -> None:
    peer, producer = one_stream(kind="audio", codec="opus", rtx=False)
    stream, waiter = producer.streams[0], Waiter()
    stream.request_key_frame(peer.world.now)
    assert peer.inbound.next_deadline() is None
    stream.waiting.append(waiter)
    peer.send(peer.rtp(1, 100, SSRC, b"opus"))
    assert waiter.seen == [100]


def test_full_intra_requests_where_nothing_else_is_understood() -> None:
    peer, producer = one_stream(pli=False, fir=True)
    stream = producer.streams[0]
    peer.send(peer.rtp(1, 100, SSRC, KEY))
    stream.request_key_frame(peer.world.now)
    assert take(peer, FullIntraRequest) == [FullIntraRequest(1, 0, ((SSRC, 1),))]


def test_what_has_no_ssrc_yet_is_asked_as_soon_as_it_has_one() -> None:
    peer = World().peer()
    stream = peer.produce(parameters(*LAYERS)).streams[1]
    stream.waiting.append(Waiter())
    stream.request_key_frame(peer.world.now)
    assert peer.inbound.next_deadline() is None
    assert peer.inbound.take_rtcp(peer.world.now) == []
    peer.world.shared.urgent.clear()
    peer.send(peer.rtp(1, 1, 33, DELTA, mid=b"0", rid=b"r1"))
    assert peer.inbound in peer.world.shared.urgent
    assert take(peer, PictureLossIndication) == [PictureLossIndication(1, 33)]


def test_vp8_key_frames_are_known_with_and_without_descriptor() -> None:
    structure = bytes.fromhex("c0000a80")
    cases: tuple[tuple[Mapping[str, bytes], bytes, bool], ...] = (
        ({}, KEY, True),
        ({}, DELTA, False),
        ({"dependency_descriptor": structure}, DELTA, True),
        ({"dependency_descriptor": bytes.fromhex("80000a")}, DELTA, False),
        ({"dependency_descriptor": bytes.fromhex("80000a")}, KEY, True),
    )
    for named, payload, is_key in cases:
        peer, producer = one_stream()
        waiter = Waiter()
        producer.streams[0].waiting.append(waiter)
        peer.send(peer.rtp(1, 100, SSRC, payload, said=named))
        assert bool(waiter.seen) == is_key


CAPTURES = {
    "vp8-plain": ("vp8", {96: CANONICAL}),
    "vp9-svc": ("vp9", {98: CANONICAL}),
    "av1-svc": ("av1", {97: CANONICAL}),
    "h264": ("h264", {102: CANONICAL}),
}


@pytest.mark.parametrize("name", CAPTURES)
def test_captured_key_frames(name: str) -> None:
    codec, payload_types = CAPTURES[name]
    media = [parse_rtp(p) for p in RTP[name]]
    media = [p for p in media if p.payload_type in payload_types and p.payload]
    ssrc = media[0].ssrc
    peer = World().peer()
    given = parameters(
        Encoding(ssrc=ssrc), codec=codec, payload_types=payload_types, ids=EXTENSION_IDS, rtx=False
    )
    stream = peer.produce(given).streams[0]
    waiter = Waiter()
    stream.waiting.append(waiter)
    recorder = record(stream)
    for packet in RTP[name]:
        peer.send(packet)
    assert waiter.seen == [media[0].timestamp], "the capture begins with its key frame"
    assert len(recorder.packets) == len(media)
    assert Extension.DEPENDENCY_DESCRIPTOR in EXTENSION_IDS.values()
