"""Reception against a reference that takes one packet at a time with plain objects."""

import random
import struct
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sfu.media.sequence_map import SequenceMap
from sfu.ortc.encodings import Encoding
from sfu.routing.fan_out import Subscription
from sfu.routing.received_stream import ReceivedStream
from sfu.transport.destinations import pack_address
from sfu.transport.srtp import SrtpProfile, SrtpSession, unprotect_rtp
from sfu.transport.transmit_ring import TransmitRing
from sfu.units import Seconds
from sfu.wire.extensions import (
    Extension,
    encode_abs_send_time,
    parse_elements,
    parse_transport_sequence,
)
from sfu.wire.rtp import RtpPacket, parse_rtp
from tests.sfu.routing.publishing import (
    CANONICAL,
    IDS,
    MEDIA,
    RTX,
    Peer,
    World,
    parameters,
    record,
)

SSRC, RTX_SSRC = 0x1000, 0x2000
ONE = Encoding(ssrc=SSRC, rtx_ssrc=RTX_SSRC)
KEY, DELTA = b"\x10\x00key", b"\x10\x01delta"
some = settings(max_examples=60, deadline=None)


# ---- the reference -----------------------------------------------------------------------------


@dataclass
class Reference:
    """What leaves a stream, worked out slowly: extended numbers are the sender's own."""

    reach: int = 512
    newest: int | None = None
    skipped: list[int] = field(default_factory=list)
    forwarded: dict[int, tuple[int, RtpPacket]] = field(default_factory=dict)

    def take(self, number: int, packet: RtpPacket, repaired: bool) -> None:
        if self.newest is None:
            if repaired:
                return
            self.first = number
        is_newest = self.newest is None or number > self.newest
        if is_newest and repaired:
            return
        if is_newest:
            self.newest = number
        if not packet.payload:
            if is_newest:
                self.skipped.append(number)
            return
        if number in self.forwarded or number in self.skipped or number < self.first - 64:
            return
        # Padding closes its gap for what is newer than it.
        outgoing = number - sum(1 for one in self.skipped if one < number)
        if self.forwarded and outgoing <= max(o for o, _ in self.forwarded.values()) - self.reach:
            return
        self.forwarded[number] = (outgoing, packet)


@dataclass(frozen=True)
class Sent:
    number: int
    packet: RtpPacket


@st.composite
def journeys(draw: st.DrawFn) -> tuple[int, list[tuple[Sent, bool]], list[int]]:
    """What arrives: (packet, by retransmission), in order, cut into batches."""
    first = draw(st.sampled_from([0, 5, 40_000, 65_500, 65_535]))
    count = draw(st.integers(1, 60))
    draw_size = draw(st.sampled_from([1, 2]))
    sent = []
    timestamp = draw(st.sampled_from([0, 5000, 2**32 - 2000]))
    for offset in range(count):
        kind = draw(st.integers(0, 9))
        timestamp += 3000 if draw(st.booleans()) else 0
        payload = b"" if kind == 0 else bytes([0x10, kind, offset]) * draw_size
        sent.append(
            Sent(
                first + offset,
                RtpPacket(
                    payload_type=MEDIA,
                    sequence_number=first + offset & 0xFFFF,
                    timestamp=timestamp & 0xFFFFFFFF,
                    ssrc=SSRC,
                    marker=kind == 1,
                    payload=payload,
                    padding=20 if kind in (0, 2) else 0,
                ),
            )
        )
    arriving: list[tuple[float, Sent, bool]] = []
    for position, one in enumerate(sent):
        fate = draw(st.integers(0, 9))
        if fate != 0:
            late = draw(st.integers(1, 20)) if fate == 1 else 0
            arriving.append((position + late, one, False))
        if fate <= 2 and one.packet.payload:
            arriving.append((position + draw(st.integers(1, 30)), one, True))
    arriving.sort(key=lambda item: item[0])
    cuts = draw(st.lists(st.integers(1, 9), min_size=1, max_size=8))
    return first, [(one, repaired) for _, one, repaired in arriving], cuts


