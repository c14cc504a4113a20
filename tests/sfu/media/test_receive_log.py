"""The log against RFC 3550 appendix A, taken at its word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.media.receive_log import MOST_AHEAD, NOTHING, ReceiveLog
from sfu.units import Seconds
from tests.sfu.wire.samples import some

NOW = Seconds(50.0)


@some
@given(
    st.integers(0, 0xFFFF),
    st.lists(st.integers(-40, 300), min_size=1, max_size=200),
)
def test_numbers_and_loss(first: int, steps: list[int]) -> None:
    log = ReceiveLog(7, 90_000)
    highest = base = first
    assert log.take(first, 0, 0) == first + 0x10000
    received, told_expected, told_received = 1, 0, 0
    for index, step in enumerate(steps):
        number = highest + step
        taken = log.take(number & 0xFFFF, 0, 0)
        if step == 0:
            assert taken == NOTHING
            continue
        received += 1
        highest = max(highest, number)
        assert taken == number + 0x10000
        assert log.highest == highest + 0x10000
        if index % 17 == 0:
            block = log.report(NOW)
            assert block is not None
            expected = highest - base + 1
            lost = (expected - told_expected) - (received - told_received)
            fraction = (lost << 8) // (expected - told_expected) if lost > 0 else 0
            told_expected, told_received = expected, received
            assert block.fraction_lost == min(255, fraction)
            assert block.packets_lost == expected - received
            assert block.highest_sequence == highest
    assert log.received == received


def test_nothing_new_nothing_to_report() -> None:
    log = ReceiveLog(7, 90_000)
    assert log.report(NOW) is None
    log.take(1, 0, 0)
    assert log.report(NOW) is not None
    assert log.report(NOW) is None


@some
@given(st.lists(st.tuples(st.integers(1, 50), st.integers(0, 40_000)), min_size=1, max_size=80))
def test_jitter(packets: list[tuple[int, int]]) -> None:
    log = ReceiveLog(7, 90_000)
    log.take(0, 0, 0)
    jitter, timestamp, arrival = 0.0, 0, 0
    for number, (frames, passed) in enumerate(packets):
        arrival += passed
        timestamp += 3000 * frames
        moved = passed * 0.09 - 3000 * frames
        jitter += (abs(moved) - jitter) / 16
        log.take(number + 1, timestamp, arrival)
    assert log.jitter == pytest.approx(jitter, rel=1e-6, abs=1e-6)


def test_jitter_survives_the_wrap_of_timestamps() -> None:
    log = ReceiveLog(7, 90_000)
    for number in range(100):
        log.take(number, (2**32 - 150_000 + number * 3000) & 0xFFFFFFFF, number * 33_333)
    assert log.jitter < 2


def test_a_jump_is_believed_when_it_goes_on() -> None:
    log = ReceiveLog(7, 90_000)
    log.take(10, 0, 0)
    assert log.take(10 + MOST_AHEAD, 0, 0) == 0x10000 + 10 + MOST_AHEAD
    far = 10 + 2 * MOST_AHEAD + 1
    assert log.take(far, 0, 0) == NOTHING
    assert log.take(far + 5, 0, 0) == NOTHING
    assert [log.restarted] == [False]
    assert log.take(far + 6, 0, 0) == 0x10000 + far + 6
    assert [log.restarted] == [True]
    block = log.report(NOW)
    assert block is not None
    assert (block.packets_lost, block.highest_sequence) == (0, far + 6)


def test_sender_reports_are_echoed() -> None:
    log = ReceiveLog(7, 90_000)
    log.take(1, 0, 0)
    log.note_sender_report(0x0123_4567_89AB_CDEF, NOW)
    block = log.report(Seconds(NOW + 0.25))
    assert block is not None
    assert (block.last_report, block.delay) == (0x4567_89AB, 0x4000)
