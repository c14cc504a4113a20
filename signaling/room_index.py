"""Where every room and every member is found: by id, by member, by address."""

import itertools
from collections.abc import Iterable

from signaling.limits import address_key
from signaling.messages.wire import ErrorCode, Refused
from signaling.room import Member, Room


class RoomIndex:
    """Rooms by id, the rooms of every member, rooms per address; it knows no rules.

    Attributes:
        version: Grows whenever the public list would read differently.
    """

    def __init__(self) -> None:
        self._rooms: dict[str, Room] = {}
        self._rooms_of: dict[str, dict[str, Room]] = {}
        self._opened_by: dict[str, int] = {}
        self.version = 0

    def __len__(self) -> int:
        return len(self._rooms)

    def __contains__(self, room_id: str) -> bool:
        return room_id in self._rooms

    def find(self, room_id: str) -> Room | None:
        """The room, if there is one."""
        return self._rooms.get(room_id)

    def get(self, room_id: str) -> Room:
        """The room; raises ``Refused`` (room-not-found) when there is none."""
        room = self._rooms.get(room_id)
        if room is None:
            raise Refused(ErrorCode.ROOM_NOT_FOUND, "This room does not exist (any more).")
        return room

    def room_with(self, room_id: str, member_id: str) -> Room:
        """A member's room; raises ``Refused`` (room-not-found, not-a-member)."""
        room = self.get(room_id)
        if member_id not in room.members:
            raise Refused(ErrorCode.NOT_A_MEMBER, "You are not in this room.")
        return room

    def rooms(self) -> Iterable[Room]:
        """Every room, oldest first."""
        return self._rooms.values()

    def rooms_of(self, member_id: str) -> list[Room]:
        """The rooms this member is in."""
        return list(self._rooms_of.get(member_id, {}).values())

    def member_everywhere(self, member_id: str) -> list[Member]:
        """This member as each of its rooms knows it."""
        rooms = self._rooms_of.get(member_id, {}).values()
        return [room.members[member_id] for room in rooms]

    def shared_room(self, one: str, other: str) -> Room | None:
        """A room both are in."""
        theirs = self._rooms_of.get(other, {})
        mine = self._rooms_of.get(one, {}).values()
        return next((room for room in mine if room.id in theirs), None)

    def public(self, most: int) -> tuple[list[Room], int]:
        """The newest public rooms, at most so many, and how many public rooms there are."""
        listed = [room for room in self._rooms.values() if not room.spec.private]
        return list(itertools.islice(reversed(listed), most)), len(listed)

    def opened_from(self, address: str) -> int:
        """How many rooms exist that were made from this address, or its network (IPv6)."""
        return self._opened_by.get(address_key(address), 0)

    def add(self, room: Room) -> None:
        """Takes up a new room."""
        self._rooms[room.id] = room
        address = address_key(room.spec.opened_by)
        self._opened_by[address] = self._opened_by.get(address, 0) + 1
        self.version += 1

    def remove(self, room: Room) -> None:
        """Forgets a room and takes everybody out of it."""
        for member_id in list(room.members):
            self.exit(room, member_id)
        del self._rooms[room.id]
        address = address_key(room.spec.opened_by)
        self._opened_by[address] -= 1
        if not self._opened_by[address]:
            del self._opened_by[address]
        self.version += 1

    def enter(self, room: Room, member: Member) -> None:
        """Puts a member into a room."""
        room.members[member.id] = member
        self._rooms_of.setdefault(member.id, {})[room.id] = room
        self.version += 1

    def exit(self, room: Room, member_id: str) -> None:
        """Takes a member out of a room, with the links it had there."""
        del room.members[member_id]
        room.unlink(member_id)
        rooms = self._rooms_of[member_id]
        del rooms[room.id]
        if not rooms:
            del self._rooms_of[member_id]
        self.version += 1
