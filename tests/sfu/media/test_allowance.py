import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.media.allowance import Allowance
from sfu.units import Seconds
from tests.sfu.wire.samples import some


def test_burst_then_rate() -> None:
    allowance = Allowance(2.0, 3)
    assert [allowance.take(Seconds(10.0)) for _ in range(4)] == [True, True, True, False]
    assert allowance.ready_at() == pytest.approx(10.5)
    assert not allowance.take(Seconds(10.4))
    assert allowance.take(allowance.ready_at())
    assert allowance.take(Seconds(100.0))
    assert allowance.ready_at() <= 100.0


@some
@given(st.floats(0.1, 50), st.integers(1, 5), st.lists(st.floats(0, 2), min_size=1, max_size=60))
def test_never_more_than_allowed(per_second: float, burst: int, steps: list[float]) -> None:
    allowance = Allowance(per_second, burst)
    start = now = 5.0
    taken = 0
    for step in steps:
        now += step
        ready = allowance.ready_at()
        if allowance.take(Seconds(now)):
            taken += 1
        else:
            assert ready > now
        assert taken <= burst + (now - start) * per_second + 1e-6
