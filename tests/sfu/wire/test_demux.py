import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.wire.demux import Protocol, ProtocolColumn, protocol_of
from tests.sfu.wire.samples import ALL_RTP, RTCP, some


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (0, 1, Protocol.STUN),
        (3, 0, Protocol.STUN),
        (4, 0, Protocol.UNKNOWN),
        (16, 0, Protocol.UNKNOWN),  # ZRTP
        (20, 254, Protocol.DTLS),
        (63, 0, Protocol.DTLS),
        (64, 0, Protocol.UNKNOWN),  # TURN channel
        (127, 0, Protocol.UNKNOWN),
        (128, 0, Protocol.RTP),
        (0x90, 96, Protocol.RTP),
        (0x90, 0x80 | 96, Protocol.RTP),
        (0x80, 191, Protocol.RTP),
        (0x80, 192, Protocol.RTCP),
        (0x81, 200, Protocol.RTCP),
        (0x8F, 205, Protocol.RTCP),
        (0x80, 223, Protocol.RTCP),
        (0x80, 224, Protocol.RTP),
        (191, 0, Protocol.RTP),
        (192, 0, Protocol.UNKNOWN),
        (255, 255, Protocol.UNKNOWN),
    ],
)
def test_first_two_bytes_decide(first: int, second: int, expected: Protocol) -> None:
    assert protocol_of(bytes((first, second)) + bytes(10)) is expected
    assert protocol_of(bytes((first, second)) + bytes(9)) is Protocol.UNKNOWN


def test_captures() -> None:
    assert {protocol_of(packet) for packet in ALL_RTP} == {Protocol.RTP}
    # On the wire SRTCP adds an index and a tag: at least 14 bytes.
    assert {protocol_of(packet + bytes(14)) for packet in RTCP} == {Protocol.RTCP}


@some
@given(st.lists(st.binary(max_size=40), max_size=20))
def test_column_agrees_with_the_scalar(datagrams: list[bytes]) -> None:
    buffer = np.full((20, 48), 0x90, np.uint8)
    lengths = np.zeros(20, np.int32)
    for row, datagram in enumerate(datagrams):
        buffer[row, 4 : 4 + len(datagram)] = np.frombuffer(datagram, np.uint8)
        lengths[row] = len(datagram)
    column = ProtocolColumn(buffer[:, 4:], lengths)
    expected = [int(protocol_of(datagram)) for datagram in datagrams]
    assert column.classify(len(datagrams)) == expected
