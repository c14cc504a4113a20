import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.wire.errors import WireError
from sfu.wire.rtcp import parse_rtcp
from sfu.wire.rtcp_feedback import TransportFeedback
from sfu.wire.twcc import NOT_RECEIVED, TICK_US, build_feedback, parse_feedback
from tests.sfu.wire.samples import RTCP, some

GAPS = st.lists(
    st.one_of(
        st.none(),  # lost
        st.integers(0, 63_000),
        st.integers(-2_000_000, 2_000_000),
        st.integers(8_000_000, 30_000_000),
        st.just(0),
    ),
    min_size=1,
    max_size=80,
)


@st.composite
def arrivals(draw: st.DrawFn) -> list[int]:
    """Times of arrival of consecutive packets; long runs and lone losses, far jumps and back."""
    now = draw(st.integers(100_000_000, 1 << 45))
    times = []
    for gap in draw(GAPS):
        repeat = draw(st.sampled_from([1, 1, 1, 20]))
        now += gap or 0
        times += [NOT_RECEIVED if gap is None else now] * repeat
    return times


@some
@given(st.integers(0, 0xFFFF), arrivals(), st.integers(0, 0xFF))
def test_round_trip(base: int, times: list[int], number: int) -> None:
    column = np.array(times, np.int64)
    done = 0
    while (column[done:] >= 0).any():
        first = base + done & 0xFFFF
        fci, count = build_feedback(first, column[done:], number)
        assert 0 < count <= len(times) - done
        parsed = parse_feedback(fci)
        assert (parsed.base, parsed.count, parsed.feedback_number) == (first, count, number)
        told = [(base + i & 0xFFFF, times[i]) for i in range(done, done + count) if times[i] >= 0]
        assert parsed.sequence_number.tolist() == [sequence for sequence, _ in told]
        wrap = 1 << 32  # of the reference time, in ticks
        assert (parsed.ticks % wrap).tolist() == [time // TICK_US % wrap for _, time in told]
        done += count


def test_captures() -> None:
    sequences, ticks = [], []
    for data in RTCP:
        for packet in parse_rtcp(data):
            if isinstance(packet, TransportFeedback):
                arrived = parse_feedback(packet.fci)
                assert 0 < len(arrived.ticks) <= arrived.count
                sequences += arrived.sequence_number.tolist()
                ticks += arrived.ticks.tolist()
    assert len(sequences) > 20
    # Eight seconds of a call, in ticks of 250 µs.
    assert 0 < max(ticks) - min(ticks) < 40_000


@pytest.mark.parametrize(
    ("fci", "sequence", "ticks"),
    [
        ("000100030000010120030a0b0c", [1, 2, 3], [266, 277, 289]),  # run of small deltas
        ("ffff000300000101a8000a0b", [0xFFFF, 1], [266, 277]),  # one bit each: 1 0 1
        ("0001000200000101d8000affff", [1, 2], [266, 265]),  # 1 2
        ("00010001ffffff0120010a", [1], [-246]),
        ("00010001000001012000200105", [1], [261]),  # empty run
    ],
)
def test_formats(fci: str, sequence: list[int], ticks: list[int]) -> None:
    parsed = parse_feedback(bytes.fromhex(fci))
    assert parsed.sequence_number.tolist() == sequence
    assert parsed.ticks.tolist() == ticks


@pytest.mark.parametrize(
    "fci",
    [
        "",
        "00010001000001",
        "0001000000000101",  # about no packet
        "0001000100000101",  # no chunk
        "00010001000001012001",  # no delta
        "0001000100000101400105",  # half a large delta
        "000100080000010160080102030405060708",  # reserved symbol
        "0001000100000101f00001",
    ],
)
def test_malformed(fci: str) -> None:
    with pytest.raises(WireError):
        parse_feedback(bytes.fromhex(fci))


def test_nothing_to_tell() -> None:
    with pytest.raises(ValueError, match="no packet"):
        build_feedback(0, np.full(4, NOT_RECEIVED), 0)


def test_claims_are_bounded_by_the_format() -> None:
    fci = bytes.fromhex("0001ffff00000101") + bytes.fromhex("1fff") * 9
    parsed = parse_feedback(fci)
    assert (parsed.count, len(parsed.ticks)) == (0xFFFF, 0)


def test_usual_feedback_is_short() -> None:
    times = np.arange(100, dtype=np.int64) * 1000 + 10**9
    assert len(build_feedback(0, times, 0)[0]) == 8 + 2 + 100
    times[[10, 50]] = NOT_RECEIVED
    assert len(build_feedback(0, times, 0)[0]) <= 8 + 2 * 8 + 98
