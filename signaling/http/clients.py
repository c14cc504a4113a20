"""Who is on the other end: address behind trusted proxies, origin, this machine or another."""

import ipaddress
from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit

from aiohttp import web

from signaling.config import Settings
from signaling.setting_values import Network

_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


def address_of(request: web.Request, trusted: Iterable[Network]) -> str:
    """The client's address: the last in X-Forwarded-For that no trusted proxy has."""
    trusted = tuple(trusted)
    address = request.remote or ""
    forwarded = request.headers.getall("X-Forwarded-For", [])
    hops = [hop.strip() for line in forwarded for hop in line.split(",")]
    while hops and _is_in(address, trusted):
        address = hops.pop()
    return _plain(address)


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


def _is_in(address: str, networks: tuple[Network, ...]) -> bool:
    try:
        parsed = ipaddress.ip_address(_plain(address))
    except ValueError:
        return False
    return any(parsed in network for network in networks)
