"""What workers answer, turned into answers to those who asked."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec

from sfu.control import messages as control
from signaling.dialects.rooms import media_notices
from signaling.dialects.rooms.media_undo import forget, makes_something, undo
from signaling.dialects.rooms.media_upkeep import (
    is_there,
    place,
    refuse,
    release_waiting,
    respond,
)
from signaling.exchange import Exchange
from signaling.media.pending import Asker, Pending
from signaling.media.sfu_room import SfuRoom
from signaling.messages import media as wire
from signaling.messages.wire import ErrorCode, Ok, Refused, Wire

_CODES = {
    "transport-not-found": ErrorCode.TRANSPORT_NOT_FOUND,
    "producer-not-found": ErrorCode.PRODUCER_NOT_FOUND,
    "consumer-not-found": ErrorCode.CONSUMER_NOT_FOUND,
    "cannot-consume": ErrorCode.CANNOT_CONSUME,
    "unsupported-codec": ErrorCode.UNSUPPORTED_MEDIA,
    "unsupported-media": ErrorCode.UNSUPPORTED_MEDIA,
    "invalid-parameters": ErrorCode.INVALID_PARAMETERS,
    "too-many": ErrorCode.TOO_MANY,
}
"""What a worker may refuse with; every other code becomes ``media-refused``."""


def settle(exchange: Exchange, worker: str, answer: control.Answer, now: float) -> None:
    """Takes a worker's answer to where it is waited for; what was given up is ignored."""
    pending = exchange.sfu.pending.take(answer.request)
    if pending is None or pending.worker != worker or pending.command is None:
        return
    room = exchange.sfu.at(pending.room_id, worker)
    if isinstance(pending.command, control.OpenRouter):
        if room is not None:
            _router_opened(exchange, room, answer, now)
        return
    asker = pending.asker
    if isinstance(pending.command, control.SetProducer) and isinstance(answer, control.Done):
        _producer_set(exchange, room, pending.command)
    if asker is None or (not is_there(exchange, asker) and makes_something(pending.command)):
        undo(exchange, pending)
        return
    try:
        message = _conclude(exchange, room, pending.command, answer, asker)
    except Refused as refusal:
        forget(exchange, room, pending.command)
        refuse(exchange, asker, refusal)
        return
    if message is not None:
        respond(exchange, asker, message)


def give_up_due(exchange: Exchange, now: float) -> None:
    """Gives up what has waited too long."""
    for pending in exchange.sfu.pending.due(now):
        give_up(exchange, pending)
    deadline = exchange.sfu.pending.next_deadline()
    if deadline is not None:
        exchange.deadlines.set(("answers", ""), deadline)


def give_up(exchange: Exchange, pending: Pending) -> None:
    """Undoes what no answer came to, or will come to, and says so."""
    room = exchange.sfu.at(pending.room_id, pending.worker)
    if pending.command is None:
        room = exchange.sfu.rooms.get(pending.room_id)
        if room is not None and pending.number in room.waiting:
            room.waiting.remove(pending.number)
    elif isinstance(pending.command, control.OpenRouter):
        if room is not None:
            _not_opened(exchange, room)
        return
    elif isinstance(pending.command, control.SetProducer):
        if exchange.sfu.workers.find(pending.worker or "") is not None:
            exchange.sfu.pending.keep(replace(pending, asker=None))  # it may be done all the same
    else:
        undo(exchange, pending)
    message = "The SFU does not answer; try again."
    refuse(exchange, pending.asker, Refused(ErrorCode.SFU_UNAVAILABLE, message))


