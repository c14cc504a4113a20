"""Moves rooms away from a worker that is about to end, while it still carries them.

::

    on one worker ──it drains, another takes the room──► on two: members enter the next router
                                                           │  beside the one of before
                 everybody receives there, or it takes too │
                 long: the router of before is closed      ▼
                                                    on the other worker

A few rooms are moved at a time: every member shakes hands anew, which is most of what a connection
costs a worker.
"""

from signaling.dialects.rooms import media_notices
from signaling.dialects.rooms.media_upkeep import close_router, place
from signaling.events import Event
from signaling.exchange import Exchange
from signaling.media.sfu_room import SfuRoom
from signaling.media.workers import Worker

OVERLAP = 10.0
"""Seconds for which the router of before is kept at most."""

PAUSE = 0.2
"""Seconds between two steps..."""

MOST_TRANSPORTS = 24
"""...after each of which so many transports, or a single room, are on their way."""


def begin(exchange: Exchange, worker: str, now: float) -> None:
    """A worker is about to end, or still is, and there may be another now."""
    if ("move", worker) not in exchange.deadlines and _next(exchange, worker) is not None:
        exchange.deadlines.set(("move", worker), now)
    elif exchange.sfu.workers.choose_for_moved() is None:
        _tell_of_the_end(exchange, worker)


def go_on(exchange: Exchange, worker: str, now: float) -> list[Event]:
    """Moves the next rooms."""
    moved = 0
    while moved < MOST_TRANSPORTS and (room := _next(exchange, worker)) is not None:
        moved += max(1, len(room.transports))
        _move(exchange, room, now)
    if moved and _next(exchange, worker) is not None:
        exchange.deadlines.set(("move", worker), now + PAUSE)
    return []


def finish(exchange: Exchange, room_id: str) -> None:
    """Ends the router of before."""
    room = exchange.sfu.leaving.get(room_id)
    if room is None or room.worker is None:
        return
    media_notices.tell_lost(exchange, room)
    close_router(exchange, room.worker, room.id)
    exchange.sfu.forget(room)


def _tell_of_the_end(exchange: Exchange, name: str) -> None:
    """Rooms too large for a mesh stay where they are until the end: they are told of it, once."""
    worker = exchange.sfu.workers.find(name)
    if worker is None or worker.status.drain_seconds is None:
        return
    seconds = round(worker.status.drain_seconds, 1)
    for routed in _rooms_on(exchange, name, worker):
        room = exchange.registry.index.find(routed.id)
        small = room is None or len(room.members) <= exchange.registry.modes.policy.mesh_cap
        if not small and not routed.told_of_the_end:
            routed.told_of_the_end = True
            media_notices.tell_of_the_end(exchange, routed, seconds)


def _next(exchange: Exchange, name: str) -> SfuRoom | None:
    """A room that is to leave a worker, if there is one, and a place for it."""
    worker = exchange.sfu.workers.find(name)
    if worker is None or not worker.draining:
        return None
    if exchange.sfu.workers.choose_for_moved() is None:
        return None
    return next((room for room in _rooms_on(exchange, name, worker)), None)


def _rooms_on(exchange: Exchange, name: str, worker: Worker) -> list[SfuRoom]:
    """Those that have not left yet, and are open: one that is being opened is refused soon."""
    found = (exchange.sfu.rooms.get(room_id) for room_id in sorted(worker.carried))
    return [
        room
        for room in found
        if room is not None and room.worker == name and room.rtp_capabilities is not None
    ]


def _move(exchange: Exchange, room: SfuRoom, now: float) -> None:
    finish(exchange, room.id)  # an earlier move ends where the next begins
    known = exchange.registry.index.find(room.id)
    exchange.deadlines.cancel(("strays", room.id))
    exchange.sfu.rooms.pop(room.id)
    exchange.sfu.leaving[room.id] = room
    if known is None or not room.transports:
        finish(exchange, room.id)
        return
    exchange.deadlines.set(("moved", room.id), now + OVERLAP)
    media_notices.tell_moved(exchange, room, OVERLAP)
    worker = exchange.sfu.workers.choose_for_moved()
    exchange.journal.note("router-moved", room=room.id, before=room.worker, worker=worker)
    place(exchange, exchange.sfu.room(room.id), known.course.generation, now, worker)
