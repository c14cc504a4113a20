"""The rules of rooms, one by one."""

from dataclasses import replace

import pytest

from signaling import registry as registry_module
from signaling.events import (
    Event,
    HostChanged,
    MemberJoined,
    MemberLeft,
    ModeChanged,
    PresenceChanged,
    RoomClosed,
)
from signaling.limits import Limits
from signaling.media_plane import MediaPlane, MeshOnly
from signaling.messages.wire import ErrorCode, Refused
from signaling.mode_policy import ModePolicy
from signaling.registry import UNUSED_ROOM_LIFETIME, Registry
from signaling.room import Member, Remembered, Room, RoomSpec
from tests.support.planes import SwitchedPlane

NOW = 1000.0


def registry(
    limits: Limits | None = None, plane: MediaPlane | None = None, ttl: float = 0.0
) -> Registry:
    return Registry(limits or Limits(), ModePolicy(), plane or MeshOnly(), ttl)


def spec(room_id: str = "r", **wishes: object) -> RoomSpec:
    return replace(RoomSpec(id=room_id, name="Room"), **wishes)  # type: ignore[arg-type]


def member(member_id: str, name: str | None = None, instance: str | None = "page 1") -> Member:
    return Member(id=member_id, name=name, joined_at=NOW, instance=instance)


def kinds(events: list[Event]) -> list[str]:
    return [type(event).__name__ for event in events]


def room_of(
    rooms: Registry, *member_ids: str, room_id: str = "r", now: float = NOW, **wishes: object
) -> Room:
    room, _ = rooms.create(spec(room_id, **wishes), member(member_ids[0]), now)
    for member_id in member_ids[1:]:
        rooms.join(room_id, member(member_id), None, now)
    return room


def state_of(room: Room) -> str:
    return room.state


def refusal(code: ErrorCode) -> "pytest.RaisesExc[Refused]":
    return pytest.raises(Refused, check=lambda refused: refused.code is code)


def test_creator_is_member_and_host_from_the_first_moment() -> None:
    rooms = registry()
    room, events = rooms.create(spec(), member("ann", "Ann"), NOW)
    assert list(room.members) == ["ann"]
    assert room.host == "ann"
    assert room.created_at == NOW
    assert room.state == "active"
    assert rooms.index.rooms_of("ann") == [room]
    assert events == [MemberJoined(room, room.members["ann"], rejoined=False)]


def test_room_ids_are_unique() -> None:
    rooms = registry()
    room_of(rooms, "ann")
    with refusal(ErrorCode.ROOM_EXISTS):
        rooms.create(spec(), member("bob"), NOW)
    with refusal(ErrorCode.ROOM_EXISTS):
        rooms.open(spec(), NOW)
    assert rooms.index.rooms_of("bob") == []


def test_joining_tells_of_the_newcomer() -> None:
    rooms = registry()
    room = room_of(rooms, "ann")
    _, events = rooms.join("r", member("bob"), None, NOW)
    assert list(room.members) == ["ann", "bob"]
    assert events == [MemberJoined(room, room.members["bob"], rejoined=False)]


def test_joining_what_is_not_there() -> None:
    with refusal(ErrorCode.ROOM_NOT_FOUND):
        registry().join("r", member("bob"), None, NOW)


def test_joining_twice_renews_name_and_instance() -> None:
    rooms = registry()
    room = room_of(rooms, "ann")
    rooms.join("r", member("bob", "Bob", "page 1"), None, NOW)
    rooms.note_link(room, "ann", "bob")
    rooms.set_presence("bob", "reconnecting", NOW)
    _, events = rooms.join("r", member("bob", "Bobby", "page 2"), None, NOW + 5)
    bob = room.members["bob"]
    assert (bob.name, bob.instance, bob.presence) == ("Bobby", "page 2", "online")
    assert bob.joined_at == NOW, "the place in the room is kept"
    assert room.links == set(), "a new page has new peer connections"
    assert events == [MemberJoined(room, bob, rejoined=True, reloaded=True)]
    _, events = rooms.join("r", member("bob", "Bobby", "page 2"), None, NOW + 6)
    assert events == [MemberJoined(room, bob, rejoined=True)]


def test_joining_twice_with_the_same_instance_keeps_the_media() -> None:
    rooms = registry()
    room = room_of(rooms, "ann")
    rooms.join("r", member("bob"), None, NOW)
    rooms.note_link(room, "ann", "bob")
    rooms.join("r", member("bob"), None, NOW)
    assert room.state == "in-call"


