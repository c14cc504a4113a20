"""Strangers at the TCP port: what they may send, how slowly, how often, and what others notice."""

import asyncio
import logging
import socket
from collections.abc import Iterator

import pytest
from aiohttp import WSMsgType, web

from benchmarks.load.hostile_http import besiege
from signaling.http import door
from signaling.http.server import Listeners
from signaling.http.visitor import MOST_HEAD, Visitor
from tests.support.server import PATIENCE, Server, until


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is overdue is found at once; how long they have is up to each test."""
    monkeypatch.setattr(door, "LOOK", 0.01)


async def said_to(server: Server, *pieces: bytes) -> bytes:
    """Sends pieces; everything that comes back until the server hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    answer = bytearray()
    try:
        async with asyncio.timeout(PATIENCE):
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
            while chunk := await reader.read(65536):
                answer += chunk
    except ConnectionError:
        pass
    finally:
        writer.transport.abort()
    return bytes(answer)


def status(answer: bytes) -> int:
    """0 if there was no answer."""
    return int(answer.split(b" ")[1]) if answer else 0


# ---- sizes and forms -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", {400}),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 9000 + b"\r\n\r\n", {400}),
        (b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: a\r\n" * 100 + b"\r\n", {400}),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 400, {400}),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {400, 404, 405}),
        (b"GET / HTTP/9.9\r\nHost: x\r\n\r\n", {400, 505}),
        (b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", {400}),
        (b"POST /api/rooms HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", {400}),
        (
            b"POST /api/rooms HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            {400},
        ),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n\r\n", {400}),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX : a\r\n\r\n", {400}),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n", {400}),
        (b"\xff" * 100_000, {0, 400}),
    ],
)  # fmt: skip
async def test_what_is_no_good_http_is_refused_and_not_logged(
    request_: bytes, expected: set[int], caplog: pytest.LogCaptureFixture
) -> None:
    async with Server() as server:
        answer = await said_to(server, request_.replace(b"Host:", b"Connection: close\r\nHost:", 1))
        assert status(answer) in expected
        assert b"Traceback" not in answer
        await until(lambda: server.listeners.keeper.present == 0)
        await (await server.connect()).close()
    assert [record for record in caplog.records if record.levelno > logging.DEBUG] == []


@pytest.mark.parametrize("method", ["PUT", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "DELETE"])
async def test_methods_that_nothing_here_has(method: str) -> None:
    async with Server() as server:
        line = f"{method} /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        assert status(await said_to(server, line.encode())) == 405


