"""Puts the service together and runs it."""

import asyncio
import gc
import importlib.metadata
import logging
import os
import random
import resource
import secrets
import signal
from collections.abc import Callable
from pathlib import Path

from aiohttp import web

from sfu.control.messages import FromWorker
from signaling.config import SETTINGS, ConfigError, Settings
from signaling.exchange import SwitchboardConfig
from signaling.http import api, health, page
from signaling.http.clock import Clock
from signaling.http.websocket import Gateway
from signaling.media.workers import Workers
from signaling.media_plane import MeshOnly
from signaling.registry import Registry
from signaling.switchboard import Switchboard
from signaling.tokens import Signer
from signaling.workers.process_pool import PROGRAM, PoolConfig, ProcessPool

log = logging.getLogger(__name__)

GATEWAY: web.AppKey[Gateway] = web.AppKey("gateway", Gateway)
POOL: web.AppKey[ProcessPool] = web.AppKey("pool", ProcessPool)

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
    workers = Workers(settings.sfu_room_members)
    plane = workers if settings.workers else MeshOnly()
    registry = Registry(settings.limits, settings.policy, plane, settings.empty_room_ttl)
    config = SwitchboardConfig(
        limits=settings.limits,
        ice=settings.ice,
        resume_grace=settings.resume_grace,
        reload_grace=settings.reload_grace,
        sfu_grace=settings.sfu_grace,
        legacy_direct=settings.legacy_direct,
        version=version(),
    )
    signer = Signer(_secret(settings))
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
    app = web.Application(client_max_size=api.MAX_BODY)
    app[GATEWAY], app[POOL] = gateway, pool
    app.router.add_get("/ws", gateway.handle)
    app.router.add_get("/ws/", gateway.handle)
    app.add_routes(health.routes(switchboard, clock, version()))
    app.add_routes(api.RoomsApi(settings, switchboard, gateway, clock).routes())
    app.add_routes(page.routes(settings))
    headers = page.security_headers(settings)

    async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
        for name, value in headers.items():
            response.headers.setdefault(name, value)

    async def start_workers(app: web.Application) -> None:
        if settings.workers:
            switchboard.await_workers(clock.now() + START_GRACE)
            await pool.start()
            gateway.flush()

    async def close_gateway(app: web.Application) -> None:
        await gateway.close()

    async def close_pool(app: web.Application) -> None:
        await pool.close()

    app.on_response_prepare.append(add_headers)
    app.on_startup.append(start_workers)
    app.on_shutdown.append(close_gateway)
    app.on_cleanup.append(close_pool)
    return app


def pool_config(settings: Settings, program: tuple[str, ...] = PROGRAM) -> PoolConfig:
    """The workers that the operator wants."""
    return PoolConfig(
        workers=settings.workers,
        folder=settings.workers_folder,
        host=settings.sfu_host,
        port=settings.sfu_port.number,
        port_fallback=settings.sfu_port.fallback,
        announced=settings.announced_ips,
        log_level=settings.log_level,
        program=program,
    )


def _public_environment() -> dict[str, str]:
    """The environment without its secrets, which are none of a worker's business."""
    secrets = {name for setting in SETTINGS if setting.secret for name in setting.variables}
    return {name: value for name, value in os.environ.items() if name not in secrets}


async def serve(settings: Settings, on_ready: Callable[[str], None]) -> None:
    """Runs until SIGTERM or SIGINT.

    Args:
        settings: What to serve, and where.
        on_ready: Called with the address to open once connections are accepted.

    Raises:
        ConfigError: The port is taken or may not be used.
    """
    _raise_file_limit()
    runner = web.AppRunner(build(settings), access_log=None, handle_signals=False)
    await runner.setup()
    _collect_seldom()
    try:
        site = web.TCPSite(runner, settings.host or None, settings.port, backlog=4096)
        try:
            await site.start()
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else str(error)
            raise ConfigError(
                f"Port {settings.port} cannot be used ({reason.lower()}); "
                "choose another with --port or CROSSOVER_PORT."
            ) from None
        stopped = _stop_signal()
        on_ready(_address(settings, runner))
        await stopped.wait()
    finally:
        await runner.cleanup()


def _stop_signal() -> asyncio.Event:
    """Set by SIGINT or SIGTERM from now on; whoever hears that we are ready may stop us."""
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    return stopped


def _address(settings: Settings, runner: web.AppRunner) -> str:
    port = runner.addresses[0][1]
    host = settings.host
    if host in {"", "0.0.0.0", "::"}:  # noqa: S104 - compared, not bound
        host = "localhost"
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def _secret(settings: Settings) -> bytes:
    """The configured secret, or one made at the first start and kept for the next."""
    if settings.secret:
        return settings.secret.encode()
    path = Path(settings.state_dir).expanduser() / "secret"
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
                file.write(secrets.token_hex(32))
        kept = path.read_text().strip().encode()
        if len(kept) >= 32:
            return kept
        log.warning("%s is too short to sign with; delete it to have a new one made", path)
    except OSError as error:
        log.warning(
            "no secret can be kept (%s): after a restart clients become strangers; "
            "set CROSSOVER_SECRET or CROSSOVER_STATE_DIR",
            error,
        )
    return secrets.token_bytes(32)


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
