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
from signaling.grants import GUEST
from signaling.messages import notices
from signaling.peer_session import Dialect, PeerSession
from signaling.room import Member, Room


def tell(exchange: Exchange, event: Event, now: float) -> None:
    """Sends an event to everybody in the room but the one it is about."""
    sessions = exchange.members_speaking(Dialect.ROOM, _audience(event))
    if isinstance(event, ModeChanged):
        sessions = _tell_named(exchange, event.room, sessions, now)
    if sessions:
        exchange.deliver(sessions, _message(exchange, event, now))


def _tell_named(
    exchange: Exchange, room: Room, sessions: list[PeerSession], now: float
) -> list[PeerSession]:
    """Tells those of the room's course who came by a token, each with its own ticket.

    Who is left is told the same as everybody else.
    """
    guests = []
    for session in sessions:
        member = room.members[session.member_id]
        if member.admission is GUEST:
            guests.append(session)
        else:
            exchange.deliver([session], _course(exchange, room, member, now))
    return guests


def _course(exchange: Exchange, room: Room, to: Member | None, now: float) -> notices.ModeChanged:
    course = course_view(room, room.decision, exchange.signer, now, to)
    return notices.ModeChanged(room_id=room.id, **msgspec.structs.asdict(course))


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
            return _course(exchange, room, None, now)
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
