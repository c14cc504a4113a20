"""Puts the service together and runs it."""

import asyncio
import gc
import importlib.metadata
import logging
import os
import random
import resource
from collections.abc import Callable

from aiohttp import web

from sfu.control.messages import FromWorker
from signaling.config import SETTINGS, Settings
from signaling.exchange import SwitchboardConfig
from signaling.http import api, health, page
from signaling.http.clock import Clock
from signaling.http.ending import Ending, Retiring, retirement_of
from signaling.http.journal import LogLevel
from signaling.http.journal import write as write_entry
from signaling.http.secret_file import kept_secret
from signaling.http.server import Listeners
from signaling.http.turnstile import note_upgrade, turnstile
from signaling.http.websocket import Gateway
from signaling.journal import Entry
from signaling.media.pressure import WorkerLimits
from signaling.media.workers import Workers
from signaling.media_plane import MeshOnly
from signaling.metrics.listener import MetricsListener
from signaling.registry import Registry
from signaling.switchboard import Switchboard
from signaling.tokens import Signer
from signaling.workers.process_pool import PROGRAM, PoolConfig, ProcessPool

log = logging.getLogger(__name__)

GATEWAY: web.AppKey[Gateway] = web.AppKey("gateway", Gateway)
POOL: web.AppKey[ProcessPool] = web.AppKey("pool", ProcessPool)
LOG_LEVEL: web.AppKey[LogLevel] = web.AppKey("log_level", LogLevel)
RETIREMENT: web.AppKey[Retiring] = web.AppKey("retirement", Retiring)
METRICS: web.AppKey[MetricsListener] = web.AppKey("metrics", MetricsListener)

START_GRACE = 15.0
"""Seconds the SFU's workers have for their first start, before rooms do without."""


def version() -> str:
    """This package's version."""
    try:
        return importlib.metadata.version("crossover-sfu")
    except importlib.metadata.PackageNotFoundError:
        return "0"


def build(settings: Settings, program: tuple[str, ...] = PROGRAM) -> web.Application:
    """The aiohttp application: WebSocket, page, health and REST API on one registry.

    Args:
        settings: What to serve.
        program: What runs a worker of the SFU.
    """
    clock = Clock()
    workers = Workers(settings.sfu_room_members, _worker_limits(settings))
    registry = Registry(
        settings.limits,
        settings.policy,
        workers if settings.workers else MeshOnly(),
        settings.empty_room_ttl,
    )
    config = SwitchboardConfig(
        limits=settings.limits,
        ice=settings.ice,
        resume_grace=settings.resume_grace,
        reload_grace=settings.reload_grace,
        sfu_grace=settings.sfu_grace,
        legacy_direct=settings.legacy_direct,
        needs_token=settings.access == "token",
        version=version(),
    )
    signer = Signer(kept_secret(settings), settings.token_secret.encode())
    switchboard = Switchboard(config, registry, signer, random.SystemRandom(), workers)

    def heard(worker: str, messages: list[FromWorker]) -> None:
        now = clock.now()
        for message in messages:
            switchboard.hear(worker, message, now)
        gateway.flush()

    def lost(worker: str) -> None:
        switchboard.lose(worker, clock.now())
        gateway.flush()

    pool = ProcessPool(pool_config(settings, program), _public_environment(), heard, lost)
    gateway = Gateway(switchboard, settings, clock, pool.submit)
    app = web.Application(client_max_size=api.MAX_BODY, middlewares=[turnstile(settings)])
    app[GATEWAY], app[POOL] = gateway, pool
    app[LOG_LEVEL] = log_level = LogLevel(settings.log_level, pool.set_log_level)
    app[RETIREMENT] = retirement_of(switchboard, gateway, clock)
    _add_metrics(app, settings, switchboard)
    app.add_routes([web.get("/ws", gateway.handle), web.get("/ws/", gateway.handle)])
    app.add_routes(health.routes(switchboard, clock, version()))
    rooms = api.RoomsApi(settings, switchboard, gateway, clock, signer.join_tokens, log_level)
    app.add_routes(rooms.routes())
    app.add_routes(page.routes(settings))

    async def start_workers(app: web.Application) -> None:
        if settings.workers:
            switchboard.await_workers(clock.now() + START_GRACE)
            await pool.start()
            gateway.flush()

    async def close_gateway(app: web.Application) -> None:
        await gateway.close()

    async def close_pool(app: web.Application) -> None:
        await pool.close()

    app.on_response_prepare.extend((page.headers_on_every_answer(settings), note_upgrade))
    app.on_startup.append(start_workers)
    app.on_shutdown.append(close_gateway)
    app.on_cleanup.append(close_pool)
    return app


def _add_metrics(app: web.Application, settings: Settings, switchboard: Switchboard) -> None:
    if settings.metrics is not None:
        where, token = settings.metrics, settings.metrics_token
        app[METRICS] = MetricsListener(where, token, switchboard, settings.workers, version())
        app.cleanup_ctx.append(app[METRICS].run)


def _worker_limits(settings: Settings) -> WorkerLimits:
    return WorkerLimits(settings.worker_load_limit, settings.worker_packets_limit)


def pool_config(settings: Settings, program: tuple[str, ...] = PROGRAM) -> PoolConfig:
    """The workers that the operator wants."""
    return PoolConfig(
        workers=settings.workers,
        folder=settings.workers_folder,
        host=settings.sfu_host,
        port=settings.sfu_port.number,
        port_fallback=settings.sfu_port.fallback,
        announced=settings.announced_ips,
        tcp=settings.sfu_tcp_port.is_on,
        tcp_port=settings.sfu_tcp_port.number,
        announced_tcp_port=settings.announced_tcp_port,
        log_level=settings.log_level,
        drain_seconds=settings.worker_drain_seconds,
        loudest=settings.loudest,
        program=program,
    )


def _public_environment() -> dict[str, str]:
    """The environment without its secrets, which are none of a worker's business."""
    secrets = {name for setting in SETTINGS if setting.secret for name in setting.variables}
    return {name: value for name, value in os.environ.items() if name not in secrets}


async def serve(settings: Settings, on_ready: Callable[[str], None]) -> None:
    """Runs until SIGINT, or after SIGTERM until nobody is in a room, or the drain's deadline.

    Args:
        settings: What to serve, and where.
        on_ready: Called with the address to open once connections are accepted.

    Raises:
        ConfigError: The port is taken or may not be used.
    """
    _raise_file_limit()
    app = build(settings)
    async with Listeners(app, settings) as listeners:
        _collect_seldom()
        ending = Ending(app[RETIREMENT], settings.drain_seconds)
        app[LOG_LEVEL].follow_signals(asyncio.get_running_loop().add_signal_handler)
        on_ready(_address(settings, listeners.port))
        write_entry(Entry("server-started", {"version": version(), "port": listeners.port}))
        await ending.wait()
    write_entry(Entry("server-ended", {}))


def _address(settings: Settings, port: int) -> str:
    host = settings.host
    if host in {"", "0.0.0.0", "::"}:  # noqa: S104 - compared, not bound
        host = "localhost"
    scheme = "https" if settings.tls_certificate else "http"
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"


def _raise_file_limit() -> None:
    """Every connection is a file: use what the system allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _collect_seldom() -> None:
    """Suits the garbage collector to a server: its modules stay, its messages leave no cycles.

    Only the end of a connection leaves some; the default threshold would look for them every few
    dozen messages.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
