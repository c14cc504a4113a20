"""Who is on the other end."""

import ipaddress

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from signaling.config import load
from signaling.http.clients import address_of, came_by_tls, is_local, origin_allowed

PROXIES = tuple(ipaddress.ip_network(text) for text in ("10.0.0.0/8", "127.0.0.1", "fd00::/8"))


def request(remote: str | None = "192.0.2.1", **headers: str | list[str]) -> web.Request:
    """A request from an address, with headers given once or several times."""
    multi: CIMultiDict[str] = CIMultiDict()
    for name, values in headers.items():
        for value in [values] if isinstance(values, str) else values:
            multi.add(name.replace("_", "-"), value)
    return make_mocked_request("GET", "/ws", multi).clone(remote=remote or "")


@pytest.mark.parametrize(
    ("remote", "forwarded", "address"),
    [
        ("192.0.2.1", [], "192.0.2.1"),
        ("192.0.2.1", ["203.0.113.9"], "192.0.2.1"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["203.0.113.9"], "203.0.113.9"),
        ("10.0.0.1", ["198.51.100.7, 203.0.113.9"], "203.0.113.9"),
        ("10.0.0.1", ["203.0.113.9, 10.1.1.1"], "203.0.113.9"),
        ("10.0.0.1", ["198.51.100.7", "203.0.113.9, 10.1.1.1"], "203.0.113.9"),
        ("10.0.0.1", ["10.2.2.2, 10.1.1.1"], "10.2.2.2"),
        ("127.0.0.1", ["2001:db8::1"], "2001:db8::1"),
        ("fd00::1", ["203.0.113.9"], "203.0.113.9"),
        ("::ffff:10.0.0.1", ["203.0.113.9"], "203.0.113.9"),
        ("::ffff:192.0.2.1", ["203.0.113.9"], "192.0.2.1"),
        ("10.0.0.1", ["::ffff:203.0.113.9"], "203.0.113.9"),
        ("10.0.0.1", ["203.0.113.9:4711"], "203.0.113.9"),
        ("10.0.0.1", ["[2001:db8::1]:4711"], "2001:db8::1"),
        ("10.0.0.1", ["[2001:db8::1]"], "2001:db8::1"),
        ("10.0.0.1", ["203.0.113.9:4711, 10.1.1.1:80"], "203.0.113.9"),
        ("10.0.0.1", ["203.0.113.9:4711, [fd00::2]:80"], "203.0.113.9"),
        ("10.0.0.1", ["203.0.113.9:x"], "203.0.113.9:x"),
        ("10.0.0.1", ["[]:80"], ""),
        ("10.0.0.1", ["[2001:db8::1"], "[2001:db8::1"),
        ("192.0.2.1", ["203.0.113.9:4711"], "192.0.2.1"),
        ("10.0.0.1", ["nonsense"], "nonsense"),
        ("10.0.0.1", ["203.0.113.9, nonsense"], "nonsense"),
        ("10.0.0.1", [""], ""),
        ("", ["203.0.113.9"], ""),
    ],
)
def test_address(remote: str, forwarded: list[str], address: str) -> None:
    assert address_of(request(remote, X_Forwarded_For=forwarded), PROXIES) == address


def test_nobody_is_trusted_by_default() -> None:
    assert address_of(request("127.0.0.1", X_Forwarded_For="203.0.113.9"), ()) == "127.0.0.1"


@pytest.mark.parametrize(
    ("remote", "said", "tls"),
    [
        ("10.0.0.1", ["https"], True),
        ("10.0.0.1", ["HTTPS"], True),
        ("10.0.0.1", ["wss"], True),
        ("10.0.0.1", ["http"], False),
        ("10.0.0.1", ["https", "http"], False),
        ("10.0.0.1", [""], False),
        ("10.0.0.1", [], False),
        ("192.0.2.1", ["https"], False),
    ],
)
def test_tls_by_a_proxys_word(remote: str, said: list[str], tls: bool) -> None:
    assert came_by_tls(request(remote, X_Forwarded_Proto=said), PROXIES) is tls


@pytest.mark.parametrize(
    ("address", "host", "local"),
    [
        ("127.0.0.1", "localhost:3000", True),
        ("127.0.0.1", "127.0.0.1:3000", True),
        ("127.0.0.1", "LOCALHOST", True),
        ("::1", "[::1]:3000", True),
        ("127.8.8.8", "localhost", True),
        ("127.0.0.1", "rooms.example", False),
        ("127.0.0.1", "localhost.evil.example", False),
        ("127.0.0.1", "", False),
        ("127.0.0.1", "[", False),
        ("192.0.2.1", "localhost", False),
        ("nonsense", "localhost", False),
        ("", "localhost", False),
    ],
)
def test_on_this_machine(address: str, host: str, local: bool) -> None:
    assert is_local(request(Host=host), address) is local


@pytest.mark.parametrize(
    ("allowed", "origin", "host", "welcome"),
    [
        ("", None, "rooms.example", True),
        ("", "https://rooms.example", "rooms.example", True),
        ("", "http://rooms.example:3000", "rooms.example:3000", True),
        ("", "https://ROOMS.example", "rooms.example", True),
        ("", "https://rooms.example", "rooms.example:3000", False),
        ("", "https://evil.example", "rooms.example", False),
        ("", "https://rooms.example.evil.example", "rooms.example", False),
        ("", "https://user@rooms.example", "rooms.example", False),
        ("", "null", "rooms.example", False),
        ("", "http://[", "rooms.example", False),
        ("", "http://[", "[", False),
        ("*", "https://evil.example", "rooms.example", True),
        ("*", "null", "rooms.example", True),
        ("https://a.example", "https://a.example", "rooms.example", True),
        ("https://A.example/", "https://a.EXAMPLE", "rooms.example", True),
        ("https://a.example", None, "rooms.example", True),
        ("https://a.example", "https://rooms.example", "rooms.example", False),
        ("https://a.example", "http://a.example", "rooms.example", False),
        ("https://a.example", "https://a.example:444", "rooms.example", False),
        ("https://a.example,http://b.example:8", "http://b.example:8", "rooms.example", True),
    ],
)
def test_origin(allowed: str, origin: str | None, host: str, welcome: bool) -> None:
    settings = load({}, {"allowed_origins": allowed})
    headers = {"Host": host} | ({} if origin is None else {"Origin": origin})
    assert origin_allowed(request(**headers), settings) is welcome
