"""Takes the ports that we would listen at, and gives them back."""

import errno
import os
import socket
from collections.abc import Iterator, Sequence
from typing import Final

import aiohttp

from signaling.config import Settings
from signaling.doctor.ports import PortFacts, Running

_PATIENCE: Final = aiohttp.ClientTimeout(total=3.0)
_MOST_ANSWER: Final = 1 << 20


def tcp_port(settings: Settings) -> PortFacts:
    """Whether the page can be served where it should be."""
    return _taken(settings.host, settings.port, socket.SOCK_STREAM)


def udp_ports(settings: Settings) -> list[PortFacts]:
    """The same for each worker's port; beyond the last there is none."""
    first = settings.sfu_port.number
    numbers = [first + place if first else 0 for place in range(settings.workers)]
    return [
        _taken(settings.sfu_host, number, socket.SOCK_DGRAM)
        if number <= 65535
        else PortFacts(number, is_free=False, detail="there are no ports above 65535")
        for number in numbers
    ]


def sfu_tcp_ports(settings: Settings) -> list[PortFacts]:
    """The same for the TCP port of each; none where they have none, or any."""
    chosen = settings.sfu_tcp_port
    first = chosen.number or settings.sfu_port.number
    if not chosen.is_on or not first:
        return []
    return [
        _taken(settings.sfu_host, number, socket.SOCK_STREAM)
        if number <= 65535
        else PortFacts(number, is_free=False, detail="there are no ports above 65535")
        for number in range(first, first + settings.workers)
    ]


def announced_tcp_port(settings: Settings) -> int | None:
    """Where browsers are told that the first worker's TCP port is; None without, or with any."""
    if not settings.sfu_tcp_port.is_on:
        return None
    listens = settings.sfu_tcp_port.number or settings.sfu_port.number
    return settings.announced_tcp_port or listens or None


def _taken(host: str, port: int, kind: socket.SocketKind) -> PortFacts:
    try:
        for family, address in _places(host, port, kind):
            with socket.socket(family, kind) as trial:
                if kind is socket.SOCK_STREAM:
                    trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family is socket.AF_INET6:
                    trial.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                trial.bind(address)
                if kind is socket.SOCK_STREAM:
                    trial.listen(1)
    except OSError as error:
        number = error.errno or 0
        detail = (os.strerror(number) if number > 0 else error.strerror or str(error)).lower()
        return PortFacts(port, False, number == errno.EADDRINUSE, detail)
    return PortFacts(port, is_free=True)


def _places(
    host: str, port: int, kind: socket.SocketKind
) -> Iterator[tuple[socket.AddressFamily, tuple[str, int]]]:
    """What has to be bound for a host; everything is IPv4, and IPv6 where there is any."""
    if not host:
        yield socket.AF_INET, ("0.0.0.0", port)  # noqa: S104 - given back at once
        if _has_ipv6():
            yield socket.AF_INET6, ("::", port)
        return
    for family, _, _, _, address in socket.getaddrinfo(host, port, type=kind):
        yield family, (str(address[0]), port)


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as trial:
            trial.bind(("::", 0))
    except OSError:
        return False
    return True


async def running(settings: Settings) -> Running | None:
    """The Crossover that answers where ours would; nobody else is asked."""
    hosts: Sequence[str] = [settings.host] if settings.host else ["127.0.0.1", "::1"]
    unspecified = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not bound
    for host in hosts:
        place = unspecified.get(host, host)
        scheme = "https" if settings.tls_certificate else "http"
        url = f"{scheme}://{f'[{place}]' if ':' in place else place}:{settings.port}/health"
        found = await _ask(url)
        if found is not None:
            return found
    return None


async def _ask(url: str) -> Running | None:
    try:
        async with (
            aiohttp.ClientSession(timeout=_PATIENCE) as http,
            http.get(url, allow_redirects=False, ssl=False) as answer,
        ):
            if (answer.content_length or 0) > _MOST_ANSWER:
                return None
            said = await answer.json(content_type=None)
            return Running(str(said["version"]), int(said["sfu"]["workers"]))
    except (TimeoutError, OSError, aiohttp.ClientError, ValueError, KeyError, TypeError):
        return None
