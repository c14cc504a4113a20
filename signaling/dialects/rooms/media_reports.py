"""What workers tell without being asked: that they are there, what ended by itself, and silence."""

from sfu.control import messages as control
from signaling.dialects.rooms import media_answers, media_moves, media_notices
from signaling.dialects.rooms.media_upkeep import close_router, drop_transport, place
from signaling.events import Event
from signaling.exchange import Exchange
from signaling.journal import Kind
from signaling.media.sfu_room import Removed, SfuRoom, holder_of
from signaling.messages import attention

RECLAIM = 60.0
"""Seconds for which a router that a worker was found with waits for its room to come back."""


def hear(exchange: Exchange, worker: str, message: control.FromWorker, now: float) -> list[Event]:
    """One message of a worker. It is there from its first sign of life on."""
    known = exchange.sfu.workers.find(worker)
    if isinstance(message, control.WorkerStatus):
        if known is None:
            return _connected(exchange, worker, message, now)
        return _heard(exchange, worker, message, now)
    if known is None:
        pass
    elif isinstance(message, control.Answer):
        media_answers.settle(exchange, worker, message, now)
    else:
        _report(exchange, worker, message)
    return []


def lost(exchange: Exchange, worker: str, now: float) -> list[Event]:
    """A worker is gone, and with it everything in its routers."""
    gone = exchange.sfu.workers.lose(worker)
    if gone is None:
        return []
    exchange.tally.workers_lost += 1
    kind: Kind = "worker-drained" if gone.draining and not gone.carried else "worker-lost"
    exchange.journal.note(kind, worker=worker, process=gone.status.process, rooms=len(gone.carried))
    exchange.deadlines.cancel(("reclaim", worker))
    exchange.deadlines.cancel(("move", worker))
    for room_id in gone.carried:
        if (room := exchange.sfu.at(room_id, worker)) is not None:
            _router_lost(exchange, room, now)
    for pending in exchange.sfu.pending.take_of(worker):
        media_answers.give_up(exchange, pending)
    if exchange.sfu.workers.connected():
        return exchange.registry.reconsider_all(now)
    exchange.deadlines.set(("sfu", ""), now + exchange.config.sfu_grace)
    return exchange.registry.reconsider_all(now)


def despair(exchange: Exchange, now: float) -> list[Event]:
    """No worker has come back in time: rooms go on without the SFU, as far as they can."""
    exchange.sfu.workers.despair()
    return exchange.registry.reconsider_all(now)


def reclaim(exchange: Exchange, worker: str) -> None:
    """Closes the routers that nobody has come back to."""
    found = exchange.sfu.workers.find(worker)
    if found is not None:
        for router_id in sorted(found.found):
            close_router(exchange, worker, router_id)
        found.found.clear()


def _heard(exchange: Exchange, name: str, status: control.WorkerStatus, now: float) -> list[Event]:
    """A sign of life. What workers take has changed: so may what rooms ought to be."""
    workers = exchange.sfu.workers
    known = workers.find(name)
    drained = known is not None and known.draining
    changed = workers.hear(name, status, now)
    if status.drain_seconds is not None and not drained:
        _worker_drains(exchange, name, status)
    for other, worker in workers.connected():
        if worker.draining:
            media_moves.begin(exchange, other, now)
    return exchange.registry.reconsider_all(now) if changed else []


def _worker_drains(exchange: Exchange, name: str, status: control.WorkerStatus) -> None:
    rooms, seconds = status.routers, round(status.drain_seconds or 0.0, 3)
    exchange.journal.note("worker-draining", worker=name, seconds=seconds, rooms=rooms)


def _connected(
    exchange: Exchange, name: str, status: control.WorkerStatus, now: float
) -> list[Event]:
    sfu = exchange.sfu
    worker = sfu.workers.connect(name, status, now)
    process, routers = status.process, status.routers
    exchange.journal.note("worker-started", worker=name, process=process, rooms=routers)
    if status.drain_seconds is not None:
        _worker_drains(exchange, name, status)
    exchange.deadlines.cancel(("sfu", ""))
    for router_id in sorted(worker.found):
        room = sfu.rooms.get(router_id)
        if room is not None and room.worker is not None:  # its room has gone to another worker
            worker.found.discard(router_id)
            close_router(exchange, name, router_id)
    if worker.found:
        exchange.deadlines.set(("reclaim", name), now + RECLAIM)
    for room in list(sfu.rooms.values()):
        known = exchange.registry.index.find(room.id)
        if room.worker is None and room.waiting and known is not None:
            place(exchange, room, known.course.generation, now)
    return exchange.registry.reconsider_all(now)


