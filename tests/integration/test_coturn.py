"""coturn itself, run with the configuration that we write, asked over real sockets."""

import asyncio
import contextlib
import ipaddress
import socketserver
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from typing_extensions import override

from signaling.coturn_config import DENIED
from signaling.doctor.ice import Trouble
from signaling.ice_servers import IceConfig
from signaling.ice_urls import parse_ice_url
from signaling.probes.turn import allocate, ask_stun, client
from tests.support.coturn import SECRET, Coturn, needs_coturn

pytestmark = needs_coturn

ANNOUNCED = "10.9.8.7"
TRANSPORTS = ["udp", "tcp", "tls"]


@pytest.fixture(scope="module")
def coturn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Coturn]:
    running = Coturn(tmp_path_factory.mktemp("coturn"), announced=(ANNOUNCED, "198.51.100.9"))
    running.start()
    yield running
    running.stop()


def credentials(coturn: Coturn, *, secret: str = SECRET, age: float = 0) -> tuple[str, str]:
    """Those a member was given some seconds ago."""
    ice = IceConfig(turn_urls=tuple(coturn.urls.values()), secret=secret, ttl=60)
    (server,) = ice.servers_for("ada", time.time() - age)  # noqa: TID251 - coturn's clock too
    assert server.username
    assert server.credential
    return server.username, server.credential


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_our_credentials_are_accepted(coturn: Coturn, transport: str) -> None:
    facts = await allocate(parse_ice_url(coturn.urls[transport]), *credentials(coturn))
    assert (facts.trouble, facts.relayed, facts.forbidden) == (Trouble.NONE, "127.0.0.1", ())


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_expired_credentials_are_refused(coturn: Coturn, transport: str) -> None:
    url = parse_ice_url(coturn.urls[transport])
    facts = await allocate(url, *credentials(coturn, age=62))
    assert (facts.trouble, facts.code) == (Trouble.REFUSED, 401)


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_forged_credentials_are_refused(coturn: Coturn, transport: str) -> None:
    url = parse_ice_url(coturn.urls[transport])
    username, credential = credentials(coturn)
    another = credentials(coturn, secret="another-secret")[1]
    later = f"{int(username.partition(':')[0]) + 3600}:ada"
    for forged in ((username, another), (later, credential), ("ada", SECRET), ("", "")):
        facts = await allocate(url, *forged)
        assert facts.trouble is Trouble.REFUSED, forged
        assert facts.code == 401


async def test_stun_is_answered(coturn: Coturn) -> None:
    facts = await ask_stun(parse_ice_url(f"stun:127.0.0.1:{coturn.port}"))
    assert (facts.trouble, facts.seen) == (Trouble.NONE, "127.0.0.1")


def borders() -> Iterator[object]:
    """Each denied range's ends, and what is just outside."""
    for network, meaning in DENIED:
        if network.version == 4:
            yield pytest.param(str(network[0]), True, id=f"first of {network}, {meaning}")
            yield pytest.param(str(network[-1]), True, id=f"last of {network}, {meaning}")
            for near in (int(network[0]) - 1, int(network[-1]) + 1):
                if 0 <= near < 1 << 32:
                    peer = ipaddress.ip_address(near)
                    denied = any(peer in one for one, _ in DENIED)
                    yield pytest.param(str(peer), denied, id=f"{peer} beside {network}")


@pytest.mark.parametrize(("peer", "denied"), [*borders(), ("10.9.8.6", True), ("10.9.8.8", True)])
async def test_private_peers_are_denied(coturn: Coturn, peer: str, denied: bool) -> None:
    url = parse_ice_url(coturn.urls["udp"])
    facts = await allocate(url, *credentials(coturn), peers=[(peer, 40000)])
    assert (facts.trouble, facts.forbidden) == (Trouble.NONE, (peer,) if denied else ()), facts


