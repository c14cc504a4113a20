import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.peers.synthetic.latency import Latencies
from benchmarks.stats import percentile

SECONDS = st.floats(2e-6, 50)


@given(st.lists(SECONDS, min_size=1, max_size=60), st.sampled_from([0, 1, 50, 90, 99, 100]))
def test_percentiles_are_the_exact_ones_or_a_little_more(
    samples: list[float], percent: float
) -> None:
    one_by_one, at_once = Latencies(), Latencies()
    for sample in samples:
        one_by_one.add(sample)
    at_once.add_all(np.array(samples))
    exact = percentile(samples, percent)
    for latencies in (one_by_one, at_once):
        assert len(latencies) == len(samples)
        assert latencies.longest == max(samples)
        assert exact * 0.999 <= latencies.percentile(percent) <= exact * 1.025


@given(st.lists(SECONDS, min_size=1), st.lists(SECONDS))
def test_merging_is_adding(some: list[float], others: list[float]) -> None:
    merged, all_in_one, other = Latencies(), Latencies(), Latencies()
    merged.add_all(np.array(some))
    other.add_all(np.array(others))
    merged.merge(other)
    all_in_one.add_all(np.array(some + others))
    assert merged.percentile(50) == all_in_one.percentile(50)
    assert merged.longest == all_in_one.longest


def test_what_cannot_be_is_refused_or_counted_as_nothing() -> None:
    latencies = Latencies()
    with pytest.raises(ValueError, match="nothing"):
        latencies.percentile(50)
    latencies.add(-1e-9)
    latencies.add(1e9)
    assert latencies.percentile(1) == pytest.approx(1e-6)
    with pytest.raises(ValueError, match="percentage"):
        latencies.percentile(101)
