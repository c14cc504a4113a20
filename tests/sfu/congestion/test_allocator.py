"""What each picture gets: who comes first, and what always holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.congestion.allocator import NO_RISE, Picture, Step, allocate

LOW, SMOOTH = Step(0, 0, 60e3), Step(0, 1, 150e3)
MIDDLE, HIGH = Step(1, 1, 500e3), Step(2, 1, 1500e3)
CAMERA = (LOW, SMOOTH, MIDDLE, HIGH)
SCREEN = (Step(0, 0, 400e3), Step(0, 1, 1000e3))


def picture(
    steps: tuple[Step, ...] = CAMERA, priority: int = 64, held: int = 0, free: int = 9
) -> Picture:
    return Picture(steps, priority, held, max(held, min(free, len(steps))))


@pytest.mark.parametrize(
    ("budget", "pictures", "taken"),
    [
        (10e6, [], ()),
        (10e6, [picture(())], (0,)),
        (-1.0, [picture()], (0,)),
        (59e3, [picture()], (0,)),
        (60e3, [picture()], (1,)),
        (1499e3, [picture()], (3,)),
        (1500e3, [picture()], (4,)),
        # Everybody's first step before anybody's second, and the important one's first of all.
        (119e3, [picture(), picture(priority=96)], (0, 1)),
        (120e3, [picture(), picture(priority=96)], (1, 1)),
        (460e3, [picture(), picture(SCREEN, 192)], (1, 1)),
        (410e3, [picture(), picture(SCREEN, 192)], (0, 1)),
        # What does not fit leaves room for others.
        (390e3, [picture(), picture(SCREEN, 192)], (2, 0)),
        # Then smoothness for all, the screen first, then size.
        (460e3 + 89e3, [picture(), picture(SCREEN, 192)], (1, 1)),
        (1060e3, [picture(), picture(SCREEN, 192)], (1, 2)),
        (990e3, [picture(priority=160), picture()], (3, 2)),
        (1060e3, [picture(), picture()], (3, 3)),
        (1650e3, [picture(priority=160), picture()], (4, 2)),
        (2000e3, [picture(), picture()], (4, 3)),
        # Whoever has it keeps it.
        (2000e3, [picture(held=3), picture(held=4)], (3, 4)),
        (650e3, [picture(held=2), picture(held=3)], (2, 3)),
        # But all get a middle one before somebody gets a large one.
        (2500e3, [picture(held=4), picture(held=4), picture(held=2)], (4, 3, 3)),
    ],
)
def test_who_gets_what(budget: float, pictures: list[Picture], taken: tuple[int, ...]) -> None:
    assert allocate(budget, pictures).taken == taken


def test_cheaper_steps_come_first_among_equals() -> None:
    dear = (Step(0, 0, 100e3), Step(1, 0, 900e3))
    cheap = (Step(0, 0, 100e3), Step(1, 0, 400e3))
    assert allocate(1000e3, [picture(dear), picture(cheap)]).taken == (1, 2)


def test_what_is_not_free_needs_a_margin() -> None:
    one = picture(held=3, free=3)
    refused = allocate(1700e3, [one], 1.15)
    assert refused.taken == (3,)
    assert refused.next_at == pytest.approx(1725e3)
    assert allocate(1726e3, [one], 1.15).taken == (4,)
    assert allocate(1e9, [one], NO_RISE).taken == (3,)
    assert allocate(1e9, [one], NO_RISE).next_at is None
    assert allocate(500e3, [one], 1.15).taken == (3,), "nor does what one has"


def test_next_step_is_the_cheapest_of_those_refused() -> None:
    both = [picture(SCREEN, 192), picture()]
    assert allocate(1060e3, both).next_at == pytest.approx(1150e3)
    assert allocate(1150e3, both).taken == (2, 2)
    assert allocate(300e3, both).next_at == pytest.approx(400e3)


@st.composite
def some_steps(draw: st.DrawFn) -> tuple[Step, ...]:
    costs = draw(st.lists(st.integers(1, 2_000_000), max_size=6))
    spatial = draw(st.lists(st.integers(0, 1), min_size=len(costs), max_size=len(costs)))
    steps: list[Step] = []
    layer, frames, rate = 0, -1, 0
    for cost, larger in zip(costs, spatial, strict=True):
        layer, frames = (layer + 1, 0) if larger and steps else (layer, frames + 1)
        rate += cost
        steps.append(Step(layer, frames, float(rate)))
    return tuple(steps)


@st.composite
def some_pictures(draw: st.DrawFn) -> list[Picture]:
    pictures = []
    for steps in draw(st.lists(some_steps(), max_size=8)):
        held = draw(st.integers(0, len(steps)))
        free = draw(st.integers(held, len(steps)))
        pictures.append(Picture(steps, draw(st.integers(0, 3)), held, free))
    return pictures


budgets = st.floats(-1e6, 2e7)
margins = st.sampled_from([1.0, 1.15, 2.0, NO_RISE])


def rate_of(one: Picture, count: int) -> float:
    return one.steps[count - 1].rate if count else 0.0


@given(budgets, some_pictures(), margins)
def test_never_over_the_budget_and_nobody_above_the_wish(
    budget: float, pictures: list[Picture], margin: float
) -> None:
    result = allocate(budget, pictures, margin)
    assert len(result.taken) == len(pictures)
    for count, one in zip(result.taken, pictures, strict=True):
        assert 0 <= count <= len(one.steps)
        if margin == NO_RISE:
            assert count <= one.free
    assert result.spent == pytest.approx(sum(map(rate_of, pictures, result.taken)))
    assert result.spent <= max(budget, 0.0) * (1 + 1e-9)
    assert result == allocate(budget, pictures, margin)


@given(budgets, some_pictures(), margins)
def test_nothing_that_would_fit_is_refused(
    budget: float, pictures: list[Picture], margin: float
) -> None:
    result = allocate(budget, pictures, margin)
    for count, one in zip(result.taken, pictures, strict=True):
        if count < len(one.steps):
            spent = result.spent - rate_of(one, count) + rate_of(one, count + 1)
            assert spent * (1 if count < one.free else margin) > budget - 1e-3


@given(budgets, some_pictures(), margins)
def test_next_step_is_where_something_changes(
    budget: float, pictures: list[Picture], margin: float
) -> None:
    result = allocate(budget, pictures, margin)
    everything = tuple(len(one.steps) for one in pictures)
    if result.next_at is None:
        assert result.taken == everything or margin == NO_RISE
        return
    assert result.next_at > budget
    halfway = (budget + result.next_at) / 2
    assert allocate(halfway, pictures, margin).taken == result.taken
    assert allocate(result.next_at * (1 + 1e-9), pictures, margin).taken != result.taken


@given(budgets, st.floats(0, 1e7), some_pictures())
def test_with_more_the_most_important_never_lose(
    budget: float, more: float, pictures: list[Picture]
) -> None:
    """First steps: in the order of importance the first whom it concerns gains by it."""
    less = allocate(budget, pictures).taken
    after = allocate(budget + more, pictures).taken
    first_steps = sorted(
        (-one.priority, one.steps[0].spatial, one.held == 0, one.steps[0].rate, index)
        for index, one in enumerate(pictures)
        if one.steps
    )
    for *_, index in first_steps:
        if (less[index] > 0) != (after[index] > 0):
            assert after[index] > 0
            break
    if sum(less) == sum(len(one.steps) for one in pictures):
        assert after == less


@given(st.floats(0, 1e7), some_pictures())
def test_one_picture_alone_gets_more_for_more(budget: float, pictures: list[Picture]) -> None:
    for one in pictures:
        counts = [allocate(budget * share, [one]).taken[0] for share in (0.5, 0.9, 1.0, 1.5)]
        assert counts == sorted(counts)


@given(budgets, some_pictures())
def test_what_was_given_is_kept(budget: float, pictures: list[Picture]) -> None:
    """With the same budget the same comes out again, whatever the margin."""
    taken = allocate(budget, pictures).taken
    held = [one._replace(held=n, free=n) for one, n in zip(pictures, taken, strict=True)]
    for margin in (1.15, NO_RISE):
        again = allocate(budget, held, margin).taken
        assert again == taken