@some
@given(journeys(), st.sampled_from(list(SrtpProfile)))
def test_what_is_forwarded(
    journey: tuple[int, list[tuple[Sent, bool]], list[int]], profile: SrtpProfile
) -> None:
    _, arriving, cuts = journey
    world = World()
    peer = world.peer(profile)
    producer = peer.produce(parameters(ONE))
    recorder = record(producer.streams[0])
    reference = Reference()
    batches: list[list[bytes]] = [[]]
    repairs = 0
    for index, (one, repaired) in enumerate(arriving):
        if repaired:
            batches[-1].append(peer.repair(RTX_SSRC, repairs, one.packet))
            repairs += 1
        else:
            batches[-1].append(
                peer.rtp(
                    one.number,
                    one.packet.timestamp,
                    SSRC,
                    one.packet.payload,
                    marker=one.packet.marker,
                    padding=one.packet.padding,
                )
            )
        reference.take(one.number, one.packet, repaired)
        if len(batches[-1]) == cuts[index % len(cuts)]:
            batches.append([])
    for batch in batches:
        world.now = Seconds(world.now + 0.005)
        if batch:
            peer.send(*batch)
    found = recorder.parsed()
    expected = [packet for _, packet in sorted(reference.forwarded.values(), key=lambda x: x[0])]
    assert [packet.payload for packet in found] == [packet.payload for packet in expected]
    assert [packet.timestamp for packet in found] == [packet.timestamp for packet in expected]
    assert [packet.marker for packet in found] == [packet.marker for packet in expected]
    assert {packet.payload_type for packet in found} <= {CANONICAL}
    numbers = sorted(recorder.packets)
    outgoing = sorted(outgoing for outgoing, _ in reference.forwarded.values())
    if numbers:
        assert [n - numbers[0] for n in numbers] == [o - outgoing[0] for o in outgoing]
        assert {n - o & 0xFFFF for n, o in zip(numbers, outgoing, strict=True)} == {0}
    for number, data in recorder.packets.items():
        stored = producer.streams[0].store.packet(number)
        assert stored is not None
        assert stored.tobytes() == data


# ---- headers -----------------------------------------------------------------------------------


def one_stream(**kinds: object) -> tuple[World, Peer, ReceivedStream]:
    world = World()
    peer = world.peer()
    producer = peer.produce(parameters(ONE, **kinds))  # type: ignore[arg-type]
    return world, peer, producer.streams[0]


def test_canonical_header() -> None:
    world, peer, stream = one_stream()
    recorder = record(stream)
    world.now = Seconds(123.25)
    peer.send(
        peer.rtp(9, 77, SSRC, KEY, csrcs=(1, 2, 3), padding=9, mid=b"0", audio_level=b"\x85"),
        peer.rtp(10, 77, SSRC, DELTA, marker=True),
    )
    first, second = recorder.parsed()
    assert first.csrcs == ()
    assert first.padding == 0
    assert (first.payload, second.payload) == (KEY, DELTA)
    assert (first.marker, second.marker) == (False, True)
    elements = parse_elements(first.extension_profile or 0, first.extension)
    assert [element.id for element in elements] == [
        Extension.TRANSPORT_SEQUENCE,
        Extension.ABS_SEND_TIME,
        Extension.AUDIO_LEVEL,
    ]
    assert elements[1].data == encode_abs_send_time(123.25)
    assert elements[2].data == b"\x85"


def sent_in_bursts(sizes: list[int]) -> tuple[list[int], list[int]]:
    """Lengths of bursts, and of padding, for payloads of these sizes."""
    _, peer, stream = one_stream()
    recorder = record(stream)
    payloads = [b"\x10\x01" + bytes(size - 2) for size in sizes]
    peer.send(*(peer.rtp(n, 5, SSRC, payload) for n, payload in enumerate(payloads)))
    assert [packet.payload for packet in recorder.parsed()] == payloads
    return recorder.bursts, [packet.padding for packet in recorder.parsed()]


