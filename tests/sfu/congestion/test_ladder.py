"""In which steps a picture can be sent."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.congestion.ladder import OVERHEAD, RateMemory, usual_shares


def layers(memory: RateMemory, *some: int, sharp: bool = False) -> list[tuple[int, int]]:
    return [(step.spatial, step.temporal) for step in memory.steps(some, sharp=sharp)]


def test_a_camera_is_larger_only_if_it_moves() -> None:
    memory = RateMemory(3, 3)
    assert layers(memory, 0, 1, 2) == [
        (0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 1), (2, 2),
    ]  # fmt: skip
    assert layers(memory, 1) == [(1, 0), (1, 1), (1, 2)]
    assert layers(RateMemory(2, 1), 0, 1) == [(0, 0), (1, 0)]
    assert layers(memory) == []


def test_a_screen_is_sharp_before_it_moves() -> None:
    memory = RateMemory(3, 3)
    assert layers(memory, 0, 1, 2, sharp=True) == [(0, 0), (1, 0), (2, 0), (2, 1), (2, 2)]


def test_rates_are_what_was_said_or_is_usual_until_they_are_known() -> None:
    assert RateMemory(1, 1).steps([0], sharp=False)[0].rate == pytest.approx(1500e3 * OVERHEAD)
    memory = RateMemory(3, 1, [None, 600e3])
    before = [step.rate / OVERHEAD for step in memory.steps([0, 1, 2], sharp=False)]
    assert before == pytest.approx([150e3, 600e3, 1500e3])
    memory.measure(1, [800e3])
    after = [step.rate / OVERHEAD for step in memory.steps([0, 1, 2], sharp=False)]
    assert after == pytest.approx([150e3, 800e3, 1500e3])


def test_more_is_believed_sooner_than_less() -> None:
    memory = RateMemory(1, 1)
    memory.measure(0, [1000e3])
    memory.measure(0, [1400e3])
    assert memory.steps([0], sharp=False)[0].rate / OVERHEAD == pytest.approx(1200e3)
    memory.measure(0, [800e3])
    assert memory.steps([0], sharp=False)[0].rate / OVERHEAD == pytest.approx(1140e3)
    for _ in range(40):
        memory.measure(0, [800e3])
    assert memory.steps([0], sharp=False)[0].rate / OVERHEAD == pytest.approx(800e3, rel=0.01)


def test_steps_that_take_more_than_better_ones_are_left_out() -> None:
    memory = RateMemory(3, 1)
    memory.measure(0, [200e3])
    memory.measure(1, [600e3])
    memory.measure(2, [400e3])
    assert layers(memory, 0, 1, 2) == [(0, 0), (2, 0)]


def test_nonsense_is_not_remembered() -> None:
    memory = RateMemory(1, 2)
    before = memory.steps([0], sharp=False)
    for rates in ([], [1e6], [math.nan, 1e6], [1e5, math.inf], [0.0, 0.0], [-1e6, -1e6]):
        memory.measure(0, rates)
        assert memory.steps([0], sharp=False) == before


@given(st.lists(st.lists(st.floats(-1e5, 1e8), min_size=3, max_size=3), max_size=10), st.booleans())
def test_steps_always_ascend(measured: list[list[float]], sharp: bool) -> None:
    memory = RateMemory(2, 3)
    for index, rates in enumerate(measured):
        memory.measure(index % 2, rates)
        steps = memory.steps([0, 1], sharp=sharp)
        assert steps[0].rate > 0
        for one, other in itertools.pairwise(steps):
            assert one.rate < other.rate
            assert (one.spatial, one.temporal) < (other.spatial, other.temporal)
        assert (steps[-1].spatial, steps[-1].temporal) == (1, 2)


@given(st.integers(1, 8))
def test_shares_grow_to_the_whole(temporal: int) -> None:
    shares = usual_shares(temporal)
    assert len(shares) == temporal
    assert list(shares) == sorted(shares)
    assert shares[-1] == 1
