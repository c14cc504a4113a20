"""A worker's process: one that was started here, or one that outlived an earlier service."""

import asyncio
import contextlib
import logging
import os
import re
import select
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

log = logging.getLogger(__name__)

TERMINATION: Final = 5.0
"""Seconds a worker has to end by itself before it is killed."""

_GLANCE: Final = 0.05
"""Seconds between two looks at a process that is nobody's child here."""

_LEVEL = re.compile(r"\b(DEBUG|INFO|WARNING|ERROR|CRITICAL)\b")


class WorkerRecord(msgspec.Struct, frozen=True):
    """What is kept of a worker for a service that comes after this one."""

    process: int
    command: list[str]

    @staticmethod
    def read(path: Path) -> "WorkerRecord | None":
        """The record at ``path``; None when there is none, or none that can be read."""
        try:
            return msgspec.json.decode(path.read_bytes(), type=WorkerRecord)
        except (OSError, msgspec.MsgspecError):
            return None

    def write(self, path: Path) -> None:
        """Keeps it; a worker that cannot be recorded is still found by its socket."""
        with contextlib.suppress(OSError):
            path.write_bytes(msgspec.json.encode(self))


class WorkerProcess:
    """A process by its number.

    Args:
        number: Its process id.
        child: Where it was started here.
    """

    def __init__(self, number: int, child: asyncio.subprocess.Process | None = None) -> None:
        self.number = number
        self._child = child
        self._listener: asyncio.Task[None] | None = None

    @classmethod
    async def start(
        cls, name: str, command: Sequence[str], environment: Mapping[str, str]
    ) -> "WorkerProcess":
        """Starts a worker in a session of its own: it lives on when this service is killed.

        Raises:
            OSError: It cannot be started.
        """
        child = await asyncio.create_subprocess_exec(
            *command,
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        process = cls(child.pid, child)
        assert child.stderr is not None
        process._listener = asyncio.create_task(_pass_on(name, child.stderr))
        return process

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        if self._child is not None:
            return self._child.returncode is None
        return is_alive(self.number)

    async def ended(self) -> None:
        """Waits until it has ended, and until its last words are in the log."""
        if self._child is not None:
            await self._child.wait()
            if self._listener is not None:
                await asyncio.wait([self._listener])
            return
        while is_alive(self.number):  # noqa: ASYNC110 - nobody's child here: nothing tells
            await asyncio.sleep(_GLANCE)

    async def terminate(self) -> None:
        """Ends it in good order, whatever it carries; when it takes too long, by force.

        SIGINT, since after SIGTERM a worker goes on until it is empty.
        """
        self._send(signal.SIGINT)
        try:
            async with asyncio.timeout(TERMINATION):
                await self.ended()
        except TimeoutError:
            log.warning("process %d did not end when it was asked to; it is killed", self.number)
            self.kill()
            await self.ended()

    def kill(self) -> None:
        """Ends it at once."""
        self._send(signal.SIGKILL)

    def _send(self, number: signal.Signals) -> None:
        if self.alive:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(self.number, number)


def is_alive(number: int) -> bool:
    """Whether a process runs; one that has ended and that nobody has reaped does not."""
    try:
        if not hasattr(os, "pidfd_open"):
            os.kill(number, 0)
            return True
        descriptor = os.pidfd_open(number)
    except OSError:
        return False
    try:
        return not select.select([descriptor], [], [], 0)[0]
    finally:
        os.close(descriptor)


def runs_with(number: int, argument: str) -> bool:
    """Whether a process was started with an argument; False where the system does not tell."""
    try:
        given = Path(f"/proc/{number}/cmdline").read_bytes()
    except OSError:
        return False
    return argument.encode() in given.split(b"\0")


async def _pass_on(name: str, words: asyncio.StreamReader) -> None:
    """What a worker writes to its standard error, line by line into our log."""
    rest = b""
    while data := await words.read(1 << 16):
        *lines, rest = (rest + data).split(b"\n")
        rest = rest[-(1 << 16) :]
        for line in lines:
            _log(name, line)
    if rest:
        _log(name, rest)


def _log(name: str, line: bytes) -> None:
    text = line.decode(errors="replace").rstrip()
    if text:
        found = _LEVEL.search(text[:60])
        level = logging.getLevelNamesMapping()[found[1]] if found else logging.WARNING
        log.log(level, "%s: %s", name, text, extra={"worker": name})
