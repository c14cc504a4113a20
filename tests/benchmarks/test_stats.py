import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.stats import median, percentile, significant

samples = st.lists(st.floats(-1e9, 1e9), min_size=1)


@pytest.mark.parametrize(
    ("percent", "expected"), [(0, 15), (5, 15), (30, 20), (40, 20), (50, 35), (100, 50)]
)
def test_nearest_rank(percent: float, expected: float) -> None:
    assert percentile([50, 20, 15, 35, 40], percent) == expected


@given(samples, st.floats(0, 100))
def test_enough_samples_do_not_exceed_it(values: list[float], percent: float) -> None:
    found = percentile(values, percent)
    assert found in values
    assert sum(value <= found for value in values) >= percent / 100 * len(values) - 1e-9


@given(samples)
def test_percentiles_grow(values: list[float]) -> None:
    assert percentile(values, 50) <= percentile(values, 99) <= percentile(values, 100)


def test_median_is_a_sample() -> None:
    assert median([1, 2, 3, 10]) == 2


@pytest.mark.parametrize("percent", [-1, 101])
def test_no_percentage(percent: float) -> None:
    with pytest.raises(ValueError, match="percentage"):
        percentile([1], percent)


def test_nothing_has_no_percentile() -> None:
    with pytest.raises(ValueError, match="nothing"):
        percentile([], 50)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0"),
        (0.012345, "0.0123"),
        (1.0, "1.00"),
        (12.345, "12.3"),
        (999.6, "1,000"),
        (54321.0, "54,300"),
        (-2.5, "-2.50"),
        (float("inf"), "inf"),
    ],
)
def test_significant(value: float, shown: str) -> None:
    assert significant(value) == shown
