"""Everything that the doctor looks at, in the order in which it is told."""

import asyncio
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from signaling.config import Settings
from signaling.doctor import addresses, ice, installation, machine, ports
from signaling.doctor.finding import Finding
from signaling.ice_urls import IceUrl, parse_ice_url
from signaling.probes import installation as files
from signaling.probes import machine as system
from signaling.probes import ports as listening
from signaling.probes.addresses import announced_addresses, own_addresses
from signaling.probes.certificates import certificate, certificate_file
from signaling.probes.reach import behaves_like_worker
from signaling.probes.turn import allocate, ask_stun

_MEMBER: Final = "crossover-check"


async def examine(settings: Settings, page: Path, connections: int, now: float) -> list[Finding]:
    """Looks at everything; only the servers that are configured are spoken to.

    Args:
        settings: As `crossover serve` would have them.
        page: Folder of the built page.
        connections: That are expected at a time.
        now: Unix seconds.
    """
    found = await _listening(settings)
    stun, turn, malformed = _servers(settings)
    asked = await asyncio.gather(*(ask_stun(url) for url in stun))
    if settings.workers:
        seen = [facts.seen for facts in asked if facts.seen]
        found += addresses.address_verdicts(
            addresses.AddressFacts(
                announced_addresses(settings),
                set(own_addresses()),
                list(dict.fromkeys(seen)),
                bool(stun),
            )
        )
    found += ice.servers_verdict(settings.ice.stun_urls, turn)
    found += malformed
    found += [ice.stun_verdict(facts) for facts in asked]
    found += await _relays(settings, turn, now)
    found += await _certificates([*stun, *turn], now)
    found += _own_certificate(settings, now)
    found += _machine(settings, connections)
    found += _installation(settings, page)
    return found


async def _listening(settings: Settings) -> list[Finding]:
    port = listening.tcp_port(settings)
    running = await listening.running(settings) if port.is_taken else None
    fallback = settings.sfu_port.fallback
    workers = ports.udp_verdicts(listening.udp_ports(settings), running, fallback=fallback)
    is_chosen = settings.sfu_tcp_port.number > 0
    streams = ports.sfu_tcp_verdicts(
        listening.sfu_tcp_ports(settings), running, is_chosen=is_chosen
    )
    found = [ports.tcp_verdict(port, running), *workers, *streams]
    if running is not None and running.workers:
        found += await _reached_by_tcp(settings)
    return found


async def _reached_by_tcp(settings: Settings) -> list[Finding]:
    """Of each announced address, the first worker's TCP port."""
    port = listening.announced_tcp_port(settings)
    if port is None:
        return []
    places = announced_addresses(settings)
    answers = await asyncio.gather(*(behaves_like_worker(one, port) for one in places))
    return [
        ports.announced_tcp_verdict(one, port, answer)
        for one, answer in zip(places, answers, strict=True)
    ]


def _servers(settings: Settings) -> tuple[list[IceUrl], list[IceUrl], list[Finding]]:
    """STUN and TURN servers, and verdicts on what is neither."""
    understood: list[IceUrl] = []
    malformed: list[Finding] = []
    for text in (*settings.ice.stun_urls, *settings.ice.turn_urls):
        try:
            understood.append(parse_ice_url(text))
        except ValueError as error:
            trouble, detail = ice.Trouble.MALFORMED, str(error)
            if text.startswith("turn"):
                malformed += ice.turn_verdicts(ice.TurnFacts(text, trouble, detail))
            else:
                malformed.append(ice.stun_verdict(ice.StunFacts(text, trouble, detail)))
    stun = [one for one in understood if not one.is_turn]
    return stun, [one for one in understood if one.is_turn], malformed


async def _relays(settings: Settings, turn: list[IceUrl], now: float) -> list[Finding]:
    """Each TURN server, with credentials like those a member would get now."""
    peers = []
    if settings.workers:
        first = settings.sfu_port.number or 40_000
        peers = [(one, first) for one in announced_addresses(settings)]
    given = [one for one in settings.ice.servers_for(_MEMBER, now) if one.credential]
    username, credential = (given[0].username, given[0].credential) if given else ("", "")
    facts = await asyncio.gather(
        *(allocate(url, username or "", credential or "", peers) for url in turn)
    )
    return list(itertools.chain.from_iterable(ice.turn_verdicts(one) for one in facts))


async def _certificates(urls: list[IceUrl], now: float) -> list[Finding]:
    facts = await asyncio.gather(*(certificate(url) for url in urls if url.transport == "tls"))
    return [ice.certificate_verdict(one, now) for one in facts]


def _own_certificate(settings: Settings, now: float) -> Iterator[Finding]:
    if settings.tls_certificate:
        facts = certificate_file(Path(settings.tls_certificate).expanduser())
        yield ice.certificate_verdict(facts, now)


def _machine(settings: Settings, connections: int) -> Iterator[Finding]:
    yield machine.clock_verdict(system.clock())
    yield machine.files_verdict(system.open_files(), connections)
    if settings.workers:
        sockets = system.sockets()
        yield machine.buffers_verdict(sockets)
        yield machine.kernel_verdict(sockets)
    yield machine.loop_verdict(system.has_uvloop())
    yield machine.cores_verdict(system.cores(), settings.workers)
    yield machine.memory_verdict(system.available_memory(), settings.workers)


def _installation(settings: Settings, page: Path) -> Iterator[Finding]:
    state = Path(settings.state_dir).expanduser()
    yield installation.folder_verdict(files.folder(state))
    kept = files.secret_file(state / "secret")
    yield installation.signing_verdict(len(settings.secret), kept)
    chosen = (
        ("TURN_SECRET", settings.ice.secret),
        ("CROSSOVER_ADMIN_TOKEN", settings.admin_token),
        ("CROSSOVER_METRICS_TOKEN", settings.metrics_token),
        ("CROSSOVER_TOKEN_SECRET", settings.token_secret),
    )
    yield from installation.strength_verdicts([(name, len(one)) for name, one in chosen if one])
    yield installation.page_verdict((page / "index.html").is_file())
    yield installation.origin_verdict(settings.allowed_origins)
    yield from installation.proxy_verdict(
        settings.host,
        settings.trusted_proxies,
        settings.websocket_url,
        has_tls=bool(settings.tls_certificate),
    )
