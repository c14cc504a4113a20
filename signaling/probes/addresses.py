"""This machine's addresses, and those it announces."""

import ipaddress

import ifaddr

from signaling.config import Settings


def own_addresses() -> list[str]:
    """All of this machine's addresses but link-local ones, loopback last."""
    found = [
        ipaddress.ip_address(entry.ip if isinstance(entry.ip, str) else entry.ip[0])
        for adapter in ifaddr.get_adapters()
        for entry in adapter.ips
    ]
    usable = [one for one in dict.fromkeys(found) if not one.is_link_local]
    usable.sort(key=lambda one: (one.is_loopback, one.is_private, one.version))
    return [str(one) for one in usable]


def announced_addresses(settings: Settings) -> list[str]:
    """What browsers are told to send media to: as configured, else as a worker finds them."""
    if settings.announced_ips:
        return list(settings.announced_ips)
    host = settings.sfu_host
    if host and not ipaddress.ip_address(host).is_unspecified:
        return [host]
    own = own_addresses()
    return [one for one in own if not ipaddress.ip_address(one).is_loopback] or ["127.0.0.1"]
