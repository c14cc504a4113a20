"""The connection to a worker, over a real Unix socket."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sfu.control import framing
from sfu.control.messages import (
    CloseRouter,
    Done,
    FromWorker,
    OpenRouter,
    RouterOpened,
    WorkerStatus,
)
from signaling.workers import control_link
from signaling.workers.control_link import SocketLink
from tests.support.fake_worker import FakeWorker, FakeWorkerServer
from tests.support.server import until


class Far:
    """A fake worker behind a socket, and all that was heard from it."""

    def __init__(self, path: Path) -> None:
        self.path = str(path)
        self.server = FakeWorkerServer(FakeWorker(), path)
        self.heard: list[FromWorker] = []

    async def link(self) -> SocketLink:
        return await SocketLink.connect("worker-0", self.path, self.heard.extend)


@pytest.fixture
async def far(tmp_path: Path) -> AsyncIterator[Far]:
    made = Far(tmp_path / "w.sock")
    await made.server.start()
    yield made
    await made.server.close()


async def test_commands_and_answers_in_order(far: Far) -> None:
    link = await far.link()
    await until(lambda: len(far.heard) == 1)
    assert isinstance(far.heard[0], WorkerStatus)
    link.submit(OpenRouter(request=1, room_id="r", router_id="r", generation=1))
    for number in range(2, 500):
        link.submit(CloseRouter(request=number, router_id="x" * 60))
    await until(lambda: len(far.heard) == 500)
    assert isinstance(far.heard[1], RouterOpened)
    assert [a.request for a in far.heard[2:] if isinstance(a, Done)] == list(range(2, 500))
    link.close()
    await link.over()


async def test_nobody_there(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        await SocketLink.connect("worker-0", str(tmp_path / "none"), lambda messages: None)


async def test_worker_goes(far: Far) -> None:
    link = await far.link()
    await until(lambda: bool(far.heard))
    far.server.cut()
    await link.over()
    link.submit(CloseRouter(request=1, router_id="r"))
    link.close()
    await link.over()


async def test_newest_link_counts(far: Far) -> None:
    older = await far.link()
    newer = await far.link()
    await older.over()
    newer.submit(CloseRouter(request=9, router_id="r"))
    await until(lambda: Done(request=9) in far.heard)
    newer.close()
    await newer.over()


@contextlib.asynccontextmanager
async def speaker(path: Path, words: bytes) -> AsyncIterator[None]:
    """Somebody who says this to whoever connects, and reads nothing."""
    done = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(words)
        await done.wait()
        writer.close()

    server = await asyncio.start_unix_server(serve, str(path))
    yield
    done.set()
    server.close()
    await server.wait_closed()


async def test_what_is_not_understood_ends_the_link(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[FromWorker] = []
    words = framing.encode(Done(request=1)) + b"\xff\xff\xff\xff"
    async with speaker(tmp_path / "w", words):
        link = await SocketLink.connect("worker-0", str(tmp_path / "w"), heard.extend)
        await link.over()
    assert heard == [Done(request=1)], "what came before is heard"
    assert "worker-0 is not understood" in caplog.text


async def test_worker_that_does_not_read_is_given_up(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control_link, "MOST_UNREAD", 10_000)
    caplog.set_level(logging.ERROR)
    async with speaker(tmp_path / "w", b""):
        link = await SocketLink.connect("worker-0", str(tmp_path / "w"), lambda messages: None)
        for number in range(20_000):
            link.submit(CloseRouter(request=number, router_id="x" * 60))
        await link.over()
    assert caplog.text.count("does not read") == 1
