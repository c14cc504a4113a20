"""Where every room and every member is found."""

import pytest

from signaling.chat_log import ChatLog
from signaling.messages.wire import ErrorCode, Refused
from signaling.room import Member, Room, RoomSpec
from signaling.room_index import RoomIndex


def new_room(room_id: str, private: bool = False, address: str = "") -> Room:
    spec = RoomSpec(id=room_id, name=room_id, private=private, opened_by=address)
    return Room(spec=spec, created_at=0.0, chat=ChatLog())


def member(member_id: str) -> Member:
    return Member(member_id, None, 0.0)


def test_finding_rooms() -> None:
    index, room = RoomIndex(), new_room("r")
    index.add(room)
    assert "r" in index
    assert len(index) == 1
    assert index.find("r") is index.get("r") is room
    assert index.find("s") is None
    with pytest.raises(Refused) as refusal:
        index.get("s")
    assert refusal.value.code is ErrorCode.ROOM_NOT_FOUND


def test_rooms_of_a_member() -> None:
    index, first, second = RoomIndex(), new_room("r"), new_room("s")
    for room in (first, second):
        index.add(room)
        index.enter(room, member("ann"))
    index.enter(second, member("bob"))
    assert index.rooms_of("ann") == [first, second]
    assert index.shared_room("ann", "bob") is second
    assert index.shared_room("ann", "nobody") is None
    index.exit(second, "ann")
    assert index.rooms_of("ann") == [first]
    assert index.shared_room("ann", "bob") is None
    index.remove(first)
    assert index.rooms_of("ann") == []
    assert index._rooms_of.keys() == {"bob"}


def test_newest_public_rooms_first() -> None:
    index = RoomIndex()
    for number in range(6):
        index.add(new_room(f"{number}", private=number % 2 == 1))
    found, total = index.public(2)
    assert [room.id for room in found] == ["4", "2"]
    assert total == 3
    assert [room.id for room in index.rooms()] == list("012345")


def test_rooms_per_address() -> None:
    index, room = RoomIndex(), new_room("r", address="192.0.2.1")
    index.add(room)
    index.add(new_room("s", address="192.0.2.1"))
    assert index.opened_from("192.0.2.1") == 2
    assert index.opened_from("192.0.2.2") == 0
    index.remove(room)
    assert index.opened_from("192.0.2.1") == 1
    index.remove(index.get("s"))
    assert index._opened_by == {}


def test_version_grows_with_every_change() -> None:
    index, room = RoomIndex(), new_room("r")
    seen = [index.version]
    index.add(room)
    seen.append(index.version)
    index.enter(room, member("ann"))
    seen.append(index.version)
    index.exit(room, "ann")
    seen.append(index.version)
    index.remove(room)
    seen.append(index.version)
    assert seen == sorted(set(seen))
