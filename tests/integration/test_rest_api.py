"""The operator's REST API, on the registry that the WebSocket clients use."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.support.server import Server, until

TOKEN = "an operator's token"

ENDPOINTS = [
    ("GET", "/api/rooms"),
    ("POST", "/api/rooms"),
    ("GET", "/api/rooms/x"),
    ("DELETE", "/api/rooms/x"),
    ("DELETE", "/api/rooms/x/members/y"),
]


def operated(**variables: object) -> Server:
    return Server(admin_token=TOKEN, **variables)


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
async def test_api_is_off_without_a_token(method: str, path: str) -> None:
    async with Server() as server:
        for token in (None, "", TOKEN):
            status, body = await server.call(method, path, token)
            assert (status, body["code"]) == (403, "api-off")


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
@pytest.mark.parametrize(
    "authorization",
    [None, "", TOKEN, "Bearer", "Bearer ", f"Basic {TOKEN}", "Bearer wrong", f"Bearer {TOKEN}x",
     "Bearer \u00e9", b"Bearer \xff\xfe".decode("utf-8", "surrogateescape")],
)  # fmt: skip
async def test_wrong_token(method: str, path: str, authorization: str | None) -> None:
    async with operated() as server:
        headers = {} if authorization is None else {"Authorization": authorization}
        raw = [(k.encode(), v.encode("utf-8", "surrogateescape")) for k, v in headers.items()]
        status, body = await plain_request(server, method, path, raw)
        assert status == 401
        assert b'"code":"unauthorised"' in body


async def plain_request(
    server: Server, method: str, path: str, headers: list[tuple[bytes, bytes]], body: bytes = b""
) -> tuple[int, bytes]:
    """A request as bytes, for what no client library would send."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    lines = [f"{method} {path} HTTP/1.1".encode(), b"Host: localhost", b"Connection: close"]
    lines += [name + b": " + value for name, value in headers]
    writer.write(b"\r\n".join(lines) + b"\r\n\r\n" + body)
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return int(answer.split()[1]), answer


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER "])
async def test_scheme_is_read_without_case(scheme: str) -> None:
    async with operated() as server:
        headers = [(b"Authorization", f"{scheme} {TOKEN}".encode())]
        assert (await plain_request(server, "GET", "/api/rooms", headers))[0] == 200


async def test_listing() -> None:
    async with operated() as server:
        assert await server.call("GET", "/api/rooms", TOKEN) == (200, {"rooms": [], "total": 0})
        ann, bob = await server.connect(), await server.connect()
        first = await ann.create("First", memberName="Ann", metadata={"private": True})
        second = await bob.create("Second")
        status, body = await server.call("GET", "/api/rooms", TOKEN)
        assert (status, body["total"]) == (200, 2)
        assert [report["room"]["id"] for report in body["rooms"]] == [first["id"], second["id"]]
        report = body["rooms"][0]
        assert report["private"] is True
        assert report["host"] == ann.id
        assert report["members"] == first["members"]
        for member, rooms in ((ann.id, ["First"]), (bob.id, ["Second"]), ("nobody", [])):
            _, body = await server.call("GET", "/api/rooms", TOKEN, params={"member": member})
            assert [report["room"]["name"] for report in body["rooms"]] == rooms


async def test_one_room() -> None:
    async with operated() as server:
        ann = await server.connect()
        room = await ann.create("Tea")
        status, body = await server.call("GET", f"/api/rooms/{room['id']}", TOKEN)
        assert (status, body["room"]["name"], body["host"]) == (200, "Tea", ann.id)
        status, body = await server.call("GET", "/api/rooms/nowhere", TOKEN)
        assert (status, body["code"]) == (404, "room-not-found")


