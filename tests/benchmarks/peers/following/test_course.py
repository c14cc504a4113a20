import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.passage import Mode
from benchmarks.peers.following.course import (
    HASTE,
    LINGER,
    LONGEST_LINGER,
    SETTLED,
    Change,
    Course,
    Question,
)

NOW = 100.0


def mesh(prewarm: bool = False) -> Course:
    """A course whose first question has been answered."""
    course = Course("mesh", 1, prewarm, NOW)
    course.answered()
    return course


def test_both_ways_are_live_from_the_preparation_until_the_old_one_is_let_go() -> None:
    course = mesh()
    assert course.live == {"mesh"}
    assert not course.warm
    assert course.prepare("sfu", 2, 5.0, NOW)
    assert course.live == {"mesh", "sfu"}
    assert (course.aim, course.mode) == ("sfu", "mesh")
    assert course.question == Question("sfu", 2, NOW, NOW + 5)
    assert course.change("sfu", 2, False, NOW + 1) == Change("sfu", "mesh")
    assert course.live == {"mesh", "sfu"}
    assert course.mode == "sfu"
    assert course.let_go(True, NOW + 1 + LINGER / 2) is None
    assert course.let_go(True, NOW + 1 + LINGER) == "mesh"
    assert course.let_go(True, NOW + 9) is None
    assert course.live == {"sfu"}


def test_the_old_way_waits_for_the_last_but_not_for_ever() -> None:
    course = mesh()
    course.change("sfu", 2, False, NOW)
    assert course.let_go(False, NOW + 1) is None
    assert course.let_go(False, NOW + LONGEST_LINGER) == "mesh"


def test_an_aborted_hand_over_leaves_the_old_way_alone() -> None:
    course = mesh()
    course.prepare("sfu", 2, 5.0, NOW)
    change = course.change("mesh", 3, False, NOW + 1)
    assert change is not None
    assert change.aborted
    assert course.live == {"mesh"}
    assert (course.aim, course.question) == ("mesh", None)
    assert course.let_go(True, NOW + 9) is None
    assert not course.prepare("sfu", 2, 5.0, NOW + 2), "it is over"


def test_a_change_that_nobody_prepared() -> None:
    course = Course("sfu", 4, False, NOW)
    assert course.change("mesh", 5, True, NOW + 1) == Change("mesh", "sfu")
    assert course.live == {"mesh", "sfu"}
    course.let_go(True, NOW + 3)
    assert course.live == {"mesh"}
    assert course.warm, "prewarmed"


def test_who_enters_is_asked_as_well_and_may_take_its_time() -> None:
    course = Course("sfu", 7, False, NOW)
    assert course.question == Question("sfu", 7, NOW, None)
    assert course.verdict(False, False, NOW + 90) is None
    assert course.verdict(True, True, NOW) is True


@pytest.mark.parametrize(
    ("stands", "everybody", "after", "verdict"),
    [
        (False, False, 0.1, None),
        (True, False, 0.1, None),
        (True, True, 0.1, True),
        (True, False, SETTLED, True),
        (False, False, SETTLED, None),
        (False, False, 5.0 - HASTE, False),
        (True, False, 5.0 - HASTE, True),
        (False, True, 4.0, None),
    ],
)
def test_verdict(stands: bool, everybody: bool, after: float, verdict: bool | None) -> None:
    course = mesh()
    course.prepare("sfu", 2, 5.0, NOW)
    assert course.verdict(stands, everybody, NOW + after) is verdict
    course.answered()
    assert course.verdict(True, True, NOW + after) is None


WORDS = [
    ("prepare", "sfu", 2),
    ("change", "sfu", 2),
    ("prepare", "mesh", 3),
    ("change", "sfu", 4),  # aborted
    ("prepare", "mesh", 5),
    ("change", "mesh", 5),
    ("change", "sfu", 6),
]


@given(st.lists(st.sampled_from(WORDS), max_size=20), st.permutations(WORDS))
def test_any_order_of_the_words_ends_in_the_highest(
    before: list[tuple[str, Mode, int]], last: list[tuple[str, Mode, int]]
) -> None:
    course = mesh()
    highest = 1
    for now, (word, mode, generation) in enumerate([*before, *last]):
        if word == "prepare":
            course.prepare(mode, generation, 5.0, now)
        else:
            course.change(mode, generation, False, now)
            highest = max(highest, generation)
        assert course.generation == highest
        assert course.mode in course.live
        assert course.question is None or course.question.generation >= highest
    course.let_go(True, 1000.0)
    assert course.live == {"sfu"}
    assert (course.mode, course.generation) == ("sfu", 6)
