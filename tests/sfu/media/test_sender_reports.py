"""Times of a publisher, translated for subscribers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.media.sender_clock import SenderClock
from sfu.media.sender_reports import (
    MOST_PAUSE,
    Instant,
    middle_bits,
    translate,
    units_between,
)
from sfu.units import Seconds

RATE = 90_000
SECOND = 1 << 32  # of NTP time


def ntp(seconds: float) -> int:
    return int(seconds * SECOND) & (1 << 64) - 1


class Camera:
    """Frames with a capture time, in timestamps that begin anywhere."""

    def __init__(self, offset: int) -> None:
        self.offset = offset

    def timestamp(self, captured: float) -> int:
        return (round(captured * RATE) + self.offset) & 0xFFFFFFFF

    def clock(self, captured: float, way: float) -> SenderClock:
        return SenderClock(ntp(3.9e9 + captured), self.timestamp(captured), Seconds(captured + way))

    def packet(self, captured: float, way: float, clock: SenderClock | None) -> Instant:
        return Instant(clock, self.timestamp(captured), Seconds(captured + way))


@given(
    offsets=st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1)),
    reports=st.tuples(st.floats(100, 110), st.floats(100, 110)),
    frames=st.tuples(st.floats(100, 110), st.floats(100, 110)),
    ways=st.lists(st.floats(0, 0.3), min_size=4, max_size=4),
)
def test_between_layers_capture_times_decide(
    offsets: tuple[int, int],
    reports: tuple[float, float],
    frames: tuple[float, float],
    ways: list[float],
) -> None:
    low, high = map(Camera, offsets)
    earlier = low.packet(frames[0], ways[0], low.clock(reports[0], ways[1]))
    later = high.packet(frames[1], ways[2], high.clock(reports[1], ways[3]))
    assert units_between(earlier, later, RATE) == pytest.approx(
        (frames[1] - frames[0]) * RATE, abs=3
    )


def test_without_reports_arrival_times_decide() -> None:
    low, high = Camera(5), Camera(77)
    clock = low.clock(99.0, 0.1)
    earlier, later = low.packet(100.0, 0.1, clock), high.packet(100.5, 0.2, None)
    assert units_between(earlier, later, RATE) == round(0.6 * RATE)
    assert units_between(earlier._replace(clock=None), later, RATE) == round(0.6 * RATE)


def test_report_that_contradicts_arrivals_is_not_believed() -> None:
    low, liar = Camera(5), Camera(77)
    wrong = SenderClock(ntp(1.0), liar.timestamp(100.0), Seconds(100.0))
    earlier = low.packet(100.0, 0.1, low.clock(99.0, 0.1))
    later = liar.packet(100.5, 0.1, wrong)
    assert units_between(earlier, later, RATE) == round(0.5 * RATE)


def test_a_pause_of_hours_is_bounded() -> None:
    earlier = Instant(None, 0, Seconds(0.0))
    assert units_between(earlier, Instant(None, 0, Seconds(1e6)), RATE) == MOST_PAUSE


@given(
    shift=st.integers(-(2**33), 2**33),
    elapsed=st.floats(0, 30),
    way=st.floats(0, 1),
    offset=st.integers(0, 2**32 - 1),
)
def test_a_report_stays_on_the_publishers_line(
    shift: int, elapsed: float, way: float, offset: int
) -> None:
    camera = Camera(offset)
    time, timestamp = translate(camera.clock(50.0, way), RATE, shift, Seconds(50.0 + way + elapsed))
    assert time == pytest.approx(ntp(3.9e9 + 50.0 + elapsed), abs=4096 * 4)
    behind = (timestamp - camera.timestamp(50.0 + elapsed) - shift) & 0xFFFFFFFF
    assert min(behind, 2**32 - behind) <= 2


def test_a_report_is_named_by_its_middle_bits() -> None:
    assert middle_bits(0x1122334455667788) == 0x33445566
