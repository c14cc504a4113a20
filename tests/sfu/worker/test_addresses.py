"""Where peers are told to send to."""

import ipaddress
from types import SimpleNamespace

import ifaddr
import pytest

from sfu.worker.addresses import announced_addresses, candidates, host_addresses


def pretend(monkeypatch: pytest.MonkeyPatch, *addresses: object) -> None:
    adapters = [SimpleNamespace(ips=[SimpleNamespace(ip=address) for address in addresses])]
    monkeypatch.setattr(ifaddr, "get_adapters", lambda: adapters)


def test_public_addresses_come_first_and_ipv4_before_ipv6(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(
        monkeypatch,
        "127.0.0.1",
        "10.0.0.4",
        ("2a00:1450::1", 0, 0),
        "142.250.1.1",
        ("fe80::1", 0, 2),
        ("::1", 0, 0),
        "169.254.0.9",
        "10.0.0.4",
    )
    assert host_addresses() == ["142.250.1.1", "2a00:1450::1", "10.0.0.4"]


def test_a_machine_without_network_has_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, "127.0.0.1", ("::1", 0, 0))
    assert host_addresses() == ["127.0.0.1"]


def test_this_machine_has_addresses() -> None:
    for address in host_addresses():
        ipaddress.ip_address(address)


def test_candidates_are_preferred_in_order() -> None:
    first, second = candidates(["192.0.2.1", "198.51.100.1"], 40_000, [4])
    assert (first.address, first.port, first.protocol, first.type) == (
        "192.0.2.1",
        40_000,
        "udp",
        "host",
    )
    assert first.priority > second.priority
    assert first.foundation != second.foundation


def test_what_the_port_cannot_receive_is_not_announced() -> None:
    [only] = candidates(["2001:db8::1", "192.0.2.1"], 40_000, [4])
    assert only.address == "192.0.2.1"


def test_what_is_configured_is_announced_before_what_is_found() -> None:
    assert announced_addresses(["192.0.2.1"], "") == ["192.0.2.1"]
    assert announced_addresses(["192.0.2.1"], "127.0.0.1") == ["192.0.2.1"]
    assert announced_addresses([], "127.0.0.1") == ["127.0.0.1"]
    assert announced_addresses([], "::") == announced_addresses([], "") == host_addresses()


@pytest.mark.parametrize(
    ("announced", "host", "setting"),
    [(["example.org"], "", "CROSSOVER_ANNOUNCED_IPS"), ([], "localhost", "CROSSOVER_SFU_HOST")],
)
def test_a_name_is_refused_with_what_to_do(announced: list[str], host: str, setting: str) -> None:
    with pytest.raises(ValueError, match=setting):
        announced_addresses(announced, host)