def test_renewing_needs_no_password_and_no_free_place() -> None:
    rooms = registry()
    room = room_of(rooms, "ann", max_participants=1, password="digest")
    _, events = rooms.join("r", member("ann", "Ann"), None, NOW)
    assert events == [MemberJoined(room, room.members["ann"], rejoined=True)]


def test_whoever_left_and_comes_back_has_rejoined() -> None:
    rooms = registry()
    room_of(rooms, "ann", "bob")
    rooms.leave("r", "bob", "left", NOW)
    _, events = rooms.join("r", member("bob"), None, NOW)
    assert [event.rejoined for event in events if isinstance(event, MemberJoined)] == [True]


@pytest.mark.parametrize("given", [None, "", "other"])
def test_password_is_asked(given: str | None) -> None:
    rooms = registry()
    room_of(rooms, "ann", password="digest")
    with refusal(ErrorCode.WRONG_PASSWORD):
        rooms.join("r", member("bob"), given, NOW)
    assert rooms.index.rooms_of("bob") == []


def test_right_password_opens() -> None:
    rooms = registry()
    room = room_of(rooms, "ann", password="digest")
    rooms.join("r", member("bob"), "digest", NOW)
    assert "bob" in room.members


@pytest.mark.parametrize("name", ["Ann", "ANN", "ann", "aNN"])
def test_name_is_taken_whatever_its_case(name: str) -> None:
    rooms = registry()
    rooms.create(spec(), member("ann", "Ann"), NOW)
    with refusal(ErrorCode.NAME_TAKEN):
        rooms.join("r", member("bob", name), None, NOW)


def test_name_is_free_again_when_its_owner_left_or_renamed() -> None:
    rooms = registry()
    rooms.create(spec(), member("ann", "Ann"), NOW)
    rooms.join("r", member("bob", "Bob"), None, NOW)
    rooms.join("r", member("ann", "Anna"), None, NOW)
    rooms.join("r", member("cid", "ann"), None, NOW)
    rooms.leave("r", "bob", "left", NOW)
    rooms.join("r", member("dan", "BOB"), None, NOW)


def test_renaming_to_a_taken_name_changes_nothing() -> None:
    rooms = registry()
    room, _ = rooms.create(spec(), member("ann", "Ann"), NOW)
    rooms.join("r", member("bob", "Bob"), None, NOW)
    with refusal(ErrorCode.NAME_TAKEN):
        rooms.join("r", member("bob", "ann"), None, NOW)
    assert room.members["bob"].name == "Bob"


def test_names_are_unique_per_room_only() -> None:
    rooms = registry()
    rooms.create(spec("r"), member("ann", "Ann"), NOW)
    rooms.create(spec("s"), member("bob", "Ann"), NOW)


@pytest.mark.parametrize(("asked", "held"), [(0, 8), (1, 1), (3, 3), (8, 8), (9, 8), (10_000, 8)])
def test_room_holds_what_was_asked_within_the_mesh_cap(asked: int, held: int) -> None:
    rooms = registry()
    room = room_of(rooms, "m0", max_participants=asked)
    assert rooms.capacity_of(room) == held
    for number in range(1, held):
        rooms.join("r", member(f"m{number}"), None, NOW)
    with refusal(ErrorCode.ROOM_FULL):
        rooms.join("r", member("one too many"), None, NOW)
    assert len(room.members) == held


def test_sfu_raises_the_capacity_up_to_the_servers_limit() -> None:
    plane = SwitchedPlane(room_capacity=500)
    rooms = registry(Limits(room_members=100), plane)
    room = room_of(rooms, "ann")
    assert rooms.capacity_of(room) == 100
    room.pin = "mesh"
    assert rooms.capacity_of(room) == 8
    room.pin, plane.alive = None, False
    assert rooms.capacity_of(room) == 8


def test_host_passes_to_the_longest_standing_member() -> None:
    rooms = registry()
    room = room_of(rooms, "ann", "bob", "cid")
    events = rooms.leave("r", "ann", "left", NOW)
    assert room.host == "bob"
    assert events == [MemberLeft(room, "ann", "left"), HostChanged(room)]
    assert kinds(rooms.leave("r", "cid", "timed-out", NOW)) == ["MemberLeft"]
    assert room.host == "bob"


