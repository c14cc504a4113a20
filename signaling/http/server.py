"""The service on its ports: the application behind its door, TLS, and the port that redirects."""

import asyncio
import contextlib
import logging
import os
import resource
import signal
from pathlib import Path
from typing import Final, Self

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from typing_extensions import override

from signaling.config import ConfigError, Settings
from signaling.http.door import Door
from signaling.http.doorkeeper import Doorkeeper
from signaling.http.redirect import build_redirect
from signaling.http.tls import Certificate
from signaling.limits import DoorLimits

MOST_HEADERS: Final = 64
MOST_LINE: Final = 8190
"""Bytes of a request line, and of a header."""

LINGER: Final = 2.0
"""Seconds for which a body that nobody wants is read and thrown away."""

FORGET: Final = 7 * 24 * 3600.0
"""aiohttp's own time-out of idle connections, which is ours to see to."""

RESERVED_FILES: Final = 64
"""Files that are no connections: our own, and those of the page that are being sent."""


class _NoStrangers(logging.Filter):
    """Leaves out what only says that somebody sent no HTTP: anybody could fill the log with it."""

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        return not isinstance(error, HttpProcessingError)


server_log = logging.getLogger(__name__)
server_log.addFilter(_NoStrangers())


class Listeners:
    """Everything that listens for one application. Use as ``async with``, or close it.

    Args:
        app: what is served.
        settings: how.

    Attributes:
        port: of the service; 0 before it is open.
        redirect_port: of the plain port beside TLS; 0 if there is none.
        keeper: of all connections.
    """

    def __init__(self, app: web.Application, settings: Settings) -> None:
        self.port = self.redirect_port = 0
        self.keeper = Doorkeeper(
            _with_connections(settings.door), settings.limits.connections_per_address
        )
        self._app = app
        self._settings = settings
        self._stack = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self.open(self._settings.host, self._settings.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def open(self, host: str, port: int) -> None:
        """Starts the application and listens.

        Raises:
            ConfigError: a port is taken or may not be used, or the certificate is of no use.
        """
        settings = self._settings
        certificate = self._certificate()
        try:
            runner = await self._runner(self._app)
            self.port = await self._door(runner, host, port, certificate)
            if certificate is not None and settings.redirect_port:
                plain = await self._runner(build_redirect(settings, self.port))
                self.redirect_port = await self._door(plain, host, settings.redirect_port, None)
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Accepts nobody any more, says goodbye to those who are inside, and ends all."""
        await self._stack.aclose()

    # ---- parts -----------------------------------------------------------------------------

    def _certificate(self) -> Certificate | None:
        file, key = self._settings.tls_certificate, self._settings.tls_key
        if not file:
            return None
        certificate = Certificate(Path(file).expanduser(), Path(key).expanduser())
        self._stack.callback(certificate.watch())
        if hasattr(signal, "SIGHUP"):
            loop = asyncio.get_running_loop()
            loop.add_signal_handler(signal.SIGHUP, certificate.read_again)
            self._stack.callback(loop.remove_signal_handler, signal.SIGHUP)
        return certificate

    async def _runner(self, app: web.Application) -> web.AppRunner:
        runner = web.AppRunner(
            app,
            access_log=None,
            handle_signals=False,
            logger=server_log,
            keepalive_timeout=FORGET,
            lingering_time=LINGER,
            max_line_size=MOST_LINE,
            max_field_size=MOST_LINE,
            max_headers=MOST_HEADERS,
            auto_decompress=False,
        )
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        return runner

    async def _door(
        self, runner: web.AppRunner, host: str, port: int, certificate: Certificate | None
    ) -> int:
        assert runner.server is not None
        door = Door(
            self.keeper,
            runner.server,
            self._settings.trusted_proxies,
            None if certificate is None else certificate.context,
            self._settings.door.request_timeout,
        )
        try:
            opened = await door.open(host, port)
        except OSError as error:
            number = error.errno or 0
            reason = os.strerror(number) if number > 0 else str(error)
            raise ConfigError(
                f"Port {port} cannot be used ({reason.lower()}); "
                "choose another with --port or CROSSOVER_PORT."
            ) from None
        self._stack.callback(door.close)
        return opened


def _with_connections(limits: DoorLimits) -> DoorLimits:
    """As many connections as this process may have files, but for some, where nobody says."""
    if limits.connections:
        return limits
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most == resource.RLIM_INFINITY:
        most = 1 << 20
    room = max(1, most - max(RESERVED_FILES, most // 16))
    return limits.with_connections(room)
