"""Join tokens on a running server: minted by the command and over REST, shown on real sockets."""

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.server import SECRET, Server, Socket, until

ROOT = Path(__file__).parent.parent.parent
ADMIN = "an operator's token"
ROOMS = "webrtc-dashboard-rooms"


def gated(**variables: object) -> Server:
    return Server(access="token", admin_token=ADMIN, **variables)


async def command(*arguments: str, **variables: str) -> tuple[int, list[str], str]:
    """``crossover token``: exit code, lines printed, complaints."""
    environment = {"PATH": os.environ["PATH"], "COLUMNS": "500", **variables}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "signaling",
        "token",
        *arguments,
        env=environment,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode().splitlines(), err.decode()


async def minted(server: Server, **wish: object) -> dict[str, Any]:
    status, body = await server.call("POST", "/api/tokens", ADMIN, json=wish)
    assert status == 201, body
    return dict(body)


async def moderator(server: Server) -> str:
    return str((await minted(server, room="tea", grants={"moderate": True}))["token"])


async def test_a_command_s_token_opens_the_room_it_names() -> None:
    async with gated(secret=SECRET) as server:
        arguments = ["--room", "tea", "--name", "Ada", "--grant", "moderate", "--ttl", "1h"]
        code, (token, link), _ = await command(
            *arguments, "--address", "https://meet.example/", CROSSOVER_SECRET=SECRET
        )
        assert code == 0
        assert link == f"https://meet.example/r/tea#token={token}"
        ann, eve = await server.connect(), await server.connect()
        room = await ann.join("tea", token=token, instance="a")
        assert [one["name"] for one in room["members"]] == ["Ada"]
        wish = {"roomId": "tea", "instance": "e"}
        assert await eve.refused("join-room", payload=wish) == "token-required"
        forged = token[:-4] + ("AAAA" if token[-4:] != "AAAA" else "BBBB")
        assert await eve.refused("join-room", payload={**wish, "token": forged}) == "token-invalid"


async def test_a_secret_of_its_own_is_what_counts() -> None:
    own = "a token secret of thirty-two bytes, or more"
    async with gated(secret=SECRET, token_secret=own) as server:
        good = await command("--room", "*", CROSSOVER_TOKEN_SECRET=own)
        derived = await command("--room", "*", CROSSOVER_SECRET=SECRET)
        ann = await server.connect()
        wish = {"name": "Tea", "instance": "a"}
        bad = {**wish, "token": derived[1][0]}
        assert await ann.refused("create-room", payload=bad) == "token-invalid"
        await ann.create(token=good[1][0], instance="a")


async def test_the_command_finds_the_secret_that_the_server_has_made(tmp_path: Path) -> None:
    async with Server(access="token", secret="", state_dir=str(tmp_path)) as server:
        _, (token, link), _ = await command("--room", "*", CROSSOVER_STATE_DIR=str(tmp_path))
        assert link.startswith("http://localhost:3000/#token=")
        await (await server.connect()).create(token=token, instance="a")


@pytest.mark.parametrize(
    ("arguments", "variables", "complaint"),
    [
        (["--room", "tea"], {"CROSSOVER_STATE_DIR": "/nowhere"}, "CROSSOVER_TOKEN_SECRET"),
        (["--room", "tea", "--ttl", "31d"], {"CROSSOVER_SECRET": SECRET}, "30d"),
        (["--room", "tea", "--ttl", "soon"], {"CROSSOVER_SECRET": SECRET}, "--ttl"),
        (["--room", ""], {"CROSSOVER_SECRET": SECRET}, "room"),
        (["--room", "a\nb"], {"CROSSOVER_SECRET": SECRET}, "visible characters"),
        (["--room", "tea", "--name", " "], {"CROSSOVER_SECRET": SECRET}, "name"),
        (
            ["--room", "tea", "--grant", "publish", "--no-publish"],
            {"CROSSOVER_SECRET": SECRET},
            "contradict",
        ),
        (["--room", "tea", "--grant", "everything"], {"CROSSOVER_SECRET": SECRET}, "everything"),
        (["--room", "tea"], {"CROSSOVER_TOKEN_SECRET": "short"}, "32 characters"),
        ([], {"CROSSOVER_SECRET": SECRET}, "--room"),
    ],
)
async def test_the_command_says_what_is_wrong(
    arguments: list[str], variables: dict[str, str], complaint: str
) -> None:
    code, lines, complaints = await command(*arguments, **variables)
    assert (code, lines) == (2, [])
    assert complaint in complaints
    assert SECRET not in complaints


