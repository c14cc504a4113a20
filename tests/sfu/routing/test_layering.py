"""Subscribers who get some layers of a stream: frames whole and decodable, numbers without gap."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from sfu.units import Seconds
from sfu.wire.rtp import RtpPacket, parse_rtp
from sfu.wire.vp8 import parse_vp8
from tests.sfu.routing.layered import SSRC, Frame, Viewer, Vp8Publisher, stage
from tests.sfu.routing.subscribing import without_transport


def frames_of(viewer: Viewer, publisher: Vp8Publisher) -> list[Frame]:
    """The frames that came, the first of which has the publisher's first timestamp."""
    timestamps = viewer.timestamps()
    first = min(timestamps)
    ours = min(publisher.frames)
    found = [publisher.frames[one - first + ours] for one in sorted(timestamps)]
    for one in found:
        assert timestamps[one.timestamp + first - ours] == one.packets, "a frame is torn"
    return found


def decodable(frames: list[Frame]) -> None:
    seen = {one.timestamp for one in frames}
    for one in frames:
        assert one.needs <= seen, "a frame came without what it refers to"


def numbered(viewer: Viewer) -> None:
    numbers = [number for number, _ in viewer.sent.parsed()]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def consecutive(ids: list[int]) -> None:
    assert ids == [(ids[0] + index) & 0x7FFF for index in range(len(ids))]


def test_temporal_layers_fall_with_the_next_frame_and_rise_where_they_can() -> None:
    _, audience, peer, producer = stage()
    publisher = Vp8Publisher(peer, producer)
    one, all_of_it = (Viewer(audience.join(), producer, ssrc) for ssrc in (2000, 2010))
    publisher.send(2, key=True)
    for _ in range(5):
        publisher.send(2)
    one.feed.limit(None, 0)
    assert one.feed.within(0, 2) == (0, 2), "the frame under way is finished"
    for _ in range(12):
        publisher.send(2)
    assert one.feed.limits == (None, 0)
    one.feed.limit(None, None)
    for _ in range(14):
        publisher.send(2)
    audience.flush()
    assert one.feed.within(0, 2) == (0, 2)
    assert producer.streams[0].layering is None, "all get everything again"
    frames = frames_of(one, publisher)
    assert [frame.temporal for frame in frames[6:9]] == [0, 0, 0]
    decodable(frames)
    consecutive(one.picture_ids())
    numbered(one)
    assert len(frames_of(all_of_it, publisher)) == 32
    consecutive(all_of_it.picture_ids())
    assert one.feed.packets == len(one.sent.packets)


def test_what_is_asked_for_again_is_as_it_was_first_sent() -> None:
    world, audience, peer, producer = stage()
    publisher = Vp8Publisher(peer, producer)
    one = Viewer(audience.join(), producer, 2000)
    one.feed.limit(None, 1)
    publisher.send(2, key=True)
    for _ in range(10):
        publisher.send(2)
    audience.flush()
    sent = one.sent.packets
    for number, again in zip(sent, one.ask_again(list(sent), world.now), strict=True):
        assert without_transport(again) == without_transport(sent[number])


def test_a_packet_of_a_layer_left_out_that_comes_late_leaves_an_empty_one() -> None:
    world, audience, peer, producer = stage()
    publisher = Vp8Publisher(peer, producer)
    one = Viewer(audience.join(), producer, 2000)
    one.feed.limit(None, 0)
    publisher.send(1, key=True)
    late = publisher.next_frame(1)
    for _ in range(3):
        publisher.send(1)
    peer.send(*late)
    audience.flush()
    numbered(one)
    empty = [packet for _, packet in one.sent.parsed() if not packet.payload]
    assert len(empty) == 1
    assert not empty[0].marker
    assert (
        one.ask_again([number for number, p in one.sent.parsed() if not p.payload], world.now) == []
    )


def test_where_no_frame_lets_more_layers_in_a_key_frame_is_asked_for() -> None:
    world, audience, peer, producer = stage()
    publisher = Vp8Publisher(peer, producer, syncs=False)
    one = Viewer(audience.join(), producer, 2000)
    one.feed.limit(None, 0)
    publisher.send(1, key=True)
    publisher.send(1)
    one.feed.limit(None, None)
    world.shared.urgent.clear()
    for _ in range(55):
        world.now = Seconds(world.now + 1 / 30)
        publisher.send(1)
    assert peer.inbound not in world.shared.urgent
    for _ in range(10):
        world.now = Seconds(world.now + 1 / 30)
        publisher.send(1)
    assert peer.inbound in world.shared.urgent
    assert one.feed.within(0, 2) == (0, 0)
    publisher.send(1, key=True)
    assert one.feed.within(0, 2) == (0, 2)
    audience.flush()
    decodable(frames_of(one, publisher))


def test_layer_rates_are_cumulative() -> None:
    world, audience, peer, producer = stage(mode="L1T3")
    publisher = Vp8Publisher(peer, producer)
    Viewer(audience.join(), producer, 2000)
    stream = producer.streams[0]
    assert stream.layer_rates(world.now).tolist() == [[0, 0, 0]]
    publisher.send(1, key=True)
    for _ in range(79):
        world.now = Seconds(world.now + 1 / 30)
        publisher.send(1)
    audience.flush()
    rates = stream.layer_rates(world.now)[0]
    assert rates[2] == stream.bits_per_second(world.now) > 0
    assert 0.24 < rates[0] / rates[2] < 0.26
    assert 0.49 < rates[1] / rates[2] < 0.51