def test_packets_that_follow_each_other_are_one_burst() -> None:
    assert sent_in_bursts([20] * 3 + [7]) == ([4], [0] * 4)
    assert sent_in_bursts([20, 7, 7]) == ([2, 1], [0] * 3)
    assert sent_in_bursts([50, 90, 90]) == ([1, 2], [0] * 3)
    assert sent_in_bursts([20] * 20) == ([16, 4], [0] * 20)


def test_packets_of_nearly_one_length_are_made_one_burst() -> None:
    assert sent_in_bursts([90, 90, 91]) == ([3], [1, 1, 0])
    assert sent_in_bursts([91, 90, 90]) == ([3], [0, 1, 0])
    assert sent_in_bursts([100, 90, 102]) == ([3], [2, 12, 0])
    assert sent_in_bursts([100, 90, 103]) == ([2, 1], [0, 0, 0])
    assert sent_in_bursts([90, 91, 50, 50]) == ([3, 1], [1, 0, 0, 0])
    assert sent_in_bursts([90 + n % 12 for n in range(20)])[0] == [16, 4]


def test_original_and_retransmission_in_one_batch() -> None:
    _, peer, stream = one_stream()
    recorder = record(stream)
    packets = [peer.rtp(n, n, SSRC, b"\x10\x01%d" % n) for n in range(6)]
    peer.send(packets[0], packets[2], packets[5])
    repairs = [peer.repair(RTX_SSRC, n, parse_rtp(packets[n])) for n in (1, 3, 4)]
    peer.send(repairs[0], packets[1], packets[3], repairs[1], repairs[2], packets[4])
    assert [p.payload for p in recorder.parsed()] == [b"\x10\x01%d" % n for n in range(6)]


def test_payload_types_of_no_stream_leave_no_gap() -> None:
    _, peer, stream = one_stream()
    recorder = record(stream)
    peer.send(*(peer.rtp(n, n, SSRC, payload_type=5 if n == 2 else MEDIA) for n in range(4)))
    numbers = sorted(recorder.packets)
    assert numbers == list(range(numbers[0], numbers[0] + 3))


def test_what_comes_too_late_is_left() -> None:
    world, peer, stream = one_stream()
    recorder = record(stream)
    packets = [peer.rtp(n, n, SSRC) for n in range(700)]
    for first in range(0, 700, 50):
        some_of_them = [one for one in packets[first : first + 50] if one is not packets[9]]
        peer.send(*(one for one in some_of_them if one is not packets[600]))
    peer.send(*(peer.repair(RTX_SSRC, n, parse_rtp(packets[n])) for n in (9, 600)))
    assert len(recorder.packets) == 699
    assert recorder.order[-1] & 0xFFFF == 600
    assert world.reception.counts.dropped == 1


def test_rows_may_be_some_of_the_ring() -> None:
    world, peer, stream = one_stream()
    recorder = record(stream)
    packets = [(peer, peer.protect(peer.rtp(n, 5, SSRC))) for n in range(3)]
    world.receive(packets, rows=[1, 2, 5])
    assert recorder.bursts == [2, 1]
    world.receive([(peer, peer.protect(peer.rtp(3, 5, SSRC)))], rows=[9])
    assert len(recorder.packets) == 4


def test_streams_side_by_side() -> None:
    world = World()
    peers = [world.peer() for _ in range(3)]
    recorders = [record(peer.produce(parameters(ONE)).streams[0]) for peer in peers]
    batch = [(p, p.protect(p.rtp(n, 5, SSRC))) for n in range(6) for p in peers]
    random.Random(3).shuffle(batch)
    world.receive(batch)
    assert [sorted(n & 0xFFFF for n in r.packets) for r in recorders] == [list(range(6))] * 3


