"""The transaction: every row of the table, and answers in any order."""

import itertools

import pytest
from hypothesis import given, strategies

from signaling.hand_over import (
    FIRST_HOLD,
    LONGEST_HOLD,
    TABLE,
    HandOver,
    Standing,
    Verdict,
    set_back,
)
from signaling.messages.records import Mode
from signaling.mode_policy import ModeDecision, ModeReason

NOW = 1000.0
MODES: tuple[Mode, ...] = ("mesh", "sfu")


def hand_over(*waiting: str, mode: Mode = "sfu") -> HandOver:
    aim = ModeDecision(mode=mode, generation=7, reason=ModeReason.GROWN)
    return HandOver(aim, NOW + 5, frozenset(waiting))


def test_table_is_total() -> None:
    assert set(TABLE) == set(itertools.product(Standing, MODES, (True, False)))


@pytest.mark.parametrize("fits", [True, False])
@pytest.mark.parametrize("mode", MODES)
def test_only_open_and_failing_can_wait(mode: Mode, fits: bool) -> None:
    waits = {one for one in Standing if TABLE[one, mode, fits] is Verdict.WAIT}
    assert Standing.OPEN in waits
    assert waits <= {Standing.OPEN, Standing.FAILING}


COURSES: list[tuple[Mode, str, float, bool, Verdict]] = [
    # towards, what is answered, when, fits? → verdict; a and b are waited for
    ("sfu", "", 0, True, Verdict.WAIT),
    ("sfu", "a", 4.9, True, Verdict.WAIT),
    ("sfu", "a b", 0, True, Verdict.COMMIT),
    ("sfu", "a b", 0, False, Verdict.COMMIT),
    ("sfu", "a b", 5, True, Verdict.COMMIT),
    ("sfu", "-a", 0, True, Verdict.ABORT),
    ("sfu", "-a", 0, False, Verdict.WAIT),
    ("sfu", "-a b", 0, False, Verdict.COMMIT),
    ("sfu", "-a b", 0, True, Verdict.ABORT),
    ("sfu", "-a a b", 0, True, Verdict.COMMIT),
    ("sfu", "a -a b", 0, True, Verdict.ABORT),
    ("sfu", "a a a", 0, True, Verdict.WAIT),
    ("sfu", "a", 5, True, Verdict.ABORT),
    ("sfu", "a", 5, False, Verdict.COMMIT),
    ("sfu", "", 5, False, Verdict.COMMIT),
    ("sfu", "a newcomer b", 0, True, Verdict.COMMIT),
    ("sfu", "a b -newcomer", 0, True, Verdict.ABORT),
    ("sfu", "a b -newcomer", 0, False, Verdict.COMMIT),
    ("sfu", "a ~b", 0, True, Verdict.COMMIT),
    ("sfu", "~a ~b", 0, True, Verdict.COMMIT),
    ("sfu", "-a ~a b", 0, True, Verdict.COMMIT),
    ("mesh", "a", 4.9, True, Verdict.WAIT),
    ("mesh", "a b", 0, True, Verdict.COMMIT),
    ("mesh", "-a", 0, True, Verdict.ABORT),
    ("mesh", "-a b", 0, True, Verdict.ABORT),
    ("mesh", "a", 5, True, Verdict.ABORT),
    ("mesh", "a ~b", 5, True, Verdict.COMMIT),
]


def play(course: str, mode: Mode) -> HandOver:
    """``a`` is ready, ``-a`` has failed, ``~a`` is gone."""
    it = hand_over("a", "b", mode=mode)
    for word in course.split():
        name = word.strip("-~")
        it = it.without(name) if word[0] == "~" else it.answered(name, ready=word[0] != "-")
    return it


@pytest.mark.parametrize(("mode", "course", "at", "fits", "verdict"), COURSES)
def test_course(mode: Mode, course: str, at: float, fits: bool, verdict: Verdict) -> None:
    assert play(course, mode).verdict(fits, NOW + at) is verdict


def test_nobody_to_wait_for() -> None:
    assert hand_over().verdict(fits=True, now=NOW) is Verdict.COMMIT


def test_only_who_had_the_time_is_blamed_for_silence() -> None:
    it = hand_over("a", "b", "c").answered("a", ready=False)
    assert it.at_fault(NOW) == {"a"}
    assert it.at_fault(NOW + 5) == {"a", "b", "c"}


def test_each_pause_is_twice_as_long_as_the_one_before() -> None:
    failed = hand_over("a").answered("a", ready=False)
    setback, pauses = None, []
    for _ in range(6):
        setback = set_back(setback, failed, NOW)
        pauses.append(setback.until - NOW)
    assert pauses == [10, 20, 40, 80, 120, 120]
    assert (pauses[0], pauses[-1]) == (FIRST_HOLD, LONGEST_HOLD)
    assert setback is not None
    assert setback.reason is ModeReason.GROWN
    assert setback.blamed == {"a"}
    assert setback.is_over(NOW).until == NOW
    many = set_back(setback.is_over(NOW), failed, NOW)
    assert many.until == NOW + LONGEST_HOLD, "who fails again and again waits all the same"


ANSWERS = strategies.lists(
    strategies.tuples(strategies.sampled_from("abcde"), strategies.sampled_from("+-~")), max_size=30
)


@given(ANSWERS, strategies.sampled_from(MODES), strategies.booleans())
def test_every_course_of_answers_ends(
    answers: list[tuple[str, str]], mode: Mode, fits: bool
) -> None:
    it = hand_over("a", "b", "c", mode=mode)
    for name, word in answers:
        it = it.without(name) if word == "~" else it.answered(name, ready=word == "+")
        assert not it.waiting & it.failed
        assert it.waiting <= {"a", "b", "c"}
    assert it.verdict(fits, it.deadline) is not Verdict.WAIT
    if not it.waiting:
        assert it.verdict(fits, NOW) is not Verdict.WAIT
