import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.wire.errors import WireError
from sfu.wire.rtp import RtpPacket, encode_rtp, parse_rtp
from tests.sfu.wire.samples import ALL_RTP, some

U32 = st.integers(0, 0xFFFFFFFF)


@st.composite
def rtp_packets(draw: st.DrawFn) -> RtpPacket:
    profile = draw(st.none() | st.integers(0, 0xFFFF))
    words = 0 if profile is None else draw(st.integers(0, 8))
    return RtpPacket(
        payload_type=draw(st.integers(0, 127)),
        sequence_number=draw(st.integers(0, 0xFFFF)),
        timestamp=draw(U32),
        ssrc=draw(U32),
        marker=draw(st.booleans()),
        csrcs=tuple(draw(st.lists(U32, max_size=15))),
        extension_profile=profile,
        extension=draw(st.binary(min_size=4 * words, max_size=4 * words)),
        payload=draw(st.binary(max_size=40)),
        padding=draw(st.integers(0, 255)),
    )


@some
@given(rtp_packets())
def test_round_trip(packet: RtpPacket) -> None:
    assert parse_rtp(encode_rtp(packet)) == packet


@some
@given(rtp_packets(), st.data())
def test_cut_packets_are_refused_or_shorter(packet: RtpPacket, data: st.DataObject) -> None:
    whole = encode_rtp(packet)
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    try:
        parsed = parse_rtp(cut)
    except WireError:
        return
    assert len(parsed.payload) + parsed.padding <= len(cut) - 12


@pytest.mark.parametrize("packet", ALL_RTP)
def test_captures_encode_to_themselves(packet: bytes) -> None:
    assert encode_rtp(parse_rtp(packet)) == packet


@pytest.mark.parametrize(
    "data",
    [
        b"",
        bytes.fromhex("8060000100000000000000"),
        bytes.fromhex("406000010000000000000000"),  # version 1
        bytes.fromhex("816000010000000000000000"),  # CSRC missing
        bytes.fromhex("906000010000000000000000bede"),  # extension header cut
        bytes.fromhex("906000010000000000000000bede0001"),  # extension missing
        bytes.fromhex("a0600001000000000000000000"),  # padding of none
        bytes.fromhex("a0600001000000000000000002"),  # more padding than payload
    ],
)
def test_malformed(data: bytes) -> None:
    with pytest.raises(WireError):
        parse_rtp(data)