def test_without_a_session_nothing_is_received() -> None:
    world, peer, stream = one_stream()
    recorder = record(stream)
    other = world.peer()
    packets = [(peer, peer.protect(peer.rtp(n, 5, SSRC))) for n in range(2)]
    other.inbound.session = None
    world.receive([packets[0], (other, packets[1][1]), packets[1]], arrivals_us=[1, 2, 3])
    assert len(recorder.packets) == 2
    assert world.reception.counts.refused == 1
    world.receive([(other, packets[1][1])])
    assert world.reception.counts.refused == 2
    world.receive([])


def test_repeated_and_forged_packets_are_refused() -> None:
    world, peer, stream = one_stream()
    recorder = record(stream)
    packet = peer.protect(peer.rtp(1, 5, SSRC))
    forged = packet[:-1] + bytes([packet[-1] ^ 1])
    world.receive([(peer, forged), (peer, packet), (peer, packet)])
    assert len(recorder.packets) == 1
    assert world.reception.counts.refused == 2


def test_without_subscribers_nothing_is_kept_or_asked_for() -> None:
    world, peer, stream = one_stream()
    recorder = record(stream)
    recorder.subscribers = 0
    packets = [peer.rtp(n, n, SSRC, b"\x10\x01%d" % n) for n in range(6)]
    peer.send(packets[0], packets[1], packets[4])
    assert (recorder.packets, stream.newest & 0xFFFF) == ({}, 4)
    assert not stream.missing
    assert stream.alive(world.now)
    recorder.subscribers = 1
    peer.send(packets[3])  # from before there was one
    assert recorder.packets == {}
    peer.send(packets[5])
    assert [p.payload for p in recorder.parsed()] == [b"\x10\x015"]


# ---- pauses and new beginnings -----------------------------------------------------------------


def wire(numbers: dict[int, bytes]) -> list[int]:
    return sorted(numbers)


def test_a_pause_leaves_no_gap() -> None:
    world, peer, stream = one_stream()
    recorder = record(stream)
    peer.send(*(peer.rtp(n, 100 * n, SSRC) for n in range(3)))
    stream.set_paused(True, world.now)
    newest = stream.newest
    world.now = Seconds(world.now + 1)
    peer.send(*(peer.rtp(n, 100 * n, SSRC) for n in range(3, 9)))
    assert len(recorder.packets) == 3
    assert stream.newest == newest
    assert stream.alive(world.now)
    stream.set_paused(False, world.now)
    peer.send(peer.rtp(8, 800, RTX_SSRC, b"\0\5late", payload_type=RTX))
    peer.send(*(peer.rtp(n, 100 * n, SSRC) for n in range(9, 12)))
    numbers = sorted(recorder.packets)
    assert numbers == list(range(numbers[0], numbers[0] + 6))
    assert [p.timestamp for p in recorder.parsed()] == [0, 100, 200, 900, 1000, 1100]


def test_begun_paused() -> None:
    world = World()
    peer = world.peer()
    producer = peer.produce(parameters(ONE), paused=True)
    recorder = record(producer.streams[0])
    peer.send(peer.rtp(1, 5, SSRC, KEY))
    producer.set_paused(False, world.now)
    peer.send(peer.rtp(2, 6, SSRC, DELTA))
    assert [packet.payload for packet in recorder.parsed()] == [DELTA]


def test_another_ssrc_under_the_same_rid() -> None:
    world = World()
    peer = world.peer()
    stream = peer.produce(parameters(Encoding(rid="r0"))).streams[0]
    recorder = record(stream)
    peer.send(*(peer.rtp(n, 90 * n, 11, KEY, mid=b"0", rid=b"r0") for n in range(100, 103)))
    world.now = Seconds(world.now + 0.1)
    peer.send(
        peer.rtp(103, 9270, 11, DELTA, mid=b"0", rid=b"r0"),
        peer.rtp(5, 4_000_000, 12, KEY, mid=b"0", rid=b"r0"),
        peer.rtp(104, 9360, 11, DELTA, mid=b"0", rid=b"r0"),  # overtaken by its successor
        peer.rtp(6, 4_000_090, 12, DELTA),
    )
    assert [packet.payload for packet in recorder.parsed()] == [KEY] * 3 + [DELTA, KEY, DELTA]
    numbers = sorted(recorder.packets)
    assert numbers == list(range(numbers[0], numbers[0] + 6))
    timestamps = [packet.timestamp for packet in recorder.parsed()]
    assert timestamps[3] == 9270
    assert 9270 < timestamps[4] <= 9270 + 90_000
    assert timestamps[5] == timestamps[4] + 90
    assert stream.resets == 1
    peer.send(peer.rtp(105, 9450, 11, DELTA, mid=b"0", rid=b"r0"))  # does not come back
    assert (len(recorder.packets), stream.resets) == (6, 1)
    assert list(peer.inbound.routes) == [12]


