"""Keeps one worker there: finds it or starts it, holds the connection, starts it again.

::

    found ──► connected ──(link lost, process alive)──► connected anew
    started ─►    │
      ▲           └──(process ended, or silent for too long and killed)──► wait ──► started
"""

import asyncio
import contextlib
import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sfu.control.messages import Command, FromWorker, WorkerStatus
from signaling.workers.back_off import BackOff
from signaling.workers.control_link import SocketLink
from signaling.workers.worker_process import WorkerProcess, WorkerRecord, is_alive, runs_with

log = logging.getLogger(__name__)

START_PATIENCE: Final = 30.0
"""Seconds a worker has from its start to its first word."""

FIND_PATIENCE: Final = 2.0
"""Seconds one that runs already has."""

SILENCE: Final = 10
"""Seconds after which a worker that says nothing is killed: it should do so every second."""

_GLANCE: Final = 0.05
"""Seconds between two attempts to connect."""


@dataclass(frozen=True)
class WorkerOrder:
    """One worker as it should be.

    Attributes:
        command: What starts it.
        socket: Where it listens for commands.
        record: Where is kept what has been started.
    """

    name: str
    command: tuple[str, ...]
    socket: Path
    record: Path


class Keeper:
    """Keeps one worker there, from ``find`` or ``start`` to ``close``.

    Args:
        order: Which.
        environment: Of its process.
        on_heard: Takes what it says.
        on_lost: Called when the connection to it has ended.
    """

    def __init__(
        self,
        order: WorkerOrder,
        environment: Mapping[str, str],
        on_heard: Callable[[str, list[FromWorker]], None],
        on_lost: Callable[[str], None],
    ) -> None:
        self._order = order
        self._environment = environment
        self._on_heard = on_heard
        self._on_lost = on_lost
        self._process: WorkerProcess | None = None
        self._link: SocketLink | None = None
        self._spoken = asyncio.Event()
        self._number = 0
        self._ours = True
        self._drained = False
        self._task: asyncio.Task[None] | None = None

    @property
    def process(self) -> int | None:
        """The process that serves now, or is about to."""
        return self._process.number if self._process is not None else None

    async def find(self) -> bool:
        """Takes over a worker that runs already, as it should; ends one that does not.

        One without a record was started by the operator: it is used, and never ended.
        """
        record = WorkerRecord.read(self._order.record)
        try:
            link = await self._connect(FIND_PATIENCE)
        except OSError:
            link = None
        if link is None:
            if record is not None:
                await _end_stuck(record, self._order.socket)
            return False
        process = WorkerProcess(self._number)
        if record is not None and record.command != list(self._order.command):
            log.info("%s runs with other settings; it is started anew", self._order.name)
            self._drop_link()
            await process.terminate()
            return False
        log.info("%s runs already (process %d); it is taken over", self._order.name, self._number)
        self._process, self._ours = process, record is not None
        return True

    def start(self) -> None:
        """Begins to keep it there."""
        self._task = asyncio.create_task(self._keep(), name=self._order.name)

    def submit(self, command: Command) -> None:
        """Sends a command; it is lost when the worker is, which is told by ``on_lost``."""
        if self._link is not None:
            self._link.submit(command)

    async def close(self) -> None:
        """Ends the worker, if it is ours, and waits for that; harmless when done twice."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task])
        self._drop_link()
        process, self._process = self._process, None
        if process is not None and self._ours:
            await process.terminate()
            self.forget()
            self._order.socket.unlink(missing_ok=True)

    def forget(self) -> None:
        """Keeps no record of it."""
        self._order.record.unlink(missing_ok=True)

    # ---- inside --------------------------------------------------------------------------

    async def _keep(self) -> None:
        loop, back_off = asyncio.get_running_loop(), BackOff()
        while True:
            began = loop.time()
            if self._process is None:
                await self._start()
            if self._process is not None:
                await self._attend(self._process)
                self._process = None
            if not self._ours:
                await self._await_return()
                continue
            if self._drained:  # it was asked to end, and is replaced at once
                self._drained = False
                log.info("%s has drained; another is started", self._order.name)
                continue
            pause = back_off.after(loop.time() - began)
            log.warning("%s has ended; it is started again in %g s", self._order.name, pause)
            await asyncio.sleep(pause)

    async def _await_return(self) -> None:
        """Until the operator has started again what he had started."""
        log.info("%s has ended; it is waited for, as it was not started here", self._order.name)
        while self._link is None:
            with contextlib.suppress(OSError):
                await self._connect(START_PATIENCE)
            await asyncio.sleep(_GLANCE)
        self._process = WorkerProcess(self._number)

    async def _start(self) -> None:
        order, self._ours = self._order, True
        with contextlib.suppress(OSError):
            order.socket.unlink(missing_ok=True)
        starting = asyncio.ensure_future(
            WorkerProcess.start(order.name, order.command, self._environment)
        )
        try:
            self._process = await asyncio.shield(starting)
        except asyncio.CancelledError:
            self._process = await starting  # so that ``close`` knows what to end
            raise
        except OSError as error:
            log.error("%s cannot be started: %s", order.name, error)
            return
        record = WorkerRecord(self._process.number, list(order.command))
        record.write(order.record)

    async def _attend(self, process: WorkerProcess) -> None:
        """Until the process has ended."""
        ended = asyncio.create_task(process.ended())
        try:
            while not ended.done():
                if self._link is None and not await self._reach(ended):
                    process.kill()
                    break
                await self._listen(process, ended)
                self._drop_link()
            await ended
        finally:
            ended.cancel()
            self._drop_link()

    async def _reach(self, ended: asyncio.Task[None]) -> bool:
        """Connects to the process as soon as it listens."""
        deadline = asyncio.get_running_loop().time() + START_PATIENCE
        while not ended.done():
            with contextlib.suppress(OSError):
                if await self._connect(START_PATIENCE) is not None:
                    return True
            if asyncio.get_running_loop().time() > deadline:
                log.error("%s cannot be reached; it is killed", self._order.name)
                return False
            await asyncio.wait([ended], timeout=_GLANCE)
        return True

    async def _listen(self, process: WorkerProcess, ended: asyncio.Task[None]) -> None:
        """Until the link is over; a worker that falls silent is killed."""
        link, heard_at, silent = self._link, 0.0, 0
        if link is None:
            return
        over = asyncio.create_task(link.over())
        try:
            while not over.done() and not ended.done():
                await asyncio.wait([over, ended], timeout=1.0, return_when="FIRST_COMPLETED")
                # Counted in looks, not in seconds: while this process is stopped, nobody is silent.
                silent = silent + 1 if link.heard_at == heard_at else 0
                heard_at = link.heard_at
                if silent >= SILENCE:
                    log.error("%s has been silent for %d s; it is killed", self._order.name, silent)
                    process.kill()
                    return
        finally:
            over.cancel()

    async def _connect(self, patience: float) -> SocketLink | None:
        """A link over which the worker has spoken; None when it does not speak.

        Raises:
            OSError: Nobody listens there.
        """
        self._spoken.clear()
        self._link = link = await SocketLink.connect(
            self._order.name, str(self._order.socket), self._heard
        )
        spoken, over = asyncio.create_task(self._spoken.wait()), asyncio.create_task(link.over())
        try:
            await asyncio.wait([spoken, over], timeout=patience, return_when="FIRST_COMPLETED")
        finally:
            spoken.cancel()
            over.cancel()
        if not self._spoken.is_set():
            self._drop_link()
        return self._link

    def _heard(self, messages: list[FromWorker]) -> None:
        for message in messages:
            if isinstance(message, WorkerStatus):
                self._number = message.process
                self._drained = message.drain_seconds is not None
                self._spoken.set()
        self._on_heard(self._order.name, messages)

    def _drop_link(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            link.close()
            if self._spoken.is_set():  # who has never spoken never was there
                self._spoken.clear()
                self._on_lost(self._order.name)


async def _end_stuck(record: WorkerRecord, socket: Path) -> None:
    """Kills a worker that runs and does not answer, if it is known to be one."""
    if is_alive(record.process) and runs_with(record.process, os.fspath(socket)):
        log.warning("process %d is a worker that does not answer; it is killed", record.process)
        process = WorkerProcess(record.process)
        process.kill()
        await process.ended()
