"""The registry's events, told to the room-dialect members they concern."""

import msgspec

from signaling.dialects.views import course_view, member_view
from signaling.events import (
    Event,
    HandOverBegan,
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


def tell(exchange: Exchange, event: Event, now: float) -> None:
    """Sends an event to everybody in the room but the one it is about."""
    sessions = exchange.members_speaking(Dialect.ROOM, _audience(event))
    if sessions:
        exchange.deliver(sessions, _message(exchange, event, now))


def _audience(event: Event) -> list[str]:
    match event:
        case RoomClosed(members=members):
            return list(members)
        case MemberJoined(member=member) | PresenceChanged(member=member):
            return [member_id for member_id in event.room.members if member_id != member.id]
        case HandOverBegan(room=room):
            return [member.id for member in room.members.values() if not member.is_plain]
        case _:
            return list(event.room.members)


def _message(exchange: Exchange, event: Event, now: float) -> notices.FromServer:
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
            course = course_view(room, room.decision, exchange.signer, now)
            return notices.ModeChanged(room_id=room_id, **msgspec.structs.asdict(course))
        case HandOverBegan(hand_over=hand_over):
            return notices.PrepareHandOver(
                room_id=room_id,
                mode=hand_over.aim.mode,
                generation=hand_over.generation,
                reason=hand_over.aim.reason,
                seconds=exchange.registry.modes.policy.hand_over_seconds,
            )
        case RoomClosed(reason=reason):
            return notices.RoomClosed(room_id=room_id, reason=reason)
