"""``crossover load-test`` as its user runs it."""

import asyncio
from pathlib import Path

import msgspec

from benchmarks.load_test import CANNOT_CONNECT, Outcome
from tests.support.modules import run_module
from tests.support.server_process import ServerProcess

PATIENCE = 90.0


async def load_test(*arguments: str) -> tuple[int, str]:
    """Runs the command to its end; exit code and everything it printed."""
    return await run_module("signaling", "load-test", *arguments, patience=PATIENCE)


async def test_a_room_on_a_real_server(tmp_path: Path) -> None:
    server = ServerProcess(
        tmp_path,
        CROSSOVER_WORKERS="1",
        CROSSOVER_SFU_PORT="0",
        CROSSOVER_ANNOUNCED_IPS="127.0.0.1",
    )
    found = tmp_path / "found.json"
    order = ["--rooms", "1", "--publishers", "1", "--subscribers", "3"]
    order += ["--bitrate", "200k", "--duration", "2"]
    await asyncio.to_thread(server.start)
    try:
        address = f"ws://127.0.0.1:{server.port}"
        status, text = await load_test(*order, "--url", address, "--json", str(found))
    finally:
        await asyncio.to_thread(server.stop)
    assert status == 0, text
    assert "packets delivered" in text
    outcome = msgspec.json.decode(found.read_bytes(), type=Outcome)
    assert set(msgspec.json.decode(found.read_bytes())) == set(Outcome.__struct_fields__)
    assert outcome.people == 4
    assert outcome.seconds >= 2
    assert outcome.sent > 0
    assert outcome.expected == 3 * outcome.sent
    assert 0 < outcome.delivered <= outcome.expected
    assert outcome.lost == outcome.expected - outcome.delivered
    assert outcome.duplicates == outcome.faults == 0
    assert set(outcome.latency_ms) == {"p50", "p95", "p99", "p99.9"}
    assert server.complaints() == []


async def test_nobody_there_is_a_sentence() -> None:
    status, text = await load_test("--url", "ws://127.0.0.1:1", "--duration", "1")
    assert status == CANNOT_CONNECT
    assert "http://127.0.0.1:1 cannot be reached" in " ".join(text.split())
    assert "Traceback" not in text


async def test_its_help_goes_by_the_name_that_was_typed() -> None:
    status, text = await load_test("--help")
    assert status == 0
    assert "crossover load-test" in text
    assert "--subscribers" in text
