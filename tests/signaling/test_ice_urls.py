"""Addresses of STUN and TURN servers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.ice_urls import parse_ice_url


@pytest.mark.parametrize(
    ("text", "scheme", "host", "port", "transport"),
    [
        ("stun:stun.example", "stun", "stun.example", 3478, "udp"),
        ("stuns:stun.example", "stuns", "stun.example", 5349, "tls"),
        ("stun:stun.example:19302", "stun", "stun.example", 19302, "udp"),
        ("turn:turn.example", "turn", "turn.example", 3478, "udp"),
        ("turn:192.0.2.1:80", "turn", "192.0.2.1", 80, "udp"),
        ("turn:turn.example?transport=udp", "turn", "turn.example", 3478, "udp"),
        ("turn:turn.example:99?transport=tcp", "turn", "turn.example", 99, "tcp"),
        ("turns:turn.example", "turns", "turn.example", 5349, "tls"),
        ("turns:turn.example:443?transport=tcp", "turns", "turn.example", 443, "tls"),
        ("turns:turn.example?transport=udp", "turns", "turn.example", 5349, "dtls"),
        ("turn:[2001:db8::7]", "turn", "2001:db8::7", 3478, "udp"),
        ("turn:[2001:db8::7]:80?transport=tcp", "turn", "2001:db8::7", 80, "tcp"),
    ],
)
def test_an_address(text: str, scheme: str, host: str, port: int, transport: str) -> None:
    url = parse_ice_url(text)
    assert (url.scheme, url.host, url.port, url.transport) == (scheme, host, port, transport)
    assert url.text == text
    assert url.is_turn == scheme.startswith("turn")
    assert url.is_secure == (transport in {"tls", "dtls"})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "turn",
        "turn:",
        "turn.example:3478",
        "http://turn.example",
        "turn://turn.example",
        "turn:user@turn.example",
        "turn:turn.example:",
        "turn:turn.example:0",
        "turn:turn.example:65536",
        "turn:turn.example:port",
        "turn:turn.example:٣",
        "turn:turn.example:80:80",
        "turn:2001:db8::7",
        "turn:[2001:db8::7",
        "turn:[2001:db8::7]80",
        "turn:[turn.example]",
        "turn:turn.example?transport=sctp",
        "turn:turn.example?transport",
        "turn:turn.example?",
        "turn:turn.example?ttl=5",
        "stun:stun.example?transport=udp",
        "turn:turn example",
        "turn:turn.example\nno-auth",
    ],
)
def test_what_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not like|is no|names no host|only "):
        parse_ice_url(text)


@given(st.text(max_size=40))
def test_any_text_is_understood_or_refused(rest: str) -> None:
    try:
        url = parse_ice_url(f"turn:{rest}")
    except ValueError:
        return
    assert url.host
    assert 1 <= url.port <= 65535