def _conclude(
    exchange: Exchange,
    room: SfuRoom | None,
    command: control.Command,
    answer: control.Answer,
    asker: Asker,
) -> Wire | None:
    """The answer to whoever asked; None for one who did not want any."""
    if isinstance(answer, control.Refusal):
        raise Refused(_CODES.get(answer.code, ErrorCode.MEDIA_REFUSED), answer.reason)
    expected, conclusion = _CONCLUSIONS.get(type(command), (control.Done, _done))
    if not isinstance(answer, expected):
        raise Refused(ErrorCode.MEDIA_REFUSED, "The SFU's answer is not understood.")
    if room is None:
        raise Refused(ErrorCode.SFU_UNAVAILABLE, "The room's media went elsewhere meanwhile.")
    return conclusion(exchange, room, command, answer, asker)


# ---- routers -----------------------------------------------------------------------------


def _router_opened(exchange: Exchange, room: SfuRoom, answer: control.Answer, now: float) -> None:
    if isinstance(answer, control.Refusal) and answer.code == "draining":
        _place_anew(exchange, room, now)
        return
    if not isinstance(answer, control.RouterOpened):
        _not_opened(exchange, room)
        return
    room.rtp_capabilities = answer.rtp_capabilities.copy()
    room.fill(answer)
    exchange.sfu.index(room)
    known = exchange.registry.index.get(room.id)
    for member_id in room.owners():
        if member_id in known.members:
            exchange.registry.note_media(known, member_id, flows=True)
    if room.transports:
        exchange.deadlines.set(("strays", room.id), now + exchange.config.resume_grace)
    waiting, room.waiting = room.waiting, []
    for number in waiting:
        pending = exchange.sfu.pending.take(number)
        if pending is not None and pending.asker is not None:
            _let_in(exchange, room, pending.asker)


def _let_in(exchange: Exchange, room: SfuRoom, asker: Asker) -> None:
    member_id = asker.session.member_id
    if member_id not in exchange.registry.index.get(room.id).members:
        refuse(exchange, asker, Refused(ErrorCode.NOT_A_MEMBER, "You are not in this room."))
    elif is_there(exchange, asker):
        room.entered[member_id] = asker.era
        respond(exchange, asker, media_notices.entered(room, member_id, asker.request))
        media_notices.tell_newcomer(exchange, room, member_id)


def _not_opened(exchange: Exchange, room: SfuRoom) -> None:
    """A worker does not open a router, or does not say that it has; the next wish tries again."""
    worker = exchange.sfu.workers.find(room.worker or "")
    exchange.sfu.forget(room)
    if worker is not None:
        worker.found.add(room.id)  # it may be there after all
    refusal = Refused(ErrorCode.SFU_UNAVAILABLE, "The SFU does not take the room; try again.")
    release_waiting(exchange, room, refusal)


def _place_anew(exchange: Exchange, room: SfuRoom, now: float) -> None:
    """A worker is about to end, and has not said so in time; another may take the room."""
    name = room.worker or ""
    worker = exchange.sfu.workers.find(name)
    exchange.sfu.forget(room)
    if worker is not None and not worker.draining:
        worker.status = msgspec.structs.replace(worker.status, drain_seconds=0.0)
    anew = exchange.sfu.room(room.id)
    anew.waiting = room.waiting
    place(exchange, anew, exchange.registry.index.get(room.id).course.generation, now)


# ---- what was asked for ------------------------------------------------------------------


def _done(
    exchange: Exchange, room: SfuRoom, command: control.Command, answer: control.Done, asker: Asker
) -> Wire | None:
    return None if isinstance(asker.request, msgspec.UnsetType) else Ok(id=asker.request)


def _transport_opened(
    exchange: Exchange,
    room: SfuRoom,
    command: control.OpenTransport,
    answer: control.TransportOpened,
    asker: Asker,
) -> Wire:
    transport = room.transports.get(command.transport_id)
    if transport is None:
        raise _closed_meanwhile()
    transport.ready = True
    return wire.TransportOpened(
        id=asker.request,
        room_id=room.id,
        transport=wire.Transport(
            id=transport.id,
            ice_parameters=answer.ice_parameters,
            ice_candidates=answer.ice_candidates,
            dtls_parameters=answer.dtls_parameters,
            sctp_parameters=answer.sctp_parameters,
        ),
    )


