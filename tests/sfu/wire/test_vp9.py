import pytest

from sfu.wire.errors import WireError
from sfu.wire.rtp import parse_rtp
from sfu.wire.vp9 import Vp9Structure, parse_vp9
from tests.sfu.wire.samples import RTP

STRUCTURE = bytes.fromhex("8a8123 38 0140 00b4 0280 0168 02 04 01 54 02".replace(" ", ""))


def test_structure() -> None:
    descriptor = parse_vp9(STRUCTURE)
    assert (descriptor.picture_id, descriptor.picture_id_bits) == (0x123, 15)
    assert descriptor.key_frame
    assert descriptor.structure == Vp9Structure(
        2, ((320, 180), (640, 360)), ((0, False, (1,)), (2, True, (2,)))
    )
    assert descriptor.size == len(STRUCTURE)


def test_layers_without_flexible_mode() -> None:
    descriptor = parse_vp9(bytes.fromhex("ed05 5309".replace(" ", "")))
    assert (descriptor.picture_id, descriptor.picture_id_bits) == (5, 7)
    assert (descriptor.temporal_id, descriptor.spatial_id) == (2, 1)
    assert descriptor.switching_up
    assert descriptor.inter_layer
    assert descriptor.tl0_picture_index == 9
    assert descriptor.begins_frame
    assert descriptor.ends_frame
    assert descriptor.not_reference
    assert not descriptor.key_frame


def test_references_of_flexible_mode() -> None:
    descriptor = parse_vp9(bytes.fromhex("70000306"[:2] + "00" + "0306"))
    assert descriptor.references == (1, 3)
    with pytest.raises(WireError):
        parse_vp9(bytes.fromhex("700003030306"))


@pytest.mark.parametrize("size", range(len(STRUCTURE)))
def test_cut_descriptor(size: int) -> None:
    with pytest.raises(WireError):
        parse_vp9(STRUCTURE[:size])


def test_captured_layers() -> None:
    media = [p for p in map(parse_rtp, RTP["vp9-svc"]) if p.payload_type == 98]
    descriptors = [parse_vp9(packet.payload) for packet in media]
    first = descriptors[0]
    assert first.key_frame
    assert first.structure is not None
    # It begins with the one layer it has bandwidth for.
    assert first.structure.resolutions == ((320, 180),)
    assert {d.spatial_id for d in descriptors} == {0, 1}
    assert {d.temporal_id for d in descriptors} == {0, 1, 2}
    assert all(
        packet.marker == (d.ends_frame and d.spatial_id == 1)
        for packet, d in zip(media, descriptors, strict=True)
        if d.spatial_id
    )
