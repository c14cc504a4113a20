"""How a real service ends, and what it writes into its log on the way."""

import asyncio
import json
import os
import signal
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from benchmarks.load.client import Client
from tests.support.server import until
from tests.support.server_process import ServerProcess

SECRETS = {
    "CROSSOVER_SECRET": "a-signing-secret-that-nobody-may-ever-read",
    "CROSSOVER_ADMIN_TOKEN": "an-admin-token-that-nobody-may-read",
    "CROSSOVER_TURN_SERVERS": "turn:turn.example.org",
    "CROSSOVER_TURN_SECRET": "a-turn-secret-that-nobody-may-read",
}


async def in_a_room(server: ServerProcess, **payload: object) -> tuple[Client, str]:
    client = await Client.connect(server.url)
    await client.expect("client-id")
    wish = {"name": "Room", "instance": "a", **payload}
    answer = await client.ask({"type": "create-room", "payload": wish})
    return client, str(answer["room"]["id"])


def health_status(server: ServerProcess) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"{server.url}/health", timeout=5) as answer:
            return answer.status, json.load(answer)["status"]
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)["status"]


async def ended(server: ServerProcess) -> int:
    assert server._process is not None
    return await asyncio.to_thread(server._process.wait, 20)


async def test_it_waits_until_nobody_is_in_a_room(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path, CROSSOVER_DRAIN_SECONDS="600")
    server.start()
    ann, room_id = await in_a_room(server)
    os.kill(server.pid, signal.SIGTERM)
    notice = await ann.expect("server-draining")
    assert (notice["part"], notice["seconds"]) == ("signaling", 600.0)
    assert await asyncio.to_thread(health_status, server) == (503, "draining")
    bob = await Client.connect(server.url)
    wish = {"roomId": room_id, "instance": "b"}
    joined = await bob.ask({"type": "join-room", "payload": wish})
    assert joined["type"] == "room-joined"
    refused = await bob.ask({"type": "create-room", "payload": {"name": "Another"}})
    assert refused["code"] == "server-draining"
    for client in (ann, bob):
        client.send({"type": "leave-room", "payload": {"roomId": room_id}})
    assert await ended(server) == 0
    assert "server-ended" in server.log
    assert server.complaints() == []


async def test_a_second_signal_or_ctrl_c_ends_it_at_once(tmp_path: Path) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        server = ServerProcess(tmp_path, CROSSOVER_DRAIN_SECONDS="600")
        server.start()
        ann, _ = await in_a_room(server)
        os.kill(server.pid, signal.SIGTERM)
        await ann.expect("server-draining")
        os.kill(server.pid, number)
        assert await ended(server) == 0


async def test_the_deadline_ends_it(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path, CROSSOVER_DRAIN_SECONDS="0.2")
    server.start()
    ann, _ = await in_a_room(server)
    os.kill(server.pid, signal.SIGTERM)
    assert (await ann.expect("goodbye"))["code"] == "shutdown"
    assert await ended(server) == 0


async def test_every_event_is_one_line_of_json_and_no_secret_is_in_it(tmp_path: Path) -> None:
    server = ServerProcess(
        tmp_path,
        CROSSOVER_LOG_FORMAT="json",
        CROSSOVER_LOG_LEVEL="debug",
        CROSSOVER_MESH_LIMIT="2",
        CROSSOVER_RETURN_AT="2",
        **SECRETS,
    )
    server.start()
    ann, room_id = await in_a_room(server, password="a-room-password-of-ours", memberName="Anna")
    greeting = await _greeted(server)
    token = greeting["resumeToken"]
    bob = await Client.connect(server.url)
    join = {"roomId": room_id, "instance": "b", "password": "not-the-room-password"}
    refused = await bob.ask({"type": "join-room", "payload": join})
    assert refused["code"] == "wrong-password"
    join["password"] = "a-room-password-of-ours"
    joined = await bob.ask({"type": "join-room", "payload": join})
    said = {"type": "chat", "roomId": room_id, "payload": "words-that-are-nobody-elses"}
    await bob.ask(said)
    bob.abort()
    await until(lambda: '"member-lost"' in server.log)
    await asyncio.to_thread(_set_level, server, "warning")
    await asyncio.to_thread(_set_level, server, "info")
    os.kill(server.pid, signal.SIGUSR2)
    await until(lambda: server.log.count("log-level-changed") == 3)
    ann.send({"type": "leave-room", "payload": {"roomId": room_id}})
    await until(lambda: '"member-left"' in server.log)
    server.stop()
    lines = [json.loads(line) for line in server.log.splitlines() if line.startswith("{")]
    kinds = [line["event"] for line in lines if "event" in line]
    for kind in ("server-started", "room-opened", "member-joined", "join-refused", "member-lost"):
        assert kind in kinds
    for kind in ("member-left", "log-level-changed", "server-draining", "server-ended"):
        assert kind in kinds
    told = next(line for line in lines if line.get("event") == "join-refused")
    assert (told["code"], told["room"]) == ("wrong-password", room_id)
    assert all(line["address"] == "127.0.0.0/24" for line in lines if line.get("address"))
    secrets = [*SECRETS.values(), "room-password", "words-that-are-nobody-elses", token, "Anna"]
    secrets.append(joined["room"]["ticket"])
    secrets.remove("turn:turn.example.org")
    for secret in secrets:
        assert secret not in server.log


async def test_workers_log_as_much_as_signaling(tmp_path: Path) -> None:
    settings = {"CROSSOVER_WORKERS": "1", "CROSSOVER_SFU_PORT": "0"} | SECRETS
    server = ServerProcess(tmp_path, **settings)
    server.start()
    try:
        await asyncio.to_thread(_set_level, server, "debug")
        await until(lambda: "worker-0: logs from now on: debug and above" in server.log)
    finally:
        server.stop()


async def _greeted(server: ServerProcess) -> dict[str, Any]:
    client = await Client.connect(server.url)
    return await client.expect("client-id")


def _set_level(server: ServerProcess, level: str) -> None:
    request = urllib.request.Request(
        f"{server.url}/api/log-level",
        data=json.dumps({"level": level}).encode(),
        headers={"Authorization": f"Bearer {SECRETS['CROSSOVER_ADMIN_TOKEN']}"},
        method="PUT",
    )
    with urllib.request.urlopen(request, timeout=5) as answer:
        assert answer.status == 200
