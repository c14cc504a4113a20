"""What happens to sockets: who may connect, what is too much, who is dropped."""

import logging
import socket as sockets
import struct

import pytest
from aiohttp import ClientWSTimeout, WSMsgType, WSServerHandshakeError

from benchmarks.load.handshake import Handshake
from signaling import lists as room_lists
from signaling.http import websocket
from signaling.http.keep_alive import TURN
from tests.support.server import PATIENCE, Server, Socket, until


async def closed_at_once(server: Server, **headers: str) -> tuple[int, str]:
    """Opens a WebSocket that has to be refused; close code and reason."""
    websocket = await server.open(
        headers={name.replace("_", "-"): v for name, v in headers.items()}
    )
    message = await websocket.receive(timeout=PATIENCE)
    assert message.type is WSMsgType.CLOSE, message
    return message.data, message.extra or ""


# ---- origin and address --------------------------------------------------------------------


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "", "http://[", "http://127.0.0.1.evil.example", "http://\u2100",
     "http://127.0.0.1:1", "file://", "http://user@evil.example"],
)  # fmt: skip
async def test_foreign_origin_is_refused(origin: str, caplog: pytest.LogCaptureFixture) -> None:
    async with Server() as server:
        assert await closed_at_once(server, Origin=origin) == (1008, "Invalid origin")
        assert server.switchboard.connected == 0
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


async def test_own_origin_and_no_origin_are_welcome() -> None:
    async with Server() as server:
        await server.connect(headers={"Origin": server.url})
        await server.connect(headers={"Origin": "https://rooms.example", "Host": "ROOMS.example"})
        await server.connect()


async def test_allowed_origins() -> None:
    async with Server(allowed_origins="https://a.example, http://b.example:8080/") as server:
        for welcome in ("https://a.example", "HTTPS://A.example", "http://b.example:8080"):
            await server.connect(headers={"Origin": welcome})
        for origin in ("http://a.example", "https://b.example", server.url):
            assert await closed_at_once(server, Origin=origin) == (1008, "Invalid origin")


