from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sfu.transport.gso_runs import MOST_SEGMENTS, merge_by_destination

packets = st.lists(
    st.tuples(st.integers(0, 5), st.sampled_from([100, 900, 1100])), min_size=1, max_size=200
)


def merged(batch: list[tuple[int, int]]) -> list[list[tuple[int, int, int]]]:
    """Runs of (place, slot, length)."""
    slots = np.array([slot for slot, _ in batch], np.int64)
    lengths = np.array([length for _, length in batch], np.int32)
    order, starts = merge_by_destination(slots, lengths)
    placed = [(place, *batch[place]) for place in order.tolist()]
    edges = starts.tolist()
    return [placed[a:b] for a, b in pairwise(edges)]


@given(packets)
def test_every_packet_is_in_one_run(batch: list[tuple[int, int]]) -> None:
    runs = merged(batch)
    assert all(runs)
    assert sorted(place for run in runs for place, _, _ in run) == list(range(len(batch)))


@given(packets)
def test_run_can_be_one_message(batch: list[tuple[int, int]]) -> None:
    for run in merged(batch):
        assert len({slot for _, slot, _ in run}) == 1
        first = run[0][2]
        assert all(length == first for _, _, length in run[:-1])
        assert run[-1][2] <= first
        assert len(run) <= MOST_SEGMENTS


@given(packets)
def test_destination_gets_its_packets_in_order(batch: list[tuple[int, int]]) -> None:
    sent = [packet for run in merged(batch) for packet in run]
    for wanted in {slot for slot, _ in batch}:
        places = [place for place, slot, _ in sent if slot == wanted]
        assert places == sorted(places)


def test_equal_packets_make_as_few_runs_as_there_are_destinations() -> None:
    assert len(merged([(slot, 1100) for _ in range(5) for slot in range(9)])) == 9


def test_shorter_packet_ends_a_run() -> None:
    lengths = [1100, 1100, 900, 900, 1100]
    runs = merged([(0, length) for length in lengths])
    assert [[length for _, _, length in run] for run in runs] == [[1100, 1100, 900], [900], [1100]]


def test_long_run_is_cut() -> None:
    sizes = [len(run) for run in merged([(0, 1100)] * (2 * MOST_SEGMENTS + 1))]
    assert sizes == [MOST_SEGMENTS, MOST_SEGMENTS, 1]
