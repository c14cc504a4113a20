import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.wire.extensions import (
    ONE_BYTE_PROFILE,
    Extension,
    encode_elements,
    parse_elements,
)
from sfu.wire.header_rewriter import (
    ABS_SEND_TIME_OFFSET,
    FIRST_BYTE,
    FORWARDED,
    HEADROOM,
    TRANSPORT_SEQUENCE_OFFSET,
    HeaderRewriter,
    rewrite_header,
)
from sfu.wire.rtp import RtpPacket, encode_rtp, parse_rtp
from tests.sfu.wire.samples import ALL_RTP, EXTENSION_IDS, some

SLOTS = [(Extension.TRANSPORT_SEQUENCE, b"\x12\x34"), (Extension.ABS_SEND_TIME, b"\x56\x78\x9a")]


def rewritten(rewriter: HeaderRewriter, data: bytes) -> RtpPacket:
    """The packet after its header was rewritten and its slots filled, as the fan-out does."""
    packet = parse_rtp(data)
    block = b""
    if packet.extension_profile is not None:
        words = len(packet.extension) // 4
        block = packet.extension_profile.to_bytes(2, "big") + words.to_bytes(2, "big")
        block += packet.extension
    row = bytearray(HEADROOM) + bytearray(data)
    payload = HEADROOM + 12 + 4 * len(packet.csrcs) + len(block)
    shape = rewriter.shape_of(block)
    fixed = (FIRST_BYTE, packet.marker << 7 | 100, 7, packet.timestamp, 99)
    start = rewrite_header(memoryview(row), payload, block, shape, fixed)
    assert start >= 0
    assert payload - start == shape.header_size
    send_time = start + ABS_SEND_TIME_OFFSET
    row[start + TRANSPORT_SEQUENCE_OFFSET : start + TRANSPORT_SEQUENCE_OFFSET + 2] = SLOTS[0][1]
    row[send_time : send_time + 3] = SLOTS[1][1]
    return parse_rtp(row[start : len(row) - packet.padding])


def expected_elements(ids: dict[int, Extension], packet: RtpPacket) -> list[tuple[int, bytes]]:
    found: dict[Extension, bytes] = {}
    for element in parse_elements(packet.extension_profile or 0, packet.extension):
        if element.id in ids:
            found.setdefault(ids[element.id], element.data)
    forwarded = [(int(e), data) for e, data in found.items() if e in FORWARDED]
    return [*((int(extension), data) for extension, data in SLOTS), *forwarded]


def check(rewriter: HeaderRewriter, ids: dict[int, Extension], data: bytes) -> None:
    before, after = parse_rtp(data), rewritten(rewriter, data)
    elements = parse_elements(after.extension_profile or 0, after.extension)
    assert [(e.id, e.data) for e in elements] == expected_elements(ids, before)
    assert after == RtpPacket(
        payload_type=100,
        sequence_number=7,
        timestamp=before.timestamp,
        ssrc=99,
        marker=before.marker,
        extension_profile=after.extension_profile,
        extension=after.extension,
        payload=before.payload,
    )


def test_captures() -> None:
    rewriter = HeaderRewriter(EXTENSION_IDS)
    for data in ALL_RTP * 2:
        check(rewriter, EXTENSION_IDS, data)


IDS = st.dictionaries(st.integers(1, 255), st.sampled_from(Extension), max_size=9)


@st.composite
def blocks(draw: st.DrawFn) -> tuple[int, bytes]:
    most = draw(st.sampled_from([4, 16, 40]))
    data = st.binary(min_size=0 if most > 16 else 1, max_size=most)
    ids = st.integers(1, 255 if most > 16 else 14)
    profile, block = encode_elements(draw(st.lists(st.tuples(ids, data), max_size=6)))
    if draw(st.booleans()):
        block = bytes(4) + block
    return profile, block


@some
@given(
    IDS,
    st.lists(
        st.tuples(blocks(), st.lists(st.integers(0, 9), max_size=2), st.integers(0, 4)), max_size=20
    ),
)
def test_any_block_becomes_canonical(
    ids: dict[int, Extension], packets: list[tuple[tuple[int, bytes], list[int], int]]
) -> None:
    rewriter = HeaderRewriter(ids)
    for (profile, block), csrcs, padding in packets:
        packet = RtpPacket(
            payload_type=96,
            sequence_number=1,
            timestamp=2,
            ssrc=3,
            csrcs=tuple(csrcs),
            extension_profile=profile,
            extension=block,
            payload=b"payload",
            padding=padding,
        )
        check(rewriter, ids, encode_rtp(packet))


@some
@given(st.lists(st.binary(max_size=40), max_size=60))
def test_blocks_that_do_not_parse_count_as_empty(broken: list[bytes]) -> None:
    rewriter = HeaderRewriter({1: Extension.AUDIO_LEVEL})
    for block in broken:
        shape = rewriter.shape_of(block)
        if block[:2] != ONE_BYTE_PROFILE.to_bytes(2, "big"):
            assert not any(shape.offset)
        assert rewriter.shape_of(block) is shape


def test_packet_without_extensions_gets_the_slots() -> None:
    data = encode_rtp(RtpPacket(payload_type=96, sequence_number=1, timestamp=2, ssrc=3))
    check(HeaderRewriter({}), {}, data)


def test_offsets_by_extension() -> None:
    rewriter = HeaderRewriter({3: Extension.TRANSPORT_SEQUENCE, 4: Extension.MID})
    profile, block = encode_elements([(4, b"0"), (3, b"\x01\x02")])
    whole = profile.to_bytes(2, "big") + (len(block) // 4).to_bytes(2, "big") + block
    shape = rewriter.shape_of(whole)
    at = shape.offset[Extension.TRANSPORT_SEQUENCE]
    assert whole[at : at + shape.length[Extension.TRANSPORT_SEQUENCE]] == b"\x01\x02"
    assert whole[shape.offset[Extension.MID]] == ord("0")
    assert shape.offset[Extension.RID] == 0


def test_shapes_do_not_pile_up() -> None:
    rewriter = HeaderRewriter({})
    for number in range(5000):
        rewriter.shape_of(number.to_bytes(4, "big"))
    assert sum(map(len, rewriter._shapes.values())) <= 64


@pytest.mark.parametrize("size", [17, 60, 200])
def test_long_dependency_descriptor_takes_the_two_byte_form(size: int) -> None:
    ids = {12: Extension.DEPENDENCY_DESCRIPTOR, 1: Extension.AUDIO_LEVEL}
    profile, block = encode_elements([(12, bytes(range(size))), (1, b"\x7f")])
    packet = RtpPacket(
        payload_type=96,
        sequence_number=1,
        timestamp=2,
        ssrc=3,
        extension_profile=profile,
        extension=block,
        payload=b"x",
    )
    check(HeaderRewriter(ids), ids, encode_rtp(packet))
