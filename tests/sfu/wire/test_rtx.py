import msgspec
import pytest
from hypothesis import given

from sfu.wire import rtx
from sfu.wire.errors import WireError
from sfu.wire.rtp import RtpPacket, encode_rtp, parse_rtp
from tests.sfu.wire.samples import RTP, some
from tests.sfu.wire.test_rtp import rtp_packets


def payload_offset(packet: RtpPacket) -> int:
    extension = 0 if packet.extension_profile is None else 4 + len(packet.extension)
    return 12 + 4 * len(packet.csrcs) + extension


@some
@given(rtp_packets().map(lambda packet: msgspec.structs.replace(packet, padding=0)))
def test_round_trip(packet: RtpPacket) -> None:
    data, at = encode_rtp(packet), payload_offset(packet)
    wrapped = rtx.encapsulate(data, at, 0xAABBCCDD, 97, 4711)
    parsed = parse_rtp(wrapped)
    assert (parsed.ssrc, parsed.payload_type, parsed.sequence_number) == (0xAABBCCDD, 97, 4711)
    assert parsed.payload == packet.sequence_number.to_bytes(2, "big") + packet.payload
    assert rtx.original_sequence_number(wrapped, at) == packet.sequence_number
    assert rtx.decapsulate(wrapped, at, packet.ssrc, packet.payload_type) == data


def test_captured_probes_retransmit_nothing() -> None:
    probes = 0
    for data in RTP["vp8-plain"]:
        packet = parse_rtp(data)
        if packet.payload_type != 97:
            continue
        at = payload_offset(packet)
        original = rtx.original_sequence_number(data, at, packet.padding)
        assert (original is None) == (not packet.payload)
        if original is None:
            probes += 1
            with pytest.raises(WireError):
                rtx.decapsulate(data, at, 1, 96)
        else:
            assert parse_rtp(rtx.decapsulate(data, at, 1, 96)).sequence_number == original
    assert probes


@pytest.mark.parametrize("payload", [0, 11, 13])
def test_header_exceeds_the_packet(payload: int) -> None:
    with pytest.raises(WireError):
        rtx.encapsulate(bytes(12), payload, 1, 97, 1)
