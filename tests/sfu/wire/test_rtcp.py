import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.wire.errors import WireError
from sfu.wire.rtcp import (
    CNAME,
    DescriptionChunk,
    Goodbye,
    OtherPacket,
    RtcpPacket,
    SourceDescription,
    encode_rtcp,
    parse_rtcp,
)
from sfu.wire.rtcp_feedback import (
    BitrateLimit,
    FullIntraRequest,
    Nack,
    PictureLossIndication,
    TransportFeedback,
    encode_nack_entries,
)
from sfu.wire.rtcp_reports import ReceiverReport, ReportBlock, SenderReport
from tests.sfu.wire.samples import RTCP, some

U8, U16, U32 = st.integers(0, 0xFF), st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF)
LOSS = st.integers(-(1 << 23), (1 << 23) - 1)
BLOCKS = st.lists(st.builds(ReportBlock, U32, U8, LOSS, U32, U32, U32, U32), max_size=31).map(tuple)
WORDS = st.integers(0, 3).flatmap(lambda n: st.binary(min_size=4 * n, max_size=4 * n))
ITEMS = st.lists(st.tuples(st.integers(1, 255), st.binary(max_size=255)), max_size=4).map(tuple)


@st.composite
def lost_numbers(draw: st.DrawFn) -> tuple[int, ...]:
    """Numbers in sending order, over the wrap too."""
    lost = [draw(U16)]
    for gap in draw(st.lists(st.integers(1, 200), max_size=40)):
        lost.append((lost[-1] + gap) & 0xFFFF)
    return tuple(lost)


@st.composite
def limits(draw: st.DrawFn) -> BitrateLimit:
    """Rates that 18 bits and an exponent can tell."""
    rate = draw(st.integers(0, (1 << 18) - 1)) << draw(st.integers(0, 63))
    return BitrateLimit(draw(U32), 0, rate, tuple(draw(st.lists(U32, max_size=5))))


ANY: st.SearchStrategy[RtcpPacket] = st.one_of(
    st.builds(SenderReport, U32, st.integers(0, (1 << 64) - 1), U32, U32, U32, BLOCKS, WORDS),
    st.builds(ReceiverReport, U32, BLOCKS, WORDS),
    st.builds(
        SourceDescription, st.lists(st.builds(DescriptionChunk, U32, ITEMS), max_size=4).map(tuple)
    ),
    st.builds(Goodbye, st.lists(U32, max_size=31).map(tuple), st.none() | st.binary(max_size=255)),
    st.builds(Nack, U32, U32, lost_numbers()),
    st.builds(PictureLossIndication, U32, U32),
    st.builds(
        FullIntraRequest,
        U32,
        U32,
        st.lists(st.tuples(U32, U8), min_size=1, max_size=5).map(tuple),
    ),
    limits(),
    st.builds(TransportFeedback, U32, U32, st.binary(max_size=30)),
    st.builds(OtherPacket, st.sampled_from([204, 207, 223]), st.integers(0, 31), WORDS),
)


@some
@given(st.lists(ANY, min_size=1, max_size=5))
def test_round_trip(packets: list[RtcpPacket]) -> None:
    data = encode_rtcp(packets)
    assert len(data) % 4 == 0
    assert parse_rtcp(data) == packets
    assert encode_rtcp(parse_rtcp(data)) == data


@pytest.mark.parametrize("data", RTCP)
def test_captures_encode_to_themselves(data: bytes) -> None:
    packets = parse_rtcp(data)
    assert encode_rtcp(packets) == data
    assert not any(isinstance(packet, OtherPacket) for packet in packets)


def test_captures_have_what_a_browser_says() -> None:
    kinds = {type(packet) for data in RTCP for packet in parse_rtcp(data)}
    assert kinds == {
        SenderReport,
        ReceiverReport,
        SourceDescription,
        Nack,
        PictureLossIndication,
        TransportFeedback,
    }


