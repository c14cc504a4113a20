import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.congestion.pacer import BURST, FACTOR, LONGEST_WAIT, MOST_WAITING, SLICE, Pacer
from sfu.units import BitsPerSecond, Seconds

SIZE = 1200


def paced(rate: float = 1_000_000) -> Pacer[int]:
    return Pacer(BitsPerSecond(rate), Seconds(0.0))


def release(pacer: Pacer[int], now: float) -> list[int]:
    left = []
    while (one := pacer.next(Seconds(now))) is not None:
        pacer.spend(SIZE)
        left.append(one)
    return left


def test_a_few_leave_at_once() -> None:
    pacer = paced()
    sent = 0
    while pacer.admits(Seconds(0.0)):
        pacer.spend(SIZE)
        sent += 1
    assert sent == BURST // SIZE


def test_the_rest_leaves_at_a_multiple_of_the_estimate() -> None:
    pacer = paced()
    for number in range(100):
        pacer.wait(number, Seconds(0.0))
    left, now = release(pacer, 0.0), 0.0
    while now < 0.4:
        now += SLICE
        left += release(pacer, now)
    assert left == list(range(len(left)))
    assert (len(left) * SIZE - BURST) * 8 / now == pytest.approx(FACTOR * 1_000_000, rel=0.05)


def test_what_waits_is_bounded_in_number_and_time() -> None:
    pacer = paced()
    for number in range(MOST_WAITING + 10):
        pacer.wait(number, Seconds(0.0))
    assert (len(pacer), pacer.given_up) == (MOST_WAITING, 10)
    assert release(pacer, LONGEST_WAIT / 2)[0] == 10
    assert release(pacer, LONGEST_WAIT * 2) == []
    assert len(pacer) == 0


@given(
    st.floats(30_000, 1e8),
    st.lists(st.tuples(st.floats(0, 0.3), st.integers(0, 20)), max_size=40),
)
def test_never_more_than_burst_and_rate_allow(rate: float, asked: list[tuple[float, int]]) -> None:
    pacer, now, octets = paced(rate), 0.0, 0
    for pause, count in asked:
        now += pause
        for number in range(count):
            pacer.wait(number, Seconds(now))
        octets += SIZE * len(release(pacer, now))
        assert octets <= BURST + SIZE + now * rate * FACTOR / 8 + 1
