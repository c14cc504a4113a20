"""Layers inside VP9 and AV1 streams, and picture numbers over changes of streams."""

from sfu.wire.dependency_descriptor import parse_dependency_descriptor
from sfu.wire.extensions import Extension, parse_elements
from sfu.wire.rtp import RtpPacket, parse_rtp
from sfu.wire.vp8 import parse_vp8
from sfu.wire.vp9 import parse_vp9
from tests.sfu.routing.layered import Av1Publisher, Viewer, Vp8Publisher, Vp9Publisher, stage
from tests.sfu.routing.subscribing import without_transport
from tests.sfu.wire.samples import EXTENSION_IDS, RTP


def pictures(viewer: Viewer) -> list[list[RtpPacket]]:
    """What came, picture by picture."""
    found: dict[int, list[RtpPacket]] = {}
    for _, one in viewer.sent.parsed():
        found.setdefault(one.timestamp, []).append(one)
    for some in found.values():
        assert [one.marker for one in some] == [False] * (len(some) - 1) + [True]
    return list(found.values())


def spatial(some: list[RtpPacket]) -> set[int | None]:
    return {parse_vp9(one.payload).spatial_id for one in some}


def consecutive(viewer: Viewer) -> None:
    numbers = sorted(viewer.sent.packets)
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def repeated_as_sent(viewer: Viewer) -> None:
    sent = viewer.sent.packets
    again = viewer.ask_again(sorted(sent), viewer.subscriber.world.now)
    assert [without_transport(one) for one in again] == [
        without_transport(sent[number]) for number in sorted(sent)
    ]


def test_a_spatial_layer_of_vp9_falls_at_once_and_rises_with_a_key_frame() -> None:
    _, audience, peer, producer = stage("vp9", "L2T3_KEY")
    publisher = Vp9Publisher(peer)
    one, other = (Viewer(audience.join(), producer, ssrc) for ssrc in (2000, 2010))
    publisher.send(key=True)
    publisher.send()
    one.feed.limit(0, None)
    for _ in range(3):
        publisher.send()
    stream = producer.streams[0]
    one.feed.limit(1, None)
    assert peer.inbound in peer.world.shared.urgent, "a key frame is asked for"
    publisher.send()
    publisher.send(key=True)
    publisher.send()
    audience.flush()
    seen = [spatial(some) for some in pictures(one)]
    assert seen == [{0, 1}, {0, 1}, {0}, {0}, {0}, {0}, {0, 1}, {0, 1}]
    assert stream.layering is None
    consecutive(one)
    repeated_as_sent(one)
    assert [spatial(some) for some in pictures(other)] == [{0, 1}] * 8
    ids = [parse_vp9(some[0].payload).picture_id for some in pictures(one)]
    assert ids == [(0x7FF9 + index) & 0x7FFF for index in range(8)], "references name pictures"


def test_temporal_layers_of_vp9_keep_the_ids_by_which_they_are_referred_to() -> None:
    _, audience, peer, producer = stage("vp9", "L2T3_KEY")
    publisher = Vp9Publisher(peer)
    one = Viewer(audience.join(), producer, 2000)
    one.feed.limit(None, 0)
    publisher.send(key=True)
    for _ in range(8):
        publisher.send()
    audience.flush()
    ids = [parse_vp9(some[0].payload).picture_id for some in pictures(one)]
    assert ids == [0x7FF9, 0x7FFD, 1]
    one.feed.limit(None, None)
    for _ in range(5):
        publisher.send()
    audience.flush()
    assert one.feed.within(1, 2) == (1, 2)
    consecutive(one)
    repeated_as_sent(one)


def chromium_key_frame() -> bytes:
    """The dependency descriptor of Chromium's first AV1 packet."""
    packet = parse_rtp(RTP["av1-svc"][0])
    for element in parse_elements(packet.extension_profile or 0, packet.extension):
        if EXTENSION_IDS.get(element.id) is Extension.DEPENDENCY_DESCRIPTOR:
            return bytes(element.data)
    raise AssertionError("it has one")


def test_layers_of_av1_by_dependency_descriptors() -> None:
    _, audience, peer, producer = stage("av1", "L2T2_KEY")
    structure = parse_dependency_descriptor(chromium_key_frame()).structure
    assert structure is not None
    layers = [(one.spatial_id, one.temporal_id) for one in structure.templates]
    assert layers == [(0, 0), (0, 0), (0, 1), (1, 0), (1, 0), (1, 1)]
    publisher = Av1Publisher(peer, chromium_key_frame(), frame=1)
    one, other = (Viewer(audience.join(), producer, ssrc) for ssrc in (2000, 2010))
    publisher.send(3, key=True)
    publisher.send(2, 5)
    one.feed.limit(0, 0)
    for _ in range(2):
        publisher.send(1, 4)
        publisher.send(2, 5)
    audience.flush()
    assert [len(some) for some in pictures(one)] == [2, 2, 1, 1]
    one.feed.limit(0, None)
    publisher.send(2, 5)  # nobody may begin here
    publisher.send(1, 4)
    publisher.send(2, 5)  # after a switch indication for both temporal layers
    audience.flush()
    assert [len(some) for some in pictures(one)] == [2, 2, 1, 1, 1, 1]
    one.feed.limit(None, None)
    publisher.send(1, 4)
    publisher.send(3, key=True)
    audience.flush()
    assert [len(some) for some in pictures(one)][6:] == [1, 2]
    consecutive(one)
    repeated_as_sent(one)
    assert all(len(some) == 2 for some in pictures(other))


def test_picture_numbers_of_vp8_go_on_from_encoding_to_encoding() -> None:
    _, audience, peer, producer = stage(streams=2)
    low = Vp8Publisher(peer, producer, 0, picture=0x7FFD, base=254)
    high = Vp8Publisher(peer, producer, 1, picture=17, base=100, number=9)
    one = Viewer(audience.join(), producer, 2000)
    one.feed.limit(None, 1)
    low.send(2, key=True)
    for _ in range(4):
        low.send(2)
    producer.streams[1].waiting.append(one)
    high.send(2, key=True)
    for _ in range(4):
        high.send(2)
    producer.streams[0].waiting.append(one)
    low.send(2)
    low.send(2, key=True)
    low.send(2)
    audience.flush()
    ids = one.picture_ids()
    assert ids == [(ids[0] + index) & 0x7FFF for index in range(len(ids))]
    assert len(ids) == 3 + 3 + 1
    bases = [parse_vp8(packet.payload).tl0_picture_index for _, packet in one.pictures()]
    assert bases == [255, 255, 255, 255, 0, 0, 1, 1, 1, 1, 2, 2, 3, 3]
    consecutive(one)
    repeated_as_sent(one)
