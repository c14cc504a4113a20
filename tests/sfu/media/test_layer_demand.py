"""Layers that a publisher is told to send."""

from hypothesis import given
from hypothesis import strategies as st

from sfu.media.layer_demand import KEPT_FOR, LayerDemand
from sfu.units import Seconds

START = Seconds(100.0)


def at(seconds: float) -> Seconds:
    return Seconds(START + seconds)


def test_all_are_wanted_until_nobody_has_wished_for_them_for_a_while() -> None:
    demand = LayerDemand(3, START)
    assert not demand.review(1, at(KEPT_FOR - 0.1))
    assert demand.review(1, at(KEPT_FOR))
    assert demand.wanted == 1
    assert demand.next_deadline() is None


def test_more_is_wanted_at_once() -> None:
    demand = LayerDemand(3, START)
    demand.review(0, at(KEPT_FOR))
    assert demand.wish(1, at(6))
    assert demand.wish(3, at(6.1))
    assert not demand.wish(2, at(6.2))
    assert demand.wanted == 3


def test_a_wish_that_comes_and_goes_changes_nothing() -> None:
    demand = LayerDemand(3, START)
    for second in range(2, 60, 2):
        demand.wish(3 if second % 4 else 1, at(second))
        demand.reconsider(at(second))
        assert not demand.review(1, at(second))
    assert demand.wanted == 3


@given(st.lists(st.tuples(st.floats(0.01, 8), st.integers(0, 3)), max_size=40))
def test_what_is_wished_is_always_wanted_and_no_more_for_long(
    steps: list[tuple[float, int]],
) -> None:
    """One subscriber, whose wish changes; reviewed when due."""
    demand = LayerDemand(3, START)
    now, wish, changed = START, 0, START
    for pause, following in [*steps, (30.0, -1)]:
        until = Seconds(now + pause)
        while (due := demand.next_deadline()) is not None and due <= until:
            demand.review(wish, max(due, now))
            assert demand.wanted >= wish
        now = until
        if now - changed > 2 * KEPT_FOR:
            assert demand.wanted == wish
        if following >= 0 and following != wish:
            wish, changed = following, now
            demand.wish(wish, now)
            demand.reconsider(now)
        assert demand.wanted >= wish
