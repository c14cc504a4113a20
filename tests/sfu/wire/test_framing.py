"""Packets in a stream, whatever pieces it comes in."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.wire.framing import Deframer, frame

LONGEST = 40


def pieces_of(stream: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({0, len(stream), *(cut % (len(stream) + 1) for cut in cuts)})
    return [stream[a:b] for a, b in pairwise(places)]


@given(st.lists(st.binary(max_size=60)), st.lists(st.integers(0, 4000)))
def test_packets_come_out_as_they_went_in(packets: list[bytes], cuts: list[int]) -> None:
    deframer = Deframer(LONGEST)
    found: list[bytes] = []
    for piece in pieces_of(b"".join(map(frame, packets)), cuts):
        found += deframer.split(piece)
    assert found == [one for one in packets if 0 < len(one) <= LONGEST]
    assert deframer.too_long == sum(len(one) > LONGEST for one in packets)


@given(st.lists(st.binary(max_size=300)))
def test_hostile_bytes_keep_at_most_a_packet(pieces: list[bytes]) -> None:
    deframer = Deframer(LONGEST)
    for piece in pieces:
        assert all(0 < len(one) <= LONGEST for one in deframer.split(piece))
        assert len(deframer._begun) <= LONGEST + 1


def test_a_packet_too_long_for_its_prefix_is_refused() -> None:
    with pytest.raises(OverflowError):
        frame(bytes(65536))


def test_frames_are_as_the_standard_writes_them() -> None:
    assert frame(b"abc") == b"\x00\x03abc"
