"""How much a stranger may ask."""

import ipaddress

import pytest
from hypothesis import given, strategies

from signaling.limits import TokenBucket, address_key

RATE = 8.0


def taken(bucket: TokenBucket, times: int, now: float) -> int:
    return sum(bucket.take(now) for _ in range(times))


def test_burst_then_rate() -> None:
    bucket = TokenBucket(RATE, 5, 100.0)
    assert taken(bucket, 20, 100.0) == 5
    assert bucket.strikes == 15
    assert taken(bucket, 20, 100.125) == 1
    assert taken(bucket, 20, 100.375) == 2
    assert taken(bucket, 20, 1000.0) == 5


def test_strikes_are_forgiven_as_tokens_return() -> None:
    bucket = TokenBucket(RATE, 5, 100.0)
    taken(bucket, 10, 100.0)
    assert bucket.strikes == 5
    assert bucket.take(100.125)
    assert bucket.strikes == 5, "one message in time is no change of heart"
    assert bucket.take(101.0)
    assert bucket.strikes == 0


def test_no_limit() -> None:
    bucket = TokenBucket(0.0, 1, 0.0)
    assert all(bucket.take(0.0) for _ in range(1000))
    assert bucket.strikes == 0


def test_steady_talk_within_the_rate_is_never_refused() -> None:
    bucket = TokenBucket(RATE, 5, 0.0)
    assert all(bucket.take(number * 0.1251) for number in range(10_000))


@given(strategies.lists(strategies.floats(0, 0.5), max_size=200))
def test_never_more_than_burst_and_rate(pauses: list[float]) -> None:
    bucket, now, admitted = TokenBucket(RATE, 5, 0.0), 0.0, 0
    for pause in pauses:
        now += pause
        admitted += bucket.take(now)
    assert admitted <= 5 + now * 8 + 1e-6


# ---- addresses -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::ffff:c000:201", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:DB8:0:0:ffff:ffff:ffff:ffff", "2001:db8::/64"),
        ("2001:db8:0:1::1", "2001:db8:0:1::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::/64"),
        ("", ""),
        ("nonsense", "nonsense"),
        ("a:b", "a:b"),
    ],
)
def test_whom_a_limit_counts(address: str, key: str) -> None:
    assert address_key(address) == key


@given(strategies.ip_addresses(v=6), strategies.integers(0, 2**64 - 1))
def test_a_network_of_ipv6_has_one_key(address: ipaddress.IPv6Address, host: int) -> None:
    if address.ipv4_mapped is None:
        other = ipaddress.IPv6Address(int(address) >> 64 << 64 | host)
        if other.ipv4_mapped is None:
            assert address_key(str(address)) == address_key(str(other))


@given(strategies.text())
def test_any_text_has_a_key(text: str) -> None:
    assert isinstance(address_key(text), str)
