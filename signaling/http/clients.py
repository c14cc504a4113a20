"""Who is on the other end: address behind trusted proxies, origin, this machine or another."""

import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit

from aiohttp import web

from signaling.config import Settings
from signaling.setting_values import Network

_WITH_PORT = re.compile(r"\[(?P<v6>[^\]]*)\](?::\d+)?|(?P<v4>\d+(?:\.\d+){3}):\d+")
"""As some proxies write addresses: 203.0.113.9:4711, [2001:db8::1]:4711, [2001:db8::1]."""

_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


def address_of(request: web.Request, trusted: Iterable[Network]) -> str:
    """The client's address: the last in X-Forwarded-For that no trusted proxy has."""
    trusted = tuple(trusted)
    address = request.remote or ""
    if not trusted:
        return _plain(address)
    forwarded = request.headers.getall("X-Forwarded-For", [])
    hops = [_without_port(hop.strip()) for line in forwarded for hop in line.split(",")]
    while hops and is_in(address, trusted):
        address = hops.pop()
    return _plain(address)


def came_by_tls(request: web.Request, trusted: Iterable[Network]) -> bool:
    """Whether the client speaks TLS: with us, or with the trusted proxy that has asked us."""
    if request.secure:
        return True
    said = request.headers.getall("X-Forwarded-Proto", [])
    by_proxy = bool(said) and is_in(request.remote or "", tuple(trusted))
    return by_proxy and said[-1].rpartition(",")[2].strip().lower() in {"https", "wss"}


def is_local(request: web.Request, address: str) -> bool:
    """Whether the client is on this machine and has addressed it as such."""
    try:
        loopback = ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
    return loopback and _host_name(request) in _LOCAL_NAMES


def origin_allowed(request: web.Request, settings: Settings) -> bool:
    """Whether the page that connects may: by the list, or because it is our own.

    A client without an Origin header is no browser, and nothing is gained by refusing it.
    """
    origin = request.headers.get("Origin")
    if origin is None or "*" in settings.allowed_origins:
        return True
    if settings.allowed_origins:
        return origin.lower() in settings.allowed_origins
    parts = _split(origin)
    return parts is not None and parts.netloc.lower() == request.host.lower()


def _host_name(request: web.Request) -> str:
    parts = _split(f"//{request.host}")
    return ((parts and parts.hostname) or "").lower()


def _split(url: str) -> SplitResult | None:
    """The parts of what a client calls an address; None when it is none."""
    try:
        return urlsplit(url)
    except ValueError:
        return None


def _plain(address: str) -> str:
    """IPv4 clients of a dual-stack socket appear as themselves."""
    return address.removeprefix("::ffff:")


def _without_port(hop: str) -> str:
    found = _WITH_PORT.fullmatch(hop)
    return hop if found is None else found["v6"] or found["v4"] or ""


def is_in(address: str, networks: tuple[Network, ...]) -> bool:
    """Whether an address, as the kernel or a proxy writes it, belongs to one of these."""
    if not networks:
        return False
    try:
        parsed = ipaddress.ip_address(_plain(address))
    except ValueError:
        return False
    return any(parsed in network for network in networks)
