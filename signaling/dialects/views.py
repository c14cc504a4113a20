"""A room as each wire shows it."""

from datetime import UTC, datetime
from functools import lru_cache

from signaling.messages import channels, records
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
    )


def room_view(room: Room, registry: Registry, ticket: str) -> records.Room:
    """A room as its members see it."""
    spec = room.spec
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
        mode=room.decision.mode,
        generation=room.decision.generation,
        strained=room.decision.strained,
        capacity=registry.capacity_of(room),
        has_password=spec.password is not None,
        ticket=ticket,
        reopened=room.reopened,
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


def ticket_for(room: Room, signer: Signer, now: float) -> str:
    """What lets a member reopen this room on a server that has forgotten it."""
    spec = room.spec
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
    )
    return signer.ticket(description, now)
