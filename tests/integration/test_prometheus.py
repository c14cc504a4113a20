"""A real Prometheus with our files scrapes a real server: every query of ours has an answer."""

import asyncio
import contextlib
import shutil
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import ClientConnectionError, ClientSession

from benchmarks.load.party import Party
from tests.support.queries import ALERTS, PROMETHEUS, panel_queries, rules
from tests.support.server import Server, until

pytestmark = pytest.mark.skipif(
    shutil.which("prometheus") is None, reason="needs Debian's package prometheus"
)

TOKEN = "for whoever scrapes"
MESH = 2
PATIENCE = 40.0
GLANCE = 0.2


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@contextlib.asynccontextmanager
async def prometheus(folder: Path, target: int) -> AsyncIterator[ClientSession]:
    """As an operator runs it, but for the target, the token and how often it looks."""
    settings = yaml.safe_load(PROMETHEUS.read_text(encoding="utf-8"))
    settings["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    (job,) = settings["scrape_configs"]
    job["static_configs"] = [{"targets": [f"127.0.0.1:{target}"]}]
    (folder / "token").write_text(TOKEN)
    job["authorization"] = {"credentials_file": str(folder / "token")}
    (folder / "prometheus.yml").write_text(yaml.safe_dump(settings))
    shutil.copy(ALERTS, folder)
    port = free_port()
    command = ["prometheus", f"--config.file={folder / 'prometheus.yml'}"]
    command += [f"--storage.tsdb.path={folder / 'data'}", f"--web.listen-address=127.0.0.1:{port}"]
    with (folder / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(*command, stdout=log, stderr=log)
    try:
        async with ClientSession(f"http://127.0.0.1:{port}") as client:
            yield client
    finally:
        process.terminate()
        await process.wait()


async def ask(client: ClientSession, path: str, **parameters: str) -> dict[str, Any]:
    """The data of an answer; nothing while it is not ready to answer."""
    try:
        async with client.get(f"/api/v1/{path}", params=parameters) as answer:
            body: dict[str, Any] = await answer.json()
    except ClientConnectionError:
        return {}
    assert body["status"] == "success", f"{parameters}: {body}"
    data: dict[str, Any] = body["data"]
    return data


async def unanswered(client: ClientSession) -> list[str]:
    """Queries of panels without a result, but for those that leave out what is nothing."""
    found = []
    for title, query in panel_queries():
        result = (await ask(client, "query", query=query)).get("result")
        if not result and not query.endswith("> 0"):
            found.append(f"{title}: {query}")
    return found


async def test_dashboard_and_alerts_have_answers(tmp_path: Path) -> None:
    server = Server(
        workers=1,
        state_dir=tmp_path / "state",
        metrics="127.0.0.1:0",
        metrics_token=TOKEN,
        sfu_port=0,
        announced_ips="127.0.0.1",
        mesh_limit=MESH,
        return_at=MESH,
        prewarm_from=MESH,
        worker_drain_seconds=0,
    )
    async with server as running:
        assert running.metrics is not None
        await until(lambda: bool(running.switchboard.workers.connected()))
        async with prometheus(tmp_path, running.metrics.port) as client:
            party = await Party.gather(running.url, MESH)
            try:
                await cross_over(party)
                async with asyncio.timeout(PATIENCE):
                    while await unanswered(client):  # noqa: ASYNC110 - it has no event for it
                        await asyncio.sleep(GLANCE)
                await check_rules(client)
            except TimeoutError:
                pytest.fail(f"no answer: {await unanswered(client)}")
            finally:
                party.close()


async def cross_over(party: Party) -> None:
    """To the SFU, which every member reports on."""
    await party.people[0].member.ask("pin-mode", mode="sfu")
    await party.rest("sfu")
    for person in party.people:
        await person.member.ask("report-gap", generation=person.course.generation, milliseconds=40)


async def check_rules(client: ClientSession) -> None:
    """All alerts were evaluated without an error, and nothing is wrong with this server."""
    (group,) = (await ask(client, "rules"))["groups"]
    assert {rule["name"] for rule in group["rules"]} == {rule["alert"] for rule in rules()}
    assert {(rule["health"], rule.get("lastError", "")) for rule in group["rules"]} == {("ok", "")}
    assert [rule["name"] for rule in group["rules"] if rule["state"] == "firing"] == []