@pytest.mark.parametrize("host", ["[", "[::1", "a b", "\u2100.example", "::", ""])
async def test_host_header_that_is_none_harms_nobody(
    host: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with Server() as server:
        try:
            socket = await server.connect(headers={"Host": host})
        except WSServerHandshakeError as refused:
            assert refused.status == 400
        else:
            assert socket.greeting["features"]["legacyDirect"] is False
    assert caplog.records == []


async def test_connections_per_address_are_limited() -> None:
    async with Server(connections_per_address=2, trusted_proxies="127.0.0.1") as server:
        first, _ = [await server.connect() for _ in range(2)]
        code, reason = await closed_at_once(server)
        assert code == 1013
        assert reason
        assert server.switchboard.connected == 2
        await server.connect(headers={"X-Forwarded-For": "203.0.113.9"})
        await first.close()
        await until(lambda: server.switchboard.has_place_for("127.0.0.1"))
        await server.connect()


async def test_request_that_is_no_websocket() -> None:
    async with Server() as server, server.http.get("/ws") as response:
        assert response.status == 400


# ---- size and rate -------------------------------------------------------------------------


async def test_oversized_frame_is_answered_and_the_connection_stays() -> None:
    async with Server(frame_bytes=2000) as server:
        ann = await server.connect()
        await ann.say("ping", filler="x" * 2000)
        error = await ann.expect("error")
        assert error["code"] == "frame-too-large"
        assert "2000" in error["message"]
        await ann.say("ping", filler="é" * 1001)
        assert (await ann.expect("error"))["code"] == "frame-too-large", "bytes, not characters"
        largest = 2000 - len('{"type": "ping", "filler": ""}')
        await ann.say("ping", filler="x" * largest)
        await ann.expect("pong")


async def test_binary_frame_is_answered_and_the_connection_stays() -> None:
    async with Server() as server:
        ann = await server.connect()
        await ann.websocket.send_bytes(b'{"type":"ping"}')
        assert (await ann.expect("error"))["code"] == "bad-message"
        await ann.ask("ping")


@pytest.mark.parametrize("binary", [False, True])
async def test_flood_closes_the_connection_and_no_other(binary: bool) -> None:
    async with Server(messages_per_second=1, message_burst=5, flood_strikes=10) as server:
        bob, mallory = await server.connect(), await server.connect()
        for _ in range(20):
            if binary:
                await mallory.websocket.send_bytes(b"x")
            else:
                await mallory.say("ping")
        assert await mallory.closed() == 4008
        errors = [frame["code"] for frame in mallory.frames if frame["type"] == "error"]
        assert errors.count("too-many-requests") == 2, "at the first strike and half way"
        goodbye = mallory.frames[-1]
        assert (goodbye["type"], goodbye["code"], goodbye["reconnect"]) == (
            "goodbye",
            "flood",
            True,
        )
        assert len(mallory.frames) <= 5 + 3
        await bob.ask("ping")


async def test_who_was_closed_for_flooding_may_resume() -> None:
    async with Server(messages_per_second=1, message_burst=5, flood_strikes=10) as server:
        ann, bob = await server.connect(), await server.connect()
        room = await ann.create(instance="a")
        await bob.join(room["id"], instance="b")
        for _ in range(20):
            await bob.say("ping")
        assert await bob.closed() == 4008
        assert (await ann.expect("member-joined"))["memberId"] == bob.id
        assert (await ann.expect("member-presence"))["presence"] == "reconnecting"
        await ann.say("chat", roomId=room["id"], payload="missed")
        await ann.expect("chat")
        again = await server.connect()
        assert (await again.resume(bob))["resumed"] is True
        assert [frame["type"] for frame in await again.take()] == ["chat"]


async def test_client_that_does_not_read_is_dropped_and_the_others_are_unharmed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Its session lives on: what it did not read, it may have after a resume."""
    async with Server(queued_bytes=50_000, messages_per_second=0) as server:
        ann, bob, slow = [await server.connect() for _ in range(3)]
        room = await ann.create(instance="a")
        for socket in (bob, slow):
            await socket.join(room["id"], instance="i")
        await ann.take()
        reader = slow.websocket._response.connection
        assert reader is not None
        assert reader.transport is not None
        reader.transport.pause_reading()
        text = "x" * 4000
        dropped = None
        for number in range(1, 5000):
            await ann.ask("chat", roomId=room["id"], payload=text)
            assert (await bob.expect("chat"))["order"] == number
            if dropped := next((f for f in ann.frames if f["type"] == "member-presence"), None):
                break
        assert dropped
        assert dropped["memberId"] == slow.id
        assert dropped["presence"] == "reconnecting"
        assert await bob.take("member-left") == []
    assert {record.levelno for record in caplog.records} == {logging.WARNING}
    assert "unread" in caplog.text


async def test_client_that_gives_no_sign_of_life_is_dropped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(websocket, "BEAT", 3600.0)
    async with Server() as server:
        ann = await server.connect()
        room = await ann.create(instance="a")
        dead = Socket(await server.http.ws_connect("/ws", autoping=False))
        await dead.expect("client-id")
        await dead.join(room["id"], instance="d")
        for _ in range(3):
            await ann.take()
            for _ in range(TURN):
                server.gateway._beat()
        told = await ann.expect("member-presence")
        assert (told["memberId"], told["presence"]) == (dead.id, "reconnecting")
        assert server.switchboard.connected == 1
        assert (await dead.websocket.receive()).type is WSMsgType.PING


# ---- lists ---------------------------------------------------------------------------------


async def test_lists_are_coalesced(monkeypatch: pytest.MonkeyPatch) -> None:
    """However much changes, a list follows another only after a while."""
    monkeypatch.setattr(room_lists, "LIST_INTERVAL", 3600.0)
    async with Server() as server:
        watcher, ann = await server.connect(), await server.connect()
        await watcher.ask("list-rooms")
        await ann.create("First")
        assert len((await watcher.expect("rooms-list"))["rooms"]) == 1
        for _ in range(30):
            room = await ann.create()
            await ann.ask("leave-room", payload={"roomId": room["id"]})
        assert await watcher.take("rooms-list") == []
        assert len((await watcher.ask("list-rooms"))["rooms"]) == 1


# ---- the end of a connection ---------------------------------------------------------------


async def test_nothing_is_left_of_clients_that_have_gone() -> None:
    async with Server(resume_grace="0") as server:
        sockets = [await server.connect() for _ in range(5)]
        channel = await server.connect_channels("a", "webrtc-dashboard-rooms")
        room = await sockets[0].create()
        for socket in sockets[1:]:
            await socket.join(room["id"])
            await socket.ask("list-rooms")
        for socket in (*sockets, channel):
            socket.cut()
        exchange = server.switchboard._exchange
        await until(lambda: not exchange.sessions and not exchange.connections)
        assert not exchange.channel_connections
        assert not exchange.list_subscribers
        assert len(server.switchboard.registry.index) == 0


async def test_clients_close_frame_is_answered() -> None:
    async with Server() as server:
        websocket = await server.http.ws_connect("/ws", timeout=ClientWSTimeout(ws_close=PATIENCE))
        socket = Socket(websocket)
        await socket.expect("client-id")
        await websocket.close(code=1001)
        assert websocket.close_code == 1000
        assert websocket.exception() is None


RESET = struct.pack("ii", 1, 0)
"""SO_LINGER: on, and for no time."""


@pytest.mark.parametrize("path", ["/ws", "/health", "/"])
async def test_client_that_is_gone_before_it_is_answered_is_no_error(
    path: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Its request and its reset lie there together when the server looks."""
    async with Server() as server:
        request = Handshake(f"127.0.0.1:{server.port}").request.replace(b"/ws", path.encode(), 1)
        for _ in range(20):
            with sockets.create_connection(("127.0.0.1", server.port)) as client:
                client.setsockopt(sockets.SOL_SOCKET, sockets.SO_LINGER, RESET)
                client.sendall(request)
        ann = await server.connect()  # accepted after all of them
        await ann.ask("ping")
        await until(lambda: server.switchboard.connected == 1)
        await ann.close()
    assert caplog.records == []
