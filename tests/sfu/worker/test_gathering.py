import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.units import Seconds
from sfu.worker.gathering import MOST, averaged, gathering_time

shares = st.floats(0, 1)
rates = st.floats(0, 1e6)


@pytest.mark.parametrize(
    ("busy", "rate", "last", "milliseconds"),
    [
        pytest.param(0.0, 0, 0, 0.0, id="idle"),
        pytest.param(0.1, 50_000, 0, 0.0, id="many packets but CPU to spare"),
        pytest.param(0.2, 6_000, 0, 0.0, id="not yet busy"),
        pytest.param(0.25, 6_000, 0, 1.0, id="busy"),
        pytest.param(0.2, 6_000, 1, 1.0, id="gathering made it less busy: stay"),
        pytest.param(0.14, 6_000, 1, 0.0, id="no longer busy"),
        pytest.param(0.9, 150, 0, 0.0, id="busy with one stream to very many: nothing would come"),
        pytest.param(0.9, 2_000, 0, 1.0, id="two packets are worth it"),
        pytest.param(0.9, 64_000, 0, 1.0, id="just enough come in a millisecond"),
        pytest.param(0.9, 128_000, 1, 0.5, id="enough come in half of it"),
    ],
)
def test_table(busy: float, rate: float, last: int, milliseconds: float) -> None:
    answer = gathering_time(busy, rate, Seconds(last * MOST))
    assert answer == pytest.approx(milliseconds / 1000)


@given(shares, shares, rates, st.sampled_from([Seconds(0.0), MOST]))
def test_busier_never_gathers_less(one: float, other: float, rate: float, last: Seconds) -> None:
    low, high = sorted((one, other))
    assert 0.0 <= gathering_time(low, rate, last) <= gathering_time(high, rate, last) <= MOST


@given(shares, rates)
def test_stays_when_it_began(busy: float, rate: float) -> None:
    """Gathering lowers the load by up to a fifth, which must not end it at once."""
    begun = gathering_time(busy, rate, Seconds(0.0))
    assert gathering_time(0.8 * busy, rate, begun) == begun


def test_average_is_of_the_last_few_windows() -> None:
    busy = 1.0
    for _ in range(50):
        busy = averaged(busy, 0.002, Seconds(0.01))
    assert busy == pytest.approx(0.2, abs=0.01)


def test_average_takes_no_notice_of_no_time() -> None:
    assert averaged(0.4, 1.0, Seconds(0.0)) == 0.4