def test_last_one_out_ends_the_room() -> None:
    rooms = registry()
    room = room_of(rooms, "ann")
    events = rooms.leave("r", "ann", "left", NOW)
    assert events == [MemberLeft(room, "ann", "left"), RoomClosed(room, (), "empty")]
    assert "r" not in rooms.index
    assert rooms.next_deadline() is None


def test_empty_room_waits_its_time_and_then_ends() -> None:
    rooms = registry(ttl=60)
    room = room_of(rooms, "ann")
    assert kinds(rooms.leave("r", "ann", "left", NOW)) == ["MemberLeft"]
    assert (room.state, room.host) == ("empty", None)
    assert rooms.next_deadline() == room.expires_at == NOW + 60
    assert rooms.tick(NOW + 59.9) == []
    assert rooms.tick(NOW + 60) == [RoomClosed(room, (), "expired")]
    assert len(rooms.index) == 0


def test_whoever_enters_an_empty_room_is_host_and_ends_the_wait() -> None:
    rooms = registry(ttl=60)
    room = room_of(rooms, "ann")
    rooms.leave("r", "ann", "left", NOW)
    _, events = rooms.join("r", member("bob"), None, NOW + 30)
    assert (room.host, room.expires_at) == ("bob", None)
    assert kinds(events) == ["MemberJoined"]
    assert rooms.next_deadline() is None
    assert rooms.tick(NOW + 1000) == []
    assert "r" in rooms.index


def test_room_made_by_the_operator_waits_for_its_first_member() -> None:
    rooms = registry()
    room = rooms.open(spec(), NOW)
    assert (room.state, room.host) == ("empty", None)
    assert rooms.next_deadline() == NOW + UNUSED_ROOM_LIFETIME
    rooms.join("r", member("ann"), None, NOW + 1)
    assert room.host == "ann"
    assert rooms.next_deadline() is None


@pytest.mark.parametrize("member_id", ["bob", ""])
def test_leaving_without_being_in(member_id: str) -> None:
    rooms = registry()
    room_of(rooms, "ann")
    with refusal(ErrorCode.NOT_A_MEMBER):
        rooms.leave("r", member_id, "left", NOW)
    with refusal(ErrorCode.ROOM_NOT_FOUND):
        rooms.leave("elsewhere", "ann", "left", NOW)


def test_leaving_everything() -> None:
    rooms = registry()
    first = room_of(rooms, "ann", "bob", room_id="r")
    second = room_of(rooms, "ann", room_id="s")
    events = rooms.leave_all("ann", "timed-out", NOW)
    assert events == [
        MemberLeft(first, "ann", "timed-out"),
        HostChanged(first),
        MemberLeft(second, "ann", "timed-out"),
        RoomClosed(second, (), "empty"),
    ]
    assert rooms.leave_all("ann", "timed-out", NOW) == []


def test_presence_is_told_once_per_change_and_room() -> None:
    rooms = registry()
    first, second = room_of(rooms, "ann", room_id="r"), room_of(rooms, "ann", room_id="s")
    events = rooms.set_presence("ann", "reconnecting", NOW)
    assert events == [
        PresenceChanged(first, first.members["ann"]),
        PresenceChanged(second, second.members["ann"]),
    ]
    assert rooms.set_presence("ann", "reconnecting", NOW) == []
    assert kinds(rooms.set_presence("ann", "online", NOW)) == ["PresenceChanged"] * 2
    assert rooms.set_presence("nobody", "online", NOW) == []


def test_room_is_in_call_while_two_members_have_media() -> None:
    rooms = registry()
    room = room_of(rooms, "ann", "bob", "cid")
    version = rooms.index.version
    rooms.note_link(room, "ann", "bob")
    rooms.note_link(room, "bob", "ann")
    assert state_of(room) == "in-call"
    assert rooms.index.version == version + 1, "the list shows the state; it changed once"
    rooms.leave("r", "cid", "left", NOW)
    assert state_of(room) == "in-call"
    rooms.leave("r", "bob", "left", NOW)
    assert state_of(room) == "active"


def test_operator_closes_a_room_with_everybody_in_it() -> None:
    rooms = registry()
    room = room_of(rooms, "ann", "bob")
    assert rooms.close("r") == [RoomClosed(room, ("ann", "bob"), "closed-by-operator")]
    assert rooms.index.rooms_of("ann") == []
    with refusal(ErrorCode.ROOM_NOT_FOUND):
        rooms.close("r")


# ---- limits ------------------------------------------------------------------------------