steps = st.lists(
    st.tuples(
        st.integers(1, 3),  # packets of the frame
        st.integers(0, 7),  # which of them come late
        st.integers(0, 4),  # how many frames later
        st.sampled_from((None, None, None, 0, 1, 2, 7)),  # a new limit
        st.booleans(),  # whether the next frame is in the same batch
        st.integers(0, 15),  # 0: a key frame
    ),
    max_size=40,
)


@settings(max_examples=30, deadline=None)
@given(steps, st.integers(0, 2))
def test_whatever_comes_frames_are_whole_and_can_be_decoded(
    steps: list[tuple[int, int, int, int | None, bool, int]], first_limit: int
) -> None:
    world, audience, peer, producer = stage()
    publisher = Vp8Publisher(peer, producer)
    viewers = [Viewer(audience.join(), producer, ssrc) for ssrc in (2000, 2010)]
    viewers[1].feed.limit(None, first_limit)
    publisher.send(2, key=True)
    batch: list[bytes] = []
    late: dict[int, list[bytes]] = {}
    for index, (packets, mask, delay, limit, goes_on, key) in enumerate(steps):
        made = publisher.next_frame(packets, key=key == 0)
        batch += [one for at, one in enumerate(made) if not mask >> at & 1]
        lost = [one for at, one in enumerate(made) if mask >> at & 1]
        late.setdefault(index + 1 + delay, []).extend(lost)
        batch += late.pop(index, [])
        if not goes_on or len(batch) > 40:
            peer.send(*batch)
            batch.clear()
        if limit is not None:
            viewers[0].feed.limit(None, limit)
    peer.send(*batch)
    for _, some in sorted(late.items()):
        peer.send(*some)
    publisher.send(1)
    audience.flush()
    for viewer in viewers:
        viewer.recover(world.now)
        world.now = Seconds(world.now + 1)  # so that everything may be asked for again
        frames = frames_of(viewer, publisher)
        decodable(frames)
        numbered(viewer)
        ids = viewer.picture_ids()
        assert all(0 < (after - before & 0x7FFF) < 99 for before, after in pairwise(ids))
        if not any(mask for _, mask, *_ in steps):
            consecutive(ids)
        newest = sorted(viewer.sent.packets)[-30:]
        answers = {
            parse_rtp(one).sequence_number: one for one in viewer.ask_again(newest, world.now)
        }
        for number in newest:
            first = viewer.sent.packets[number]
            if number & 0xFFFF in answers:
                assert without_transport(answers[number & 0xFFFF]) == without_transport(first)
            else:
                assert not parse_rtp(first).payload, "only empty packets are not sent again"


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from(("vp8", "vp9", "av1", "h264")),
    st.lists(
        st.tuples(
            st.binary(min_size=1, max_size=24),
            st.binary(max_size=24),
            st.integers(0, 2),  # a new timestamp, where it is 0
            st.sampled_from((None, None, (0, 0), (1, 1), (7, 7), (0, 7), (7, 0))),
        ),
        max_size=30,
    ),
)
def test_garbage_is_numbered_without_gap(
    codec: str, packets: list[tuple[bytes, bytes, int, tuple[int, int] | None]]
) -> None:
    _, audience, peer, producer = stage(codec, "L3T3" if codec in {"vp9", "av1"} else "L1T3")
    viewer = Viewer(audience.join(), producer, 2000)
    viewer.feed.join(producer.streams[0])
    timestamp = 0
    for number, (payload, descriptor, same, limits) in enumerate(packets):
        timestamp += 3000 * (same == 0)
        said = {"dependency_descriptor": descriptor} if descriptor else {}
        peer.send(peer.rtp(number, timestamp, SSRC, payload, said=said))
        if limits is not None:
            viewer.feed.limit(*limits)
    audience.flush()
    if viewer.sent.packets:
        numbered(viewer)


def _bases(packets: list[tuple[int, RtpPacket]]) -> list[int | None]:
    return [parse_vp8(one.payload).tl0_picture_index for _, one in packets]


def test_pictures_go_on_after_a_pause() -> None:
    world, audience, peer, producer = stage()
    publisher = Vp8Publisher(peer, producer)
    one = Viewer(audience.join(), producer, 2000)
    publisher.send(1, key=True)
    for _ in range(4):
        publisher.send(1)
    one.feed.leave()
    for _ in range(6):
        publisher.send(1)
    producer.streams[0].waiting.append(one)
    publisher.send(1, key=True)
    publisher.send(1)
    audience.flush()
    consecutive(one.picture_ids())
    numbered(one)
    bases = _bases(one.pictures())
    assert bases[5] == ((bases[4] or 0) + 1) & 0xFF
    assert bases[6] == bases[5]
    sent = one.sent.packets
    for number, again in zip(sent, one.ask_again(list(sent), world.now), strict=True):
        assert without_transport(again) == without_transport(sent[number])