def _router_lost(exchange: Exchange, room: SfuRoom, now: float) -> None:
    """Tells who had entered; who still waits for the router waits for the next one."""
    media_notices.tell_lost(exchange, room)
    was_current = exchange.sfu.rooms.get(room.id) is room
    exchange.sfu.forget(room)
    if not was_current:  # its members are on their way to the next one already
        exchange.deadlines.cancel(("moved", room.id))
        return
    exchange.deadlines.cancel(("strays", room.id))
    known = exchange.registry.index.find(room.id)
    if known is None:
        return
    for member_id in list(known.on_sfu):
        exchange.registry.note_media(known, member_id, flows=False)
    if room.waiting:
        anew = exchange.sfu.room(room.id)
        anew.waiting = room.waiting
        place(exchange, anew, known.course.generation, now)


def _report(exchange: Exchange, worker: str, report: control.AnyReport) -> None:
    match report:
        case control.TransportConnected(transport_id=it):
            _transport_connected(exchange, _room_with(exchange, worker, it), it)
        case control.TransportClosed(transport_id=it, reason=reason):
            _transport_closed(exchange, _room_with(exchange, worker, it), it, reason)
        case control.LayersChanged(consumer_id=it):
            _layers_changed(exchange, _room_with(exchange, worker, holder_of(it)), report)
        case control.ActiveSpeakers(router_id=it):
            _active_speakers(exchange, exchange.sfu.at(it, worker), report)
        case control.LayersWanted(producer_id=it, spatial_layers=layers):
            _layers_wanted(exchange, _room_with(exchange, worker, holder_of(it)), it, layers)
        case control.DataProducerClosed(data_producer_id=it):
            _data_producer_closed(exchange, _room_with(exchange, worker, holder_of(it)), it)
        case control.DataConsumerClosed(data_consumer_id=it, reason=reason):
            _data_consumer_closed(exchange, _room_with(exchange, worker, holder_of(it)), it, reason)
        case control.WorkerStatus():
            pass


def _room_with(exchange: Exchange, worker: str, transport_id: str) -> SfuRoom | None:
    room = exchange.sfu.holding(transport_id)
    return room if room is not None and room.worker == worker else None


def _transport_connected(exchange: Exchange, room: SfuRoom | None, transport_id: str) -> None:
    if room is not None:
        transport = room.transports[transport_id]
        transport.connected = True
        known = exchange.registry.index.get(room.id)
        exchange.registry.note_media(known, transport.member_id, flows=True)


def _transport_closed(
    exchange: Exchange, room: SfuRoom | None, transport_id: str, reason: str
) -> None:
    if room is not None:
        transport = room.transports[transport_id]
        drop_transport(exchange, room, transport)
        media_notices.tell_transport_closed(exchange, room, transport, reason)


def _layers_changed(
    exchange: Exchange, room: SfuRoom | None, report: control.LayersChanged
) -> None:
    if room is not None:
        transport = room.transports[holder_of(report.consumer_id)]
        if transport.found or report.consumer_id in transport.consumers:
            media_notices.tell_layers(exchange, room, transport.member_id, report)


def _active_speakers(
    exchange: Exchange, room: SfuRoom | None, report: control.ActiveSpeakers
) -> None:
    if room is not None:
        room.speakers = attention.ActiveSpeakers(
            room_id=room.id,
            dominant=report.dominant,
            speakers=report.speakers,
            loudest_only=report.loudest_only,
        )
        media_notices.tell_speakers(exchange, room)


def _layers_wanted(exchange: Exchange, room: SfuRoom | None, producer_id: str, layers: int) -> None:
    producer = None if room is None else room.producers.get(producer_id)
    if room is not None and producer is not None:
        producer.layers_wanted = layers
        media_notices.tell_layers_wanted(exchange, room, producer)


def _data_producer_closed(exchange: Exchange, room: SfuRoom | None, data_producer_id: str) -> None:
    producer = None if room is None else room.data_producers.get(data_producer_id)
    if room is not None and producer is not None:
        room.drop_producer(producer)
        removed = Removed(data_producers=[producer] if producer.ready else [])
        media_notices.tell_removed(exchange, room, removed)


def _data_consumer_closed(
    exchange: Exchange, room: SfuRoom | None, data_consumer_id: str, reason: str
) -> None:
    if room is not None:
        transport = room.transports[holder_of(data_consumer_id)]
        if transport.found or data_consumer_id in transport.data_consumers:
            room.drop_consumer(transport, data_consumer_id)
            owner = transport.member_id
            media_notices.tell_data_consumer_removed(
                exchange, room, owner, data_consumer_id, reason
            )
