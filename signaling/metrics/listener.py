"""``GET /metrics`` on a port of its own, that no browser of a member ever sees.

Whoever scrapes cannot slow the service down: the text is made once a second at most, however many
ask for it, and a scraper that does not read is cut off.
"""

import asyncio
import contextlib
import hmac
import ipaddress
import logging
import os
from collections.abc import AsyncIterator, Callable
from typing import Final

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from typing_extensions import override

from signaling.config import ConfigError
from signaling.metrics.collector import ServiceCollector, registry_of
from signaling.metrics.loop_lag import LoopLag
from signaling.setting_values import Listener
from signaling.switchboard import Switchboard

log = logging.getLogger(__name__)

PATH: Final = "/metrics"

FRESH: Final = 1.0
"""Seconds for which a text is given out again: workers tell no more often."""

PATIENCE: Final = 10.0
"""Seconds in which a scraper has to read its answer; Prometheus gives up after as many."""

MOST_SCRAPERS: Final = 32
"""Connections at a time."""


class Scrapes:
    """The application behind the port.

    Args:
        text: Makes the metrics.
        token: Bearer token; empty for none.
        patience: Seconds in which an answer has to be read.
    """

    def __init__(self, text: Callable[[], bytes], token: str, patience: float = PATIENCE) -> None:
        self._text = text
        self._token = token.encode(errors="surrogateescape")
        self._patience = patience
        self._made: bytes = b""
        self._made_at = float("-inf")

    def app(self) -> web.Application:
        """To be served."""

        @web.middleware
        async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
            return await handler(request) if self._admits(request) else _unauthorised()

        app = web.Application(client_max_size=0, middlewares=[guarded])
        app.router.add_get(PATH, self._scrape)
        return app

    def _admits(self, request: web.Request) -> bool:
        if not self._token:
            return True
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        matches = hmac.compare_digest(given.strip().encode(errors="surrogateescape"), self._token)
        return scheme.lower() == "bearer" and matches

    async def _scrape(self, request: web.Request) -> web.StreamResponse:
        response = web.Response(body=self._latest())
        response.headers["Content-Type"] = CONTENT_TYPE_PLAIN_0_0_4
        response.headers["Cache-Control"] = "no-store"
        try:
            async with asyncio.timeout(self._patience):
                await response.prepare(request)
                await response.write_eof()
        except TimeoutError:
            log.warning("a scraper of the metrics does not read; it is cut off")
            if request.transport is not None:
                request.transport.abort()
        return response

    def _latest(self) -> bytes:
        now = asyncio.get_running_loop().time()
        if now - self._made_at >= FRESH:
            self._made, self._made_at = self._text(), now
        return self._made


class MetricsListener:
    """The port of the metrics, open as long as the service runs.

    Args:
        where: To listen.
        token: Bearer token; empty for none.
        switchboard: What is looked at.
        workers: How many of the SFU there ought to be.
        version: Of the package.

    Attributes:
        port: In use; 0 before it is open.
    """

    def __init__(
        self, where: Listener, token: str, switchboard: Switchboard, workers: int, version: str
    ) -> None:
        self.port = 0
        self._where = where
        self._is_open_to_all = not token and not _is_loopback(where.host)
        self._lag = LoopLag()
        registry = registry_of(ServiceCollector(switchboard, workers, version, self._lag.spread))
        self._scrapes = Scrapes(lambda: generate_latest(registry), token)

    async def run(self, app: web.Application) -> AsyncIterator[None]:
        """For ``cleanup_ctx`` of the application that it belongs to.

        Raises:
            ConfigError: The port is taken or may not be used.
        """
        if self._is_open_to_all:
            log.warning(
                "whoever reaches %s may read the metrics; set CROSSOVER_METRICS_TOKEN, or listen "
                "on 127.0.0.1",
                self._where.host,
            )
        self._lag.start()
        try:
            async with listening(self._scrapes.app(), self._where) as port:
                self.port = port
                log.info("metrics are on port %d", port)
                yield
        finally:
            self._lag.close()


@contextlib.asynccontextmanager
async def listening(
    app: web.Application, where: Listener, most: int = MOST_SCRAPERS
) -> AsyncIterator[int]:
    """Serves an application to so many clients at a time; the port.

    Raises:
        ConfigError: The port is taken or may not be used.
    """
    runner = web.AppRunner(app, access_log=None, handle_signals=False)
    await runner.setup()
    try:
        server = runner.server
        assert server is not None, "the runner is set up"

        def accept() -> asyncio.Protocol:
            return server() if len(server.connections) < most else _Closed()

        opened = await _open(accept, where)
        try:
            yield int(opened.sockets[0].getsockname()[1])
        finally:
            opened.close()
    finally:
        await runner.cleanup()


async def _open(accept: Callable[[], asyncio.Protocol], where: Listener) -> asyncio.Server:
    try:
        loop = asyncio.get_running_loop()
        return await loop.create_server(accept, where.host, where.port)
    except OSError as error:
        number = error.errno or 0
        reason = os.strerror(number).lower() if number > 0 else str(error)
        raise ConfigError(
            f"The metrics cannot listen at {where.host}, port {where.port} ({reason}); "
            "choose another with CROSSOVER_METRICS."
        ) from None


class _Closed(asyncio.Protocol):
    """Takes nobody in."""

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.close()


def _unauthorised() -> web.Response:
    message = "The metrics need a bearer token: that of CROSSOVER_METRICS_TOKEN."
    body = msgspec.json.encode({"code": "unauthorised", "message": message})
    headers = {"WWW-Authenticate": 'Bearer realm="metrics"'}
    return web.Response(status=401, body=body, content_type="application/json", headers=headers)


def _is_loopback(host: str) -> bool:
    """Whether nobody but this machine can reach a host's address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