def test_rooms_per_address() -> None:
    rooms = registry(Limits(rooms_per_address=2))
    room_of(rooms, "ann", room_id="r", opened_by="192.0.2.1")
    room_of(rooms, "ann", room_id="s", opened_by="192.0.2.1")
    with refusal(ErrorCode.TOO_MANY_ROOMS):
        room_of(rooms, "bob", room_id="t", opened_by="192.0.2.1")
    room_of(rooms, "bob", room_id="t", opened_by="192.0.2.2")
    rooms.leave("r", "ann", "left", NOW)
    room_of(rooms, "bob", room_id="u", opened_by="192.0.2.1")


def test_operator_is_not_limited() -> None:
    rooms = registry(Limits(rooms_per_address=1))
    for number in range(5):
        rooms.open(spec(f"r{number}"), NOW)
    assert len(rooms.index) == 5


def test_rooms_per_member() -> None:
    rooms = registry(Limits(rooms_per_member=2))
    room_of(rooms, "ann", room_id="r")
    room_of(rooms, "ann", room_id="s")
    room_of(rooms, "bob", room_id="t")
    with refusal(ErrorCode.TOO_MANY_ROOMS):
        rooms.join("t", member("ann"), None, NOW)
    with refusal(ErrorCode.TOO_MANY_ROOMS):
        room_of(rooms, "ann", room_id="u")
    assert "u" not in rooms.index
    rooms.join("r", member("ann", "Ann"), None, NOW)


# ---- after a restart -----------------------------------------------------------------------


def remembered(**fields: object) -> Remembered:
    return replace(Remembered(created_at=NOW - 500, host="ann"), **fields)  # type: ignore[arg-type]


def test_reopened_room_gives_the_host_its_place_back() -> None:
    rooms = registry()
    room, events = rooms.reopen(spec(), remembered(), member("bob"), NOW)
    assert (room.host, room.created_at, room.reopened) == ("bob", NOW - 500, True)
    assert kinds(events) == ["MemberJoined"]
    _, events = rooms.join("r", member("ann"), None, NOW)
    assert room.host == "ann"
    assert kinds(events) == ["MemberJoined", "HostChanged"]
    rooms.leave("r", "ann", "left", NOW)
    assert room.host == "bob"
    rooms.join("r", member("ann"), None, NOW)
    assert room.host == "bob", "the place is given back once"


def test_host_who_reopens_its_room_is_host() -> None:
    rooms = registry()
    room, _ = rooms.reopen(spec(), remembered(), member("ann"), NOW)
    assert room.host == "ann"
    assert room.rightful_host is None


def test_host_who_returns_to_an_empty_reopened_room_has_its_place_back_once() -> None:
    rooms = registry(ttl=60)
    room, _ = rooms.reopen(spec(), remembered(), member("bob"), NOW)
    rooms.leave("r", "bob", "left", NOW)
    _, events = rooms.join("r", member("ann"), None, NOW)
    assert kinds(events) == ["MemberJoined"]
    rooms.join("r", member("bob"), None, NOW)
    rooms.leave("r", "ann", "left", NOW)
    rooms.join("r", member("ann"), None, NOW)
    assert room.host == "bob"


def test_room_that_exists_is_not_reopened() -> None:
    rooms = registry()
    room_of(rooms, "ann")
    with refusal(ErrorCode.ROOM_EXISTS):
        rooms.reopen(spec(), remembered(), member("bob"), NOW)


def test_room_that_the_operator_closed_is_not_reopened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry_module, "MOST_ENDED", 2)
    rooms = registry()
    for room_id in ("r", "s", "t"):
        room_of(rooms, "ann", room_id=room_id)
        rooms.close(room_id)
    for room_id in ("s", "t"):
        with refusal(ErrorCode.ROOM_NOT_FOUND):
            rooms.reopen(spec(room_id), remembered(), member("ann"), NOW)
    rooms.reopen(spec("r"), remembered(), member("ann"), NOW)
    assert len(rooms._ended) == 2, "what is remembered is bounded"


# ---- rooms and the SFU -------------------------------------------------------------------


def test_room_meant_for_the_sfu_says_so_before_anybody_is_in_it() -> None:
    rooms = registry(plane=SwitchedPlane(True))
    room = rooms.open(spec(pin="sfu"), NOW)
    assert (room.decision.mode, room.meant_for_sfu) == ("sfu", True)
    assert rooms.capacity_of(room) == 500


