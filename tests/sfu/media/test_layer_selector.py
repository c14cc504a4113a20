"""The layer to serve, against the rule in words."""

from hypothesis import given
from hypothesis import strategies as st

from sfu.media.layer_selector import HIGHEST, STALLED, Choice, choose, keep_up
from sfu.units import Seconds

LAYERS = range(3)
WISHES = st.integers(0, HIGHEST)
SOME = st.tuples(st.booleans(), st.booleans(), st.booleans())
CURRENT = st.none() | st.sampled_from(LAYERS)


@given(wish=WISHES, alive=SOME, current=CURRENT)
def test_target_is_the_wish_or_next_lower_or_else_lowest(
    wish: int, alive: tuple[bool, ...], current: int | None
) -> None:
    target = choose(wish, alive, current).target
    living = [layer for layer in LAYERS if alive[layer]]
    lower = [layer for layer in living if layer <= wish]
    if lower:
        assert target == max(lower)
    else:
        assert target == min(living, default=None)


@given(wish=WISHES, alive=SOME, current=CURRENT)
def test_key_frame_is_welcome_where_it_brings_the_wish_nearer(
    wish: int, alive: tuple[bool, ...], current: int | None
) -> None:
    target, welcome = choose(wish, alive, current)
    assert current not in welcome
    if target is None:
        assert set(welcome) == set(LAYERS) - {current}
        return
    assert (target in welcome) == (target != current)
    for layer in welcome:
        with_it = tuple(alive[one] or one == layer for one in LAYERS)
        assert choose(wish, with_it, current).target == layer
    # As soon as the target is served, only silent layers are welcome.
    assert not any(alive[layer] for layer in choose(wish, alive, target).welcome)


def test_without_a_wish_the_highest_is_served() -> None:
    assert choose(HIGHEST, (True, True, True), None) == Choice(2, (2,))


def test_layer_that_was_given_up_is_stalled() -> None:
    assert keep_up([Seconds(10.0), Seconds(9.5), Seconds(10.0 - STALLED)]) == [True, True, False]


def test_still_picture_stalls_no_layer() -> None:
    assert keep_up([Seconds(1.0), Seconds(1.1)]) == [True, True]
    assert keep_up([]) == []
