import random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.peers.synthetic.received import Missing, SequenceLog
from benchmarks.peers.synthetic.sequence_table import SequenceTable

STEPS = st.lists(st.tuples(st.integers(0, 2), st.integers(-20, 40)), max_size=200)
CUTS = st.lists(st.integers(1, 30), min_size=1, max_size=30)


def walk(starts: list[int], steps: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Extended numbers near the highest so far of each stream."""
    highest = list(starts)
    numbers = [(stream, start) for stream, start in enumerate(starts)]
    for stream, step in steps:
        number = max(0, highest[stream] + step)
        highest[stream] = max(highest[stream], number)
        numbers.append((stream, number))
    return numbers


@given(STEPS, st.lists(st.integers(100, 200_000), min_size=3, max_size=3))
def test_log_counts_what_a_set_counts(steps: list[tuple[int, int]], starts: list[int]) -> None:
    logs = [SequenceLog() for _ in starts]
    seen: list[set[int]] = [set() for _ in starts]
    twice = [0] * len(starts)
    for stream, number in walk(starts, steps):
        twice[stream] += number in seen[stream]
        seen[stream].add(number)
        logs[stream].add(number & 0xFFFF)
    for log, numbers, repeated in zip(logs, seen, twice, strict=True):
        assert log.received == len(numbers)
        assert log.duplicates == repeated
        assert log.lost == max(numbers) - min(numbers) + 1 - len(numbers)


@given(STEPS, st.lists(st.integers(100, 200_000), min_size=3, max_size=3), CUTS)
def test_table_agrees_with_the_log_however_the_batches_fall(
    steps: list[tuple[int, int]], starts: list[int], cuts: list[int]
) -> None:
    numbers = walk(starts, steps)
    logs = [SequenceLog() for _ in starts]
    table = SequenceTable(3)
    places = [table.open() for _ in starts]
    at = turn = 0
    while at < len(numbers):
        batch = numbers[at : at + cuts[turn % len(cuts)]]
        at, turn = at + len(batch), turn + 1
        expected = [logs[stream].add(number & 0xFFFF) is not None for stream, number in batch]
        fresh = table.add(
            np.array([places[stream] for stream, _ in batch], np.int64),
            np.array([number & 0xFFFF for _, number in batch], np.uint16),
        )
        assert fresh.tolist() == expected
    for place, log in enumerate(logs):
        assert table.received[place] == log.received
        assert table.duplicates[place] == log.duplicates
        assert table.lost()[place] == log.lost


def test_table_counts_across_wraps() -> None:
    table = SequenceTable(1)
    table.open()
    rng = random.Random(4)
    lost = 0
    at = 65_000
    for _ in range(400):
        numbers = []
        for _ in range(500):
            if rng.random() < 0.01:
                lost += 1
            else:
                numbers.append(at & 0xFFFF)
            at += 1
        table.add(np.zeros(len(numbers), np.int64), np.array(numbers, np.uint16))
    assert table.received[0] == 400 * 500 - lost
    assert abs(int(table.lost()[0]) - lost) <= 2  # a loss at either end is not seen
    assert table.duplicates[0] == table.out_of_order[0] == 0


def test_table_is_as_large_as_it_was_made() -> None:
    table = SequenceTable(2)
    assert (table.open(), table.open(), len(table)) == (0, 1, 2)
    try:
        table.open()
    except IndexError:
        pass
    else:
        raise AssertionError("a third place")


def test_late_packets_are_out_of_order_and_not_lost() -> None:
    log = SequenceLog()
    for number in (10, 11, 14, 12, 13, 13):
        log.add(number)
    assert (log.received, log.lost, log.out_of_order, log.duplicates) == (5, 0, 2, 1)


def test_missing_packets_are_asked_for_until_they_come_or_it_is_vain() -> None:
    missing = Missing()
    missing.note_gap(10, 14, 0.0)
    assert missing.due(0.0) == [11, 12, 13]
    assert missing.due(0.05) == []
    assert missing.found(12)
    assert not missing.found(12)
    asked = 1
    now = 0.0
    while len(missing):
        now += 0.11
        asked += missing.due(now) == [11, 13]
    assert asked == 10
