"""Creating, joining, leaving and listing rooms."""

from dataclasses import replace

import msgspec

from signaling import names
from signaling.dialects import admission
from signaling.dialects.plain import require_mesh
from signaling.dialects.views import room_view, summary
from signaling.events import Event
from signaling.exchange import Exchange
from signaling.grants import GUEST, Admission
from signaling.messages import notices, records, requests
from signaling.messages.wire import RequestId
from signaling.peer_session import Connection
from signaling.room import Member, Remembered, Room, RoomSpec
from signaling.tokens import Ticket


def create_room(
    exchange: Exchange, connection: Connection, message: requests.CreateRoom, now: float
) -> list[Event]:
    """Makes a room whose host is the sender."""
    wish = message.payload
    shown = admission.to_create(exchange, wish.token, now)
    spec = spec_of(exchange, wish, connection.address)
    if shown is not None and not shown.is_for_any:
        spec = _under_id(exchange, spec, shown.room, wish.password)
    admitted = GUEST if shown is None else shown.admission
    admission.require_known_client(admitted, wish.instance is None)
    creator = _member(exchange, connection, (wish.member_name, wish.instance), admitted, now)
    room, events = exchange.registry.create(spec, creator, now)
    _keep_for_resume(connection, wish.instance)
    seen, grants = _view(exchange, room, creator, now), _grants(admitted)
    answer = notices.RoomCreated(id=message.id, room=seen, grants=grants)
    exchange.reply(connection, answer)
    return events


def spec_of(exchange: Exchange, wish: requests.CreateRoomPayload, address: str) -> RoomSpec:
    """The room a client or the operator wishes for, cleaned, with an id of its own.

    Raises:
        Refused: name-invalid.
    """
    limits, room_id = exchange.config.limits, exchange.new_room_id()
    description = wish.metadata.description
    if description.strip():
        description = names.clean(description, limits.description_length, "description")
    return RoomSpec(
        id=room_id,
        name=names.clean(wish.name, limits.name_length, "room's name"),
        description=description.strip(),
        private=wish.metadata.private,
        history=wish.metadata.history,
        max_participants=wish.max_participants,
        password=_digest(exchange, room_id, wish.password),
        opened_by=address,
        pin=wish.mode,
    )


def join_room(
    exchange: Exchange, connection: Connection, message: requests.JoinRoom, now: float
) -> list[Event]:
    """Admits the sender; its ticket stands for the password and reopens a forgotten room."""
    wish, registry = message.payload, exchange.registry
    ticket, member_id = _ticket(exchange, wish, now), connection.holder.member_id
    admitted, shown = admission.admission_to(
        exchange, wish.token, ticket, wish.room_id, (member_id, now)
    )
    admission.require_known_client(admitted, wish.instance is None)
    member = _member(exchange, connection, (wish.name, wish.instance), admitted, now)
    made = admission.room_by_token(shown, wish.room_id, connection.address)
    if ticket is not None and wish.room_id not in registry.index:
        spec = _spec_again(ticket, connection.address)
        room, events = registry.reopen(spec, _remembered(ticket), member, now)
    elif made is not None and wish.room_id not in registry.index:
        room, events = registry.create(made, member, now)
    else:
        if wish.instance is None:
            require_mesh(exchange, wish.room_id, member.id)
        password = _digest(exchange, wish.room_id, wish.password)
        password = admission.password_given(exchange, shown, wish.room_id) or password
        password = password or (ticket.password if ticket else None)
        remembered = _remembered(ticket) if ticket else None
        room, events = registry.join(wish.room_id, member, password, now, remembered)
    _keep_for_resume(connection, wish.instance)
    seen, grants = _view(exchange, room, member, now), _grants(admitted)
    exchange.reply(connection, notices.RoomJoined(id=message.id, room=seen, grants=grants))
    return events


