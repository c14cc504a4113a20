"""Our server behind the proxies that the guide recommends, with the files that it recommends."""

import asyncio
import re
import ssl
import struct
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import ClientConnectionError, ClientSession, TCPConnector, WSServerHandshakeError

from tests.deploy.proxies import FOLDER, PROXIES, Proxy, program, trusting
from tests.support.server import Server, Socket

HOUR = 3600
STRANGER, OTHER = "127.0.0.2", "127.0.0.3"
"""Where clients come from: all of 127.0.0.0/8 is this machine, and only .1 is the proxy."""


@pytest.fixture(params=list(PROXIES))
def name(request: pytest.FixtureRequest) -> Iterator[str]:
    if program(request.param) is None:
        pytest.skip(f"{request.param} is not installed: apt-get install {request.param}")
    yield request.param


@asynccontextmanager
async def behind(
    name: str, folder: Path, **settings: object
) -> AsyncIterator[tuple[Proxy, Server]]:
    folder.chmod(0o755)
    async with Server(trusted_proxies="127.0.0.1", **settings) as server:
        make = PROXIES[name](server.port, folder)
        proxy = await asyncio.to_thread(make.__enter__)
        try:
            yield proxy, server
        finally:
            await asyncio.to_thread(make.__exit__, None, None, None)


@asynccontextmanager
async def client(address: str = STRANGER) -> AsyncIterator[ClientSession]:
    connector = TCPConnector(ssl=trusting(), local_addr=(address, 0))
    async with ClientSession(connector=connector) as session:
        yield session


async def greeted(http: ClientSession, address: str, headers: list[str], number: int) -> Socket:
    """A client that says in all these headers that it comes from elsewhere, and is let in."""
    said = dict.fromkeys(headers, f"203.0.113.{number}")
    socket = Socket(await http.ws_connect(address, headers=said))
    await socket.expect("client-id")
    return socket


async def turned_away(http: ClientSession, address: str, headers: list[str]) -> bool:
    """Whether one more such client is refused."""
    said = dict.fromkeys(headers, "203.0.113.200")
    try:
        return await Socket(await http.ws_connect(address, headers=said)).closed() == 1013
    except (WSServerHandshakeError, ClientConnectionError):
        return True  # at the door, before the upgrade


async def test_a_conversation_at_both_paths(name: str, tmp_path: Path) -> None:
    async with behind(name, tmp_path) as (proxy, _), client() as http:
        page = f"https://localhost:{proxy.https_port}"
        sockets = []
        for path in ("/ws", "/ws/"):
            websocket = await http.ws_connect(page + path, headers={"Origin": page})
            sockets.append(Socket(websocket))
            await sockets[-1].expect("client-id")
        room = await sockets[0].create("Behind a proxy")
        joined = await sockets[1].join(room["id"], name="Bo")
        assert len(joined["members"]) == 2
        assert (await sockets[0].expect("member-joined"))["member"]["name"] == "Bo"


async def test_http_leads_to_tls_and_tls_is_http2(name: str, tmp_path: Path) -> None:
    async with behind(name, tmp_path) as (proxy, _), client() as http:
        plain = f"http://localhost:{proxy.http_port}/r/some-room?a=b"
        async with http.get(plain, allow_redirects=False) as answer:
            assert answer.status == 308
            target = re.sub(r":\d+(?=/)", "", answer.headers["Location"])
            assert target == "https://localhost/r/some-room?a=b"
        context = trusting()
        context.set_alpn_protocols(["h2", "http/1.1"])
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", proxy.https_port, ssl=context, server_hostname="localhost"
        )
        tls: ssl.SSLObject = writer.get_extra_info("ssl_object")
        assert tls.selected_alpn_protocol() == "h2"
        # RFC 9113 §3.4: our preface and an empty SETTINGS; theirs comes first.
        writer.write(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + struct.pack(">HBBBI", 0, 0, 4, 0, 0))
        assert (await reader.readexactly(9))[3] == 4
        writer.transport.abort()


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
async def test_old_tls_is_refused(name: str, version: ssl.TLSVersion, tmp_path: Path) -> None:
    async with behind(name, tmp_path) as (proxy, _):
        context = trusting()
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = version
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await asyncio.open_connection(
                "127.0.0.1", proxy.https_port, ssl=context, server_hostname="localhost"
            )


async def test_headers_that_keep_the_page_safe_come_once(name: str, tmp_path: Path) -> None:
    async with behind(name, tmp_path) as (proxy, server), client() as http:
        async with http.get(f"https://localhost:{proxy.https_port}/config.js") as answer:
            assert answer.status == 200
            through = answer.headers
        async with server.http.get("/config.js") as direct:
            ours = direct.headers
        for header in ("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy"):
            assert through.getall(header) == ours.getall(header)
        assert len(through.getall("Strict-Transport-Security")) == 1
        assert re.search(r"max-age=\d{8}", through["Strict-Transport-Security"])
        assert "Strict-Transport-Security" not in ours


async def test_nobody_gets_more_places_by_a_forged_address(name: str, tmp_path: Path) -> None:
    forged = ["X-Forwarded-For", "X-Real-IP", "Forwarded"]
    async with behind(name, tmp_path, connections_per_address=2) as (proxy, server):
        address = f"https://localhost:{proxy.https_port}/ws"
        async with client() as stranger, client(OTHER) as other:
            held = [await greeted(stranger, address, forged, n) for n in range(2)]
            assert await turned_away(stranger, address, forged)
            # Who comes from elsewhere has places of their own: the proxy's word is believed.
            held += [await greeted(other, address, forged, n) for n in range(2)]
            assert await turned_away(other, address, forged)
            assert len(server.gateway._lines) == len(held)


async def test_only_the_proxy_is_believed() -> None:
    """A stranger who reaches the server itself says nothing about addresses."""
    forged = ["X-Forwarded-For", "X-Real-IP", "Forwarded"]
    async with (
        Server(trusted_proxies="127.0.0.1", connections_per_address=2) as server,
        client() as stranger,
        client("127.0.0.1") as proxy,
    ):
        address = f"{server.url}/ws"
        held = [await greeted(stranger, address, forged, n) for n in range(2)]
        assert await turned_away(stranger, address, forged)
        held += [await greeted(proxy, address, forged, n) for n in range(4)]
        assert len(server.gateway._lines) == len(held)


def test_an_idle_websocket_outlives_the_proxies_defaults() -> None:
    location = (FOLDER / "nginx.conf").read_text().partition("location ~ ^/ws/?$")[2]
    for direction in ("read", "send"):
        found = re.search(rf"proxy_{direction}_timeout (\d+)h;", location)
        assert found
        assert int(found[1]) * 3600 >= HOUR
    caddyfile = (FOLDER / "Caddyfile").read_text()
    for direction in ("read", "write"):
        found = re.search(rf"{direction}_timeout (\d+)h\b", caddyfile)
        assert found
        assert int(found[1]) * 3600 >= HOUR
