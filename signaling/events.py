"""What can happen in a room. The registry emits these; each dialect renders them."""

from dataclasses import dataclass
from typing import TypeAlias

from signaling.hand_over import HandOver
from signaling.messages.records import CloseReason, LeaveReason
from signaling.room import Member, Room


@dataclass(frozen=True, slots=True)
class MemberJoined:
    """Somebody entered.

    ``rejoined``: who was here before; ``reloaded``: is in already, by another load of the page.
    """

    room: Room
    member: Member
    rejoined: bool
    reloaded: bool = False


@dataclass(frozen=True, slots=True)
class MemberLeft:
    """Somebody is out of the room already."""

    room: Room
    member_id: str
    reason: LeaveReason


@dataclass(frozen=True, slots=True)
class PresenceChanged:
    """A member's connection dropped or came back."""

    room: Room
    member: Member


@dataclass(frozen=True, slots=True)
class HostChanged:
    """``room.host`` is another member now."""

    room: Room


@dataclass(frozen=True, slots=True)
class HandOverBegan:
    """The room is to change its mode: its members build the new way beside the old one."""

    room: Room
    hand_over: HandOver


@dataclass(frozen=True, slots=True)
class ModeChanged:
    """``room.decision`` changed, or something else about its course that members see."""

    room: Room


@dataclass(frozen=True, slots=True)
class RoomClosed:
    """The room is forgotten; ``members`` were still in it."""

    room: Room
    members: tuple[str, ...]
    reason: CloseReason


Event: TypeAlias = (
    MemberJoined
    | MemberLeft
    | PresenceChanged
    | HostChanged
    | HandOverBegan
    | ModeChanged
    | RoomClosed
)
