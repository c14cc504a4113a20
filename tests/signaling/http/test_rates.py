"""Requests per address."""

import pytest

from signaling.http import rates
from signaling.http.rates import AddressRates


def test_burst_then_rate() -> None:
    address_rates = AddressRates(rate=2.0, burst=3)
    assert [address_rates.take("a", 0.0) for _ in range(3)] == [0.0] * 3
    assert address_rates.take("a", 0.0) == pytest.approx(0.5)
    assert address_rates.take("a", 0.4) == pytest.approx(0.1)
    assert address_rates.take("a", 0.5) == 0.0
    assert address_rates.take("a", 0.5) == pytest.approx(0.5)


def test_who_is_refused_is_not_punished_for_asking() -> None:
    address_rates = AddressRates(rate=1.0, burst=1)
    address_rates.take("a", 0.0)
    for step in range(1, 10):
        assert address_rates.take("a", step / 10) > 0
    assert address_rates.take("a", 1.0) == 0.0


def test_addresses_do_not_share() -> None:
    address_rates = AddressRates(rate=1.0, burst=1)
    assert [address_rates.take(key, 0.0) for key in "abc"] == [0.0] * 3
    assert all(address_rates.take(key, 0.0) for key in "abc")


def test_being_quiet_saves_no_more_than_a_burst() -> None:
    address_rates = AddressRates(rate=100.0, burst=2)
    address_rates.take("a", 0.0)
    assert [address_rates.take("a", 1e6) for _ in range(2)] == [0.0, 0.0]
    assert address_rates.take("a", 1e6) > 0


def test_zero_is_no_limit() -> None:
    address_rates = AddressRates(rate=0.0, burst=1)
    assert not any(address_rates.take("a", 0.0) for _ in range(1000))
    assert len(address_rates) == 0


def test_memory_is_bounded_and_the_quietest_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "MOST_REMEMBERED", 10)
    address_rates = AddressRates(rate=1.0, burst=1)
    address_rates.take("busy", 0.0)
    for number in range(100):
        address_rates.take(f"{number}", 0.0)
        assert address_rates.take("busy", 0.0) > 0, "who keeps asking is remembered"
    assert len(address_rates) == 10
