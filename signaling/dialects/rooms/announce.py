"""The registry's events, told to the room-dialect members they concern."""

from signaling.dialects.views import member_view
from signaling.events import (
    Event,
    HostChanged,
    MemberJoined,
    MemberLeft,
    ModeChanged,
    PresenceChanged,
    RoomClosed,
)
from signaling.exchange import Exchange
from signaling.messages import notices
from signaling.peer_session import Dialect


def tell(exchange: Exchange, event: Event) -> None:
    """Sends an event to everybody in the room but the one it is about."""
    sessions = exchange.members_speaking(Dialect.ROOM, _audience(event))
    if sessions:
        exchange.deliver(sessions, _message(event))


def _audience(event: Event) -> list[str]:
    match event:
        case RoomClosed(members=members):
            return list(members)
        case MemberJoined(member=member) | PresenceChanged(member=member):
            return [member_id for member_id in event.room.members if member_id != member.id]
        case _:
            return list(event.room.members)


def _message(event: Event) -> notices.FromServer:
    room_id = event.room.id
    match event:
        case MemberJoined(room=room, member=member, rejoined=rejoined):
            return notices.MemberJoined(
                room_id=room_id,
                member_id=member.id,
                participants=list(room.members),
                rejoined=rejoined,
                member=member_view(member),
            )
        case MemberLeft(room=room, member_id=member_id, reason=reason):
            participants = list(room.members)
            return notices.MemberLeft(
                room_id=room_id, member_id=member_id, participants=participants, reason=reason
            )
        case PresenceChanged(member=member):
            return notices.MemberPresence(
                room_id=room_id, member_id=member.id, presence=member.presence
            )
        case HostChanged(room=room):
            return notices.HostChanged(room_id=room_id, host=room.host or "")
        case ModeChanged(room=room):
            return notices.ModeChanged(
                room_id=room_id,
                mode=room.decision.mode,
                generation=room.decision.generation,
                reason=room.decision.reason,
                strained=room.decision.strained,
            )
        case RoomClosed(reason=reason):
            return notices.RoomClosed(room_id=room_id, reason=reason)
