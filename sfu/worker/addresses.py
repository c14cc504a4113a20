"""Where peers are told to send to: the worker's ICE candidates."""

import ipaddress
from collections.abc import Iterable, Sequence
from typing import Final

import ifaddr

from sfu.ortc.transport_parameters import IceCandidate

_HOST_PREFERENCE: Final = 126
_TCP_PREFERENCE: Final = 90
"""Below every UDP candidate of whichever type but a relayed one (RFC 6544 §4.2: where both work,
UDP is better for media); the number that libwebrtc gives its own."""

_PASSIVE: Final = 4 << 13
"""Direction preference of a passive host candidate (RFC 6544 §4.2), in the local preference."""

_COMPONENT: Final = 1


def host_addresses() -> list[str]:
    """This machine's own addresses, those that most peers can reach first.

    Link-local addresses are left out, because they mean nothing without an interface; loopback is
    the last resort of a machine without any network.
    """
    found = [
        ipaddress.ip_address(entry.ip if isinstance(entry.ip, str) else entry.ip[0])
        for adapter in ifaddr.get_adapters()
        for entry in adapter.ips
    ]
    usable = [one for one in found if not one.is_link_local and not one.is_loopback]
    usable.sort(key=lambda one: (one.is_private, one.version))
    return [str(one) for one in dict.fromkeys(usable)] or ["127.0.0.1"]


def announced_addresses(announced: Sequence[str], host: str) -> list[str]:
    """What is announced: what was configured, else where the port listens, else all there is.

    Args:
        announced: as configured, perhaps nothing.
        host: address of the port; "" and the unspecified addresses are all.

    Raises:
        ValueError: something is no IP address; the message says which, and what to set.
    """
    for one, setting in [
        *((one, "--announce or CROSSOVER_ANNOUNCED_IPS") for one in announced),
        *([(host, "--host or CROSSOVER_SFU_HOST")] if host else []),
    ]:
        try:
            ipaddress.ip_address(one)
        except ValueError:
            raise ValueError(f"{one!r} is no IP address; set {setting} to one.") from None
    if announced:
        return list(announced)
    if host and not ipaddress.ip_address(host).is_unspecified:
        return [host]
    return host_addresses()


def candidates(
    addresses: Sequence[str], port: int, families: Iterable[int], tcp_port: int | None = None
) -> list[IceCandidate]:
    """Host candidates (RFC 8445 §5.1.2.1), UDP before TCP, the first address preferred.

    Args:
        addresses: announced, IPv4 or IPv6.
        port: UDP port.
        families: IP versions that the port can receive.
        tcp_port: as it is announced; None without.
    """
    served = set(families)
    usable = [one for one in addresses if ipaddress.ip_address(one).version in served]
    return _udp_candidates(usable, port) + _tcp_candidates(usable, tcp_port)


def _udp_candidates(addresses: Sequence[str], port: int) -> list[IceCandidate]:
    return [
        IceCandidate(
            foundation=f"host{place}",
            priority=_HOST_PREFERENCE << 24 | (65535 - place) << 8 | 256 - _COMPONENT,
            ip=address,
            address=address,
            protocol="udp",
            port=port,
            type="host",
        )
        for place, address in enumerate(addresses)
    ]


def _tcp_candidates(addresses: Sequence[str], port: int | None) -> list[IceCandidate]:
    if port is None:
        return []
    return [
        IceCandidate(
            foundation=f"tcp{place}",
            priority=_TCP_PREFERENCE << 24 | _PASSIVE + 8191 - place << 8 | 256 - _COMPONENT,
            ip=address,
            address=address,
            protocol="tcp",
            port=port,
            type="host",
            tcp_type="passive",
        )
        for place, address in enumerate(addresses)
    ]
