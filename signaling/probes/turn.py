"""Asks STUN and TURN servers what a browser would ask them."""

import asyncio
import contextlib
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator, Sequence
from typing import Final, TypeAlias

from aioice import stun, turn

from signaling.doctor.ice import StunFacts, Trouble, TurnFacts
from signaling.ice_urls import IceUrl

PATIENCE: Final = 4.0
"""Seconds for a whole conversation; three requests are sent in that time."""

_LIFETIME: Final = 60
_FIRST_CHANNEL: Final = 0x4000
_MOST_PEERS: Final = 4

_MISMATCH: Final = 437
"""The server still remembers our port from before: another one is tried (RFC 8656 §7.4)."""
_MOST_MISMATCHES: Final = 3

_Client: TypeAlias = turn.TurnClientTcpProtocol | turn.TurnClientUdpProtocol


async def ask_stun(url: IceUrl, patience: float = PATIENCE) -> StunFacts:
    """Sends a binding request; what came of it."""
    try:
        async with asyncio.timeout(patience), client(url, "", "") as asking:
            request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
            answer, _ = await asking.request(request)
    except (OSError, stun.TransactionError) as error:
        trouble, detail, _ = _explain(error)
        return StunFacts(url.text, trouble, detail)
    seen = answer.attributes.get("XOR-MAPPED-ADDRESS") or answer.attributes.get("MAPPED-ADDRESS")
    if seen is None:
        return StunFacts(url.text, Trouble.REFUSED, "an answer without an address")
    return StunFacts(url.text, Trouble.NONE, seen=seen[0])


async def allocate(
    url: IceUrl,
    username: str,
    credential: str,
    peers: Sequence[tuple[str, int]] = (),
    patience: float = PATIENCE,
) -> TurnFacts:
    """Allocates a relay, asks whether it may speak to these peers, and gives it back.

    Args:
        url: Of the server.
        username: As a member would have it.
        credential: That belongs to it.
        peers: Addresses and ports; those of another IP version than the relay's are left out.
        patience: Seconds for the whole conversation.
    """
    if url.transport == "dtls":
        return TurnFacts(url.text, Trouble.UNTESTED, "no browser speaks TURN over DTLS")
    facts = await _allocate(url, username, credential, peers, patience)
    for _ in range(_MOST_MISMATCHES):
        if facts.code != _MISMATCH:
            break
        facts = await _allocate(url, username, credential, peers, patience)
    return facts


async def _allocate(
    url: IceUrl,
    username: str,
    credential: str,
    peers: Sequence[tuple[str, int]],
    patience: float,
) -> TurnFacts:
    try:
        async with asyncio.timeout(patience), client(url, username, credential) as asking:
            relayed = await asking.connect()
            try:
                forbidden = await _forbidden(asking, relayed[0], peers)
            finally:
                await asking.delete()
    except (OSError, stun.TransactionError) as error:
        trouble, detail, code = _explain(error)
        return TurnFacts(url.text, trouble, detail, code)
    return TurnFacts(url.text, Trouble.NONE, relayed=relayed[0], forbidden=tuple(forbidden))


async def _forbidden(asking: _Client, relayed: str, peers: Sequence[tuple[str, int]]) -> list[str]:
    """Those that the server answers 403 for; a channel to them is asked for and never used."""
    version = ipaddress.ip_address(relayed).version
    same = [one for one in peers if ipaddress.ip_address(one[0]).version == version]
    forbidden = []
    for number, peer in enumerate(same[:_MOST_PEERS], _FIRST_CHANNEL):
        try:
            await asking.channel_bind(number, peer)
        except stun.TransactionFailed as error:
            if error.response.error_code != 403:
                raise
            forbidden.append(peer[0])
    return forbidden


@contextlib.asynccontextmanager
async def client(url: IceUrl, username: str, credential: str) -> AsyncIterator[_Client]:
    """A connection to a server, closed at the end.

    Certificates are not looked at here: that is a question of its own.

    Raises:
        OSError: There is no way to it.
    """
    loop = asyncio.get_running_loop()
    place = (url.host, url.port)
    known = {"lifetime": _LIFETIME, "channel_refresh_time": _LIFETIME}
    if url.transport == "udp":
        family, _, _, _, address = (
            await loop.getaddrinfo(*place, type=socket.SOCK_DGRAM, family=socket.AF_UNSPEC)
        )[0]
        transport: asyncio.DatagramTransport | asyncio.Transport
        protocol: _Client
        transport, protocol = await loop.create_datagram_endpoint(
            lambda: turn.TurnClientUdpProtocol(place, username, credential, **known),
            remote_addr=(str(address[0]), url.port),
            family=family,
        )
    else:
        transport, protocol = await loop.create_connection(
            lambda: turn.TurnClientTcpProtocol(place, username, credential, **known),
            *place,
            ssl=_trusting() if url.transport == "tls" else None,
        )
    try:
        yield protocol
    finally:
        # TLS would say goodbye first, and nobody waits for that; then the loop lets go of it.
        transport.abort()
        await asyncio.sleep(0)


def _trusting() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _explain(error: Exception) -> tuple[Trouble, str, int]:
    match error:
        case stun.TransactionFailed(response=response):
            code, reason = response.attributes.get("ERROR-CODE", (0, ""))
            return Trouble.REFUSED, reason, code
        case TimeoutError() | stun.TransactionError():
            return Trouble.SILENT, "", 0
        case socket.gaierror():
            return Trouble.UNRESOLVED, (error.strerror or "unknown name").lower(), 0
        case ssl.SSLError():
            return Trouble.UNREACHABLE, "it does not speak TLS", 0
        case OSError():
            reason = error.strerror or str(error) or type(error).__name__
            return Trouble.UNREACHABLE, reason.lower(), 0
        case _:
            return Trouble.UNREACHABLE, type(error).__name__, 0
