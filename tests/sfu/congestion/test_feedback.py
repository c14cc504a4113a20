"""Many feedbacks at once, against the reader of one."""

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.congestion.feedback import HEADER_SIZE, MOST_STATUSES, parse_feedbacks
from sfu.wire.errors import WireError
from sfu.wire.rtcp import parse_rtcp
from sfu.wire.rtcp_feedback import TransportFeedback
from sfu.wire.twcc import TICKS_PER_REFERENCE, Arrivals, build_feedback, parse_feedback
from tests.sfu.wire.samples import RTCP, some

Status = tuple[int, int | None]
"""Number, and when it arrived, in ticks."""


def one_by_one(fci: bytes) -> list[Status] | None:
    """What ``twcc`` says; None for a feedback that is not taken."""
    try:
        parsed: Arrivals = parse_feedback(fci)
    except WireError:
        return None
    if parsed.count > MOST_STATUSES:
        return None
    at = iter(zip(parsed.sequence_number.tolist(), parsed.ticks.tolist(), strict=True))
    arrived = dict(at)
    numbers = [parsed.base + place & 0xFFFF for place in range(parsed.count)]
    return [(number, arrived.get(number)) for number in numbers]


def all_at_once(fcis: list[bytes]) -> list[list[Status] | None]:
    padded = [fci + bytes(-len(fci) % 4) for fci in fcis]
    found = parse_feedbacks(padded, [len(fci) for fci in fcis])
    ticks = found.ticks + found.references[found.feedbacks] * TICKS_PER_REFERENCE
    said: list[list[Status] | None] = [None] * len(fcis)
    columns = (found.feedbacks, found.numbers, found.arrived, ticks)
    for feedback, number, arrived, tick in zip(*(one.tolist() for one in columns), strict=True):
        statuses = said[feedback]
        if statuses is None:
            statuses = said[feedback] = []
        statuses.append((number, tick if arrived else None))
    assert found.broken == said.count(None)
    return said


@st.composite
def chunks(draw: st.DrawFn) -> int:
    kind = draw(st.integers(0, 3))
    if kind < 2:
        symbol = draw(st.sampled_from([0, 1, 1, 2, 3]))
        return symbol << 13 | draw(st.sampled_from([0, 1, 2, 7, 30, 8191]))
    return kind << 14 | draw(st.integers(0, 0x3FFF))


@st.composite
def feedbacks(draw: st.DrawFn) -> bytes:
    """Of the right form more often than not; cut off, with bytes too many, or of random bytes."""
    head = struct.pack(
        "!HHI",
        draw(st.integers(0, 0xFFFF)),
        draw(st.sampled_from([0, 1, 2, 7, 14, 15, 40, 200, MOST_STATUSES, 5000])),
        draw(st.integers(0, 0xFFFFFFFF)),
    )
    words = draw(st.lists(chunks(), max_size=8))
    deltas = draw(st.binary(max_size=80))
    return head + struct.pack(f"!{len(words)}H", *words) + deltas


@st.composite
def honest(draw: st.DrawFn) -> bytes:
    gaps = draw(st.lists(st.integers(-3000, 90_000) | st.none(), min_size=1, max_size=60))
    now, times = draw(st.integers(1 << 28, 1 << 45)), []
    for gap in gaps:
        now += gap or 0
        times.append(-1 if gap is None else now)
    if not any(time >= 0 for time in times):
        times.append(now)
    return build_feedback(draw(st.integers(0, 0xFFFF)), np.array(times, np.int64), 0)[0]


@some
@given(st.lists(st.one_of(honest(), honest(), feedbacks()), min_size=1, max_size=12))
def test_as_one_by_one(fcis: list[bytes]) -> None:
    assert all_at_once(fcis) == [one_by_one(fci) for fci in fcis]


def test_captures() -> None:
    fcis = [
        packet.fci
        for data in RTCP
        for packet in parse_rtcp(data)
        if isinstance(packet, TransportFeedback)
    ]
    assert len(fcis) > 3
    assert all_at_once(fcis) == [one_by_one(fci) for fci in fcis]
    assert None not in all_at_once(fcis)


@pytest.mark.parametrize(
    "fci",
    [
        "0001000000000101",  # about no packet
        "000100030000010120030a0b",  # a delta is missing
        "00010003000001012003",  # all are
        "0001000900000101d5550a0b0c",  # seven of nine packets
        "0001000100000101f000",  # reserved symbol
        "0001ffff000001011fff1fff1fff1fff1fff1fff1fff1fff1fff",  # about too many packets
    ],
)
def test_broken_ones_do_not_spoil_their_neighbours(fci: str) -> None:
    whole = bytes.fromhex("000100030000010120030a0b0c")
    said = all_at_once([whole, bytes.fromhex(fci), whole])
    assert said == [one_by_one(whole), None, one_by_one(whole)]
    assert all_at_once([bytes.fromhex(fci)]) == [None]


def test_nothing_but_losses() -> None:
    (said,) = all_at_once([struct.pack("!HHIH", 65_534, 4, 0, 4)])
    assert said == [(65_534, None), (65_535, None), (0, None), (1, None)]


def test_header_size() -> None:
    with pytest.raises(WireError):
        parse_feedback(bytes(HEADER_SIZE - 1))
