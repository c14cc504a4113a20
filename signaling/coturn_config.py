"""A ``turnserver.conf`` for coturn that agrees with our settings: a pure function of them."""

import ipaddress
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from signaling.config import ConfigError, Settings
from signaling.ice_urls import PLAIN_PORT, IceUrl, parse_ice_url

MOST_SECRET: Final = 512
"""Characters; coturn reads lines of a thousand."""

HIDDEN: Final = (
    "# static-auth-secret is not shown here: --output FILE writes it, --output - prints it"
)

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network

DENIED: Final[tuple[tuple[_Network, str], ...]] = tuple(
    (ipaddress.ip_network(network), meaning)
    for network, meaning in (
        ("0.0.0.0/8", "this network"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "carriers' shared addresses"),
        ("127.0.0.0/8", "loopback"),
        ("169.254.0.0/16", "link-local, where clouds keep their metadata"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "protocol assignments"),
        ("192.0.2.0/24", "documentation"),
        ("192.88.99.0/24", "6to4 relays"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "benchmarks"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved, and broadcast"),
        ("::1/128", "loopback"),
        ("::ffff:0:0/96", "IPv4 in other clothes"),
        ("64:ff9b::/96", "IPv4 behind NAT64"),
        ("64:ff9b:1::/48", "IPv4 behind a private NAT64"),
        ("100::/64", "discarded"),
        ("2001::/23", "protocol assignments, Teredo among them"),
        ("2001:db8::/32", "documentation"),
        ("2002::/16", "6to4: IPv4 inside"),
        ("fc00::/7", "unique local"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "site-local"),
        ("ff00::/8", "multicast"),
    )
)
"""What nobody is relayed to (IANA's special-purpose registries): a TURN server stands inside the
operator's network, and would let strangers in. The unspecified ``::`` is not among them: coturn
takes it for every address there is, and refuses it as a peer by itself."""


@dataclass(frozen=True)
class CoturnOptions:
    """What the settings do not say.

    Attributes:
        realm: Of the credentials; empty = the first TURN server's host.
        certificate: Path of the PEM chain that coturn shows; needed for ``turns:``.
        key: Path of its private key.
        listening_ips: Where coturn listens; empty = everywhere.
        relay_ips: This machine's addresses that it relays from; empty = as it sees fit.
        external_ips: ``public`` or ``public/private``, when it stands behind NAT.
        min_port: First UDP port of relayed media.
        max_port: Last one.
        allowed_peers: More addresses that may be relayed to although they are private.
        user_quota: Allocations at a time of one member; 0 = chosen from the settings.
        total_quota: Allocations at a time; 0 = as many as there are relay ports.
    """

    realm: str = ""
    certificate: str = ""
    key: str = ""
    listening_ips: tuple[str, ...] = ()
    relay_ips: tuple[str, ...] = ()
    external_ips: tuple[str, ...] = ()
    min_port: int = 49152
    max_port: int = 65535
    allowed_peers: tuple[str, ...] = ()
    user_quota: int = 0
    total_quota: int = 0


def turnserver_conf(
    settings: Settings,
    options: CoturnOptions,
    announced: Sequence[str],
    *,
    with_secret: bool,
) -> str:
    """The whole file, explained line by line.

    Args:
        settings: Ours; coturn is told the same secret and ports.
        options: Everything else.
        announced: The SFU's addresses, which members must reach through the relay.
        with_secret: False leaves a comment where the secret would be.

    Raises:
        ConfigError: It would not work; the message says what to set.
    """
    urls = _urls(settings)
    _check(options)
    secret = _secret(settings.ice.secret)
    tls_port = _port(urls, secure=True)
    lines = [
        "# Made by `crossover coturn` from Crossover's settings; make it anew when they change.",
        "",
        "# Credentials: each member's own, good for "
        f"{settings.ice.ttl} seconds (draft-uberti-behave-turn-rest-00).",
        "use-auth-secret",
        f"static-auth-secret={secret}" if with_secret else HIDDEN,
        f"realm={_realm(options.realm, urls)}",
        "stale-nonce=600",
        "fingerprint",
        "",
        "# Where clients come in.",
        *(f"listening-ip={_ip(one, '--listening-ip')}" for one in options.listening_ips),
        f"listening-port={_port(urls, secure=False) or PLAIN_PORT}",
        *_tls(tls_port, options, urls),
        "",
        "# Where relayed media goes out and comes in.",
        *(f"relay-ip={_ip(one, '--relay-ip')}" for one in options.relay_ips),
        *(f"external-ip={_external(one)}" for one in options.external_ips),
        f"min-port={options.min_port}",
        f"max-port={options.max_port}",
        "",
        "# How much.",
        f"user-quota={options.user_quota or _user_quota(settings, urls)}",
        f"total-quota={options.total_quota or options.max_port - options.min_port + 1}",
        "",
        "# Nothing that calls do not need.",
        "no-cli",
        "no-tcp-relay",
        "no-multicast-peers",
        "no-rfc5780",
        "no-stun-backward-compatibility",
        "response-origin-only-with-rfc5780",
        "no-software-attribute",
        "log-file=stdout",
        "",
        *_peers([*announced, *options.allowed_peers, *options.relay_ips]),
    ]
    return "\n".join(lines) + "\n"


def _urls(settings: Settings) -> list[IceUrl]:
    if not settings.ice.turn_urls:
        raise ConfigError(
            "TURN_SERVERS is empty; set it to where browsers will find coturn, "
            "for example turn:turn.example.org:3478,turns:turn.example.org:5349."
        )
    try:
        return [parse_ice_url(text) for text in settings.ice.turn_urls]
    except ValueError as error:
        raise ConfigError(f"TURN_SERVERS: {error}.") from None


def _secret(secret: str) -> str:
    """As coturn reads it back: it trims spaces and takes quotation marks off."""
    if not secret:
        raise ConfigError("TURN_SECRET is empty; set it to what `openssl rand -hex 32` prints.")
    if len(secret) > MOST_SECRET or not all("!" <= one <= "~" and one != '"' for one in secret):
        raise ConfigError(
            "TURN_SECRET cannot be written into coturn's file; use letters and digits, "
            f"at most {MOST_SECRET}, for example what `openssl rand -hex 32` prints."
        )
    return secret


def _realm(realm: str, urls: Sequence[IceUrl]) -> str:
    chosen = realm or urls[0].host
    if len(chosen) > 127 or not all("!" <= one <= "~" and one != '"' for one in chosen):
        raise ConfigError("--realm: a name like turn.example.org is expected.")
    return chosen


def _check(options: CoturnOptions) -> None:
    if not 1024 <= options.min_port < options.max_port <= 65535:
        raise ConfigError("--min-port and --max-port: two ports from 1024 to 65535, in order.")
    if min(options.user_quota, options.total_quota) < 0:
        raise ConfigError("--user-quota and --total-quota must not be below 0.")


def _port(urls: Sequence[IceUrl], *, secure: bool) -> int:
    """The one port for plain or for TLS; 0 when TURN_SERVERS names none."""
    ports = sorted({one.port for one in urls if one.is_secure is secure})
    if len(ports) > 1:
        named = " and ".join(str(port) for port in ports)
        kind = "turns:" if secure else "turn:"
        raise ConfigError(
            f"TURN_SERVERS names the ports {named} for {kind}, and one coturn has one; "
            "use the same port, or make one file for each of them."
        )
    return ports[0] if ports else 0


def _tls(port: int, options: CoturnOptions, urls: Sequence[IceUrl]) -> Iterator[str]:
    if not port:
        yield from ("no-tls", "no-dtls")
        return
    if not options.certificate or not options.key:
        raise ConfigError(
            "TURN_SERVERS has a turns: address, for which coturn needs a certificate; "
            "name its files with --certificate and --key."
        )
    yield f"tls-listening-port={port}"
    yield f"cert={_path(options.certificate, '--certificate')}"
    yield f"pkey={_path(options.key, '--key')}"
    yield from ("no-tlsv1", "no-tlsv1_1")
    if all(one.transport != "dtls" for one in urls):
        yield "no-dtls"


def _path(path: str, flag: str) -> str:
    if not path.isprintable() or '"' in path or path != path.strip() or len(path) > 512:
        raise ConfigError(f"{flag}: a path that coturn's file can hold is expected.")
    return path


def _ip(text: str, flag: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise ConfigError(f"{flag}: {text!r} is no IP address like 203.0.113.7.") from None


def _external(text: str) -> str:
    public, slash, private = text.partition("/")
    mapped = [_ip(public, "--external-ip")] + ([_ip(private, "--external-ip")] if slash else [])
    return "/".join(mapped)


def _user_quota(settings: Settings, urls: Sequence[IceUrl]) -> int:
    """Twice what a page can need, because allocations outlive the connections they were made for.

    A page has a connection to each other member of a mesh and two to the SFU while it crosses
    over; each allocates once per TURN address and per network (two: Wi-Fi and mobile, say).
    """
    connections = settings.policy.mesh_cap - 1 + 2
    return 2 * connections * len(urls) * 2


def _peers(exceptions: Iterable[str]) -> Iterator[str]:
    yield "# Whom nobody is relayed to:"
    for network, meaning in DENIED:
        first, last = network[0], network[-1]
        ends = f"{first}" if first == last else f"{first}-{last}"
        yield f"# {meaning}"
        yield f"denied-peer-ip={ends}"
    addresses = [ipaddress.ip_address(_ip(one, "--allow-peer")) for one in exceptions]
    needed = [one for one in dict.fromkeys(addresses) if _is_denied(one)]
    if needed:
        yield ""
        yield "# Except these: they go before what is denied."
        yield from (f"allowed-peer-ip={one}" for one in needed)


def _is_denied(address: _Address) -> bool:
    return any(address in network for network, _ in DENIED)