async def test_connect_is_no_way_through() -> None:
    async with Server() as server:
        answer = await said_to(
            server, b"CONNECT example.org:443 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        )
        assert status(answer) in {400, 404, 405}


async def test_a_head_without_end_is_cut_off(caplog: pytest.LogCaptureFixture) -> None:
    """Each header is small enough; it is their sum that is not."""
    async with Server(answer_timeout=3600, request_timeout=3600) as server:
        head = b"GET / HTTP/1.1\r\nHost: x\r\n"
        lines = [b"X-%d: " % number + b"a" * 8000 + b"\r\n" for number in range(20)]
        assert sum(map(len, lines)) > MOST_HEAD
        assert await said_to(server, head, *lines) == b""
        await until(lambda: server.listeners.keeper.present == 0)
    assert caplog.records == []


async def test_compressed_bodies_are_not_unpacked() -> None:
    async with Server(admin_token="t" * 32) as server:
        bomb = b"\x1f\x8b\x08\0\0\0\0\0\0\x03" + bytes(100)
        headers = {"Authorization": "Bearer " + "t" * 32, "Content-Encoding": "gzip"}
        async with server.http.post("/api/rooms", data=bomb, headers=headers) as response:
            assert response.status == 400
            assert "not understood" in await response.text()


# ---- time ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "pieces",
    [(), (b"GET / HTTP/1.1\r\nHo",), (b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n", b"GET / HT")],
)
async def test_a_request_that_does_not_end_is_given_up(pieces: tuple[bytes, ...]) -> None:
    async with Server(request_timeout=1, idle_timeout=1) as server:
        await said_to(server, *pieces)  # returns when the server has hung up
        assert server.listeners.keeper.counts.overdue == 1


async def test_a_body_that_does_not_come_is_given_up() -> None:
    token = "t" * 32
    async with Server(answer_timeout=1, admin_token=token) as server:
        head = (
            f"POST /api/rooms HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
            "Content-Length: 1000\r\n\r\n"
        )
        assert await said_to(server, head.encode(), b'{"name":') == b""
        assert server.listeners.keeper.counts.overdue == 1


async def test_idle_connections_are_closed() -> None:
    async with Server(idle_timeout=1) as server:
        answer = await said_to(server, b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert status(answer) == 200
        assert server.listeners.keeper.counts.overdue == 1


async def test_websockets_have_no_such_limits() -> None:
    async with Server(idle_timeout=1, answer_timeout=1, request_timeout=1) as server:
        ann = await server.connect()
        keeper = server.listeners.keeper
        await until(lambda: keeper.unfinished == 0)
        keeper.dismiss_overdue(asyncio.get_running_loop().time() + 1e6)
        await ann.ask("ping")
        assert keeper.counts.overdue == 0


# ---- numbers -------------------------------------------------------------------------------


@pytest.fixture
def crowd() -> Iterator[list[socket.socket]]:
    """Sockets that are closed in the end."""
    opened: list[socket.socket] = []
    yield opened
    for one in opened:
        one.close()


def open_from(server: Server, address: str) -> socket.socket:
    """A connection that says nothing."""
    opened = socket.create_connection(("127.0.0.1", server.port), source_address=(address, 0))
    opened.setblocking(False)
    return opened


async def test_tcp_connections_per_address_are_limited(crowd: list[socket.socket]) -> None:
    """Twice as many as WebSockets; strangers are refused before anything is made for them."""
    async with Server(connections_per_address=2) as server:
        keeper = server.listeners.keeper
        crowd += [open_from(server, "127.0.0.7") for _ in range(6)]
        await until(lambda: keeper.counts.refused == 2)
        assert keeper.present == 4
        ann = await server.connect()
        await ann.ask("ping")
        for one in crowd:
            one.close()
        await until(lambda: keeper.present == 1)
        crowd.append(open_from(server, "127.0.0.7"))
        await until(lambda: keeper.present == 2)


async def test_strangers_who_use_up_all_connections_keep_nobody_out(
    crowd: list[socket.socket],
) -> None:
    """Established calls go on, and newcomers squeeze out who says nothing."""
    async with Server(connections=12, unfinished_connections=8) as server:
        keeper = server.listeners.keeper
        ann, bob = await server.connect(), await server.connect()
        room = await ann.create()
        await bob.join(room["id"])
        crowd += [open_from(server, f"127.0.0.{2 + number}") for number in range(60)]
        await until(lambda: keeper.counts.accepted >= 62)
        assert keeper.present <= 12
        carol = await server.connect()
        await carol.join(room["id"])
        await ann.say("chat", roomId=room["id"], payload="still here")
        assert (await carol.expect("chat"))["payload"] == "still here"
        assert keeper.counts.squeezed >= 50


async def test_open_websockets_fill_the_house(crowd: list[socket.socket]) -> None:
    async with Server(connections=3, unfinished_connections=3) as server:
        sockets = [await server.connect() for _ in range(3)]
        keeper = server.listeners.keeper
        crowd.append(open_from(server, "127.0.0.9"))
        await until(lambda: keeper.counts.refused == 1)
        for one in sockets:
            await one.ask("ping")


@pytest.mark.parametrize("path", ["/health", "/ws"])
async def test_requests_per_address_are_limited(path: str) -> None:
    """Another request a second is admitted: fifty do not take that long."""
    async with Server(
        requests_per_second=1, request_burst=3, trusted_proxies="127.0.0.1"
    ) as server:
        statuses: list[int] = []
        for _ in range(50):
            async with server.http.get(path) as response:
                statuses.append(response.status)
                if response.status == 429:
                    assert int(response.headers["Retry-After"]) >= 1
                    assert response.headers["X-Content-Type-Options"] == "nosniff"
                    assert (await response.json())["code"] == "too-many-requests"
        assert 429 not in statuses[:3]
        assert 429 in statuses
        elsewhere = {"X-Forwarded-For": "2001:db8::1"}
        async with server.http.get("/health", headers=elsewhere) as response:
            assert response.status == 200


async def test_ipv6_websockets_are_limited_by_network() -> None:
    async with Server(connections_per_address=2, trusted_proxies="127.0.0.1") as server:
        kept = [
            await server.connect(headers={"X-Forwarded-For": f"[2001:db8::{host}]:4711"})
            for host in (1, 2)
        ]
        third = await server.open(headers={"X-Forwarded-For": "2001:db8::3"})
        message = await third.receive(timeout=PATIENCE)
        assert (message.type, message.data) == (WSMsgType.CLOSE, 1013)
        kept.append(await server.connect(headers={"X-Forwarded-For": "2001:db8:0:1::1"}))


async def test_ipv6_rooms_are_limited_by_network() -> None:
    async with Server(rooms_per_address=2, trusted_proxies="127.0.0.1") as server:
        for host in (1, 2, 3):
            ann = await server.connect(headers={"X-Forwarded-For": f"2001:db8::{host}"})
            if host < 3:
                await ann.create()
            else:
                assert await ann.refused("create-room", payload={"name": "x"}) == "too-many-rooms"


# ---- all of it at once ---------------------------------------------------------------------


async def test_a_siege_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    """The benchmark's strangers, for a moment; people talk, and come in, meanwhile."""
    async with Server(unfinished_connections=64, messages_per_second=0) as server:
        ann, bob = await server.connect(), await server.connect()
        room = await ann.create()
        await bob.join(room["id"])
        siege = asyncio.ensure_future(
            asyncio.to_thread(besiege, ("127.0.0.1", server.port), 150, 2.0, 7230)
        )
        said = 0
        while not siege.done():
            said += 1
            await ann.say("chat", roomId=room["id"], payload=f"{said}")
            assert (await bob.expect("chat"))["payload"] == f"{said}"
            newcomer = await server.connect()
            await newcomer.join(room["id"])
            await newcomer.ask("leave-room", payload={"roomId": room["id"]})
            await newcomer.close()
        deeds = await siege
        assert sum(deeds.opened.values()) >= 200
        assert len(deeds.opened) == 9, "every kind of stranger came"
        assert {"101", "200", "400"} <= deeds.answers.keys()
        keeper = server.listeners.keeper
        assert keeper.unfinished <= 64
        await ann.close()
        await bob.close()
        await until(lambda: keeper.unfinished == 0)
    complaints = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert complaints == []


# ---- what we rely on -----------------------------------------------------------------------


async def test_contract_with_aiohttp() -> None:
    """A request's transport leads back to who watches over its connection."""
    seen: list[object] = []

    async def handler(request: web.Request) -> web.Response:
        assert request.transport is not None
        seen.append(request.transport.get_protocol())
        return web.Response()

    app = web.Application()
    app.router.add_get("/", handler)
    listeners = Listeners(app, Server().settings)
    await listeners.open("127.0.0.1", 0)
    reader, writer = await asyncio.open_connection("127.0.0.1", listeners.port)
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert (await reader.read()).startswith(b"HTTP/1.1 200")
    writer.close()
    await listeners.close()
    assert [type(one) for one in seen] == [Visitor]
