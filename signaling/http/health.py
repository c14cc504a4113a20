"""``GET /health``: whether the service is well, in a few numbers."""

import msgspec
from aiohttp import web

from signaling.dialects.views import summary
from signaling.http.clock import Clock
from signaling.messages.records import RoomSummary
from signaling.messages.wire import Wire
from signaling.switchboard import Switchboard

MOST_LISTED = 100


class RoomCount(Wire, omit_defaults=False, kw_only=True):
    """``total`` counts all rooms; ``list`` holds the newest public ones."""

    total: int
    list: list[RoomSummary]


class SfuHealth(Wire, omit_defaults=False, kw_only=True):
    """``workers``: those that are connected, with the rooms and connections they carry."""

    workers: int
    routers: int
    transports: int


class Health(Wire, omit_defaults=False, kw_only=True, rename=None):
    """The answer; ``uptime`` in seconds."""

    status: str
    connected_clients: int
    rooms: RoomCount
    sfu: SfuHealth
    version: str
    uptime: float


def routes(switchboard: Switchboard, clock: Clock, version: str) -> list[web.AbstractRouteDef]:
    """``/health``."""
    started = clock.now()

    async def health(request: web.Request) -> web.Response:
        registry, draining = switchboard.registry, switchboard.retirement.begun
        newest = [summary(room, registry) for room in registry.index.public(MOST_LISTED)[0]]
        body = Health(
            status="draining" if draining else "ok",
            connected_clients=switchboard.connected,
            rooms=RoomCount(total=len(registry.index), list=newest),
            sfu=_sfu(switchboard),
            version=version,
            uptime=round(clock.now() - started, 3),
        )
        return web.Response(
            status=503 if draining else 200,  # a load balancer sends nobody here any more
            body=msgspec.json.encode(body),
            content_type="application/json",
        )

    return [web.get("/health", health)]


def _sfu(switchboard: Switchboard) -> SfuHealth:
    said = [worker.status for _, worker in switchboard.workers.connected()]
    return SfuHealth(
        workers=len(said),
        routers=sum(status.routers for status in said),
        transports=sum(status.transports for status in said),
    )
