"""Keeps what is known of routers in step: with their workers, with rooms, and with members."""

import msgspec

from sfu.control import messages as control
from signaling.dialects.rooms import media_notices
from signaling.events import (
    Event,
    HandOverBegan,
    MemberJoined,
    MemberLeft,
    ModeChanged,
    RoomClosed,
)
from signaling.exchange import Exchange
from signaling.media.pending import PATIENCE, Asker, Pending
from signaling.media.sfu_room import SfuRoom, Transport
from signaling.messages.wire import Error, ErrorCode, Refused, RequestId, Wire
from signaling.peer_session import Connection
from signaling.room import Room

LINGER = 5.0
"""Seconds for which a router is kept that is not needed any more: until then, members receive by
it what they do not receive directly yet, and hang up by themselves."""

# ---- requests ----------------------------------------------------------------------------


def asker_of(connection: Connection, request: RequestId | msgspec.UnsetType) -> Asker:
    """Who gets the answer to a request that came on this connection."""
    return Asker(connection.holder, connection.holder.era, request)


def ask(
    exchange: Exchange,
    room: SfuRoom,
    command: control.Command,
    asker: Asker | None,
    now: float,
) -> None:
    """Passes a command to the room's worker; its answer is waited for."""
    assert room.worker is not None
    _remember(
        exchange,
        Pending(command.request, room.id, asker, room.worker, command, now + PATIENCE),
    )
    exchange.submit(room.worker, command)


def wait(exchange: Exchange, room: SfuRoom, asker: Asker, now: float) -> None:
    """Lets a member wait for the room's router."""
    number = exchange.sfu.pending.next_number()
    room.waiting.append(number)
    _remember(exchange, Pending(number, room.id, asker, None, None, now + PATIENCE))


def is_there(exchange: Exchange, asker: Asker) -> bool:
    """Whether who asked still waits for the answer: neither gone for good nor begun anew."""
    session = asker.session
    return exchange.sessions.get(session.member_id) is session and session.era == asker.era


def respond(exchange: Exchange, asker: Asker, message: Wire) -> None:
    """Answers whoever asked, over whatever connection there is now, if it is still there."""
    if is_there(exchange, asker):
        exchange.deliver([asker.session], message)


def refuse(exchange: Exchange, asker: Asker | None, refusal: Refused) -> None:
    """Tells whoever asked, if anybody did, that it cannot be."""
    if asker is not None:
        exchange.tally.refused[refusal.code] += 1
        error = Error(code=refusal.code, message=refusal.message, id=asker.request)
        respond(exchange, asker, error)


def release_waiting(exchange: Exchange, room: SfuRoom, refusal: Refused) -> None:
    """Nobody waits for this router any more."""
    waiting, room.waiting = room.waiting, []
    for number in waiting:
        if (pending := exchange.sfu.pending.take(number)) is not None:
            refuse(exchange, pending.asker, refusal)


def _remember(exchange: Exchange, pending: Pending) -> None:
    exchange.sfu.pending.add(pending)
    if ("answers", "") not in exchange.deadlines:
        exchange.deadlines.set(("answers", ""), pending.deadline)


# ---- rooms and workers -------------------------------------------------------------------


def place(
    exchange: Exchange, room: SfuRoom, generation: int, now: float, name: str | None = None
) -> None:
    """Gives a room to a worker, if one takes it; those who wait are answered when it is open.

    Args:
        exchange: What is known.
        room: Which.
        generation: Of the room's course.
        now: Unix seconds.
        name: Whom to give it to; None: whoever has it already, or is the least busy.
    """
    if name is None:
        known = exchange.registry.index.find(room.id)
        homeless = known is not None and known.decision.mode == "sfu"
        name = exchange.sfu.workers.choose(room.id, homeless)
    worker = exchange.sfu.workers.find(name) if name is not None else None
    if worker is None:
        return
    room.worker = name
    worker.carried.add(room.id)
    worker.found.discard(room.id)
    command = control.OpenRouter(
        request=exchange.sfu.pending.next_number(),
        room_id=room.id,
        router_id=room.id,
        generation=generation,
    )
    ask(exchange, room, command, None, now)


def close_router(exchange: Exchange, worker: str, router_id: str) -> None:
    """Ends a router; nobody waits for the answer."""
    number = exchange.sfu.pending.next_number()
    exchange.submit(worker, control.CloseRouter(request=number, router_id=router_id))


