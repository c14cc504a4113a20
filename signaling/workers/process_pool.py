"""The SFU's worker processes on this machine."""

import asyncio
import fcntl
import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from sfu.control.messages import Command, FromWorker, SetLogLevel, Verbosity, WorkerStatus
from signaling.workers.keeper import Keeper, WorkerOrder

log = logging.getLogger(__name__)

PROGRAM: Final = (sys.executable, "-m", "sfu")

LONGEST_SOCKET: Final = 100
"""Bytes in the path of a Unix socket (108 on Linux, 104 elsewhere)."""


@dataclass(frozen=True)
class PoolConfig:
    """Which workers there should be.

    Attributes:
        workers: How many.
        folder: Where their sockets are, and the records of them.
        host: Address they listen at; empty = all.
        port: UDP port of the first, the others follow; 0 = any.
        port_fallback: Whether any other will do when that one is taken.
        announced: Addresses that peers are told to send to; empty = the machine's own.
        tcp: Whether they listen for peers without UDP.
        tcp_port: TCP port of the first, the others follow; 0 = as their UDP ports.
        announced_tcp_port: That peers of the first are told, the others follow; 0 = as it is.
        loudest: Voices of a room that are forwarded where there are many; 0 for all.
        drain_seconds: From their SIGTERM until they end though they are in use.
        log_level: What workers log; it comes out in our log.
        program: What runs a worker.
    """

    workers: int
    folder: Path
    host: str = ""
    port: int = 40_000
    port_fallback: bool = True
    announced: tuple[str, ...] = ()
    tcp: bool = True
    tcp_port: int = 0
    announced_tcp_port: int = 0
    log_level: str = "info"
    drain_seconds: float = 30.0
    loudest: int = 4
    program: tuple[str, ...] = PROGRAM

    def orders(self, folder: Path) -> list[WorkerOrder]:
        """One order a worker."""
        return [self._order(folder, number) for number in range(self.workers)]

    def command(self, socket: Path, name: str, number: int = 0) -> tuple[str, ...]:
        """What starts a worker: its ``number`` tells its port."""
        command = [*self.program, "--control", str(socket), "--name", name]
        command += ["--host", self.host] if self.host else []
        command += ["--port", str(self.port + number if self.port else 0)]
        command += ["--port-fallback"] if self.port_fallback else []
        for address in self.announced:
            command += ["--announce", address]
        command += [] if self.tcp else ["--no-tcp"]
        for flag, first in (
            ("--tcp-port", self.tcp_port),
            ("--announced-tcp-port", self.announced_tcp_port),
        ):
            command += [flag, str(first + number)] if first else []
        command += ["--drain-seconds", f"{self.drain_seconds:g}"]
        command += ["--loudest", str(self.loudest)]
        return (*command, "--log-level", self.log_level)

    def _order(self, folder: Path, number: int) -> WorkerOrder:
        name = f"worker-{number}"
        socket = folder / f"{name}.sock"
        return WorkerOrder(
            name, self.command(socket, name, number), socket, folder / f"{name}.json"
        )


class ProcessPool:
    """Worker processes, each with its keeper.

    Args:
        config: Which.
        environment: Of the workers.
        on_heard: Takes what a worker, by its name, has said.
        on_lost: Called when a worker cannot be reached any more.
    """

    def __init__(
        self,
        config: PoolConfig,
        environment: Mapping[str, str],
        on_heard: Callable[[str, list[FromWorker]], None],
        on_lost: Callable[[str], None],
    ) -> None:
        self._config = config
        self._environment = environment
        self._on_heard = on_heard
        self._on_lost = on_lost
        self._keepers: dict[str, Keeper] = {}
        self._level: Verbosity | None = None
        self._told: dict[str, int] = {}
        self._lock: IO[bytes] | None = None
        self._made: Path | None = None

    @property
    def processes(self) -> list[int]:
        """Process ids of the workers that are there."""
        return [keeper.process for keeper in self._keepers.values() if keeper.process is not None]

    async def start(self) -> None:
        """Takes over the workers that run already, and starts the others.

        Those taken over have spoken when this returns, so that rooms find them again.
        """
        folder = self._own_folder()
        orders = self._config.orders(folder)
        self._keepers = {
            order.name: Keeper(order, self._environment, self._heard, self._on_lost)
            for order in orders
        }
        await asyncio.gather(
            *(keeper.find() for keeper in self._keepers.values()),
            *(self._end_surplus(folder, record) for record in self._surplus(folder)),
        )
        for keeper in self._keepers.values():
            keeper.start()

    def submit(self, worker: str, command: Command) -> None:
        """Passes a command to a worker, without waiting."""
        keeper = self._keepers.get(worker)
        if keeper is not None:
            keeper.submit(command)

    def set_log_level(self, level: Verbosity) -> None:
        """Has all workers log this much, from their next sign of life on; later ones as well."""
        self._level = level
        self._told.clear()

    async def close(self) -> None:
        """Ends all workers and waits until they have ended; harmless when done twice."""
        keepers, self._keepers = self._keepers, {}
        await asyncio.gather(*(keeper.close() for keeper in keepers.values()))
        lock, self._lock = self._lock, None
        if lock is not None:
            lock.close()
        made, self._made = self._made, None
        if made is not None:
            shutil.rmtree(made, ignore_errors=True)

    # ---- inside --------------------------------------------------------------------------

    def _heard(self, worker: str, messages: list[FromWorker]) -> None:
        for message in messages:
            if isinstance(message, WorkerStatus):
                self._tell_level(worker, message.process)
        self._on_heard(worker, messages)

    def _tell_level(self, worker: str, process: int) -> None:
        """Each process once: it has begun with the level of the settings."""
        if self._level is not None and self._told.get(worker) != process:
            self._told[worker] = process
            self.submit(worker, SetLogLevel(request=0, level=self._level))

    def _own_folder(self) -> Path:
        """The configured folder, or another where a service that runs has that one."""
        folder = self._config.folder
        longest = len(os.fsencode(folder / f"worker-{self._config.workers}.sock"))
        if longest <= LONGEST_SOCKET and self._take(folder):
            return folder
        self._made = made = Path(tempfile.mkdtemp(prefix="crossover-sfu-"))
        log.warning(
            "%s is another service's, or its name is too long: workers are in %s, and will not "
            "be found again after a restart; set CROSSOVER_STATE_DIR",
            folder,
            made,
        )
        self._take(made)
        return made

    def _take(self, folder: Path) -> bool:
        """Whether the folder is this service's from now on, as long as it lives."""
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = (folder / "lock").open("ab")
        except OSError:
            return False
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            return False
        self._lock = lock
        return True

    def _surplus(self, folder: Path) -> list[Path]:
        """The records of workers of an earlier service that had more of them."""
        found = sorted(folder.glob("worker-*.json"))
        return [record for record in found if record.stem not in self._keepers]

    async def _end_surplus(self, folder: Path, record: Path) -> None:
        """Ends a worker that is not wanted: no command is like the one it was started with."""
        order = WorkerOrder(record.stem, (), record.with_suffix(".sock"), record)
        keeper = Keeper(order, {}, lambda name, messages: None, lambda name: None)
        await keeper.find()
        await keeper.close()
        keeper.forget()