def _ice_restarted(
    exchange: Exchange,
    room: SfuRoom,
    command: control.RestartIce,
    answer: control.IceRestarted,
    asker: Asker,
) -> Wire:
    return wire.IceRestarted(
        id=asker.request,
        room_id=room.id,
        transport_id=command.transport_id,
        ice_parameters=answer.ice_parameters,
    )


def _produced(
    exchange: Exchange, room: SfuRoom, command: control.Produce, answer: control.Done, asker: Asker
) -> Wire:
    producer = room.producers.get(command.producer_id)
    if producer is None:
        raise _closed_meanwhile()
    producer.ready = True
    media_notices.tell_added(exchange, room, producer)
    return wire.Produced(id=asker.request, room_id=room.id, producer_id=producer.id)


def _producer_set(exchange: Exchange, room: SfuRoom | None, command: control.SetProducer) -> None:
    """Whether or not anybody still waits to hear it: the worker has done it."""
    producer = None if room is None else room.producers.get(command.producer_id)
    if room is not None and producer is not None and producer.paused != command.paused:
        producer.paused = command.paused
        media_notices.tell_changed(exchange, room, producer)


def _consumed(
    exchange: Exchange,
    room: SfuRoom,
    command: control.Consume,
    answer: control.Consumed,
    asker: Asker,
) -> Wire:
    transport = room.transports.get(command.transport_id)
    if transport is None or command.consumer_id not in transport.consumers:
        raise _closed_meanwhile()
    consumer = wire.Consumer(
        id=command.consumer_id,
        producer_id=command.producer_id,
        kind=answer.kind,
        type=answer.consumer_type,
        rtp_parameters=answer.rtp_parameters,
        producer_paused=answer.producer_paused,
    )
    return wire.Consumed(id=asker.request, room_id=room.id, consumer=consumer)


def _data_produced(
    exchange: Exchange,
    room: SfuRoom,
    command: control.ProduceData,
    answer: control.Done,
    asker: Asker,
) -> Wire:
    producer = room.data_producers.get(command.data_producer_id)
    if producer is None:
        raise _closed_meanwhile()
    producer.ready = True
    media_notices.tell_added(exchange, room, producer)
    return wire.DataProduced(id=asker.request, room_id=room.id, data_producer_id=producer.id)


def _data_consumed(
    exchange: Exchange,
    room: SfuRoom,
    command: control.ConsumeData,
    answer: control.DataConsumed,
    asker: Asker,
) -> Wire:
    transport = room.transports.get(command.transport_id)
    if transport is None or command.data_consumer_id not in transport.data_consumers:
        raise _closed_meanwhile()
    consumer = wire.DataConsumer(
        id=command.data_consumer_id,
        data_producer_id=command.data_producer_id,
        sctp_stream_parameters=answer.sctp_stream_parameters,
        label=answer.label,
        protocol=answer.protocol,
    )
    return wire.DataConsumed(id=asker.request, room_id=room.id, data_consumer=consumer)


_Conclusion = Callable[[Exchange, SfuRoom, Any, Any, Asker], Wire | None]

_CONCLUSIONS: dict[type[control.Command] | None, tuple[type[control.Answer], _Conclusion]] = {
    control.OpenTransport: (control.TransportOpened, _transport_opened),
    control.RestartIce: (control.IceRestarted, _ice_restarted),
    control.Produce: (control.Done, _produced),
    control.Consume: (control.Consumed, _consumed),
    control.ProduceData: (control.Done, _data_produced),
    control.ConsumeData: (control.DataConsumed, _data_consumed),
}
"""The answer that a command is due, and what comes of it; all others are simply done."""


def _closed_meanwhile() -> Refused:
    message = "The transport, or what was asked for, was closed before this was answered."
    return Refused(ErrorCode.TRANSPORT_NOT_FOUND, message)
