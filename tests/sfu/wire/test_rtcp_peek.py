"""Headers alone tell what the parser would find."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.wire.errors import WireError
from sfu.wire.rtcp import (
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
)
from sfu.wire.rtcp_peek import concerns_sender, transport_feedbacks
from sfu.wire.rtcp_reports import ReceiverReport, ReportBlock, SenderReport

BLOCK = ReportBlock(1, 2, 3, 4, 5, 6, 7)
OF_USE: list[RtcpPacket] = [
    ReceiverReport(1, (BLOCK,)),
    SenderReport(1, 2, 3, 4, 5, (BLOCK,)),
    Nack(1, 2, (3, 4)),
    PictureLossIndication(1, 2),
    FullIntraRequest(1, 0, ((2, 3),)),
    BitrateLimit(1, 0, 1_000_000, (2,)),
]
OF_NO_USE: list[RtcpPacket] = [
    ReceiverReport(1),
    SenderReport(1, 2, 3, 4, 5),
    SourceDescription((DescriptionChunk(1, ((1, b"name"),)),)),
    Goodbye((1,)),
    TransportFeedback(1, 2, b"\x00\x01\x00\x01\x00\x00\x00\x00\x20\x01\x04"),
    OtherPacket(207, 0, bytes(8)),
    OtherPacket(204, 0, bytes(8)),
]


@given(st.lists(st.sampled_from(OF_USE + OF_NO_USE), min_size=1, max_size=6))
def test_agrees_with_the_parser(packets: list[RtcpPacket]) -> None:
    assert concerns_sender(encode_rtcp(packets)) == any(packet in OF_USE for packet in packets)


@pytest.mark.parametrize("packet", OF_USE)
def test_finds_it_behind_others(packet: RtcpPacket) -> None:
    assert concerns_sender(memoryview(encode_rtcp([*OF_NO_USE, packet])))


@given(st.binary(max_size=200))
def test_any_bytes_are_answered(data: bytes) -> None:
    found = concerns_sender(data)
    try:
        packets = parse_rtcp(data)
    except WireError:
        return
    if any(
        isinstance(one, Nack | PictureLossIndication | FullIntraRequest | BitrateLimit)
        for one in packets
    ):
        assert found


def told(datagram: bytes) -> list[bytes]:
    return [information[:size] for information, size in transport_feedbacks(datagram)]


@given(
    st.lists(
        st.one_of(
            st.sampled_from(OF_USE + OF_NO_USE),
            st.builds(TransportFeedback, st.just(1), st.just(2), st.binary(max_size=30)),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_feedback_is_found_as_the_parser_finds_it(packets: list[RtcpPacket]) -> None:
    wanted = [packet.fci for packet in packets if isinstance(packet, TransportFeedback)]
    assert told(encode_rtcp(packets)) == wanted


@given(st.binary(max_size=200))
def test_feedback_in_any_bytes(data: bytes) -> None:
    data = b"\x8f\xcd" + data
    try:
        packets = parse_rtcp(data)
    except WireError:
        told(data)
        return
    assert told(data) == [one.fci for one in packets if isinstance(one, TransportFeedback)]
