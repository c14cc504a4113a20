"""Two SFU nodes behind one signaling service are restarted, one after the other, under calls."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from benchmarks.gaps import Window, longest_gap
from benchmarks.peers.following import Follower
from benchmarks.peers.synthetic.dtls_association import Identity
from tests.support.server_process import ROOT, ServerProcess

CALLS = 10
LONGEST_GAP = 3.0
"""Seconds without a picture that a planned restart may cost; it costs far less."""

PATIENCE = 60.0


async def until(condition: Callable[[], bool]) -> None:
    """Waits longer than others do: twenty members share the machine."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - processes have no event for it
            await asyncio.sleep(0.02)


class Node:
    """``crossover sfu``, as an operator runs one, and runs it again."""

    def __init__(self, name: str, state_dir: Path) -> None:
        self._name = name
        self._state_dir = state_dir
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None
        return self._process

    def start(self) -> None:
        with (self._state_dir / f"{self._name}.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "signaling", "sfu", "--name", self._name],
                cwd=ROOT,
                env=os.environ
                | {
                    "CROSSOVER_STATE_DIR": str(self._state_dir),
                    "CROSSOVER_SFU_HOST": "127.0.0.1",
                    "CROSSOVER_ANNOUNCED_IPS": "127.0.0.1",
                    "CROSSOVER_SFU_PORT": "0",
                },
                stdout=log,
                stderr=log,
            )

    async def is_listening(self) -> None:
        await until((self._state_dir / "sfu" / f"{self._name}.sock").exists)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()


@pytest.fixture
async def nodes(tmp_path: Path) -> AsyncIterator[list[Node]]:
    made = [Node(f"worker-{number}", tmp_path) for number in range(2)]
    for node in made:
        node.start()
    for node in made:
        await node.is_listening()
    yield made
    for node in made:
        node.kill()


@pytest.fixture
async def server(tmp_path: Path, nodes: list[Node]) -> AsyncIterator[ServerProcess]:
    made = ServerProcess(tmp_path, CROSSOVER_WORKERS="2")
    made.start()
    await until(lambda: made.health()["sfu"]["workers"] == 2)
    yield made
    made.kill()


def see_each_other(pair: tuple[Follower, Follower], since: float) -> bool:
    """Whether pictures have come both ways after a moment."""
    one, other = pair
    for here, there in ((one, other), (other, one)):
        last = here.tiles[there.id].last("sfu")
        if last is None or last < since:
            return False
    return True


async def all_alive(calls: list[tuple[Follower, Follower]]) -> None:
    since = time.monotonic()
    await until(lambda: all(see_each_other(pair, since) for pair in calls))


async def restart(node: Node, server: ServerProcess) -> None:
    """As a rolling restart does it: told to end, and started again when it has."""
    node.process.send_signal(signal.SIGTERM)
    await asyncio.to_thread(node.process.wait, PATIENCE)
    assert node.process.returncode == 0
    node.start()
    process = node.process.pid
    await node.is_listening()
    await until(lambda: f"process={process}" in server.log)


async def test_no_call_is_lost(server: ServerProcess, nodes: list[Node]) -> None:
    identity = Identity()
    calls: list[tuple[Follower, Follower]] = []
    try:
        for number in range(CALLS):
            one = await Follower.create(server.url, f"caller {number}", "sfu", identity)
            other = await Follower.join(server.url, one.member.room_id, "callee", identity)
            calls.append((one, other))
        await all_alive(calls)
        began = time.monotonic()
        for node in nodes:
            await restart(node, server)
            await all_alive(calls)
        window = Window(began, time.monotonic())
        gaps = [
            longest_gap([arrival.at for arrival in here.tiles[there.id].arrivals], window)
            for pair in calls
            for here, there in (pair, pair[::-1])
        ]
        sys.stdout.write(f"longest gaps, ms: {sorted(round(1000 * gap) for gap in gaps)}\n")
        assert len(gaps) == 2 * CALLS
        assert max(gaps) < LONGEST_GAP
        assert server.complaints() == []
        assert server.log.count("router-moved") >= CALLS, "nothing was moved"
        assert "worker-lost" not in server.log
    finally:
        for follower in (one for pair in calls for one in pair):
            follower.close()
