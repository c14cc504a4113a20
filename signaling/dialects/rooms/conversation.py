"""What members say to each other: signals and chat."""

import msgspec

from signaling.dialects.admission import require_mesh_for
from signaling.dialects.signals import Signal, SignalKind, check_body, relay, send
from signaling.dialects.views import iso
from signaling.events import Event
from signaling.exchange import Exchange
from signaling.messages import notices, records, requests
from signaling.messages.wire import ErrorCode, Refused
from signaling.peer_session import Connection, Dialect, PeerSession

_KINDS: dict[type[requests.Signal], SignalKind] = {
    requests.Offer: "offer",
    requests.Answer: "answer",
    requests.IceCandidate: "candidate",
}


def signal(
    exchange: Exchange, connection: Connection, message: requests.Signal, now: float
) -> list[Event]:
    """Passes an offer, answer or candidate on to another member."""
    check_body(message.payload)
    sender = connection.holder.member_id
    kind = _KINDS[type(message)]
    passed = Signal(kind, message.room_id, sender, message.to, message.payload)
    if message.room_id is None:
        target = _direct_target(exchange, connection, message.to)
        for member_id in (sender, message.to):
            require_mesh_for(exchange.registry.index.member_everywhere(member_id), message.to)
        send(exchange, target, passed)
    else:
        relay(exchange, passed, exchange.registry.index.get(message.room_id))
    exchange.acknowledge(connection, message.id)
    return []


def chat(
    exchange: Exchange, connection: Connection, message: requests.Chat, now: float
) -> list[Event]:
    """Gives a chat message its id and order, keeps it, and tells every member."""
    _check_text(message.payload, exchange.config.limits.chat_length)
    if message.room_id is not None:
        _say(exchange, connection, message, now)
    elif message.to is not None:
        target = _direct_target(exchange, connection, message.to)
        said = notices.DirectChat(from_=connection.holder.member_id, payload=message.payload)
        exchange.deliver([target], said)
        exchange.acknowledge(connection, message.id)
    else:
        raise Refused(ErrorCode.BAD_MESSAGE, "A chat message needs a room id.")
    return []


def chat_history(
    exchange: Exchange, connection: Connection, message: requests.ChatHistoryRequest, now: float
) -> list[Event]:
    """What was said, to a member."""
    room = exchange.registry.index.room_with(message.room_id, connection.holder.member_id)
    said = room.chat.after(message.after)
    answer = notices.ChatHistory(id=message.id, room_id=room.id, messages=said)
    exchange.reply(connection, answer)
    return []


def list_clients(
    exchange: Exchange, connection: Connection, message: requests.ListClients, now: float
) -> list[Event]:
    """Who is connected, in legacy direct mode."""
    _require_legacy(exchange, connection)
    connected = [
        session.member_id
        for session in exchange.sessions.values()
        if session.dialect is Dialect.ROOM and session.connections
    ]
    exchange.reply(connection, notices.ClientsList(id=message.id, clients=connected))
    return []


def _say(exchange: Exchange, connection: Connection, message: requests.Chat, now: float) -> None:
    room = exchange.registry.index.room_with(message.room_id or "", connection.holder.member_id)
    member = room.members[connection.holder.member_id]
    member.admission.require("data")
    order = room.chat.next_order()
    said = records.ChatMessage(
        message_id=f"{room.id}:{order}",
        order=order,
        room_id=room.id,
        from_=member.id,
        name=member.name,
        payload=message.payload,
        sent_at=iso(now),
        nonce=message.nonce,
    )
    room.chat.append(said)
    audience = exchange.members_speaking(Dialect.ROOM, room.members)
    delivered = notices.ChatDelivered(**msgspec.structs.asdict(said))
    if message.id is not msgspec.UNSET:
        answer = msgspec.structs.replace(delivered, id=message.id)
        exchange.reply(connection, answer)
        audience.remove(connection.holder)
    exchange.deliver(audience, delivered)


def _direct_target(exchange: Exchange, connection: Connection, member_id: str) -> PeerSession:
    _require_legacy(exchange, connection)
    for session in exchange.members_speaking(Dialect.ROOM, [member_id]):
        if session.connections and exchange.allows_legacy(session.connections[0]):
            return session
    message = "Nobody with this id is connected."
    raise Refused(ErrorCode.TARGET_NOT_CONNECTED, message, to=member_id)


def _require_legacy(exchange: Exchange, connection: Connection) -> None:
    if not exchange.allows_legacy(connection):
        message = "Messages without a room id are not relayed here; join a room first."
        raise Refused(ErrorCode.NOT_ALLOWED, message)


def _check_text(text: str, longest: int) -> None:
    if not text.strip():
        raise Refused(ErrorCode.BAD_MESSAGE, "The message is empty.")
    if len(text) > longest:
        message = f"The message has {len(text)} characters; {longest} are allowed."
        raise Refused(ErrorCode.BAD_MESSAGE, message)
