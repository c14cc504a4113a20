import pytest

from sfu.wire.errors import WireError
from sfu.wire.h264 import (
    LEVEL_1B,
    H264Profile,
    ProfileLevel,
    is_same_profile,
    parse_h264,
    parse_profile_level_id,
)
from sfu.wire.rtp import parse_rtp
from tests.sfu.wire.samples import RTP


@pytest.mark.parametrize(
    ("payload", "kinds", "key"),
    [
        ("6742", (7,), True),
        ("6842", (8,), False),
        ("6588", (5,), True),
        ("419a", (1,), False),
        ("78000267420001680002658800"[:-2], (7, 8, 5), True),
        ("7c8588", (5,), True),  # FU-A start
        ("7c0588", (), False),  # FU-A middle
        ("7c4588", (), False),  # FU-A end
        ("5c8188", (1,), False),
    ],
)
def test_packets(payload: str, kinds: tuple[int, ...], key: bool) -> None:
    parsed = parse_h264(bytes.fromhex(payload))
    assert parsed.nal_types == kinds
    assert parsed.key_frame == key


@pytest.mark.parametrize(
    "payload", ["", "e5", "78", "7800", "78000567", "780000", "7c", "79", "60", "7e00"]
)
def test_malformed(payload: str) -> None:
    with pytest.raises(WireError):
        parse_h264(bytes.fromhex(payload))


def test_captured_key_frame_begins_with_its_parameters() -> None:
    media = [p for p in map(parse_rtp, RTP["h264"]) if p.payload_type == 102]
    first, second, *rest = [parse_h264(packet.payload) for packet in media]
    assert first.has_sequence_parameters
    assert second.starts_idr
    assert media[0].timestamp == media[1].timestamp
    assert not any(packet.key_frame for packet in rest if packet.nal_types == (1,))


@pytest.mark.parametrize(
    ("text", "profile", "level"),
    [
        ("42e01f", H264Profile.CONSTRAINED_BASELINE, 31),
        ("42E01F", H264Profile.CONSTRAINED_BASELINE, 31),
        ("42c02a", H264Profile.CONSTRAINED_BASELINE, 42),
        ("4de01f", H264Profile.CONSTRAINED_BASELINE, 31),
        ("58f01f", H264Profile.CONSTRAINED_BASELINE, 31),
        ("42001f", H264Profile.BASELINE, 31),
        ("58a01f", H264Profile.BASELINE, 31),
        ("4d001f", H264Profile.MAIN, 31),
        ("640c1f", H264Profile.CONSTRAINED_HIGH, 31),
        ("64001f", H264Profile.HIGH, 31),
        ("f4001f", H264Profile.PREDICTIVE_HIGH_444, 31),
        ("42f00b", H264Profile.CONSTRAINED_BASELINE, LEVEL_1B),
        ("42e00b", H264Profile.CONSTRAINED_BASELINE, 11),
        ("640009", H264Profile.HIGH, LEVEL_1B),
    ],
)
def test_profiles(text: str, profile: H264Profile, level: int) -> None:
    assert parse_profile_level_id(text) == ProfileLevel(profile, level)


@pytest.mark.parametrize("text", ["", "42e0", "42e01f00", "zzzzzz", "42 e0 1f", "ffe01f", "42e0ff"])
def test_profiles_that_are_none(text: str) -> None:
    with pytest.raises(WireError):
        parse_profile_level_id(text)


def test_comparison() -> None:
    assert is_same_profile("42e01f", "42e034")
    assert is_same_profile("42e01f", "4d801f")
    assert not is_same_profile("42e01f", "42001f")
    ranks = [parse_profile_level_id(text).level_rank for text in ("42e00a", "42f00b", "42e00b")]
    assert ranks == sorted(ranks)
    assert len(set(ranks)) == 3
