"""A whole worker, in both forms of its port, its control socket, and a room on it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from benchmarks.peers.synthetic import Router, WorkerControl
from sfu.config import WorkerConfig
from sfu.worker.app import Worker


@pytest.fixture(params=["batched", "portable"])
async def worker(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Worker]:
    config = WorkerConfig(
        control=tmp_path / "w.sock",
        port=0,
        announced=("127.0.0.1",),
        portable=request.param == "portable",
    )
    running = Worker(config, lambda: None)
    await running.start()
    yield running
    await running.close()
    await running.close()


@pytest.fixture
async def control(worker: Worker, tmp_path: Path) -> AsyncIterator[WorkerControl]:
    async with WorkerControl.connected(tmp_path / "w.sock") as control:
        yield control


@pytest.fixture
async def room(control: WorkerControl) -> Router:
    return await control.open_router("a room")
