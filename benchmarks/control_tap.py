"""Listens in on signaling and its worker, and asks the worker a question of its own now and then.

It takes the worker's control socket away and puts one of its own there. A worker serves the newest
connection, so signaling loses its own and, as after any loss, connects anew: to the tap. Everything
passes unchanged; answers to the tap's questions do not.
"""

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, Protocol, TypeVar

from sfu.control import messages
from sfu.control.framing import commands, encode, from_worker

C = TypeVar("C", bound=messages.Control)

_OURS: Final = 1 << 40
"""Numbers of our own requests begin here."""

_PATIENCE: Final = 20.0


class Ask(Protocol):
    """Makes a question with a request number."""

    def __call__(self, request: int) -> messages.Request:
        """The command."""


class Tap:
    """What was heard, with Unix seconds, in order.

    Attributes:
        commands: of signaling.
        said: answers to it, and what the worker told by itself.
        answers: to the tap's own questions.
        connected: set once signaling has come.
        over: set once everything is as it was.
    """

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        self._real = socket.with_suffix(".tapped")
        self.commands: list[tuple[float, messages.Control]] = []
        self.said: list[tuple[float, messages.Control]] = []
        self.answers: list[tuple[float, messages.Control]] = []
        self.connected, self.over = threading.Event(), threading.Event()
        self._number = _OURS
        self._worker: asyncio.StreamWriter | None = None
        self._carrying: set[asyncio.Task[None]] = set()

    def commanded(self, kind: type[C]) -> list[C]:
        """Commands of a kind."""
        return [one for _, one in self.commands if isinstance(one, kind)]

    def told(self, kind: type[C]) -> list[tuple[float, C]]:
        """Reports of a kind, and when they came."""
        return [(at, one) for at, one in self.said if isinstance(one, kind)]

    def answered(self, kind: type[C]) -> list[tuple[float, C]]:
        """Answers to our own questions, of a kind, and when they came."""
        return [(at, one) for at, one in self.answers if isinstance(one, kind)]

    async def run(self, questions: Callable[["Tap"], list[Ask]], interval: float) -> None:
        """Stand between, and ask so often, until cancelled."""
        self._socket.rename(self._real)
        server = await asyncio.start_unix_server(self._begin, str(self._socket))
        # The worker lets go of signaling for whoever comes; signaling then comes to us.
        _, knock = await asyncio.open_unix_connection(str(self._real))
        knock.close()
        try:
            while True:
                await asyncio.sleep(interval)
                worker = self._worker
                if worker is None or worker.is_closing():
                    continue
                for ask in questions(self):
                    self._number += 1
                    worker.write(encode(ask(self._number)))
        finally:
            server.close()
            for one in list(self._carrying):
                one.cancel()
            await asyncio.gather(*self._carrying, return_exceptions=True)
            with contextlib.suppress(OSError):
                self._real.rename(self._socket)
            self.over.set()

    def _begin(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        carrying = asyncio.get_running_loop().create_task(self._carry(near, back))
        self._carrying.add(carrying)
        carrying.add_done_callback(self._carrying.discard)

    async def _carry(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        far, on = await asyncio.open_unix_connection(str(self._real))
        self._worker = on
        self.connected.set()
        try:
            with contextlib.suppress(OSError):
                await asyncio.gather(self._forth(near, on), self._back(far, back))
        finally:
            for one in (on, back):
                one.close()

    async def _forth(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        stream = commands()
        while data := await reader.read(1 << 16):
            for command in stream.feed(data):
                self.commands.append((_now(), command))
                writer.write(encode(command))
        writer.close()

    async def _back(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        stream = from_worker()
        while data := await reader.read(1 << 16):
            for message in stream.feed(data):
                if isinstance(message, messages.Reply) and message.request > _OURS:
                    self.answers.append((_now(), message))
                    continue
                self.said.append((_now(), message))
                writer.write(encode(message))
        writer.close()


@contextlib.contextmanager
def tapped(
    socket: Path, questions: Callable[[Tap], list[Ask]], interval: float = 0.25
) -> Iterator[Tap]:
    """Listen in on the worker at a socket, in a thread; asking so often what ``questions`` makes.

    Raises:
        TimeoutError: signaling did not come.
    """
    tap = Tap(socket)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    running = asyncio.run_coroutine_threadsafe(tap.run(questions, interval), loop)
    try:
        if not tap.connected.wait(_PATIENCE):
            raise TimeoutError("signaling did not connect to the tap")
        yield tap
    finally:
        running.cancel()
        tap.over.wait(_PATIENCE)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _now() -> float:
    return time.time()  # noqa: TID251 - compared with the pages' clocks
