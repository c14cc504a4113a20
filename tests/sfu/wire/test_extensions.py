import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.wire import extensions
from sfu.wire.errors import WireError
from sfu.wire.extensions import (
    ONE_BYTE_PROFILE,
    TWO_BYTE_PROFILE,
    AudioLevel,
    Extension,
    PlayoutDelay,
    VideoOrientation,
    encode_elements,
    parse_elements,
)
from sfu.wire.rtp import parse_rtp
from tests.sfu.wire.samples import ALL_RTP, EXTENSION_IDS, some

ONE_BYTE = st.lists(st.tuples(st.integers(1, 14), st.binary(min_size=1, max_size=16)), max_size=8)
TWO_BYTE = st.lists(st.tuples(st.integers(1, 255), st.binary(max_size=255)), max_size=5)


@some
@given(ONE_BYTE | TWO_BYTE)
def test_round_trip(elements: list[tuple[int, bytes]]) -> None:
    profile, block = encode_elements(elements)
    assert len(block) % 4 == 0
    parsed = parse_elements(profile, block)
    assert [(element.id, element.data) for element in parsed] == elements
    for element in parsed:
        assert block[element.offset : element.offset + len(element.data)] == element.data


@some
@given(ONE_BYTE)
def test_shorter_form_is_chosen(elements: list[tuple[int, bytes]]) -> None:
    assert encode_elements(elements)[0] == ONE_BYTE_PROFILE


@pytest.mark.parametrize("number", [0, 256])
def test_no_form_holds_such_an_id(number: int) -> None:
    with pytest.raises(ValueError, match="out of range"):
        encode_elements([(number, b"x")])


@pytest.mark.parametrize(
    ("profile", "block", "expected"),
    [
        (ONE_BYTE_PROFILE, "0010aa00210102", [(1, b"\xaa"), (2, b"\1\2")]),  # padding between
        (ONE_BYTE_PROFILE, "10aaf0001020", [(1, b"\xaa")]),  # id 15 ends the block
        (ONE_BYTE_PROFILE, "10aa03112233", [(1, b"\xaa")]),  # so does id 0 with a length
        (TWO_BYTE_PROFILE, "000100000502aabb", [(1, b""), (5, b"\xaa\xbb")]),
        (TWO_BYTE_PROFILE | 0xF, "0101aa00", [(1, b"\xaa")]),  # application bits
        (0x1234, "10aa0000", []),
        (ONE_BYTE_PROFILE, "", []),
    ],
)
def test_forms(profile: int, block: str, expected: list[tuple[int, bytes]]) -> None:
    parsed = parse_elements(profile, bytes.fromhex(block))
    assert [(element.id, element.data) for element in parsed] == expected


@pytest.mark.parametrize(
    ("profile", "block"),
    [(ONE_BYTE_PROFILE, "12aabb"), (TWO_BYTE_PROFILE, "05"), (TWO_BYTE_PROFILE, "0503aabb")],
)
def test_element_exceeds_its_block(profile: int, block: str) -> None:
    with pytest.raises(WireError):
        parse_elements(profile, bytes.fromhex(block))


def test_captures() -> None:
    seen = set()
    for data in ALL_RTP:
        packet = parse_rtp(data)
        for element in parse_elements(packet.extension_profile or 0, packet.extension):
            extension = EXTENSION_IDS[element.id]
            seen.add(extension)
            if extension in (Extension.MID, Extension.RID, Extension.REPAIRED_RID):
                assert extensions.parse_identifier(element.data) in {"0", "1", "q", "f"}
            elif extension is Extension.AUDIO_LEVEL:
                assert extensions.parse_audio_level(element.data).level <= 127
    assert seen == set(Extension) - {Extension.PLAYOUT_DELAY}


def test_values() -> None:
    assert extensions.parse_audio_level(b"\x85") == AudioLevel(voice=True, level=5)
    assert extensions.parse_video_orientation(b"\x0d") == VideoOrientation(90, True, True)
    assert extensions.parse_playout_delay(b"\x00\xa0\x14") == PlayoutDelay(100, 200)
    assert extensions.encode_playout_delay(PlayoutDelay(100, 200)) == b"\x00\xa0\x14"
    assert extensions.parse_transport_sequence(b"\x12\x34") == 0x1234
    assert extensions.parse_transport_sequence(b"\x12\x34\xff\xff") == 0x1234
    assert extensions.encode_abs_send_time(64 + 1.5) == b"\x06\x00\x00"
    assert extensions.parse_abs_send_time(b"\x06\x00\x00") == 1.5
    assert extensions.parse_identifier(b"video") == "video"


@pytest.mark.parametrize(
    ("parse", "data"),
    [
        (extensions.parse_audio_level, b""),
        (extensions.parse_video_orientation, b""),
        (extensions.parse_playout_delay, b"12"),
        (extensions.parse_transport_sequence, b"123"),
        (extensions.parse_abs_send_time, b"1234"),
        (extensions.parse_identifier, b""),
        (extensions.parse_identifier, b"a\nb"),
        (extensions.parse_identifier, b"\xc3\xa4"),
    ],
)
def test_values_of_a_wrong_form(parse: object, data: bytes) -> None:
    assert callable(parse)
    with pytest.raises(WireError):
        parse(data)
