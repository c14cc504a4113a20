"""Rooms on the SFU over real sockets: WebSockets on one side, worker processes on the other."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from signaling.workers.worker_process import WorkerRecord, is_alive
from tests.support.server import Server, Socket, until
from tests.support.server_process import ServerProcess

FAKE = (sys.executable, "-m", "tests.support.fake_worker")


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    made = Server(workers=2, state_dir=tmp_path, admin_token="t", sfu_grace=60)
    async with made.with_workers(FAKE) as running:
        yield running


async def open_transport(client: Socket, room_id: str, direction: str) -> str:
    answer = await client.ask("open-transport", roomId=room_id, direction=direction)
    assert answer["type"] == "transport-opened", answer
    transport_id = str(answer["transport"]["id"])
    connecting = {"roomId": room_id, "transportId": transport_id, "dtlsParameters": {}}
    assert (await client.ask("connect-transport", **connecting))["type"] == "ok"
    return transport_id


async def publish(client: Socket, room_id: str) -> str:
    answer = await client.ask(
        "produce",
        roomId=room_id,
        transportId=await open_transport(client, room_id, "send"),
        kind="video",
        source="camera",
        rtpParameters={"codecs": [], "encodings": []},
    )
    assert answer["type"] == "produced", answer
    return str(answer["producerId"])


async def test_a_call(server: Server) -> None:
    ann, bob = await server.connect(), await server.connect()
    assert ann.greeting["features"]["sfu"] is True
    room_id = (await ann.create(mode="sfu", instance="a"))["id"]
    assert (await ann.ask("enter-sfu", roomId=room_id))["type"] == "sfu-entered"
    camera = await publish(ann, room_id)
    await bob.join(room_id, instance="b")
    entered = await bob.ask("enter-sfu", roomId=room_id)
    assert [one["id"] for one in entered["producers"]] == [camera]
    receiving = await open_transport(bob, room_id, "recv")
    fields = {"roomId": room_id, "transportId": receiving, "producerId": camera}
    consumed = await bob.ask("consume", **fields, rtpCapabilities={})
    consumer_id = consumed["consumer"]["id"]
    resumed = await bob.ask("set-consumer", roomId=room_id, consumerId=consumer_id, paused=False)
    assert resumed["type"] == "ok"
    screen = await publish(bob, room_id)
    assert (await ann.expect("producer-added"))["producer"]["id"] == screen
    await bob.close(1001)
    assert (await ann.expect("producer-removed"))["producerId"] == screen


async def test_many_at_once(server: Server) -> None:
    """As a joiner of a large room asks: everything at once, answered in order."""
    ann = await server.connect()
    room_id = (await ann.create(mode="sfu", instance="a"))["id"]
    await ann.ask("enter-sfu", roomId=room_id)
    camera = await publish(ann, room_id)
    receiving = await open_transport(ann, room_id, "recv")
    capabilities = {"codecs": [{"mimeType": f"video/{n}", "x": "y" * 100} for n in range(40)]}
    for number in range(400):
        await ann.say(
            "consume",
            id=number,
            roomId=room_id,
            transportId=receiving,
            producerId=camera,
            rtpCapabilities=capabilities,
        )
    answers = [await ann.expect("consumed") for _ in range(400)]
    assert [answer["id"] for answer in answers] == list(range(400))


async def test_worker_is_killed_in_mid_call(server: Server) -> None:
    ann = await server.connect()
    room_id = (await ann.create(mode="sfu", instance="a"))["id"]
    await ann.ask("enter-sfu", roomId=room_id)
    await publish(ann, room_id)
    for process in server.pool.processes:
        os.kill(process, signal.SIGKILL)
    assert (await ann.expect("router-lost"))["routerId"].startswith(f"{room_id}@worker-")
    assert (await ann.expect("mode-changed"))["reason"] == "sfu-lost", "both are gone"
    while (await ann.expect("mode-changed"))["mode"] != "sfu":
        pass
    entered = await ann.ask("enter-sfu", roomId=room_id)
    assert (entered["transports"], entered["producers"]) == ([], [])
    await publish(ann, room_id)


async def test_health_and_rest(server: Server) -> None:
    await until(lambda: len(server.switchboard.workers.connected()) == 2)
    ann = await server.connect()
    status, made = await server.call(
        "POST", "/api/rooms", token="t", json={"name": "Large", "mode": "sfu"}
    )
    assert (status, made["mode"], made["capacity"]) == (201, "sfu", 1000)
    await ann.join(made["id"], instance="a")
    await ann.ask("enter-sfu", roomId=made["id"])
    await open_transport(ann, made["id"], "send")

    async def sfu() -> Any:  # noqa: ANN401 - JSON
        return (await server.call("GET", "/health"))[1]["sfu"]

    async with asyncio.timeout(10):
        while await sfu() != {"workers": 2, "routers": 1, "transports": 1}:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_server_without_workers_says_so() -> None:
    async with Server() as server:
        ann = await server.connect()
        assert ann.greeting["features"]["sfu"] is False
        assert (await server.call("GET", "/health"))[1]["sfu"] == {
            "workers": 0, "routers": 0, "transports": 0,
        }  # fmt: skip


# ---- the real thing ----------------------------------------------------------------------


@pytest.fixture
def process(tmp_path: Path) -> ServerProcess:
    return ServerProcess(
        tmp_path, CROSSOVER_WORKERS="1", CROSSOVER_SFU_PORT="0", CROSSOVER_SFU_GRACE="60"
    )


async def test_signaling_is_killed_and_media_lives_on(
    process: ServerProcess, tmp_path: Path
) -> None:
    await asyncio.to_thread(process.start)
    async with ClientSession() as http:
        ann = Socket(await http.ws_connect(f"{process.url}/ws"))
        await ann.expect("client-id")
        room = await ann.create(mode="sfu", instance="a")
        room_id = room["id"]
        assert (await ann.ask("enter-sfu", roomId=room_id))["type"] == "sfu-entered"
        answer = await ann.ask("open-transport", roomId=room_id, direction="send")
        transport_id = answer["transport"]["id"]
        worker = WorkerRecord.read(tmp_path / "sfu" / "worker-0.json")
        assert worker is not None
        process.kill()
        assert is_alive(worker.process)
        await asyncio.to_thread(process.start)
        again = Socket(await http.ws_connect(f"{process.url}/ws"))
        assert (await again.expect("client-id"))["features"]["sfu"] is True
        assert (await again.resume(ann))["id"] == ann.id
        reopened = await again.join(room_id, instance="a", ticket=room["ticket"])
        assert (reopened["mode"], reopened["reopened"]) == ("sfu", True)
        entered = await again.ask("enter-sfu", roomId=room_id)
        assert entered["transports"] == [transport_id]
        restarted = await again.ask("restart-ice", roomId=room_id, transportId=transport_id)
        assert restarted["type"] == "ice-restarted"
    await asyncio.to_thread(process.stop)
    assert not is_alive(worker.process), "an orderly end ends the workers, too"
    assert process.complaints() == []