def test_the_same_ssrc_begins_anew() -> None:
    world, peer, stream = one_stream()
    recorder = record(stream)
    peer.send(*(peer.rtp(n, 90 * n, SSRC) for n in (1, 2, 3)))
    world.now = Seconds(world.now + 2)
    peer.send(peer.rtp(20_000, 1_000_000, SSRC))  # might be anything
    assert len(recorder.packets) == 3
    peer.send(peer.rtp(20_001, 1_000_000, SSRC), peer.rtp(20_002, 1_000_090, SSRC))
    numbers = sorted(recorder.packets)
    assert numbers == list(range(numbers[0], numbers[0] + 5))
    timestamps = [packet.timestamp for packet in recorder.parsed()]
    assert timestamps[3] == 270 + 180_000
    assert timestamps[4] == timestamps[3] + 90
    assert stream.resets == 1


# ---- hostility ---------------------------------------------------------------------------------


def mutated(draw: random.Random, data: bytes) -> bytes:
    out = bytearray(data)
    for _ in range(draw.randrange(1, 6)):
        what = draw.randrange(4)
        if what == 0 and out:
            out[draw.randrange(min(len(out), 40))] = draw.randrange(256)
        elif what == 1:
            out = out[: draw.randrange(len(out) + 1)]
        elif what == 2:
            out += draw.randbytes(draw.randrange(30))
        elif len(out) > 12:
            out[0] = draw.choice((0x80, 0x90, 0xA0, 0xB0, 0xBF, 0x9F, out[0]))
    return bytes(out)


@pytest.mark.parametrize("seed", range(8))
def test_whatever_is_sent_nothing_is_raised_and_others_are_unharmed(seed: int) -> None:
    draw = random.Random(seed)
    world = World()
    hostile, friend = world.peer(), world.peer()
    streams = [
        *hostile.produce(parameters(Encoding(rid="a"), Encoding(rid="b"), mid="1")).streams,
        *hostile.produce(parameters(ONE, codec="av1")).streams,
        *hostile.produce(parameters(Encoding(), kind="audio", codec="opus", mid="2")).streams,
    ]
    recorders = [record(stream) for stream in streams]
    friendly = record(friend.produce(parameters(ONE)).streams[0])
    expected = 0
    for _ in range(60):
        world.now = Seconds(world.now + 0.003)
        batch: list[tuple[Peer, bytes]] = []
        for _ in range(draw.randrange(1, 24)):
            if draw.random() < 0.2:
                batch.append((friend, friend.protect(friend.rtp(expected, expected, SSRC))))
                expected += 1
                continue
            plain = hostile.rtp(
                draw.randrange(65536),
                draw.randrange(1 << 32),
                draw.choice((SSRC, RTX_SSRC, draw.randrange(1 << 32))),
                draw.randbytes(draw.randrange(40)),
                payload_type=draw.choice((MEDIA, RTX, 5)),
                mid=draw.choice((b"0", b"1", b"2", b"9")),
                rid=draw.choice((b"a", b"b", b"\xff")),
                dependency_descriptor=draw.randbytes(draw.randrange(1, 12)),
            )
            changed = mutated(draw, plain)
            try:
                batch.append((hostile, hostile.protect(changed)))
            except AssertionError:
                batch.append((hostile, changed))
        world.receive(batch)
        packets = hostile.inbound.take_rtcp(world.now)
        assert len(packets) < 40
        hostile.inbound.next_deadline()
    assert sorted(n & 0xFFFF for n in friendly.packets) == list(range(expected))
    assert len(hostile.inbound.routes) <= 10
    assert any(recorder.packets for recorder in recorders)


