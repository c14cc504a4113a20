"""What takes a connection as a worker does, and what does not."""

import asyncio
from pathlib import Path

import pytest

from sfu.config import WorkerConfig
from sfu.worker.app import Worker
from signaling.probes.reach import behaves_like_worker
from tests.support.coturn import free_port


async def test_a_worker_is_known(tmp_path: Path) -> None:
    worker = Worker(WorkerConfig(control=tmp_path / "w.sock", port=0), lambda: None)
    await worker.start()
    assert worker.port.tcp is not None
    assert await behaves_like_worker("127.0.0.1", worker.port.tcp.number, silence=0.1)
    await worker.close()


async def test_nobody_is_there() -> None:
    assert await behaves_like_worker("127.0.0.1", free_port()) is None


@pytest.mark.parametrize("said", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b""])
async def test_somebody_else_is_there(said: bytes) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(said)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        assert await behaves_like_worker("127.0.0.1", port) is False
