"""What the value of a setting may look like, as an operator writes it.

Each parser raises ``ValueError`` with what was expected.
"""

import ipaddress
import math
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

_SOURCE = re.compile(r"https?://(\*\.)?[a-z0-9.-]+(:\d{1,5})?")

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True)
class UdpPort:
    """The first worker's UDP port; the others follow it. 0 = any.

    ``fallback``: any other will do when one is taken.
    """

    number: int = 40_000
    fallback: bool = True


@dataclass(frozen=True)
class SfuTcp:
    """Where the first worker listens for those without UDP; the others follow it.

    ``number``: 0 = the same as its UDP port. ``is_on``: whether they listen at all.
    """

    number: int = 0
    is_on: bool = True


def text(value: str) -> str:
    """Anything."""
    return value


def whole(low: int, high: int) -> Callable[[str], int]:
    """A whole number in this range."""

    def parse(value: str) -> int:
        if not value.removeprefix("-").isdecimal() or not low <= int(value) <= high:
            raise ValueError(f"a whole number from {low} to {high} is expected")
        return int(value)

    return parse


def seconds(low: float = 0, high: float = 7 * 24 * 3600) -> Callable[[str], float]:
    """A number of seconds in this range."""

    def parse(value: str) -> float:
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not low <= number <= high:
            raise ValueError(f"a number of seconds from {low:g} to {high:g} is expected")
        return number

    return parse


def share(value: str) -> float:
    """More than nothing, at most the whole."""
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not 0 < number <= 1:
        raise ValueError("a number above 0 and up to 1 is expected, like 0.85")
    return number


def choice(*choices: str) -> Callable[[str], str]:
    """One of these words, whatever their case."""

    def parse(value: str) -> str:
        if value.lower() not in choices:
            raise ValueError(f"one of {', '.join(choices)} is expected")
        return value.lower()

    return parse


def switch(value: str) -> bool | None:
    """On, off, or (None) as the server sees fit."""
    return {"auto": None, "on": True, "off": False}[choice("auto", "on", "off")(value)]


def on_off(value: str) -> bool:
    """On or off."""
    return choice("on", "off")(value) == "on"


def workers(value: str) -> int:
    """As many as there are cores but one, which is signaling's."""
    if value.lower() != "auto":
        return whole(0, 1024)(value)
    usable = getattr(os, "sched_getaffinity", None)
    return max(1, (len(usable(0)) if usable else os.cpu_count() or 1) - 1)


def file_bound(value: str) -> int:
    """A number, or (zero) what the system's limit of open files allows."""
    return 0 if value.lower() == "auto" else COUNT(value)


def udp_port(value: str) -> UdpPort:
    """A port, or any."""
    if value.lower() == "auto":
        return UdpPort()
    return UdpPort(whole(0, 65535)(value), fallback=False)


def sfu_tcp(value: str) -> SfuTcp:
    """A port, the number of the UDP port, or none."""
    if value.lower() in {"auto", "off"}:
        return SfuTcp(is_on=value.lower() == "auto")
    try:
        return SfuTcp(whole(1, 65535)(value))
    except ValueError:
        raise ValueError("auto, off, or a whole number from 1 to 65535 is expected") from None


@dataclass(frozen=True)
class Listener:
    """Where to listen; port 0 = any free one."""

    host: str
    port: int


def listener(value: str) -> Listener | None:
    """A host and a port, or none."""
    if not value:
        return None
    host, _, port = value.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        host = ""
    if not host or not port.isdecimal() or int(port) > 65535:
        raise ValueError("a host and a port like 127.0.0.1:9464 or [::1]:9464 are expected")
    return Listener(host, int(port))


def addresses(value: str) -> tuple[str, ...]:
    """IP addresses, comma-separated."""
    try:
        return tuple(str(ipaddress.ip_address(part)) for part in _list(value))
    except ValueError:
        raise ValueError("IP addresses like 203.0.113.7 are expected") from None


def _list(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())


def urls(*schemes: str) -> Callable[[str], tuple[str, ...]]:
    """Addresses of these schemes, comma-separated."""

    def parse(value: str) -> tuple[str, ...]:
        for url in _list(value):
            scheme, _, rest = url.partition(":")
            if scheme not in schemes or not rest.strip("/"):
                example = f"{schemes[0]}:{'//' if schemes[0] == 'ws' else ''}example.org:3478"
                raise ValueError(f"{url!r} is not like {example}")
        return _list(value)

    return parse


def websocket_url(value: str) -> str:
    """One WebSocket address, or none."""
    found = urls("ws", "wss")(value)
    if len(found) > 1:
        raise ValueError("one address is expected")
    return found[0] if found else ""


def origins(value: str) -> tuple[str, ...]:
    """Origins of pages, or ``*``."""
    for origin in _list(value):
        if origin != "*" and not origin.startswith(("http://", "https://")):
            raise ValueError(f"{origin!r} is not like https://example.org (or * for any)")
    return tuple(origin.rstrip("/").lower() for origin in _list(value))


def frame_ancestors(value: str) -> tuple[str, ...]:
    """Origins, or ``*``, and nothing that would be more than that in a Content-Security-Policy."""
    found = origins(value)
    for origin in found:
        if origin != "*" and not _SOURCE.fullmatch(origin):
            raise ValueError(f"{origin!r} is not like https://example.org (or * for any)")
    return found


def networks(value: str) -> tuple[Network, ...]:
    """Addresses or networks, comma-separated."""
    try:
        return tuple(ipaddress.ip_network(part, strict=False) for part in _list(value))
    except ValueError:
        raise ValueError("addresses or networks like 10.0.0.0/8 are expected") from None


COUNT = whole(1, 1_000_000_000)
RATE = whole(0, 1_000_000)
