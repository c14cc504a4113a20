from hypothesis import given
from hypothesis import strategies as st

from sfu.media.layer_reader import EVERYTHING, LayerReader, PacketLayers, risen
from sfu.wire.extensions import Extension, encode_elements, parse_elements
from sfu.wire.picture_numbers import PICTURE_READERS, move_pictures
from sfu.wire.rtp import RtpPacket, encode_rtp, parse_rtp
from tests.sfu.wire.samples import EXTENSION_IDS, RTP, some

CODECS = ["vp8", "vp9", "av1", "h264"]


def canonical(payload: bytes, descriptor: bytes = b"") -> bytes:
    """A packet as it is forwarded, with slots and perhaps a descriptor."""
    elements = [(Extension.TRANSPORT_SEQUENCE, bytes(2)), (Extension.ABS_SEND_TIME, bytes(3))]
    if descriptor:
        elements.append((Extension.DEPENDENCY_DESCRIPTOR, descriptor))
    profile, block = encode_elements([(int(one), data) for one, data in elements])
    return encode_rtp(
        RtpPacket(
            payload_type=101,
            sequence_number=1,
            timestamp=2,
            ssrc=3,
            extension_profile=profile,
            extension=block,
            payload=payload,
        )
    )


def captured(name: str, payload_type: int) -> list[bytes]:
    """Chromium's packets of a kind, as they are forwarded."""
    found = []
    for packet in map(parse_rtp, RTP[name]):
        elements = parse_elements(packet.extension_profile or 0, packet.extension)
        said = {EXTENSION_IDS.get(one.id): bytes(one.data) for one in elements}
        descriptor = said.get(Extension.DEPENDENCY_DESCRIPTOR, b"")
        if packet.payload_type == payload_type and packet.payload:
            found.append(canonical(packet.payload, descriptor))
    return found


def test_chromiums_vp8() -> None:
    reader = LayerReader("vp8")
    read = [reader.read(one) for one in captured("vp8-plain", 96)]
    assert [one.temporal for one in read] == [0, 0, 2, 1, 0, 2, 2, 0]
    assert [one.key for one in read] == [True] + [False] * 7
    assert [one.sync for one in read[:4]] == [True] * 4
    assert not any(one.sync for one in read[4:])


def test_chromiums_vp9_says_the_same_in_both_descriptors() -> None:
    packets = captured("vp9-svc", 98)
    by_descriptor, by_payload = LayerReader("other"), LayerReader("vp9")
    for packet in packets[4:]:
        bare = canonical(parse_rtp(packet).payload)
        described, read = by_descriptor.read(packet), by_payload.read(bare)
        assert (described.spatial, described.temporal) == (read.spatial, read.temporal)
        assert (described.key, described.ends_layer) == (read.key, read.ends_layer)


def test_without_its_structure_a_descriptor_says_nothing_until_it_is_learnt() -> None:
    first, *later = captured("av1-svc", parse_rtp(RTP["av1-svc"][0]).payload_type)
    reader = LayerReader("av1")
    assert {reader.read(one) for one in later} == {PacketLayers()}
    packet = parse_rtp(first)
    told = {e.id: e.data for e in parse_elements(packet.extension_profile or 0, packet.extension)}
    reader.learn(bytes(told[int(Extension.DEPENDENCY_DESCRIPTOR)]))
    assert {(one.spatial, one.temporal) for one in map(reader.read, later)} == {
        (1, 0),
        (0, 1),
        (1, 1),
    }


@some
@given(st.sampled_from(CODECS), st.binary(max_size=40), st.binary(max_size=60))
def test_whatever_stands_in_a_packet_something_is_read(
    codec: str, payload: bytes, descriptor: bytes
) -> None:
    packet = canonical(payload, descriptor)
    read = LayerReader(codec).read(packet)
    assert 0 <= read.spatial <= 7
    assert 0 <= read.temporal <= 7
    pictures = PICTURE_READERS.get(codec)
    if pictures is not None:
        moved = bytearray(packet)
        move_pictures(moved, pictures, 1000, 77)
        move_pictures(moved, pictures, -1000, -77)
        assert moved == packet


def test_rising() -> None:
    sync = PacketLayers(temporal=1, sync=True)
    assert risen((7, 0), EVERYTHING, PacketLayers(key=True), (), (0, 2)) == EVERYTHING
    assert risen((7, 0), EVERYTHING, sync, (), (0, 2)) == (7, 1)
    assert risen((7, 0), EVERYTHING, sync, (), (0, 1)) == EVERYTHING, "there is no more"
    assert risen((7, 0), (7, 0), sync, (), (0, 2)) == (7, 0)
    assert risen((7, 0), EVERYTHING, PacketLayers(temporal=2, sync=True), (), (0, 2)) == (7, 0)
    opens = PacketLayers(temporal=1, opens=True)
    assert risen((7, 1), EVERYTHING, PacketLayers(), (opens,), (0, 2)) == EVERYTHING
    assert risen((7, 0), EVERYTHING, PacketLayers(), (opens,), (0, 2)) == (7, 0), "it was not sent"
    switch = PacketLayers(switches=((0, 1), (1, 1)))
    assert risen((0, 0), EVERYTHING, PacketLayers(), (switch,), (1, 1)) == EVERYTHING
    assert risen((0, 0), (0, 1), PacketLayers(), (switch,), (1, 1)) == (0, 1)
    only_temporal = PacketLayers(switches=((0, 1),))
    assert risen((0, 0), EVERYTHING, PacketLayers(), (only_temporal,), (1, 1)) == (0, 7)
