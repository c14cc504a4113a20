"""Numbering under loss, reordering, pauses, source changes and packets left out."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from sfu.media.sequence_map import MOST_SEGMENTS, SequenceMap

FIRST = 1000


@dataclass
class Source:
    """A publisher's stream that loses packets."""

    number: int
    timestamp: int
    arrived: list[int] = field(default_factory=list)


class Subscriber(RuleBasedStateMachine):
    """Follows sources by the map, and remembers everything by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.map = SequenceMap(FIRST, 5000)
        self.sources = [Source(65530, 7), Source(3, 1 << 31)]
        self.followed: int | None = None
        self.since = 0
        self.newest = 0  # of the followed source
        self.sent: dict[int, tuple[int, int]] = {}
        self.skipped: set[tuple[int, int]] = set()
        self.changes = 0

    @property
    def source(self) -> Source:
        assert self.followed is not None
        return self.sources[self.followed]

    @precondition(lambda self: self.followed is None)
    @rule(which=st.integers(0, 1), lost=st.integers(0, 40))
    def follow(self, which: int, lost: int) -> None:
        self.followed = which
        source = self.source
        source.number += lost
        source.timestamp += 3000 * lost
        self.since = source.number
        self.newest = source.number - 1
        self.map.follow(which, source.number, source.timestamp & 0xFFFFFFFF, 3000)
        self.changes += 1
        self.forward(lost=0)

    @precondition(lambda self: self.followed is not None)
    @rule(lost=st.integers(0, 40))
    def forward(self, lost: int) -> None:
        source = self.source
        source.number += lost
        source.timestamp += 3000
        self._sent_one(source.number)
        self.newest = source.number
        source.number += 1

    @precondition(lambda self: self.followed is not None)
    @rule()
    def skip(self) -> None:
        assert self.followed is not None
        source = self.source
        self.map.skip(source.number)
        self.skipped.add((self.followed, source.number))
        self.newest = source.number
        source.number += 1
        self.changes += 1

    @precondition(lambda self: self.followed is not None)
    @rule(behind=st.integers(1, 60))
    def forward_late(self, behind: int) -> None:
        assert self.followed is not None
        number = self.newest + 1 - behind
        known = (self.followed, number)
        if known in self.sent.values() or known in self.skipped:
            return
        if number < self.since:
            assert self.map.outgoing(number) is None
        else:
            self._sent_one(number)

    @precondition(lambda self: self.followed is not None)
    @rule()
    def leave(self) -> None:
        self.map.leave(self.newest, self.source.timestamp & 0xFFFFFFFF)
        assert self.map.outgoing(self.newest) is None
        self.followed = None

    @invariant()
    def answers_for_what_was_sent(self) -> None:
        if self.changes < MOST_SEGMENTS:
            for outgoing, packet in self.sent.items():
                assert self.map.source_of(outgoing) == packet

    def _sent_one(self, number: int) -> None:
        assert self.followed is not None
        outgoing = self.map.outgoing(number)
        assert outgoing is not None
        assert outgoing >= FIRST
        assert outgoing not in self.sent, "a number is given once"
        self.sent[outgoing] = (self.followed, number)


TestSubscriber = Subscriber.TestCase


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(1, 5)), min_size=1, max_size=20))
def test_without_loss_there_is_no_gap(changes: list[tuple[int, int]]) -> None:
    numbers, sent = SequenceMap(FIRST), []
    next_number = [70000, 20]
    for source, packets in changes:
        numbers.follow(source, next_number[source], 0)
        for _ in range(packets):
            sent.append(numbers.outgoing(next_number[source]))
            next_number[source] += 1
        numbers.leave(next_number[source] - 1, 0)
        next_number[source] += 7
    assert sent == list(range(FIRST, FIRST + len(sent)))


def test_skipped_packets_leave_no_gap() -> None:
    numbers = SequenceMap(FIRST)
    numbers.follow(0, 10, 0)
    sent = []
    for number in range(10, 30):
        if number % 3 == 0:
            numbers.skip(number)
        else:
            sent.append(numbers.outgoing(number))
    assert sent == list(range(FIRST, FIRST + len(sent)))
    assert [numbers.source_of(FIRST + place) for place in range(3)] == [(0, 10), (0, 11), (0, 13)]


def test_loss_stays_a_gap_so_that_it_can_be_asked_for() -> None:
    numbers = SequenceMap(FIRST)
    numbers.follow(4, 10, 0)
    assert numbers.outgoing(10) == FIRST
    assert numbers.outgoing(13) == FIRST + 3
    assert numbers.source_of(FIRST + 1) == (4, 11)


def test_timestamps_carry_on_over_a_pause_of_the_same_source() -> None:
    numbers = SequenceMap(FIRST, 5000)
    assert numbers.follow(1, 10, 90_000).timestamp == (5000 - 90_000) & 0xFFFFFFFF
    numbers.leave(10, 90_000)
    shift = numbers.follow(1, 50, 180_000, 3000)
    assert (180_000 + shift.timestamp) & 0xFFFFFFFF == 5000 + 90_000


def test_timestamps_advance_by_the_pause_at_another_source() -> None:
    numbers = SequenceMap(FIRST, 5000)
    numbers.follow(1, 10, 90_000)
    numbers.leave(12, 96_000)
    shift = numbers.follow(2, 7, 1234, 3000)
    assert (1234 + shift.timestamp) & 0xFFFFFFFF == 5000 + 6000 + 3000


def test_source_that_sent_nothing_leaves_no_trace() -> None:
    numbers = SequenceMap(FIRST, 5000)
    numbers.follow(1, 10, 90_000)
    numbers.leave(10, 90_000)
    numbers.follow(2, 7, 1, 3000)
    numbers.leave(6, 0)
    shift = numbers.follow(3, 90, 77, 3000)
    assert numbers.outgoing(90) == FIRST + 1
    assert (77 + shift.timestamp) & 0xFFFFFFFF == 5000 + 3000


@pytest.mark.parametrize("asked", [FIRST - 1, FIRST + 3, FIRST + 1000])
def test_knows_no_source_for_numbers_not_given(asked: int) -> None:
    numbers = SequenceMap(FIRST)
    assert numbers.source_of(asked) is None
    numbers.follow(1, 10, 0)
    numbers.leave(12, 0)
    assert numbers.source_of(asked) is None
    assert numbers.source_of(FIRST + 2) == (1, 12)


def test_memory_is_bounded() -> None:
    numbers = SequenceMap(FIRST)
    numbers.follow(0, 0, 0)
    for number in range(0, 1000, 2):
        numbers.skip(number)
    assert numbers.source_of(FIRST) is None
    assert numbers.source_of(FIRST + 499) == (0, 999)
    assert len(numbers._segments) <= MOST_SEGMENTS


def test_tells_what_was_added_when_a_packet_was_sent() -> None:
    numbers = SequenceMap(FIRST, 5000)
    assert numbers.shift_of(FIRST) is None
    first = numbers.follow(1, 10, 90_000)
    numbers.leave(12, 96_000)
    second = numbers.follow(2, 7, 1234, 3000)
    assert numbers.shift_of(FIRST - 1) is None
    assert [numbers.shift_of(FIRST + place) for place in (0, 2, 3, 9)] == [
        first,
        first,
        second,
        second,
    ]


def test_tells_where_it_stands_between_sources() -> None:
    numbers = SequenceMap(FIRST)
    assert (numbers.next_number, numbers.newest_timestamp) == (FIRST, None)
    numbers.follow(1, 10, 90_000)
    numbers.leave(12, 96_000)
    assert (numbers.next_number, numbers.newest_timestamp) == (FIRST + 3, 96_000)