def leave_room(
    exchange: Exchange, connection: Connection, message: requests.LeaveRoom, now: float
) -> list[Event]:
    """Takes the sender out of a room, now."""
    member_id = connection.holder.member_id
    events = exchange.registry.leave(message.payload.room_id, member_id, "left", now)
    exchange.acknowledge(connection, message.id)
    return events


def list_rooms(
    exchange: Exchange, connection: Connection, message: requests.ListRooms, now: float
) -> list[Event]:
    """Answers with the public rooms; who asked is told of changes, unless it declines."""
    if message.updates:
        exchange.list_subscribers[connection.holder] = None
    else:
        exchange.list_subscribers.pop(connection.holder, None)
    exchange.reply(connection, rooms_list(exchange, message.id))
    return []


def room_info(
    exchange: Exchange, connection: Connection, message: requests.RoomInfoRequest, now: float
) -> list[Event]:
    """What one sees of a room before joining it."""
    room = exchange.registry.index.get(message.payload.room_id)
    people = [member.name for member in room.members.values() if member.name is not None]
    hidden = room.spec.password is not None or exchange.config.needs_token
    answer = notices.RoomInfo(
        id=message.id,
        room=summary(room, exchange.registry),
        people=[] if hidden else people,
    )
    exchange.reply(connection, answer)
    return []


def rooms_list(
    exchange: Exchange, request: RequestId | msgspec.UnsetType = msgspec.UNSET
) -> notices.RoomsList:
    """The public rooms now."""
    found, total = exchange.registry.index.public(exchange.config.limits.listed_rooms)
    entries = [summary(room, exchange.registry) for room in found]
    return notices.RoomsList(id=request, rooms=entries, total=total)


def _member(
    exchange: Exchange,
    connection: Connection,
    who: tuple[str | None, str | None],
    admitted: Admission,
    now: float,
) -> Member:
    name, instance = who
    name = admitted.name or name
    if name is not None:
        name = names.clean(name, exchange.config.limits.name_length)
    member_id = connection.holder.member_id
    return Member(id=member_id, name=name, joined_at=now, instance=instance, admission=admitted)


def _under_id(exchange: Exchange, spec: RoomSpec, room_id: str, password: str | None) -> RoomSpec:
    """The same room under an id that a token names, with the password's digest for it."""
    return replace(spec, id=room_id, password=_digest(exchange, room_id, password))


def _grants(admitted: Admission) -> records.Grants | msgspec.UnsetType:
    return msgspec.UNSET if admitted is GUEST else admitted.grants


def _ticket(exchange: Exchange, wish: requests.JoinRoomPayload, now: float) -> Ticket | None:
    """The ticket, if it is genuine and for this room."""
    ticket = exchange.signer.read_ticket(wish.ticket, now) if wish.ticket else None
    return ticket if ticket is not None and ticket.room_id == wish.room_id else None


def _spec_again(ticket: Ticket, address: str) -> RoomSpec:
    return RoomSpec(
        id=ticket.room_id,
        name=ticket.name,
        description=ticket.description,
        private=ticket.private,
        history=ticket.history,
        max_participants=ticket.max_participants,
        password=ticket.password,
        opened_by=address,
        pin=ticket.pin,
    )


def _remembered(ticket: Ticket) -> Remembered:
    return Remembered(
        created_at=ticket.created_at,
        host=ticket.host,
        mode=ticket.mode,
        generation=ticket.generation,
        limited=ticket.limited,
    )


def _digest(exchange: Exchange, room_id: str, password: str | None) -> str | None:
    return exchange.signer.password_digest(room_id, password) if password else None


def _view(exchange: Exchange, room: Room, to: Member, now: float) -> records.Room:
    return room_view(room, exchange.registry, exchange.signer, now, to)


def _keep_for_resume(connection: Connection, instance: str | None) -> None:
    """A client that names its instance is one that resumes: keep what it may miss."""
    if instance is not None:
        connection.holder.acknowledge(0)
