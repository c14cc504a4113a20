"""``python -m sfu`` as a process: how it begins, and how it ends."""

import asyncio
import contextlib
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from benchmarks.peers.synthetic import ConnectFailed, SyntheticPeer, WorkerControl
from sfu.config import WorkerConfig
from sfu.control.messages import WorkerStatus
from sfu.worker.app import Worker
from sfu.worker.opening import WorkerError

PATIENCE = 30.0


@asynccontextmanager
async def started(path: Path, *flags: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A worker process that is gone in the end."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sfu", "--control", str(path), *flags),
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def until_it_serves(process: asyncio.subprocess.Process) -> str:
    """Its log up to the line that names its port."""
    assert process.stderr is not None
    log = ""
    while "UDP port" not in log:
        line = await asyncio.wait_for(process.stderr.readline(), PATIENCE)
        assert line, f"the worker ended: {log}"
        log += line.decode()
    return log


async def test_a_sigint_while_it_is_being_loaded_ends_it_without_a_word(tmp_path: Path) -> None:
    async with started(tmp_path / "w.sock", "--port", "0") as process:
        maps = Path(f"/proc/{process.pid}/maps")
        while "_multiarray_umath" not in maps.read_text():  # the first large library of its imports
            assert process.returncode is None
            await asyncio.sleep(0)
        process.send_signal(signal.SIGINT)
        _, log = await asyncio.wait_for(process.communicate(), PATIENCE)
    assert log == b""
    assert process.returncode == -signal.SIGINT


async def test_it_serves_until_it_is_told_to_end(tmp_path: Path) -> None:
    path = tmp_path / "w.sock"
    async with started(path, "--port", "0", "--announce", "127.0.0.1") as process:
        await until_it_serves(process)
        async with WorkerControl.connected(path) as control:
            room = await control.open_router("a room")
            async with SyntheticPeer(room.member("ada")) as ada:
                camera = await ada.publish_video(300_000)
                view = await ada.subscribe(camera.id)
                await ada.until(lambda: view.received > 30)
                process.send_signal(signal.SIGTERM)
                draining = asyncio.Event()
                control.on_report = lambda report: (
                    draining.set()
                    if isinstance(report, WorkerStatus) and report.drain_seconds is not None
                    else None
                )
                await asyncio.wait_for(draining.wait(), PATIENCE)
                before = view.received
                await ada.until(lambda: view.received > before + 30)  # it goes on
                process.send_signal(signal.SIGTERM)
                assert await asyncio.wait_for(process.wait(), PATIENCE) == 0
                receiving = ada.legs["recv"].transport
                with contextlib.suppress(ConnectFailed):
                    await receiving.until(lambda: receiving.failure is not None)
                assert receiving.failure is not None
        assert not path.exists()


async def test_a_taken_port_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as taken:
        taken.bind(("::", 0))
        port = str(taken.getsockname()[1])
        async with started(tmp_path / "w.sock", "--port", port) as process:
            _, said = await asyncio.wait_for(process.communicate(), PATIENCE)
        assert process.returncode == 2
        assert b"CROSSOVER_SFU_PORT" in said
        assert b"Traceback" not in said
        async with started(tmp_path / "w.sock", "--port", port, "--port-fallback") as process:
            log = await until_it_serves(process)
            assert f"UDP port {port} is taken" in log


async def test_a_control_socket_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    async with started(blocked / "w.sock", "--port", "0") as process:
        _, said = await asyncio.wait_for(process.communicate(), PATIENCE)
    assert process.returncode == 2
    assert b"--control" in said
    assert b"Traceback" not in said


async def test_an_address_that_is_not_ours_is_an_error(tmp_path: Path) -> None:
    config = WorkerConfig(control=tmp_path / "w.sock", host="192.0.2.77", port=0)
    with pytest.raises(WorkerError, match="cannot be used"):
        Worker(config, lambda: None)


async def test_a_worker_that_nobody_needs_ends(tmp_path: Path) -> None:
    ended = asyncio.Event()
    config = WorkerConfig(control=tmp_path / "w.sock", port=0, orphan_grace=0.1)
    worker = Worker(config, ended.set)
    await worker.start()
    await asyncio.wait_for(ended.wait(), PATIENCE)
    await worker.close()


async def test_a_worker_tells_regularly_how_it_is(tmp_path: Path) -> None:
    path = tmp_path / "w.sock"
    worker = Worker(WorkerConfig(control=path, name="w7", port=0), lambda: None)
    await worker.start()
    async with WorkerControl.connected(path) as control:
        told = asyncio.Event()
        control.on_report = lambda _: told.set() if len(control.reports) > 1 else None
        await asyncio.wait_for(told.wait(), PATIENCE)
        for report in control.reports:
            assert isinstance(report, WorkerStatus)
            assert report.worker == "w7"
            assert 0 <= report.load <= 1
    await worker.close()
