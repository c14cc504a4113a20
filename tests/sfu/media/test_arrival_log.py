"""Feedback against what was appended, through the parser of the other side."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.media.arrival_log import MOST_PER_FEEDBACK, REACH, ArrivalLog
from sfu.wire.serial import Unwrapper
from sfu.wire.twcc import TICK_US, Arrivals, build_feedback, parse_feedback
from tests.sfu.wire.samples import some


def append(log: ArrivalLog, number: int, arrival_us: int) -> None:
    log.fresh.append(arrival_us << 16 | number & 0xFFFF)


def drain(log: ArrivalLog) -> list[Arrivals]:
    given: list[Arrivals] = []
    for _ in range(1000):
        if not log.waiting:
            return given
        fci = log.take_feedback()
        if fci is not None:
            assert len(fci) <= 720
            given.append(parse_feedback(fci))
    raise AssertionError("never done")


def test_nothing() -> None:
    log = ArrivalLog()
    assert not log.waiting
    assert log.take_feedback() is None


@pytest.mark.parametrize("step", [0, 700, 63_000, 70_000])
def test_the_short_way_says_the_same(step: int) -> None:
    log = ArrivalLog()
    times = [1_790_000_000_123_456 & (1 << 46) - 1]
    for _ in range(9):
        times.append(times[-1] + step)
    for offset, time in enumerate(times):
        append(log, 65_530 + offset, time)
    assert log.take_feedback() == build_feedback(65_530, np.array(times), 0)[0]


@some
@given(st.integers(0, 0xFFFF), st.integers(0, 2**32), st.data())
def test_everything_is_told(first: int, seed: int, data: st.DataObject) -> None:
    draw = random.Random(seed)
    log = ArrivalLog()
    reader = Unwrapper()
    number, time = first, 10**12
    sent: dict[int, int] = {}
    told: dict[int, int] = {}
    expected_number = 0
    waiting: list[int] = []
    for _ in range(data.draw(st.integers(1, 12))):
        for _ in range(draw.randrange(30)):
            time += draw.choice((0, 100, 3000, 90_000))
            if draw.random() < 0.1:
                number += draw.randrange(1, 40)
            if draw.random() < 0.2:
                waiting.append(number)
                number += 1
                continue
            late = waiting.pop(0) if waiting and draw.random() < 0.3 else None
            if late is not None and number - late < 400 and sent:
                append(log, late, time)
                sent[late] = time
            append(log, number, time)
            sent[number] = time
            number += 1
        for arrivals in drain(log):
            assert arrivals.feedback_number == expected_number & 0xFF
            expected_number += 1
            assert arrivals.count <= MOST_PER_FEEDBACK
            if reader.highest is None:
                reader.unwrap(first)
            for wire, tick in zip(
                arrivals.sequence_number.tolist(), arrivals.ticks.tolist(), strict=True
            ):
                told[reader.unwrap(wire)] = tick
    wrap = 256 << 24
    assert {n: (t // TICK_US) % wrap for n, t in sent.items()} == {
        n: t % wrap for n, t in told.items()
    }


def test_a_jump_and_a_straggler_beyond_reach() -> None:
    log = ArrivalLog()
    append(log, 0, 1000)
    drain(log)
    append(log, 20_000, 2000)
    append(log, 20_000 - REACH - 5, 3000)
    append(log, 19_999 - 10, 4000)
    told = drain(log)
    assert [n for one in told for n in one.sequence_number.tolist()] == [19_989, 20_000]


def test_memory_is_bounded() -> None:
    log = ArrivalLog()
    for number in range(3 * REACH):
        append(log, number, number)
    assert len(log.fresh) == REACH
    assert sum(len(one.sequence_number) for one in drain(log)) == REACH
