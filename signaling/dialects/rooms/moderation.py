"""What those do whose token says so: take a member out, close the room."""

from signaling.events import Event
from signaling.exchange import Exchange
from signaling.messages import notices, requests
from signaling.peer_session import Connection, Dialect


def remove_member(
    exchange: Exchange, connection: Connection, message: requests.RemoveMember, now: float
) -> list[Event]:
    """Takes a member out; the token it came by opens this room no more."""
    room = exchange.registry.index.room_with(message.room_id, connection.holder.member_id)
    room.members[connection.holder.member_id].admission.require("moderate")
    removed = room.members.get(message.member_id)
    events = exchange.registry.leave(room.id, message.member_id, "removed", now)
    if removed is not None and removed.admission.token_id is not None:
        room.bar(removed.admission.token_id)
    left = notices.MemberLeft(
        room_id=room.id,
        member_id=message.member_id,
        participants=list(room.members),
        reason="removed",
    )
    exchange.deliver(exchange.members_speaking(Dialect.ROOM, [message.member_id]), left)
    exchange.acknowledge(connection, message.id)
    return events


def close_room(
    exchange: Exchange, connection: Connection, message: requests.CloseRoom, now: float
) -> list[Event]:
    """Ends the room with everybody in it; no ticket opens it again."""
    room = exchange.registry.index.room_with(message.room_id, connection.holder.member_id)
    room.members[connection.holder.member_id].admission.require("admin")
    events = exchange.registry.close(room.id)
    exchange.acknowledge(connection, message.id)
    return events
