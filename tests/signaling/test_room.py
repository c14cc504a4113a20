"""One room."""

import pytest

from signaling.chat_log import ChatLog
from signaling.room import MAX_VISITORS, Member, Room, RoomSpec


@pytest.fixture
def room() -> Room:
    return Room(spec=RoomSpec(id="r", name="Tea"), created_at=0.0, chat=ChatLog())


def enter(room: Room, *member_ids: str) -> None:
    for member_id in member_ids:
        room.members[member_id] = Member(member_id, member_id.title(), 0.0)


def state(room: Room) -> str:
    return room.state


def test_states(room: Room) -> None:
    assert state(room) == "empty"
    enter(room, "ann", "bob", "cid")
    assert state(room) == "active"
    room.links.add(frozenset({"ann", "bob"}))
    room.links.add(frozenset({"bob", "cid"}))
    assert state(room) == "in-call"
    room.unlink("ann")
    assert room.links == {frozenset({"bob", "cid"})}
    room.unlink("cid")
    assert state(room) == "active"


def test_visits_are_remembered(room: Room) -> None:
    assert [room.remember("ann"), room.remember("ann"), room.remember("bob")] == [
        False,
        True,
        False,
    ]


def test_latest_visitors_are_remembered(room: Room) -> None:
    room.remember("ann")
    for number in range(MAX_VISITORS - 1):
        room.remember(f"{number}")
    assert room.remember("ann"), "the thousandth last"
    room.remember("one more")
    assert room.remember("ann"), "a visit makes one the latest"
    assert not room.remember("0"), "forgotten"
    assert len(room.visitors) == MAX_VISITORS


def named(member_id: str) -> Member:
    return Member(member_id, None, 0.0)


def test_names_are_compared_without_case(room: Room) -> None:
    enter(room, "ann")
    room.members["nameless"] = Member("nameless", None, 0.0)
    assert room.has_name("ANN", other_than=named("bob"))
    assert not room.has_name("ANN", other_than=named("ann"))
    assert not room.has_name("Bob", other_than=named("bob"))