def test_description_of_a_browser() -> None:
    chunks = [
        chunk
        for data in RTCP
        for packet in parse_rtcp(data)
        if isinstance(packet, SourceDescription)
        for chunk in packet.chunks
    ]
    assert chunks
    assert all(kind == CNAME and len(name) == 16 for c in chunks for kind, name in c.items)


def test_broken_body_does_not_spoil_its_neighbours() -> None:
    good = ReceiverReport(7)
    broken = bytes.fromhex("85c9000100000001")  # five report blocks are announced, none is there
    packets = parse_rtcp(encode_rtcp([good]) + broken + encode_rtcp([good]))
    assert packets == [good, OtherPacket(201, 5, b"\0\0\0\1"), good]
    assert encode_rtcp(packets)[8:16] == broken


@pytest.mark.parametrize(
    "body",
    [
        "80c80001deadbeef",  # SR cut off
        "81ca0001deadbeef",  # SDES chunk without end
        "81ca0002deadbeef01ff6162",  # SDES item exceeds the packet
        "81ca0003deadbeef0000000000000000",  # bytes after the chunk
        "82cb0001deadbeef",  # BYE of two, with one
        "81cb0002deadbeefff616263",  # BYE reason exceeds the packet
        "81cd0002deadbeef00000001",  # NACK of nothing
        "84ce0002deadbeef00000000",  # FIR of nothing
        "81ce0003deadbeef0000000100000000",  # PLI with control information
        "8fce0003deadbeef0000000052454d41",  # another application
        "8fce0004deadbeef0000000052454d4202000001",  # REMB of two, with none
        "81cd0001deadbeef",  # no media source
        "a1cd0002deadbeef000000ff",  # more padding than packet
        "82cd0003deadbeef0000000100000000",  # TMMBR is not spoken
    ],
)
def test_what_is_not_understood_is_kept(body: str) -> None:
    data = bytes.fromhex(body)
    packets = parse_rtcp(data)
    assert isinstance(packets[0], OtherPacket)
    assert encode_rtcp(packets) == data


@pytest.mark.parametrize(
    "data",
    ["", "80", "80c9", "80c90001", "40c900010000000", "80c9000100000001ff", "00c9000000000000"],
)
def test_broken_framing(data: str) -> None:
    with pytest.raises(WireError):
        parse_rtcp(bytes.fromhex(data + "0" * (len(data) % 2)))


def test_padding_is_taken_off() -> None:
    assert parse_rtcp(bytes.fromhex("a0c900020000000700000004")) == [ReceiverReport(7)]


@pytest.mark.parametrize(
    ("lost", "entries"),
    [
        ((), ""),
        ((5,), "00050000"),
        ((0xFFFF, 0, 15), "ffff8001"),
        ((0xFFFF, 0, 16), "ffff000100100000"),
    ],
)
def test_nack_entries(lost: tuple[int, ...], entries: str) -> None:
    assert encode_nack_entries(lost) == bytes.fromhex(entries)


def test_remb_keeps_eighteen_bits() -> None:
    data = encode_rtcp([BitrateLimit(1, 0, 0x40001, (2, 3))])
    assert parse_rtcp(data) == [BitrateLimit(1, 0, 0x40000, (2, 3))]


def test_losses_may_be_negative() -> None:
    block = ReportBlock(1, 255, -1, 2, 3, 4, 5)
    assert parse_rtcp(encode_rtcp([ReceiverReport(9, (block,))])) == [ReceiverReport(9, (block,))]


def test_packet_types_can_be_passed_over_unread() -> None:
    report = ReceiverReport(7)
    compound = encode_rtcp([report, SourceDescription((DescriptionChunk(7, ((1, b"x"),)),))])
    assert parse_rtcp(compound, {202}) == [report]
    assert parse_rtcp(compound, {201, 202}) == []
    with pytest.raises(WireError):
        parse_rtcp(compound[:-1], {201, 202})
