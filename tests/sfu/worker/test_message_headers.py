from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.transport.transmit_ring import TransmitRing
from sfu.worker.message_headers import joined_spans, merging_pays


@pytest.mark.parametrize(
    ("blocks", "pays"),
    [
        pytest.param([(9, 2, 1)], False, id="one burst"),
        pytest.param([(9, 2, 1), (9, 2, 2)], False, id="two rooms"),
        pytest.param([(9, 2, 1), (9, 2, 1)], False, id="nine messages saved are too few"),
        pytest.param([(19, 2, 1), (19, 2, 1)], True, id="nineteen are enough"),
        pytest.param([(9, 2, 1), (9, 2, 2), (9, 2, 1), (9, 2, 1)], True, id="room of three bursts"),
        pytest.param([(9, 2, 1), (100, 2, 2), (9, 2, 1)], False, id="many that share nothing"),
    ],
)
def test_merging(blocks: list[tuple[int, int, int]], pays: bool) -> None:
    ring = TransmitRing(512)
    for subscribers, packets, group in blocks:
        ring.block(subscribers, packets, group)
    assert merging_pays(ring) == pays


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 3)), min_size=1, max_size=20))
def test_joined_spans_cover_the_same_rows_with_the_same_runs(shapes: list[tuple[int, int]]) -> None:
    ring = TransmitRing(512)
    for subscribers, packets in shapes:
        ring.block(subscribers, packets, 0)

    def runs(spans: list[tuple[int, int, int]]) -> list[tuple[int, int]]:
        return [
            (start + index * packets, packets)
            for start, subscribers, packets in spans
            for index in range(subscribers)
        ]

    joined = joined_spans(ring.spans)
    assert runs(joined) == runs(ring.spans)
    assert all(a[2] != b[2] for a, b in pairwise(joined))