@pytest.mark.parametrize("peer", [ANNOUNCED, "198.51.100.9", "127.0.0.1", "8.8.8.8"])
async def test_exceptions_and_public_peers_are_allowed(coturn: Coturn, peer: str) -> None:
    url = parse_ice_url(coturn.urls["udp"])
    facts = await allocate(url, *credentials(coturn), peers=[(peer, 40000)])
    assert (facts.trouble, facts.forbidden) == (Trouble.NONE, ()), facts


async def test_forbidden_peers_are_told(coturn: Coturn) -> None:
    url = parse_ice_url(coturn.urls["tcp"])
    peers = [("10.1.2.3", 1), (ANNOUNCED, 1), ("::1", 1), ("192.168.0.1", 1)]
    facts = await allocate(url, *credentials(coturn), peers=peers)
    assert facts.forbidden == ("10.1.2.3", "192.168.0.1")


class Echo(asyncio.DatagramProtocol):
    """Sends back what comes."""

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    @override
    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.transport.sendto(data, addr)


class Receiver(asyncio.DatagramProtocol):
    """Keeps what comes."""

    def __init__(self) -> None:
        self.received: asyncio.Queue[bytes] = asyncio.Queue()

    @override
    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.received.put_nowait(data)


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_datagrams_pass_in_both_directions(coturn: Coturn, transport: str) -> None:
    loop = asyncio.get_running_loop()
    echo, _ = await loop.create_datagram_endpoint(Echo, local_addr=("127.0.0.1", 0))
    peer = echo.get_extra_info("sockname")
    async with client(parse_ice_url(coturn.urls[transport]), *credentials(coturn)) as asking:
        await asking.connect()
        asking.receiver = receiver = Receiver()
        for words in (b"one", b"two two", b"x" * 1200):
            await asking.send_data(words, peer)
            async with asyncio.timeout(10):
                assert await receiver.received.get() == words
        asking.receiver = None
        await asking.delete()
    echo.close()


def test_the_secret_is_not_in_the_log(coturn: Coturn) -> None:
    assert SECRET not in coturn.log


def test_coturn_understands_every_line(tmp_path: Path) -> None:
    fresh = Coturn(tmp_path)
    fresh.start()
    fresh.stop()
    assert fresh.log.count("Black listing: ") == len(DENIED)
    assert "Relay address to use: 127.0.0.1" in fresh.log
    for complaint in ("Bad configuration", "Unknown", "unrecognized", "ERROR", "Wrong", "annot"):
        assert complaint not in fresh.log, fresh.log


async def test_a_server_that_is_down(coturn: Coturn, tmp_path: Path) -> None:
    down = Coturn(tmp_path)
    found = {}
    for transport in TRANSPORTS:
        url = parse_ice_url(down.urls[transport])
        found[transport] = (await allocate(url, *credentials(coturn), patience=1)).trouble
    assert found == {
        "udp": Trouble.SILENT,
        "tcp": Trouble.UNREACHABLE,
        "tls": Trouble.UNREACHABLE,
    }
    plain = parse_ice_url(f"stun:127.0.0.1:{down.port}")
    assert (await ask_stun(plain, patience=1)).trouble is Trouble.SILENT


async def test_a_name_that_does_not_exist() -> None:
    facts = await allocate(parse_ice_url("turn:turn.invalid"), "u", "c", patience=20)
    assert facts.trouble is Trouble.UNRESOLVED


class Hello(socketserver.BaseRequestHandler):
    """Speaks first, plainly, and hangs up when the other does."""

    @override
    def handle(self) -> None:
        self.request.settimeout(5)
        self.request.sendall(b"220 a mail server, say\r\n")
        with contextlib.suppress(OSError):
            while self.request.recv(4096):
                pass


async def test_tls_where_none_is_spoken() -> None:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Hello) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        facts = await allocate(parse_ice_url(f"turns:127.0.0.1:{server.server_address[1]}"), "", "")
        await asyncio.to_thread(server.shutdown)
        thread.join()
        assert (facts.trouble, facts.detail) == (Trouble.UNREACHABLE, "it does not speak TLS")
