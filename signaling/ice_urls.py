"""Addresses of STUN and TURN servers, as RFC 7064 and RFC 7065 have them."""

import ipaddress
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, cast

Scheme: TypeAlias = Literal["stun", "stuns", "turn", "turns"]
Transport: TypeAlias = Literal["udp", "tcp", "tls", "dtls"]

PLAIN_PORT: Final = 3478
TLS_PORT: Final = 5349


@dataclass(frozen=True)
class IceUrl:
    """One server's address, with everything that the text leaves to defaults.

    Attributes:
        text: As it was written.
        scheme: What is spoken there.
        host: Name or IP address, without brackets.
        port: 1 to 65535.
        transport: What carries it between client and server.
    """

    text: str
    scheme: Scheme
    host: str
    port: int
    transport: Transport

    @property
    def is_turn(self) -> bool:
        """Whether it relays."""
        return self.scheme in {"turn", "turns"}

    @property
    def is_secure(self) -> bool:
        """Whether a certificate is shown there."""
        return self.transport in {"tls", "dtls"}


def parse_ice_url(text: str) -> IceUrl:
    """Reads ``scheme:host[:port][?transport=udp|tcp]``.

    Raises:
        ValueError: It is not one; the message says what is wrong with it.
    """
    scheme, _, rest = text.partition(":")
    if scheme not in {"stun", "stuns", "turn", "turns"}:
        raise ValueError(f"{text!r} is not like turn:turn.example.org:3478")
    place, mark, query = rest.partition("?")
    host, port = _host_and_port(place, text)
    secure = scheme.endswith("s")
    wanted = "tcp" if secure else "udp"
    if mark:
        name, _, wanted = query.partition("=")
        if name != "transport" or wanted not in {"udp", "tcp"} or not scheme.startswith("turn"):
            raise ValueError(f"{text!r}: only ?transport=udp or ?transport=tcp of turn: is known")
    transport: dict[tuple[bool, str], Transport] = {
        (False, "udp"): "udp",
        (False, "tcp"): "tcp",
        (True, "tcp"): "tls",
        (True, "udp"): "dtls",
    }
    number = port or (TLS_PORT if secure else PLAIN_PORT)
    return IceUrl(text, cast(Scheme, scheme), host, number, transport[secure, wanted])


def _host_and_port(place: str, text: str) -> tuple[str, int]:
    """Host without brackets, and port, 0 when it is not named."""
    if place.startswith("["):
        host, bracket, port = place[1:].partition("]")
        try:
            ipaddress.IPv6Address(host)
        except ValueError:
            raise ValueError(f"{text!r}: {host!r} is no IPv6 address") from None
        if not bracket or (port and not port.startswith(":")):
            raise ValueError(f"{text!r}: after the bracket only :port may follow")
        port = port[1:] if port else ""
        colon = bool(port)
    else:
        host, mark, port = place.partition(":")
        colon = bool(mark)
    if not host or any(one in host for one in "/@ \t\r\n"):
        raise ValueError(f"{text!r} names no host")
    if not colon:
        return host, 0
    if not (port.isascii() and port.isdecimal() and 1 <= int(port) <= 65535):
        raise ValueError(f"{text!r}: {port!r} is no port, 1 to 65535")
    return host, int(port)
