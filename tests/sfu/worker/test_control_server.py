"""The worker's end of the control connection, over a real Unix socket."""

import asyncio
import stat
from pathlib import Path

import pytest

from sfu.control.framing import encode, from_worker
from sfu.control.messages import (
    Answer,
    CloseRouter,
    Command,
    Done,
    FromWorker,
    OpenRouter,
    TransportConnected,
    WorkerStatus,
)
from sfu.worker.control_server import ControlServer


class Echo:
    """Says that everything is done."""

    def __init__(self) -> None:
        self.commands: list[Command] = []

    def carry_out(self, command: Command) -> Answer:
        self.commands.append(command)
        return Done(request=command.request)

    def introduction(self) -> WorkerStatus:
        return WorkerStatus(worker="w", process=1, load=0.0, routers=0, transports=0)


class Caller:
    """Signaling's end."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self._stream = from_worker()
        self._messages: list[FromWorker] = []

    @classmethod
    async def call(cls, path: Path) -> "Caller":
        return cls(*await asyncio.open_unix_connection(str(path)))

    async def hear(self) -> FromWorker:
        while not self._messages:
            data = await self.reader.read(1 << 16)
            assert data, "the worker hung up"
            self._messages += self._stream.feed(data)
        return self._messages.pop(0)

    async def hang_up(self) -> None:
        self.writer.close()
        await self.writer.wait_closed()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "control" / "w.sock"


async def test_commands_are_answered_in_order_after_an_introduction(path: Path) -> None:
    server = ControlServer(path, Echo(), lambda: None)
    await server.start()
    caller = await Caller.call(path)
    assert isinstance(await caller.hear(), WorkerStatus)
    both = encode(OpenRouter(request=1, room_id="r", router_id="R", generation=1))
    both += encode(CloseRouter(request=2, router_id="R"))
    for byte in both:
        caller.writer.write(bytes([byte]))
    assert await caller.hear() == Done(request=1)
    assert await caller.hear() == Done(request=2)
    server.report(TransportConnected(transport_id="t"))
    assert await caller.hear() == TransportConnected(transport_id="t")
    await caller.hang_up()
    await server.close()
    assert not path.exists()


async def test_only_its_owner_may_command_it(path: Path) -> None:
    server = ControlServer(path, Echo(), lambda: None)
    await server.start()
    assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0
    await server.close()
    await server.close()


async def test_a_newer_connection_takes_the_place_of_an_older(path: Path) -> None:
    changes: list[bool] = []
    server = ControlServer(path, Echo(), lambda: changes.append(server.connected))
    await server.start()
    older = await Caller.call(path)
    await older.hear()
    newer = await Caller.call(path)
    await newer.hear()
    assert await older.reader.read() == b""
    server.report(TransportConnected(transport_id="t"))
    assert await newer.hear() == TransportConnected(transport_id="t")
    assert server.connected
    await older.hang_up()
    await newer.hang_up()
    await server.close()
    assert changes[:2] == [True, True]


@pytest.mark.parametrize(
    "nonsense", [b"\xff\xff\xff\xff", b"\0\0\0\2{}", b'\0\0\0\x12{"type":"no-such"}']
)
async def test_nonsense_ends_the_connection_and_nothing_else(path: Path, nonsense: bytes) -> None:
    server = ControlServer(path, Echo(), lambda: None)
    await server.start()
    caller = await Caller.call(path)
    await caller.hear()
    caller.writer.write(nonsense)
    assert await caller.reader.read() == b""
    await caller.hang_up()
    another = await Caller.call(path)
    assert isinstance(await another.hear(), WorkerStatus)
    await another.hang_up()
    await server.close()


async def test_reports_without_a_listener_are_dropped(path: Path) -> None:
    server = ControlServer(path, Echo(), lambda: None)
    await server.start()
    server.report(TransportConnected(transport_id="t"))
    await server.close()


async def test_a_socket_left_behind_by_a_dead_worker_is_replaced(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.touch()
    server = ControlServer(path, Echo(), lambda: None)
    await server.start()
    caller = await Caller.call(path)
    assert isinstance(await caller.hear(), WorkerStatus)
    await caller.hang_up()
    await server.close()
