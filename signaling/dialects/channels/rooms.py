"""The rooms channel: rooms by ids of the clients' choice, and the list of them."""

from signaling import names
from signaling.dialects import admission
from signaling.dialects.channels.claims import claim, recognise
from signaling.dialects.plain import require_mesh
from signaling.dialects.views import listed, millis
from signaling.events import Event, MemberJoined
from signaling.exchange import Exchange
from signaling.grants import GUEST, Admission
from signaling.messages import channels as wire
from signaling.messages.wire import ErrorCode, Refused
from signaling.peer_session import Connection, Dialect, PeerSession
from signaling.room import Member, RoomSpec
from signaling.tokens import JoinToken


def create_room(
    exchange: Exchange, connection: Connection, message: wire.RoomCreated, now: float
) -> list[Event]:
    """Makes a room with its host in it; harmless when the host repeats it."""
    wish, registry = message.data, exchange.registry
    if wish.id in registry.index and registry.index.get(wish.id).host != wish.host_id:
        raise Refused(ErrorCode.ROOM_EXISTS, "A room with this id exists already.")
    admitted, _ = _admission(exchange, wish, wish.id, now)
    spec = _spec(exchange, wish, connection.address)
    name = _name(exchange, admitted.name or wish.host)
    session = claim(exchange, connection, wish.host_id, wish.secret)
    events: list[Event] = []
    if wish.id not in registry.index:
        creator = Member(id=session.member_id, name=name, joined_at=now, admission=admitted)
        events = registry.create(spec, creator, now)[1]
    exchange.acknowledge(connection, message.id)
    return events


def join_room(
    exchange: Exchange, connection: Connection, message: wire.UserJoinedRoom, now: float
) -> list[Event]:
    """Admits a user; harmless when repeated, and how a reloaded page takes its place again."""
    wish, registry = message.data, exchange.registry
    room = registry.index.get(wish.room_id)
    admitted, shown = _admission(exchange, wish, room.id, now)
    name = _name(exchange, admitted.name or wish.user_name)
    attached = connection.session is not None and connection.session.member_id == wish.user_id
    session = claim(exchange, connection, wish.user_id, wish.secret)
    present = room.members.get(session.member_id)
    if present is not None and attached and name in {None, present.name}:
        exchange.acknowledge(connection, message.id)
        return []
    require_mesh(exchange, room.id, session.member_id)
    member = Member(id=session.member_id, name=name, joined_at=now, admission=admitted)
    password = admission.password_given(exchange, shown, room.id)
    events = registry.join(wish.room_id, member, password, now)[1]
    exchange.acknowledge(connection, message.id)
    return events


def leave_room(
    exchange: Exchange, connection: Connection, message: wire.UserLeftRoom, now: float
) -> list[Event]:
    """Takes a user out of a room, now."""
    session = recognise(exchange, connection, message.data.user_id, None)
    events = exchange.registry.leave(message.data.room_id, session.member_id, "left", now)
    exchange.acknowledge(connection, message.id)
    return events


def list_rooms(
    exchange: Exchange, connection: Connection, message: wire.RoomListRequest, now: float
) -> list[Event]:
    """The rooms, to the one who asks."""
    exchange.reply(connection, room_list(exchange, now))
    return []


def room_list(exchange: Exchange, now: float) -> wire.ServerRoomList:
    """All public rooms now (as many as a list may hold)."""
    found, _ = exchange.registry.index.public(exchange.config.limits.listed_rooms)
    return wire.ServerRoomList(rooms=[listed(room) for room in found], timestamp=millis(now))


def tell_joined(exchange: Exchange, event: MemberJoined) -> None:
    """Tells the room's channel-dialect members of a newcomer, whatever it speaks."""
    existing = [member_id for member_id in event.room.members if member_id != event.member.id]
    message = wire.UserJoined(
        room_id=event.room.id,
        user_id=event.member.id,
        user_name=event.member.name,
        existing_participants=existing,
    )
    for session in exchange.members_speaking(Dialect.CHANNEL, existing):
        exchange.write(_listening(session), message)


def _listening(session: PeerSession) -> list[Connection]:
    """A member's sockets on the rooms channel; all of them where it has not subscribed."""
    subscribed = [c for c in session.connections if wire.ROOMS in c.channels]
    return subscribed or session.connections


def _admission(
    exchange: Exchange, wish: wire.NewRoom | wire.Joining, room_id: str, now: float
) -> tuple[Admission, JoinToken | None]:
    """As whom somebody comes who calls itself a user of its own choice, unless its token does.

    Raises:
        Refused: token-required, token-invalid; not-permitted for another user's token;
            sfu-required where its grants take a client that knows the SFU.
    """
    is_new = isinstance(wish, wire.NewRoom)
    user_id = wish.host_id if isinstance(wish, wire.NewRoom) else wish.user_id
    if is_new and room_id not in exchange.registry.index:
        shown = admission.to_create(exchange, wish.token, now)
        if shown is not None:
            shown.require_room(room_id)
        admitted = GUEST if shown is None else shown.admission
    else:
        admitted, shown = admission.admission_to(
            exchange, wish.token, None, room_id, (user_id, now)
        )
    if admitted.user_id not in {None, user_id}:
        raise Refused(ErrorCode.NOT_PERMITTED, "Your invitation is for another user.")
    admission.require_known_client(admitted, is_plain=True)
    return admitted, shown


def _name(exchange: Exchange, name: str | None) -> str | None:
    return names.clean(name, exchange.config.limits.name_length) if name else None


def _spec(exchange: Exchange, wish: wire.NewRoom, address: str) -> RoomSpec:
    limits, description = exchange.config.limits, wish.description.strip()
    if description:
        description = names.clean(description, limits.description_length, "description")
    return RoomSpec(
        id=wish.id,
        name=names.clean(wish.name, limits.name_length, "room's name"),
        description=description,
        max_participants=wish.max_participants,
        opened_by=address,
    )
