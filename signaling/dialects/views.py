"""A room as each wire shows it."""

from datetime import UTC, datetime
from functools import lru_cache

import msgspec

from signaling.grants import GUEST
from signaling.messages import channels, records
from signaling.mode_policy import ModeDecision
from signaling.registry import Registry
from signaling.room import Member, Room
from signaling.tokens import Signer, Ticket


def iso(seconds: float) -> str:
    """Unix seconds as ISO 8601 in UTC with milliseconds."""
    whole, fraction = divmod(round(seconds * 1_000_000), 1_000_000)
    return f"{_iso_second(whole)}.{fraction // 1000:03}Z"


@lru_cache(maxsize=8)
def _iso_second(whole: int) -> str:
    return datetime.fromtimestamp(whole, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def millis(seconds: float) -> int:
    """Unix seconds as whole milliseconds, as JavaScript's ``Date.now()``."""
    return int(seconds * 1000)


def member_view(member: Member) -> records.Member:
    """A member as others see it."""
    return records.Member(
        id=member.id,
        name=member.name,
        presence=member.presence,
        instance=member.instance,
        joined_at=iso(member.joined_at),
        user_id=member.admission.user_id or msgspec.UNSET,
    )


def course_view(
    room: Room, told: ModeDecision, signer: Signer, now: float, to: Member | None = None
) -> records.Course:
    """How a room's media travels, by the word that is told: one in force, or its course.

    ``to``: the one it is told; None for guests, who are all told the same.
    """
    core = room.core if told is room.decision else None
    return records.Course(
        mode=told.mode,
        generation=told.generation,
        reason=told.reason,
        strained=told.strained,
        prewarm=told.prewarm,
        pins=room.pins,
        unreachable=list(room.unreachable),
        core=[one for one in core if one in room.members] if core is not None else None,
        ticket=ticket_for(room, told, signer, now, to),
    )


def room_view(
    room: Room, registry: Registry, signer: Signer, now: float, to: Member | None = None
) -> records.Room:
    """A room as its members see it; who enters is told where it is going."""
    spec, course = room.spec, course_view(room, room.course, signer, now, to)
    return records.Room(
        id=room.id,
        name=spec.name,
        created_at=iso(room.created_at),
        host=room.host,
        max_participants=spec.max_participants,
        participants=list(room.members),
        metadata=records.RoomMetadata(
            description=spec.description, private=spec.private, history=spec.history
        ),
        members=[member_view(member) for member in room.members.values()],
        state=room.state,
        capacity=registry.capacity_of(room),
        has_password=spec.password is not None,
        reopened=room.reopened,
        **msgspec.structs.asdict(course),
    )


def summary(room: Room, registry: Registry) -> records.RoomSummary:
    """A public room as the room dialect lists it."""
    return records.RoomSummary(
        id=room.id,
        name=room.spec.name,
        participant_count=len(room.members),
        max_participants=room.spec.max_participants,
        capacity=registry.capacity_of(room),
        created_at=iso(room.created_at),
        description=room.spec.description,
        state=room.state,
        mode=room.decision.mode,
        has_password=room.spec.password is not None,
    )


def listed(room: Room) -> channels.ListedRoom:
    """A public room as the channel dialect lists it."""
    host = room.members.get(room.host) if room.host is not None else None
    return channels.ListedRoom(
        id=room.id,
        name=room.spec.name,
        description=room.spec.description,
        host=host.name if host else None,
        host_id=room.host,
        created_at=iso(room.created_at),
        participants=[
            channels.Participant(id=member.id, name=member.name) for member in room.members.values()
        ],
        max_participants=room.spec.max_participants,
    )


def ticket_for(
    room: Room, told: ModeDecision, signer: Signer, now: float, to: Member | None = None
) -> str:
    """What lets a member reopen this room on a server that has forgotten it.

    With what a token lets this member do, which is nobody else's.
    """
    spec, admission = room.spec, to.admission if to is not None else GUEST
    named = None if admission is GUEST or to is None else to
    description = Ticket(
        room_id=room.id,
        name=spec.name,
        description=spec.description,
        private=spec.private,
        history=spec.history,
        max_participants=spec.max_participants,
        created_at=room.created_at,
        host=room.rightful_host or room.host,
        password=spec.password,
        pin=room.pin,
        mode=told.mode,
        generation=told.generation,
        limited=room.limited,
        bearer=named.id if named is not None else None,
        admission=named.admission if named is not None else None,
    )
    return signer.ticket(description, now)
