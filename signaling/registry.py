"""The authoritative registry of rooms: the only truth about who is where.

Pure: it takes requests and ``now`` (Unix seconds on a clock that never steps), returns events, and
raises ``Refused`` without having changed anything.
"""

import hmac
import math

from signaling.chat_log import ChatLog
from signaling.deadlines import Deadlines
from signaling.events import (
    Event,
    HostChanged,
    MemberJoined,
    MemberLeft,
    PresenceChanged,
    RoomClosed,
)
from signaling.limits import Limits
from signaling.media_plane import MediaPlane
from signaling.messages.records import CloseReason, LeaveReason, Presence
from signaling.messages.wire import ErrorCode, Refused
from signaling.mode_keeper import ModeKeeper
from signaling.mode_policy import ModePolicy, is_kept_out
from signaling.room import Member, Remembered, Room, RoomSpec
from signaling.room_index import RoomIndex
from signaling.tally import Tally

UNUSED_ROOM_LIFETIME = 3600.0
"""Seconds for which a room made over REST waits for its first member."""


MOST_ENDED = 10_000
"""Rooms ended by the operator that are remembered, so that no ticket reopens them."""


class Registry:
    """The rules of rooms.

    Args:
        limits: Rooms per address and per member, members per room.
        policy: When a room changes its mode.
        media_plane: The SFU, or ``MeshOnly``.
        empty_room_ttl: Seconds for which an empty room is kept; 0 = not at all.

    Attributes:
        index: Where rooms are found; others read it, only the registry writes.
        modes: How rooms travel.
        tally: What has happened so far.
        retiring: The service is about to end, and opens no new rooms.
    """

    def __init__(
        self,
        limits: Limits,
        policy: ModePolicy,
        media_plane: MediaPlane,
        empty_room_ttl: float = 0.0,
    ) -> None:
        self.index = RoomIndex()
        self._limits = limits
        self._ttl = empty_room_ttl
        self._deadlines: Deadlines[tuple[str, str]] = Deadlines()
        self.tally = Tally()
        self.retiring = False
        self.modes = ModeKeeper(self.index, policy, media_plane, self._deadlines, self.tally)
        self._ended: dict[str, None] = {}

    @property
    def sfu_alive(self) -> bool:
        """Whether there is an SFU that rooms could use."""
        return self.modes.sfu_alive

    def capacity_of(self, room: Room) -> int:
        """Members the room can hold now."""
        held = self.modes.capacity_of(room)
        asked = room.spec.max_participants or held
        return min(asked, held, self._limits.room_members)

    # ---- requests ------------------------------------------------------------------------

    def open(self, spec: RoomSpec, now: float) -> Room:
        """Makes an empty room that waits for its first member.

        Raises:
            Refused: ``room-exists``, ``too-many-rooms`` or ``server-draining``.
        """
        self._may_open(spec, anew=True)
        room = Room(spec=spec, created_at=now, chat=ChatLog(spec.history))
        self.index.add(room)
        self.modes.reconsider(room, now)
        self._expire_at(room, now + max(self._ttl, UNUSED_ROOM_LIFETIME))
        return room

    def create(self, spec: RoomSpec, creator: Member, now: float) -> tuple[Room, list[Event]]:
        """Makes a room with its creator in it as host.

        Raises:
            Refused: ``room-exists``, ``too-many-rooms`` or ``server-draining``.
        """
        self._may_open(spec, anew=True)
        self._may_enter_another(creator.id)
        room = Room(spec=spec, created_at=now, chat=ChatLog(spec.history))
        self.index.add(room)
        return room, self._admit(room, creator, now)

    def reopen(
        self, spec: RoomSpec, remembered: Remembered, first: Member, now: float
    ) -> tuple[Room, list[Event]]:
        """Makes a room again that a restart has forgotten, for the first who comes back.

        Raises:
            Refused: ``room-exists``, ``too-many-rooms``, or ``room-not-found`` for a room that
                the operator has ended.
        """
        if spec.id in self._ended:
            raise Refused(ErrorCode.ROOM_NOT_FOUND, "This room was closed by the operator.")
        self._may_open(spec)
        self._may_enter_another(first.id)
        room = Room.reopen(spec, remembered, ChatLog(spec.history), now)
        self.index.add(room)
        events = self._admit(room, first, now)
        room.rightful_host = remembered.host if remembered.host != first.id else None
        return room, events

    def join(
        self,
        room_id: str,
        member: Member,
        password: str | None,
        now: float,
        remembered: Remembered | None = None,
    ) -> tuple[Room, list[Event]]:
        """Admits a member; for one who is in already, renews name and instance.

        Args:
            room_id: Where to.
            member: Who.
            password: Keyed digest of the password given, None for none.
            now: Unix seconds.
            remembered: What a newcomer was told of the room before a restart, if it was in it.

        Raises:
            Refused: room-not-found, wrong-password, name-taken, room-full, server-full,
                too-many-rooms.
        """
        room = self.index.get(room_id)
        present = room.members.get(member.id)
        if present is None and not _opens(room, password):
            # First of all: who does not know the password learns nothing about who is inside.
            message = "This room asks for a password." if password is None else "Wrong password."
            raise Refused(ErrorCode.WRONG_PASSWORD, message)
        if member.name is not None and room.has_name(member.name, other_than=member):
            message = f"Somebody called {member.name} is in this room already."
            raise Refused(ErrorCode.NAME_TAKEN, message)
        if present is not None:
            return room, self._renew(room, present, member, now)
        if self._is_kept_out(room):
            message = "The server has no capacity left for this call; try again in a while."
            raise Refused(ErrorCode.SERVER_FULL, message)
        if len(room.members) >= self.capacity_of(room):
            message = f"This room is full: it holds {self.capacity_of(room)} people."
            raise Refused(ErrorCode.ROOM_FULL, message)
        self._may_enter_another(member.id)
        return room, self._admit(room, member, now, remembered)

    def leave(self, room_id: str, member_id: str, reason: LeaveReason, now: float) -> list[Event]:
        """Takes a member out; the host's place passes on, the last one out ends the room.

        Raises:
            Refused: room-not-found, not-a-member.
        """
        room = self.index.room_with(room_id, member_id)
        self.index.exit(room, member_id)
        self.tally.left[reason] += 1
        events: list[Event] = [MemberLeft(room, member_id, reason)]
        if room.members and room.host == member_id:
            room.host = next(iter(room.members))
            events.append(HostChanged(room))
        events += self.modes.left(room, member_id, now)
        return events if room.members else events + self._emptied(room, now)

    def leave_all(self, member_id: str, reason: LeaveReason, now: float) -> list[Event]:
        """Takes a member out of every room."""
        rooms = self.index.rooms_of(member_id)
        return [event for room in rooms for event in self.leave(room.id, member_id, reason, now)]

    def set_presence(self, member_id: str, presence: Presence, now: float) -> list[Event]:
        """Notes that a member's connection dropped or came back, in all its rooms."""
        events: list[Event] = []
        for room in self.index.rooms_of(member_id):
            member = room.members[member_id]
            if member.presence != presence:
                member.presence = presence
                events.append(PresenceChanged(room, member))
                events += self.modes.presence_changed(room, member, now)
        return events

    def note_link(self, room: Room, one: str, other: str) -> None:
        """Notes that two members have negotiated media: the room is in call."""
        before = room.state
        room.links.add(frozenset((one, other)))
        self.index.version += room.state != before

    def note_media(self, room: Room, member_id: str, flows: bool) -> None:
        """Notes whether a member's media can flow through the SFU."""
        before = room.state
        if flows:
            room.on_sfu.add(member_id)
        else:
            room.on_sfu.discard(member_id)
        self.index.version += room.state != before

    def close(self, room_id: str) -> list[Event]:
        """The operator ends a room with everybody in it; no ticket opens it again.

        Raises:
            Refused: room-not-found.
        """
        events = self._remove(self.index.get(room_id), "closed-by-operator")
        self._ended[room_id] = None
        if len(self._ended) > MOST_ENDED:
            del self._ended[next(iter(self._ended))]
        return events

    # ---- time ----------------------------------------------------------------------------

    def next_deadline(self) -> float | None:
        """When ``tick`` has something to do."""
        return self._deadlines.next()

    def tick(self, now: float) -> list[Event]:
        """Ends empty rooms whose time is over and reconsiders modes whose time has come."""
        events: list[Event] = []
        for kind, room_id in self._deadlines.due(now):
            room = self.index.find(room_id)
            if room is None:
                continue
            if kind == "expire":
                events += self._remove(room, "expired")
            else:
                events += self.modes.reconsider(room, now)
        return events

    def reconsider_all(self, now: float) -> list[Event]:
        """The SFU has come or gone: every room's mode is decided again."""
        return [event for room in self.index.rooms() for event in self.modes.reconsider(room, now)]

    # ---- inside --------------------------------------------------------------------------

    def _may_open(self, spec: RoomSpec, anew: bool = False) -> None:
        if anew and self.retiring:
            message = "This server is about to be restarted; try again in a minute."
            raise Refused(ErrorCode.SERVER_DRAINING, message)
        if spec.id in self.index:
            raise Refused(ErrorCode.ROOM_EXISTS, "A room with this id exists already.")
        most = self._limits.rooms_per_address
        if spec.opened_by and self.index.opened_from(spec.opened_by) >= most:
            message = f"{most} rooms from your address exist already; close one first."
            raise Refused(ErrorCode.TOO_MANY_ROOMS, message)

    def _is_kept_out(self, room: Room) -> bool:
        """Whether there is no place in a room that would have one if the SFU took more."""
        most = min(room.spec.max_participants or math.inf, self._limits.room_members)
        members, facts = len(room.members), self.modes.facts(room)
        kept_out = is_kept_out(members, room.course.mode, facts, self.modes.policy)
        return members < most and kept_out

    def _may_enter_another(self, member_id: str) -> None:
        most = self._limits.rooms_per_member
        if len(self.index.rooms_of(member_id)) >= most:
            raise Refused(ErrorCode.TOO_MANY_ROOMS, f"You are in {most} rooms already.")

    def _admit(
        self, room: Room, member: Member, now: float, remembered: Remembered | None = None
    ) -> list[Event]:
        """Puts a member into a room.

        The others hear of a new way before they hear of whom they will meet on no other.
        """
        known = room.course.generation
        self.index.enter(room, member)
        self.tally.joined += 1
        self._deadlines.cancel(("expire", room.id))
        room.expires_at = None
        events: list[Event] = [MemberJoined(room, member, room.remember(member.id))]
        if room.rightful_host == member.id:
            room.rightful_host = None
            events += [HostChanged(room)] if room.host is not None else []
            room.host = member.id
        elif room.host is None:
            room.host = member.id
        course = self.modes.entered(room, remembered, now)
        return course + events if room.course.generation > known else events + course

    def _renew(self, room: Room, present: Member, member: Member, now: float) -> list[Event]:
        if member.name is not None:
            present.name = member.name
        reloaded = member.instance != present.instance
        if reloaded:
            room.unlink(member.id)
        present.instance = member.instance
        present.presence = "online"
        present.admission = member.admission
        self.index.version += 1
        events: list[Event] = [MemberJoined(room, present, rejoined=True, reloaded=reloaded)]
        return events + self.modes.began_anew(room, member.id, reloaded, now)

    def _emptied(self, room: Room, now: float) -> list[Event]:
        room.host = None
        if not self._ttl:
            return self._remove(room, "empty")
        self._expire_at(room, now + self._ttl)
        return []

    def _expire_at(self, room: Room, at: float) -> None:
        room.expires_at = at
        self._deadlines.set(("expire", room.id), at)

    def _remove(self, room: Room, reason: CloseReason) -> list[Event]:
        members = tuple(room.members)
        self.tally.left["room-closed"] += len(members)
        self.index.remove(room)
        self._deadlines.cancel(("expire", room.id))
        self.modes.forget(room)
        return [RoomClosed(room, members, reason)]


def _opens(room: Room, given: str | None) -> bool:
    """Whether the digest given is the room's, in a time that does not tell where they differ."""
    wanted = room.spec.password
    return wanted is None or (given is not None and hmac.compare_digest(wanted, given))
