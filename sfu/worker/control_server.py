"""The worker's end of the control connection: commands in, answers and reports out.

Signaling comes and goes; media does not wait for it. One connection is served at a time, the
newest, so that a signaling service that was restarted is not kept out by its own ghost.
"""

import asyncio
import contextlib
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

from sfu.control.framing import FramingError, commands, encode
from sfu.control.messages import Answer, AnyReport, Command, Control

log = logging.getLogger(__name__)

MOST_UNREAD: Final = 8 << 20
"""Bytes that may wait for a signaling service that does not read; then it is dropped."""

_CHUNK: Final = 1 << 16


class Servant(Protocol):
    """What the connection is for."""

    def carry_out(self, command: Command) -> Answer:
        """Carry out a command and answer it; never raises."""

    def introduction(self) -> AnyReport:
        """What a signaling service is told first."""


class ControlServer:
    """Listens on a Unix socket.

    Args:
        path: of the socket; one left behind by a dead worker is replaced.
        servant: carries out commands.
        on_change: called when a signaling service has come or gone.
    """

    def __init__(self, path: Path, servant: Servant, on_change: Callable[[], None]) -> None:
        self._path = path
        self._servant = servant
        self._on_change = on_change
        self._server: asyncio.Server | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._serving: set[asyncio.Task[None]] = set()

    @property
    def connected(self) -> bool:
        """Whether a signaling service is there."""
        return self._writer is not None

    async def start(self) -> None:
        """Begin to listen.

        Raises:
            OSError: the socket cannot be made.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()
        before = os.umask(0o177)  # nobody else may command the worker
        try:
            self._server = await asyncio.start_unix_server(self._serve, str(self._path))
        finally:
            os.umask(before)

    async def close(self) -> None:
        """Stop listening and drop the connection; harmless when done twice."""
        server, self._server = self._server, None
        self._drop()
        if server is not None:
            server.close()
            await asyncio.gather(*self._serving)  # their connections are closed, so they end
            await server.wait_closed()
            with contextlib.suppress(FileNotFoundError):
                self._path.unlink()

    def report(self, message: AnyReport) -> None:
        """Tell signaling something, if it is there."""
        if self._writer is not None:
            self._write(self._writer, message)

    def _drop(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()

    def _write(self, writer: asyncio.StreamWriter, message: Control) -> None:
        if writer.is_closing():
            return
        if writer.transport.get_write_buffer_size() > MOST_UNREAD:
            log.warning("signaling does not read what it is told; the connection is dropped")
            writer.close()
            return
        writer.write(encode(message))

    def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._listen(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._drop()
        self._writer = writer
        self._on_change()
        self._write(writer, self._servant.introduction())
        stream = commands()
        try:
            while data := await reader.read(_CHUNK):
                for command in stream.feed(data):
                    self._write(writer, self._servant.carry_out(command))
        except FramingError as error:
            log.warning("the control connection is closed: %s", error)
        except ConnectionError:
            pass
        finally:
            writer.close()
            if self._writer is writer:
                self._writer = None
                self._on_change()
