import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.wire.errors import WireError
from sfu.wire.rtp import parse_rtp
from sfu.wire.vp8 import Vp8Descriptor, parse_vp8, rewrite_vp8, rewrite_vp8_rows
from tests.sfu.wire.samples import RTP, some

FULL = bytes.fromhex("90f0812309 a5 00".replace(" ", ""))  # pid 0x123, TL0 9, TID 2, Y, KEYIDX 5


def test_all_fields() -> None:
    assert parse_vp8(FULL) == Vp8Descriptor(
        starts_frame=True,
        key_frame=True,
        non_reference=False,
        picture_id=0x123,
        picture_id_bits=15,
        tl0_picture_index=9,
        temporal_id=2,
        layer_sync=True,
        key_index=5,
        picture_id_at=2,
        tl0_at=4,
        size=6,
    )


@pytest.mark.parametrize(
    ("payload", "starts", "key"),
    [
        ("1000", True, True),
        ("1001", True, False),
        ("1100", False, False),  # a later partition
        ("0000", False, False),
        ("3001", True, False),
    ],
)
def test_key_frames(payload: str, starts: bool, key: bool) -> None:
    descriptor = parse_vp8(bytes.fromhex(payload))
    assert (descriptor.starts_frame, descriptor.key_frame) == (starts, key)
    assert descriptor.picture_id is None
    assert descriptor.temporal_id is None


def test_short_picture_id_and_key_index_alone() -> None:
    descriptor = parse_vp8(bytes.fromhex("8090450701"))
    assert (descriptor.picture_id, descriptor.picture_id_bits) == (0x45, 7)
    assert (descriptor.temporal_id, descriptor.key_index) == (None, 7)


@pytest.mark.parametrize("size", range(len(FULL)))
def test_cut_descriptor(size: int) -> None:
    with pytest.raises(WireError):
        parse_vp8(FULL[:size])


def test_captured_layers() -> None:
    media = [p for p in map(parse_rtp, RTP["vp8-plain"]) if p.payload_type == 96]
    descriptors = [parse_vp8(packet.payload) for packet in media]
    assert descriptors[0].key_frame
    assert {descriptor.temporal_id for descriptor in descriptors} == {0, 1, 2}
    assert {descriptor.picture_id_bits for descriptor in descriptors} == {15}


@some
@given(
    st.sampled_from(["90f081230aa500", "9080812300", "90804500", "9040aa00", "1000", "9020e000"]),
    st.lists(st.tuples(st.integers(0, 0x7FFF), st.integers(0, 255)), min_size=1, max_size=5),
)
def test_rewriting_changes_only_the_numbers(text: str, numbers: list[tuple[int, int]]) -> None:
    payload = bytes.fromhex(text) + b"data"
    before = parse_vp8(payload)
    rows = np.zeros((len(numbers), 30), np.uint8)
    rows[:, 3 : 3 + len(payload)] = np.frombuffer(payload, np.uint8)
    ids = np.array([picture_id for picture_id, _ in numbers], np.uint16)
    rewrite_vp8_rows(rows, 3, before, ids, np.array([tl0 for _, tl0 in numbers], np.uint8))
    for row, (picture_id, tl0) in enumerate(numbers):
        copy = bytearray(payload)
        rewrite_vp8(copy, before, picture_id, tl0)
        assert rows[row, 3 : 3 + len(payload)].tobytes() == copy
        kept = picture_id & (1 << before.picture_id_bits) - 1 if before.picture_id_at else None
        assert parse_vp8(copy) == msgspec.structs.replace(
            before, picture_id=kept, tl0_picture_index=tl0 if before.tl0_at else None
        )
        assert copy[before.size :] == payload[before.size :]
