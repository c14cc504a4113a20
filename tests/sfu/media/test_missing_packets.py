import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from sfu.media.missing_packets import (
    LONGEST_USE,
    MOST_MISSING,
    MOST_TRIES,
    REORDERING,
    MissingPackets,
)
from sfu.units import Seconds

ROUND_TRIP = Seconds(0.1)


def test_asked_after_a_moment_and_then_once_per_round_trip() -> None:
    missing = MissingPackets()
    assert missing.next_deadline() is None
    missing.add(5, 8, Seconds(10.0))
    assert missing.take_due(Seconds(10.0), ROUND_TRIP, 99) == []
    due = missing.next_deadline()
    assert due == 10.0 + REORDERING
    assert missing.take_due(due, ROUND_TRIP, 99) == [5, 6, 7]
    assert missing.next_deadline() == pytest.approx(due + ROUND_TRIP)
    assert missing.found(6, Seconds(due + 0.08)) == pytest.approx(0.08)
    assert missing.found(6, Seconds(due + 0.08)) is None
    due = Seconds(due + ROUND_TRIP)
    assert missing.take_due(due, ROUND_TRIP, 99) == [5, 7]
    assert missing.found(5, Seconds(due + 0.01)) is None, "which of the two was answered?"
    assert len(missing) == 1


def test_no_more_at_a_time_than_fit() -> None:
    missing = MissingPackets()
    missing.add(0, 100, Seconds(0.0))
    now = Seconds(0.01)
    assert missing.take_due(now, ROUND_TRIP, 60) == list(range(60))
    assert missing.next_deadline() is not None
    assert missing.next_deadline() <= now  # type: ignore[operator]
    assert missing.take_due(now, ROUND_TRIP, 60) == list(range(60, 100))


def test_too_many_are_given_up() -> None:
    missing = MissingPackets()
    assert missing.add(0, MOST_MISSING, Seconds(0.0))
    assert not missing.add(MOST_MISSING, MOST_MISSING + 1, Seconds(0.0))
    assert len(missing) == 0
    assert missing.next_deadline() is None


class Asking(RuleBasedStateMachine):
    """Whatever comes in between, a packet is asked for a bounded number of times."""

    def __init__(self) -> None:
        super().__init__()
        self.missing = MissingPackets()
        self.now = Seconds(100.0)
        self.next = 0
        self.since: dict[int, float] = {}
        self.tries: dict[int, int] = {}

    @rule(count=st.integers(1, 40))
    def lose(self, count: int) -> None:
        if self.missing.add(self.next, self.next + count, self.now):
            for number in range(self.next, self.next + count):
                self.since[number], self.tries[number] = self.now, 0
        else:
            self.since.clear()
        self.next += count + 1

    @rule(data=st.data())
    def find(self, data: st.DataObject) -> None:
        if self.since:
            number = data.draw(st.sampled_from(sorted(self.since)))
            self.missing.found(number, self.now)
            del self.since[number]

    @rule(wait=st.floats(0.001, 0.3), round_trip=st.floats(0.0, 0.5), most=st.integers(1, 60))
    def ask(self, wait: float, round_trip: float, most: int) -> None:
        self.now = Seconds(self.now + wait)
        due = self.missing.take_due(self.now, Seconds(round_trip), most)
        assert len(due) <= most
        assert due == sorted(set(due))
        for number in due:
            assert number in self.since
            self.tries[number] += 1
            assert self.tries[number] <= MOST_TRIES
            assert self.now - self.since[number] <= LONGEST_USE + 1e-9

    @invariant()
    def has_a_deadline_while_something_is_missing(self) -> None:
        assert len(self.missing) <= MOST_MISSING
        assert (self.missing.next_deadline() is None) == (len(self.missing) == 0)


Asking.TestCase.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)
TestAsking = Asking.TestCase
