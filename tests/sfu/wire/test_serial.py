import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.wire.serial import (
    Unwrapper,
    difference,
    differences,
    is_newer,
    unwrap_near,
    unwrap_series,
)
from tests.sfu.wire.samples import some

BITS = st.sampled_from([7, 8, 15, 16, 24, 32])


@some
@given(BITS, st.integers(0), st.integers(0))
def test_difference_undoes_addition_the_shorter_way(bits: int, start: int, step: int) -> None:
    size = 1 << bits
    start %= size
    step = step % size - size // 2
    assert difference((start + step) % size, start, bits) == step
    assert is_newer((start + step) % size, start, bits) == (step > 0)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [(0, 0xFFFF, 1), (0xFFFF, 0, -1), (0x8000, 0, -0x8000), (0, 0x8000, -0x8000), (5, 5, 0)],
)
def test_difference_at_the_wrap(a: int, b: int, expected: int) -> None:
    assert difference(a, b) == expected
    assert differences(np.array([a], np.uint16), np.array([b], np.uint16)).tolist() == [expected]


@some
@given(BITS, st.integers(0), st.data())
def test_unwrapper_follows_the_true_counter(bits: int, start: int, data: st.DataObject) -> None:
    half = 1 << bits - 1
    mask = 2 * half - 1
    unwrapper = Unwrapper(bits)
    highest = unwrapper.unwrap(start & mask)
    for step in data.draw(st.lists(st.integers(-half, half - 1), max_size=60)):
        assert unwrapper.unwrap((highest + step) & mask) == highest + step
        highest = max(highest, highest + step)
        assert unwrapper.highest == highest


@some
@given(st.integers(0, 1 << 40), st.lists(st.integers(-0x8000, 0x7FFF), max_size=60))
def test_columns_near_a_reference(reference: int, steps: list[int]) -> None:
    true = [reference + step for step in steps]
    values = np.array([number & 0xFFFF for number in true], np.uint16)
    assert unwrap_near(values, reference).tolist() == true


@some
@given(st.integers(0, 1 << 40), st.lists(st.integers(-0x8000, 0x7FFF), max_size=60))
def test_series_wraps_any_number_of_times(reference: int, steps: list[int]) -> None:
    true = (np.cumsum(np.array(steps, np.int64)) + reference).tolist()
    values = np.array([number & 0xFFFF for number in true], np.uint16)
    assert unwrap_series(values, reference).tolist() == true