def test_hand_over_is_told_before_the_newcomer_who_causes_it() -> None:
    rooms = registry(plane=SwitchedPlane(True))
    room = room_of(rooms, *[f"m{number}" for number in range(6)])
    _, events = rooms.join("r", member("m6"), None, NOW)
    assert kinds(events) == ["HandOverBegan", "MemberJoined"]
    _, events = rooms.join("r", member("m7"), None, NOW)
    assert kinds(events) == ["MemberJoined"], "everybody knows where it goes"
    assert room.hand_over is not None
    assert room.hand_over.waiting == {f"m{number}" for number in range(7)}


def test_mode_is_told_before_the_newcomer_with_whom_it_changes() -> None:
    rooms = registry(plane=SwitchedPlane(True))
    room = room_of(rooms, *[f"m{number}" for number in range(6)])
    rooms.modes.pin(room, "m0", "sfu", NOW)
    for number in range(6):
        rooms.modes.answer(room, f"m{number}", 2, True, NOW)
    rooms.leave("r", "m5", "left", NOW)
    rooms.modes.pin(room, "m0", None, NOW)
    assert kinds(rooms.tick(NOW + 20)) == ["HandOverBegan"]
    assert room.course.mode == "mesh"
    _, events = rooms.join("r", member("m6"), None, NOW + 20)
    assert kinds(events) == ["ModeChanged", "MemberJoined"]
    assert (room.course.mode, room.course.generation) == ("sfu", 4)


def test_newcomer_who_knows_a_later_word_is_told_of_after_it() -> None:
    rooms = registry(plane=SwitchedPlane(True))
    rooms.reopen(spec(), remembered(mode="mesh", generation=3), member("ann"), NOW)
    later = remembered(mode="sfu", generation=6)
    room, events = rooms.join("r", member("bob"), None, NOW, later)
    assert kinds(events) == ["ModeChanged", "MemberJoined"]
    assert (room.decision.mode, room.decision.generation) == ("sfu", 7)


def test_all_rooms_are_reconsidered_when_the_sfu_comes_or_goes() -> None:
    plane = SwitchedPlane(True)
    rooms = registry(plane=plane)
    pinned = room_of(rooms, "ann", room_id="pinned", pin="sfu")
    mesh = room_of(rooms, "bob", room_id="mesh")
    plane.alive = False
    assert rooms.reconsider_all(NOW) == [ModeChanged(pinned)]
    assert (pinned.decision.mode, pinned.meant_for_sfu) == ("mesh", True)
    assert rooms.reconsider_all(NOW) == []
    plane.alive = True
    assert rooms.reconsider_all(NOW) == [ModeChanged(pinned)]
    assert (pinned.decision.mode, mesh.decision.mode) == ("sfu", "mesh")


def test_mode_deadline_goes_with_its_room() -> None:
    rooms = registry(plane=SwitchedPlane(), ttl=60)
    people = [f"m{number}" for number in range(7)]
    room_of(rooms, *people)
    assert rooms.next_deadline() == NOW + 5
    for who in people:
        rooms.leave("r", who, "left", NOW)
    assert rooms.next_deadline() == NOW + 60
    rooms.close("r")
    assert rooms.next_deadline() is None


def test_pin_is_that_of_the_creator() -> None:
    rooms = registry(plane=SwitchedPlane(True))
    room, events = rooms.create(spec(pin="sfu"), member("ann"), NOW)
    assert (room.decision.mode, room.decision.reason) == ("sfu", "pinned")
    assert kinds(events) == ["MemberJoined"], "the answer tells its creator"
    other = room_of(rooms, "bob", room_id="other", pin="mesh")
    assert (other.decision.mode, other.meant_for_sfu) == ("mesh", False)


def test_in_call_on_the_sfu_takes_two_whose_media_can_flow() -> None:
    rooms = registry(plane=SwitchedPlane(True))
    room = room_of(rooms, "ann", "bob", "cid", pin="sfu")
    version = rooms.index.version
    rooms.note_media(room, "ann", flows=True)
    assert (state_of(room), rooms.index.version) == ("active", version)
    rooms.note_media(room, "bob", flows=True)
    assert (state_of(room), rooms.index.version) == ("in-call", version + 1)
    rooms.leave("r", "bob", "left", NOW)
    assert state_of(room) == "active"
    rooms.note_media(room, "cid", flows=True)
    rooms.note_media(room, "cid", flows=False)
    assert state_of(room) == "active"
    rooms.note_media(room, "nobody", flows=False)