async def test_applications_mint_over_rest() -> None:
    async with gated() as server:
        body = await minted(
            server, room="tea", name="Bo", userId="u7", grants={"publish": False}, ttl=600
        )
        assert body["path"] == f"/r/tea#token={body['token']}"
        ann, bob = await server.connect(), await server.connect()
        await ann.join("tea", token=await moderator(server), instance="a")
        answer = await bob.ask(
            "join-room", payload={"roomId": "tea", "token": body["token"], "instance": "b"}
        )
        assert answer["grants"]["publish"] is False
        assert (answer["room"]["members"][1]["name"], answer["room"]["members"][1]["userId"]) == (
            "Bo",
            "u7",
        )


@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"room": "tea", "ttl": 1},
        {"room": "tea", "ttl": 30 * 86400 + 1},
        {"room": "tea", "grants": {"publsh": False}},
        {"room": "tea", "name": ""},
        {"room": "a\nb"},
        [],
        "tea",
    ],
)
async def test_rest_refuses_what_would_grant_something_else(wish: object) -> None:
    async with gated() as server:
        status, body = await server.call("POST", "/api/tokens", ADMIN, json=wish)
        assert status == 400
        assert body["message"]
        assert "token" not in body


async def test_rest_mints_for_nobody_else() -> None:
    async with gated() as server:
        for token in (None, "", "wrong"):
            status, body = await server.call("POST", "/api/tokens", token, json={"room": "tea"})
            assert (status, body["code"]) == (401, "unauthorised")


async def test_both_dialects_meet_by_tokens() -> None:
    async with gated() as server:
        ann, bob = await server.connect(), await server.connect()
        await bob.subscribe(ROOMS)
        await ann.join("tea", token=await moderator(server), name="Ann")
        data = {"roomId": "tea", "userId": "u2", "userName": "Bob"}
        assert await bob.refused("user-joined-room", channel=ROOMS, data=data) == "token-required"
        data["token"] = (await minted(server, room="tea", userId="u2"))["token"]
        assert (await bob.ask("user-joined-room", channel=ROOMS, data=data))["type"] == "ok"
        assert (await ann.expect("member-joined"))["memberId"] == "u2"


async def comes_back(server: Server, before: Socket) -> Socket:
    again = await server.connect()
    assert (await again.resume(before))["resumed"]
    return again


async def test_a_cut_connection_is_back_with_its_grants() -> None:
    async with gated() as server:
        ann, bob = await server.connect(), await server.connect()
        await ann.join("tea", token=await moderator(server), instance="a")
        quiet = (await minted(server, room="tea", grants={"data": False}))["token"]
        await bob.join("tea", token=quiet, instance="b")
        bob.cut()
        assert (await ann.expect("member-presence"))["presence"] == "reconnecting"
        again = await comes_back(server, bob)
        assert await again.refused("chat", roomId="tea", payload="Hello") == "not-permitted"


async def test_no_token_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    async with gated() as server:
        ann = await server.connect()
        shown = await moderator(server)
        await ann.join("tea", token=shown, instance="a")
        bad = {"roomId": "coffee", "token": shown}
        assert await ann.refused("join-room", payload=bad) == "token-invalid"
        await ann.close()
        await until(lambda: server.switchboard.connected == 0)
    signature = shown.rpartition(".")[2]
    assert signature not in caplog.text
    assert shown not in caplog.text