def drop_transport(exchange: Exchange, room: SfuRoom, transport: Transport) -> None:
    """Forgets a transport, and tells the others what is gone with it."""
    removed = exchange.sfu.drop(room, transport)
    media_notices.tell_removed(exchange, room, removed)
    if exchange.sfu.leaving.get(room.id) is room and not room.is_received:
        exchange.deadlines.set(("moved", room.id), 0.0)  # nobody needs it any more
    routers = exchange.sfu.routers_of(room.id)
    theirs = [one for each in routers for one in each.transports_of(transport.member_id)]
    known = exchange.registry.index.find(room.id)
    if known is not None and not any(one.connected for one in theirs):
        exchange.registry.note_media(known, transport.member_id, flows=False)


def close_member(exchange: Exchange, room: SfuRoom, member_id: str) -> None:
    """Ends all that a member has in a room's router."""
    room.entered.pop(member_id, None)
    if room.worker is None:
        return
    number = exchange.sfu.pending.next_number()
    command = control.CloseMember(request=number, router_id=room.id, member_id=member_id)
    exchange.submit(room.worker, command)
    if room.rtp_capabilities is None:
        room.closed.add(member_id)
    for transport in room.transports_of(member_id):
        drop_transport(exchange, room, transport)


def close_strays(exchange: Exchange, room_id: str) -> None:
    """Ends what members have in a router that was found, and who have not come back."""
    room = exchange.sfu.rooms.get(room_id)
    known = exchange.registry.index.find(room_id)
    if room is not None and known is not None:
        for member_id in [one for one in room.owners() if one not in known.members]:
            close_member(exchange, room, member_id)


# ---- what happens in rooms ---------------------------------------------------------------


def follow(exchange: Exchange, event: Event, now: float) -> None:
    """Does to routers what an event in the registry entails."""
    match event:
        case MemberLeft(room=room, member_id=member_id):
            for routed in exchange.sfu.routers_of(room.id):
                close_member(exchange, routed, member_id)
            if not room.members:
                _release(exchange, room.id, _gone())
        case MemberJoined(room=room, member=member, reloaded=True):
            for routed in exchange.sfu.routers_of(room.id):
                dropped = exchange.sfu.pending.drop(room.id, member.id)
                routed.waiting = [one for one in routed.waiting if one not in dropped]
                close_member(exchange, routed, member.id)
        case RoomClosed(room=room):
            _release(exchange, room.id, _gone())
        case ModeChanged(room=room) | HandOverBegan(room=room):
            _follow_course(exchange, room, now)
        case _:
            pass


def release_unused(exchange: Exchange, room_id: str) -> None:
    """Ends the router of a room that is a mesh, and does without it."""
    room = exchange.registry.index.find(room_id)
    if room is None or room.sfu_is_open:
        return
    text = "This room's media does not go through an SFU any more."
    _release(exchange, room_id, Refused(ErrorCode.WRONG_MODE, text))
    for member_id in list(room.on_sfu):
        exchange.registry.note_media(room, member_id, flows=False)


def _follow_course(exchange: Exchange, room: Room, now: float) -> None:
    """Keeps the router while the room may need it, and a little longer if anybody is in it."""
    key, routed = ("linger", room.id), exchange.sfu.rooms.get(room.id)
    if room.sfu_is_open or routed is None:
        exchange.deadlines.cancel(key)
    elif routed.worker is None:
        release_unused(exchange, room.id)
    elif key not in exchange.deadlines:
        exchange.deadlines.set(key, now + LINGER)


def _gone() -> Refused:
    return Refused(ErrorCode.ROOM_NOT_FOUND, "This room does not exist (any more).")


def _release(exchange: Exchange, room_id: str, refusal: Refused) -> None:
    """Ends a room's router, wherever it is."""
    exchange.deadlines.cancel(("linger", room_id))
    for name, worker in exchange.sfu.workers.connected():
        if room_id in worker.carried or room_id in worker.found:
            worker.found.discard(room_id)
            close_router(exchange, name, room_id)
    exchange.deadlines.cancel(("moved", room_id))
    for room in exchange.sfu.routers_of(room_id):
        exchange.sfu.forget(room)
        release_waiting(exchange, room, refusal)
