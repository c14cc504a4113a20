"""The port of the metrics: who may scrape, how, and what becomes of who does not read."""

import asyncio
import socket

import pytest
from aiohttp import ClientConnectionError, ClientSession

from signaling.config import SETTINGS, ConfigError, load
from signaling.metrics.listener import Scrapes, listening
from signaling.setting_values import Listener
from tests.support.exposition import families, staged, values
from tests.support.server import Server, until

LOCAL = Listener("127.0.0.1", 0)
TOKEN = "a token of tests"


async def scrape(
    server: Server, token: str | None = None, method: str = "GET", path: str = "/metrics"
) -> tuple[int, str]:
    assert server.metrics is not None
    headers = {} if token is None else {"Authorization": token}
    url = f"http://127.0.0.1:{server.metrics.port}{path}"
    async with server.http.request(method, url, headers=headers) as answer:
        return answer.status, await answer.text()


async def test_everything_is_told_with_help_and_type() -> None:
    async with Server(metrics="127.0.0.1:0") as server:
        assert server.metrics is not None
        answer = await server.http.get(f"http://127.0.0.1:{server.metrics.port}/metrics")
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        assert answer.headers["Cache-Control"] == "no-store"
        text = await answer.text()
    found = {family.name: family for family in families(text)}
    assert {"crossover_rooms", "crossover_joins", "crossover_sfu_workers"} <= found.keys()
    assert {"process_cpu_seconds", "process_resident_memory_bytes", "python_info"} <= found.keys()
    assert all(family.documentation for family in found.values())


async def test_rooms_and_members_are_counted_when_asked() -> None:
    async with Server(metrics="127.0.0.1:0") as server:
        ann, bob = await server.connect(), await server.connect()
        room = await ann.create(instance="a")
        await bob.join(room["id"], instance="b")
        told = values((await scrape(server))[1])
        assert told["crossover_rooms", (("mode", "mesh"),)] == 1
        assert told["crossover_members", (("mode", "mesh"),)] == 2
        assert told["crossover_connections", ()] == 2
        assert told["crossover_messages_received_total", (("type", "join-room"),)] == 1


def test_no_label_tells_of_a_room_or_a_member() -> None:
    stage, registry = staged()
    ann = stage.connect()
    ids = [ann.create(name="Secret room", instance="a")["id"], ann.id]
    ann.say("made-up-by-a-stranger", roomId=ids[0])
    told = {
        value
        for family in registry.collect()
        for sample in family.samples
        for value in sample.labels.values()
    }
    assert told.isdisjoint({*ids, "Secret room", "made-up-by-a-stranger"})


# ---- who may ------------------------------------------------------------------------------


async def test_token_opens() -> None:
    async with Server(metrics="127.0.0.1:0", metrics_token=TOKEN) as server:
        assert (await scrape(server, f"Bearer {TOKEN}"))[0] == 200
        assert (await scrape(server, f"bearer  {TOKEN} "))[0] == 200


@pytest.mark.parametrize(
    "given", [None, "", "Bearer", "Bearer wrong", f"Basic {TOKEN}", TOKEN, "Bearer ätsch"]
)
async def test_no_other_token_does(given: str | None) -> None:
    async with Server(metrics="127.0.0.1:0", metrics_token=TOKEN) as server:
        for path in ("/metrics", "/elsewhere"):
            status, text = await scrape(server, given, path=path)
            assert status == 401
            assert '"code":"unauthorised"' in text
            assert TOKEN not in text


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_nothing_but_reading(method: str) -> None:
    async with Server(metrics="127.0.0.1:0") as server:
        assert (await scrape(server, method=method))[0] == 405
        assert (await scrape(server, method="HEAD"))[0] == 200


async def test_nothing_else_is_there_and_nothing_of_it_on_the_public_port() -> None:
    async with Server(metrics="127.0.0.1:0") as server:
        for path in ("/", "/ws", "/health", "/api/rooms", "/metrics/"):
            assert (await scrape(server, path=path))[0] == 404
        async with server.http.get("/metrics") as answer:
            assert "crossover_rooms" not in await answer.text()


async def test_off_unless_asked_for() -> None:
    async with Server() as server:
        assert server.metrics is None


async def test_open_metrics_on_a_public_address_are_warned_of(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with Server(metrics="0.0.0.0:0"):
        assert "CROSSOVER_METRICS_TOKEN" in caplog.text
    caplog.clear()
    async with Server(metrics="0.0.0.0:0", metrics_token=TOKEN):
        assert "CROSSOVER_METRICS_TOKEN" not in caplog.text
    assert TOKEN not in caplog.text


async def test_port_that_is_taken_is_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match="CROSSOVER_METRICS"):
            async with Server(metrics=f"127.0.0.1:{port}"):
                pass


# ---- how it is asked -----------------------------------------------------------------------


async def test_text_is_made_once_however_many_ask() -> None:
    made = []

    def text() -> bytes:
        made.append(1)
        return b"up 1\n"

    async with (
        listening(Scrapes(text, "").app(), LOCAL) as port,
        ClientSession(f"http://127.0.0.1:{port}") as client,
    ):
        answers = [await client.get("/metrics") for _ in range(5)]
        assert {await answer.text() for answer in answers} == {"up 1\n"}
    assert len(made) == 1


async def test_scraper_that_does_not_read_is_cut_off(caplog: pytest.LogCaptureFixture) -> None:
    large = bytes(64 << 20)  # more than the kernel keeps for anybody
    async with listening(Scrapes(lambda: large, "", patience=0.2).app(), LOCAL) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
        writer.write(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        await until(lambda: "does not read" in caplog.text)
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await reader.readexactly(len(large))
        writer.close()


async def answers(client: ClientSession) -> bool:
    try:
        return (await client.get("/metrics")).status == 200
    except ClientConnectionError:
        return False


async def test_more_than_some_at_a_time_are_turned_away() -> None:
    async with listening(Scrapes(lambda: b"up 1\n", "").app(), LOCAL, most=2) as port:
        idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
        async with ClientSession(f"http://127.0.0.1:{port}") as client:
            assert not await answers(client)
            for _, writer in idle:
                writer.close()
                await writer.wait_closed()
            async with asyncio.timeout(10):
                while not await answers(client):  # noqa: ASYNC110 - nobody tells
                    await asyncio.sleep(0.01)  # the server has not heard of it yet


# ---- the setting ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "host", "port"),
    [
        ("127.0.0.1:9464", "127.0.0.1", 9464),
        ("[::1]:9464", "::1", 9464),
        ("localhost:0", "localhost", 0),
        ("metrics.example:65535", "metrics.example", 65535),
    ],
)
def test_where_to_listen(given: str, host: str, port: int) -> None:
    assert load({"CROSSOVER_METRICS": given}, {}).metrics == Listener(host, port)


@pytest.mark.parametrize(
    "given",
    ["9464", ":9464", "127.0.0.1", "127.0.0.1:", "host:65536", "host:-1", "::1:9464", "a:b"],
)
def test_where_nobody_can_listen(given: str) -> None:
    with pytest.raises(ConfigError, match=r"CROSSOVER_METRICS: .*127\.0\.0\.1:9464"):
        load({"CROSSOVER_METRICS": given}, {})


def test_token_is_secret() -> None:
    assert load({"CROSSOVER_METRICS_TOKEN": TOKEN}, {}).metrics_token == TOKEN
    assert next(one for one in SETTINGS if one.name == "metrics_token").secret