async def test_opening_a_room() -> None:
    async with operated() as server:
        watcher = await server.connect()
        await watcher.ask("list-rooms")
        wish = {"name": "Lecture", "maxParticipants": 3, "password": "p",
                "metadata": {"description": "on Monday", "private": False}}  # fmt: skip
        status, opened = await server.call("POST", "/api/rooms", TOKEN, json=wish)
        assert status == 201
        assert (opened["name"], opened["participantCount"]) == ("Lecture", 0)
        assert (opened["state"], opened["hasPassword"], opened["capacity"]) == ("empty", True, 3)
        (listed,) = (await watcher.expect("rooms-list"))["rooms"]
        assert listed["id"] == opened["id"]
        joined = await watcher.join(opened["id"], password="p")
        assert joined["host"] == watcher.id
        assert joined["metadata"]["description"] == "on Monday"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "bad-message"),
        (b"{", "bad-message"),
        (b"[]", "bad-message"),
        (b"{}", "bad-message"),
        (b'{"name":1}', "bad-message"),
        (b'{"name":"x","maxParticipants":-1}', "bad-message"),
        (b'{"name":""}', "name-invalid"),
        (b'{"name":"\xff"}', "bad-message"),
        (b"[" * 10_000, "bad-message"),
        (b'{"name":"' + b"x" * 20_000 + b'"}', "frame-too-large"),
    ],
)
async def test_body_that_is_refused(body: bytes, code: str) -> None:
    async with operated() as server:
        status, answer = await server.call("POST", "/api/rooms", TOKEN, data=body)
        assert (status, answer["code"]) == (400, code)
        assert answer["message"]
        assert len(server.switchboard.registry.index) == 0


async def test_body_that_arrives_in_pieces() -> None:
    async with operated() as server:
        sent: list[bytes] = []

        async def pieces() -> AsyncIterator[bytes]:
            for piece in (b'{"na', b'me":"', b"Tea", b'"}'):
                yield piece
                sent.append(piece)
                await server.call("GET", "/health")  # the server has read what there was

        status, answer = await server.call("POST", "/api/rooms", TOKEN, data=pieces())
        assert (status, answer["name"], len(sent)) == (201, "Tea", 4)


async def test_closing_a_room() -> None:
    async with operated() as server:
        ann, bob = await server.connect(), await server.connect()
        room = await ann.create()
        await bob.join(room["id"])
        await ann.take()
        path = f"/api/rooms/{room['id']}"
        assert await server.call("DELETE", path, TOKEN) == (204, None)
        for socket in (ann, bob):
            assert await socket.take("room-closed") == [
                {"type": "room-closed", "roomId": room["id"], "reason": "closed-by-operator"}
            ]
        status, body = await server.call("DELETE", path, TOKEN)
        assert (status, body["code"]) == (404, "room-not-found")
        wish = {"roomId": room["id"], "ticket": room["ticket"]}
        assert (await ann.ask("join-room", payload=wish))["type"] == "error"


async def test_removing_a_member() -> None:
    async with operated() as server:
        ann, bob, cid = [await server.connect() for _ in range(3)]
        room = await ann.create()
        for socket in (bob, cid):
            await socket.join(room["id"])
        for socket in (ann, bob, cid):
            await socket.take()
        path = f"/api/rooms/{room['id']}/members/{bob.id}"
        assert await server.call("DELETE", path, TOKEN) == (204, None)
        told = {
            "type": "member-left",
            "roomId": room["id"],
            "memberId": bob.id,
            "participants": [ann.id, cid.id],
            "reason": "removed",
        }
        for socket in (ann, bob, cid):
            assert await socket.take("member-left") == [told]
        status, body = await server.call("DELETE", path, TOKEN)
        assert (status, body["code"]) == (404, "not-a-member")
        path = f"/api/rooms/nowhere/members/{bob.id}"
        status, body = await server.call("DELETE", path, TOKEN)
        assert (status, body["code"]) == (404, "room-not-found")


async def test_removing_a_member_that_is_away_leaves_nothing_behind() -> None:
    async with operated(resume_grace="0.05") as server:
        ann, bob = await server.connect(), await server.connect()
        room = await ann.create()
        await bob.join(room["id"], instance="b")
        bob.cut()
        await ann.expect("member-presence")
        path = f"/api/rooms/{room['id']}/members/{bob.id}"
        assert (await server.call("DELETE", path, TOKEN))[0] == 204
        again = await server.connect()
        await again.resume(bob)
        again.cut()
        await ann.take()
        exchange: Any = server.switchboard._exchange
        await until(lambda: set(exchange.sessions) == {ann.id})


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("PUT", "/api/rooms", 405), ("POST", "/api/rooms/x", 405), ("GET", "/api/other", 404)],
)
async def test_what_is_no_endpoint(method: str, path: str, status: int) -> None:
    async with operated() as server, server.http.request(method, path) as response:
        assert response.status == status