def test_new_ssrcs_are_bounded() -> None:
    world, peer, _ = one_stream()
    for first in range(0, 400, 40):
        peer.send(*(peer.rtp(1, 1, 0x9000 + first + n, mid=b"no") for n in range(40)))
    assert world.reception.counts.refused > 250
    assert len(peer.inbound.routes) == 2


def test_new_shapes_are_bounded() -> None:
    world, peer, _ = one_stream()
    draw = random.Random(1)
    sent = 600
    for n in range(sent):
        block = bytes(draw.randrange(1, 255) << 0 for _ in range(24))
        fixed = struct.pack("!BBHII", 0x90, MEDIA, n, 5, SSRC)
        peer.send(fixed + struct.pack("!HH", 0x1000, 6) + block + KEY)
    assert world.reception.counts.refused > 200


def test_parsed_samples_use_the_same_ids() -> None:
    peer = World().peer()
    packet = parse_rtp(peer.rtp(1, 2, 3, mid=b"0"))
    elements = parse_elements(packet.extension_profile or 0, packet.extension)
    assert [IDS[element.id] for element in elements] == [
        Extension.TRANSPORT_SEQUENCE,
        Extension.MID,
    ]


# ---- with subscribers --------------------------------------------------------------------------


def test_what_a_subscriber_is_sent() -> None:
    world, peer, stream = one_stream()
    key = bytes(range(28))
    profile = SrtpProfile.AES_128_GCM
    incoming, outgoing = SrtpSession.inbound(profile, key), SrtpSession.outbound(profile, key)
    slot = world.shared.destinations.allocate(pack_address("10.0.0.1", 1))
    subscription = Subscription(slot, outgoing, 0xABCD, 120, SequenceMap(65_530, 5_000))
    found: list[RtpPacket] = []

    def collect(ring: TransmitRing) -> None:
        for row in range(len(ring)):
            assert unprotect_rtp(incoming.context, ring.packets[row], ring.packet_lengths[row]) == 0
            found.append(parse_rtp(ring.rows[row, : ring.lengths[row]].tobytes()))

    world.shared.ring.sender = collect

    class Joins:
        def key_frame(self, stream: ReceivedStream) -> None:
            stream.fan_out.add(subscription)

    packets = [
        peer.rtp(n, 3000 * (n // 3), SSRC, (KEY if n == 6 else DELTA) + bytes(n % 3 + n))
        for n in range(20)
    ]
    stream.waiting.append(Joins())
    peer.send(*packets[:10])
    peer.send(packets[12], packets[11], *packets[13:])
    peer.send(peer.repair(RTX_SSRC, 1, parse_rtp(packets[10])))
    peer.send(peer.repair(RTX_SSRC, 2, parse_rtp(packets[3])))  # from before it joined
    world.shared.ring.flush()
    assert [p.sequence_number for p in found[:4]] == [65_530, 65_531, 65_532, 65_533]
    ordered = sorted(found, key=lambda p: (p.sequence_number - 65_530) & 0xFFFF)
    expected = [parse_rtp(packet) for packet in packets[6:]]
    assert [p.payload for p in ordered] == [p.payload for p in expected]
    assert [p.timestamp for p in ordered] == [p.timestamp - 6000 + 5000 for p in expected]
    assert {(p.ssrc, p.payload_type) for p in found} == {(0xABCD, 120)}
    numbers = [
        parse_transport_sequence(parse_elements(p.extension_profile or 0, p.extension)[0].data)
        for p in found
    ]
    assert numbers == list(range(len(found)))
