import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.gaps import Reading, Window, excess, growth, longest_gap, stalls

STEADY = [float(at) for at in range(0, 1000, 10)]


def without(start: float, end: float) -> list[float]:
    return [at for at in STEADY if not start < at < end]


@pytest.mark.parametrize(
    ("times", "window", "longest"),
    [
        (STEADY, Window(100, 200), 10),
        (without(140, 170), Window(100, 200), 30),
        (without(90, 130), Window(100, 200), 40),  # begins before: felt inside, and whole
        (without(190, 230), Window(100, 200), 10),  # ends behind
        (without(190, 230), Window(200, 300), 40),
        (without(150, 2000), Window(100, 200), 50),  # never ends
        (without(150, 2000), Window(200, 300), 150),
        ([], Window(100, 200), 100),
        ([180.0], Window(100, 200), 80),  # nothing was before
        ([50.0], Window(100, 200), 150),
        ([250.0], Window(100, 200), 100),
    ],
)
def test_longest_gap(times: list[float], window: Window, longest: float) -> None:
    assert longest_gap(times, window) == pytest.approx(longest)


def test_excess_is_over_the_equal_window_just_before() -> None:
    window = Window(500, 600)
    assert window.before == Window(400, 500)
    assert excess(STEADY, window) == 0
    assert excess(without(540, 580), window) == 30
    assert excess(without(440, 480), window) == -30
    rough = sorted(set(without(540, 580)) & set(without(420, 450)))
    assert excess(rough, window) == 10


def test_stalls_are_from_frame_to_frame() -> None:
    times = [at for at in without(140, 170) if not 300 < at < 350]
    assert stalls(times, Window(0, 1000), 15) == [Window(140, 170), Window(300, 350)]
    assert stalls(times, Window(0, 200), 15) == [Window(140, 170)]
    assert stalls(times, Window(0, 1000), 30) == [Window(300, 350)]
    assert stalls([], Window(0, 10), 1) == []


@given(
    st.lists(st.floats(0, 1000), max_size=50).map(sorted),
    st.floats(0, 500),
    st.floats(1, 500),
)
def test_the_longest_gap_is_found_by_walking_too(
    times: list[float], start: float, length: float
) -> None:
    window = Window(start, start + length)
    last = max([at for at in times if at <= start], default=start)
    longest = 0.0
    for at in (one for one in times if start < one <= window.end):
        longest, last = max(longest, at - last), at
    assert longest_gap(times, window) == max(longest, window.end - last)


def test_growth_is_read_off_the_line() -> None:
    readings = [Reading(0, 0), Reading(10, 100), Reading(20, 100), Reading(30, 400)]
    assert growth(readings, Window(0, 30)) == 400
    assert growth(readings, Window(5, 20)) == 50
    assert growth(readings, Window(20, 25)) == 150
    assert growth(readings, Window(-10, 5)) == 50
    assert growth(readings, Window(30, 90)) == 0
    assert growth([], Window(0, 1)) == 0
