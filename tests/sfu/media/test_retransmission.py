"""Repetitions: what they carry, and how many there may be."""

import struct

from hypothesis import given
from hypothesis import strategies as st

from sfu.media.repetition_limits import MOST_TIMES, SHARE, SHORTEST_INTERVAL, STOCK
from sfu.media.retransmission import Retransmissions
from sfu.units import Seconds
from sfu.wire.extensions import encode_abs_send_time
from sfu.wire.rtp import parse_rtp
from sfu.wire.rtx import decapsulate

EXTENSIONS = bytes.fromhex("bede0004 00510000 00420000 00700100 00000000")
HEADER_SIZE = 12 + len(EXTENSIONS)


def canonical(number: int, timestamp: int, payload: bytes) -> bytes:
    return struct.pack("!BBHII", 0x90, 0x80 | 96, number, timestamp, 5) + EXTENSIONS + payload


@given(
    number=st.integers(0, 1 << 40),
    timestamp=st.integers(0, 2**32 - 1),
    shift=st.integers(0, 2**32 - 1),
    transport_number=st.integers(0, 65535),
    now=st.floats(0, 1e6),
    payload=st.binary(max_size=1400),
)
def test_carries_the_packet_as_it_was_sent(
    number: int, timestamp: int, shift: int, transport_number: int, now: float, payload: bytes
) -> None:
    resent = Retransmissions(77, 97, 500)
    packet = canonical(1, timestamp, payload)
    repeated = resent.repeat(packet, number, shift, transport_number, Seconds(now))
    rtx = parse_rtp(repeated)
    assert (rtx.ssrc, rtx.payload_type, rtx.sequence_number) == (77, 97, 500)
    expected = bytearray(canonical(number & 0xFFFF, timestamp + shift & 0xFFFFFFFF, payload))
    expected[18:20] = struct.pack("!H", transport_number)
    expected[22:25] = encode_abs_send_time(now)
    assert decapsulate(repeated, HEADER_SIZE, 5, 96) == expected


def test_numbers_go_on_and_wrap() -> None:
    resent = Retransmissions(77, 97, 65535)
    packet = canonical(1, 1, b"x")
    numbers = [
        parse_rtp(resent.repeat(packet, 9, 0, 0, Seconds(0.0))).sequence_number for _ in range(3)
    ]
    assert numbers == [65535, 0, 1]
    assert resent.packets == 3


def test_not_again_within_a_round_trip() -> None:
    resent = Retransmissions(1, 97, 0)
    assert resent.permit(5, 0, None, Seconds(1.0))
    assert not resent.permit(5, 0, None, Seconds(1.0 + 0.9 * SHORTEST_INTERVAL))
    assert resent.permit(6, 0, None, Seconds(1.0))
    assert resent.permit(5, 0, None, Seconds(1.0 + 1.1 * SHORTEST_INTERVAL))
    assert not resent.permit(6, 0, Seconds(0.5), Seconds(1.4))
    assert resent.permit(6, 0, Seconds(0.5), Seconds(1.6))


def test_one_packet_only_some_times() -> None:
    resent = Retransmissions(1, 97, 0)
    permitted = [resent.permit(5, 10_000, None, Seconds(second)) for second in range(50)]
    assert permitted.count(True) == MOST_TIMES


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, 200)), max_size=200))
def test_at_most_a_share_of_what_was_sent(rounds: list[tuple[int, int]]) -> None:
    resent, sent, permitted, now, number = Retransmissions(1, 97, 0), 0, 0, 0.0, 0
    for more, asked in rounds:
        sent += more
        for _ in range(asked):
            now += 1.0
            number += 1
            permitted += resent.permit(number, sent, None, Seconds(now))
    assert permitted <= STOCK + SHARE * sent
    assert len(resent._remembered) <= 512
