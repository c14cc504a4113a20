"""The registry under any sequence of requests and any passage of time."""

from collections import Counter

import pytest
from hypothesis import settings, strategies
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from signaling import names
from signaling.events import (
    Event,
    HandOverBegan,
    HostChanged,
    MemberJoined,
    MemberLeft,
    ModeChanged,
    RoomClosed,
)
from signaling.limits import Limits
from signaling.media_plane import SfuState
from signaling.messages.records import Mode
from signaling.messages.wire import Refused
from signaling.mode_policy import ModePolicy
from signaling.registry import Registry
from signaling.room import Member, Remembered, Room, RoomSpec
from tests.support.planes import SwitchedPlane
from tests.support.stateful import AS_FOUND

LIMITS = Limits(rooms_per_address=3, rooms_per_member=2, room_members=6)
POLICY = ModePolicy(
    mesh_limit=3, mesh_cap=4, strain_from=3, return_at=2, return_after=20.0, limited_from=2
)

ROOMS = strategies.sampled_from(["r1", "r2", "r3", "r4"])
MEMBERS = strategies.sampled_from([f"m{number}" for number in range(8)])
NAMES = strategies.sampled_from([None, "Ann", "ANN", "Bob", "bob", "Straße", "STRASSE", "Zoë"])
ADDRESSES = strategies.sampled_from(["192.0.2.1", "192.0.2.2", ""])
INSTANCES = strategies.sampled_from([None, "page 1", "page 1", "page 2"])
MODES = strategies.sampled_from(["mesh", "sfu"])


class RegistryMachine(RuleBasedStateMachine):
    """Keeps a second, simpler account of who is where, fed by the events alone."""

    @initialize(
        ttl=strategies.sampled_from([0.0, 30.0]),
        alive=strategies.booleans(),
        inside=strategies.sampled_from(range(POLICY.mesh_cap + 1)),
    )
    def begin(self, ttl: float, alive: bool, inside: int = 0) -> None:
        self.now = 1_700_000_000.0
        self.ttl = ttl
        self.plane = SwitchedPlane(alive, room_capacity=5)
        self.registry = Registry(LIMITS, POLICY, self.plane, ttl)
        self.told: dict[str, dict[str, None]] = {}
        self.hosts: dict[str, str | None] = {}
        self.modes: dict[str, tuple[str, int]] = {}
        self.shown: dict[str, object] = {}
        self.listed = self.public_list()
        self.version = self.registry.index.version
        if inside:
            self.create("r1", "m0", None, "", private=False, most=0, password=None)
        for number in range(1, inside):
            self.join("r1", f"m{number}", None, "page 1", None)

    # ---- what is done --------------------------------------------------------------------

    @rule(
        room=ROOMS,
        who=MEMBERS,
        name=NAMES,
        address=ADDRESSES,
        private=strategies.booleans(),
        most=strategies.integers(0, 4),
        password=strategies.sampled_from([None, "p"]),
    )
    def create(
        self,
        room: str,
        who: str,
        name: str | None,
        address: str,
        private: bool,
        most: int,
        password: str | None,
    ) -> None:
        spec = RoomSpec(
            id=room,
            name="Room",
            private=private,
            max_participants=most,
            password=password,
            opened_by=address,
        )
        try:
            _, events = self.registry.create(spec, self.member(who, name), self.now)
        except Refused:
            self.nothing_changed()
            return
        self.told[room] = {}
        self.note(events)

    @rule(room=ROOMS)
    def open(self, room: str) -> None:
        try:
            self.registry.open(RoomSpec(id=room, name="Room"), self.now)
        except Refused:
            self.nothing_changed()
            return
        self.told[room] = {}
        self.show(self.registry.index.get(room))

    @rule(
        room=ROOMS,
        who=MEMBERS,
        remembered=strategies.builds(
            Remembered,
            created_at=strategies.floats(0, 1e6),
            host=MEMBERS,
            mode=MODES,
            generation=strategies.integers(0, 30),
            limited=strategies.booleans(),
        ),
    )
    def reopen(self, room: str, who: str, remembered: Remembered) -> None:
        spec, first = RoomSpec(id=room, name="Room"), self.member(who, None)
        first.instance = "page 1"
        known = self.registry.index.find(room)
        try:
            if known is None:
                _, events = self.registry.reopen(spec, remembered, first, self.now)
                self.told[room] = {}
            else:
                _, events = self.registry.join(room, first, None, self.now, remembered)
        except Refused:
            self.nothing_changed()
            return
        self.note(events)

    @rule(
        room=ROOMS,
        who=MEMBERS,
        name=NAMES,
        instance=INSTANCES,
        password=strategies.sampled_from([None, "p"]),
    )
    def join(
        self, room: str, who: str, name: str | None, instance: str | None, password: str | None
    ) -> None:
        member = self.member(who, name)
        member.instance = instance
        try:
            _, events = self.registry.join(room, member, password, self.now)
        except Refused:
            self.nothing_changed()
            return
        self.note(events)

    @rule(room=ROOMS, who=MEMBERS)
    def leave(self, room: str, who: str) -> None:
        try:
            events = self.registry.leave(room, who, "left", self.now)
        except Refused:
            self.nothing_changed()
            return
        self.note(events)

    @rule(who=MEMBERS)
    def drop(self, who: str) -> None:
        """The connection goes, and comes back or does not."""
        self.note(self.registry.set_presence(who, "reconnecting", self.now))

    @rule(who=MEMBERS)
    def resume(self, who: str) -> None:
        self.note(self.registry.set_presence(who, "online", self.now))

    @rule(who=MEMBERS)
    def time_out(self, who: str) -> None:
        self.note(self.registry.leave_all(who, "timed-out", self.now))
        assert self.registry.index.rooms_of(who) == []

    @rule(room=ROOMS)
    def close(self, room: str) -> None:
        try:
            events = self.registry.close(room)
        except Refused:
            self.nothing_changed()
            return
        self.note(events)

    @rule(one=MEMBERS, other=MEMBERS)
    def talk(self, one: str, other: str) -> None:
        room = self.registry.index.shared_room(one, other)
        if room is not None and one != other:
            self.registry.note_link(room, one, other)

    @rule(state=strategies.sampled_from(SfuState))
    def sfu_comes_and_goes(self, state: SfuState) -> None:
        self.plane.state = state
        self.note(self.registry.reconsider_all(self.now))

    @rule(room=ROOMS, mode=MODES | strategies.none())
    def pin(self, room: str, mode: Mode | None) -> None:
        found = self.registry.index.find(room)
        if found is not None and found.host is not None:
            try:
                self.note(self.registry.modes.pin(found, found.host, mode, self.now))
            except Refused:
                self.nothing_changed()

    @rule(room=ROOMS, who=MEMBERS, reachable=strategies.booleans(), limited=strategies.booleans())
    def report(self, room: str, who: str, reachable: bool, limited: bool) -> None:
        found, modes = self.registry.index.find(room), self.registry.modes
        if found is not None and who in found.members:
            self.note(modes.report_sfu(found, who, reachable, self.now))
            modes.report_speaking(found, who, self.now)
            if limited:
                self.note(modes.report_limited(found, self.now))

    @rule(room=ROOMS, most=strategies.integers(1, 8), failing=strategies.integers(0, 8))
    def answer(self, room: str, most: int, failing: int) -> None:
        """So many members answer the hand-over, or the one before; one of them, perhaps, no."""
        found = self.registry.index.find(room)
        generation = found.course.generation if found is not None else 0
        for number, who in enumerate(list(found.members if found is not None else ())[:most]):
            assert found is not None
            events = self.registry.modes.answer(found, who, generation, number != failing, self.now)
            self.note(events)

    @rule(seconds=strategies.sampled_from([0.0, 0.1, 1.0, 19.9, 20.0, 30.0, 3600.0]))
    def tick(self, seconds: float) -> None:
        self.now += seconds
        self.note(self.registry.tick(self.now))
        deadline = self.registry.next_deadline()
        assert deadline is None or deadline > self.now, "nothing that is due is left undone"

    # ---- what is so afterwards -----------------------------------------------------------

    @invariant()
    def events_tell_the_whole_story(self) -> None:
        actual = {room.id: list(room.members) for room in self.registry.index.rooms()}
        assert {room: list(members) for room, members in self.told.items()} == actual

    @invariant()
    def host_is_a_member_of_every_room_with_members(self) -> None:
        for room in self.registry.index.rooms():
            assert (room.host in room.members) if room.members else room.host is None
            if room.members:
                assert room.host == self.hosts[room.id]

    @invariant()
    def member_index_equals_membership(self) -> None:
        for who in [f"m{number}" for number in range(8)]:
            indexed = {room.id for room in self.registry.index.rooms_of(who)}
            assert indexed == {r.id for r in self.registry.index.rooms() if who in r.members}
            assert len(indexed) <= LIMITS.rooms_per_member

    @invariant()
    def empty_rooms_expire(self) -> None:
        for room in self.registry.index.rooms():
            assert (room.expires_at is None) == bool(room.members)
            if room.expires_at is not None:
                deadline = self.registry.next_deadline()
                assert deadline is not None
                assert deadline <= room.expires_at

    @invariant()
    def no_room_holds_more_than_it_ever_could(self) -> None:
        for room in self.registry.index.rooms():
            most = max(POLICY.mesh_cap, self.plane.room_capacity)
            assert len(room.members) <= min(most, room.spec.max_participants or most)

    @invariant()
    def rooms_are_counted_per_address(self) -> None:
        counted = Counter(room.spec.opened_by for room in self.registry.index.rooms())
        for address in ("192.0.2.1", "192.0.2.2", ""):
            assert self.registry.index.opened_from(address) == counted[address]
            assert not address or counted[address] <= LIMITS.rooms_per_address

    @invariant()
    def generation_grows_with_every_other_word(self) -> None:
        for room in self.registry.index.rooms():
            mode, generation = self.modes.get(room.id, ("mesh", 0))
            assert room.course.generation >= room.decision.generation >= generation
            if room.decision.mode != mode:
                assert room.decision.generation > generation
            self.modes[room.id] = (room.decision.mode, room.decision.generation)
        self.modes = {r.id: self.modes[r.id] for r in self.registry.index.rooms()}

    @invariant()
    def hand_overs_end(self) -> None:
        for room in self.registry.index.rooms():
            if room.hand_over is not None:
                assert room.hand_over.aim.mode != room.decision.mode
                assert room.hand_over.waiting | room.hand_over.failed <= set(room.members)
                assert room.hand_over.waiting, "something to wait for"
                deadline = self.registry.next_deadline()
                assert deadline is not None
                assert deadline <= room.hand_over.deadline <= self.now + 5

    @invariant()
    def core_is_as_many_as_a_mesh_can_carry(self) -> None:
        for room in self.registry.index.rooms():
            if room.hand_over is None:
                overfull = room.decision.mode == "mesh" and len(room.members) > POLICY.mesh_cap
                assert (room.core is not None) == overfull
                assert room.core is None or len(set(room.core)) == POLICY.mesh_cap
                assert set(room.core or ()) <= set(room.members)

    @invariant()
    def members_have_been_told_what_is_so(self) -> None:
        for room in self.registry.index.rooms():
            assert self.shown[room.id] == (room.decision.mode, room.decision.generation, room.core)

    @invariant()
    def only_members_are_remembered(self) -> None:
        for room in self.registry.index.rooms():
            assert set(room.unreachable) | set(room.spoke) <= set(room.members)

    @invariant()
    def nobody_is_on_an_sfu_that_is_not_there(self) -> None:
        for room in self.registry.index.rooms():
            if self.plane.state is SfuState.NONE:
                assert (room.course.mode, room.hand_over) == ("mesh", None)

    @invariant()
    def names_are_unique_whatever_their_case(self) -> None:
        for room in self.registry.index.rooms():
            keys = [names.key(m.name) for m in room.members.values() if m.name is not None]
            assert len(keys) == len(set(keys))

    @invariant()
    def links_join_two_members(self) -> None:
        for room in self.registry.index.rooms():
            for link in room.links:
                assert len(link) == 2
                assert link <= set(room.members)

    @invariant()
    def version_grows_when_the_list_reads_differently(self) -> None:
        listed, version = self.public_list(), self.registry.index.version
        assert version >= self.version
        if listed != self.listed:
            assert version > self.version
        self.listed, self.version = listed, version

    # ---- inside --------------------------------------------------------------------------

    def member(self, who: str, name: str | None) -> Member:
        return Member(id=who, name=name, joined_at=self.now, instance="page 1")

    def public_list(self) -> list[object]:
        return [
            (
                room.id,
                room.state,
                room.host,
                room.decision.mode,
                [(member.id, member.name) for member in room.members.values()],
            )
            for room in self.registry.index.public(100)[0]
        ]

    def nothing_changed(self) -> None:
        """A refusal leaves everything as it was."""
        assert self.registry.index.version == self.version
        assert self.public_list() == self.listed

    def nobody_is_sent_to_meet_a_newcomer_on_a_way_it_never_takes(
        self, events: list[Event]
    ) -> None:
        """Before it is told of a newcomer, everybody knows that it goes where the newcomer is."""
        for event in events:
            if isinstance(event, MemberJoined) and event.member.id not in self.told[event.room.id]:
                later = events[events.index(event) :]
                assert not any(isinstance(one, HandOverBegan) for one in later)
                mode = self.modes.get(event.room.id, (event.room.decision.mode, 0))[0]
                if event.room.decision.mode != mode:
                    assert not any(isinstance(one, ModeChanged) for one in later)

    def show(self, room: Room) -> None:
        self.shown[room.id] = (room.decision.mode, room.decision.generation, room.core)

    def note(self, events: list[Event]) -> None:
        self.nobody_is_sent_to_meet_a_newcomer_on_a_way_it_never_takes(events)
        for event in events:
            match event:
                case MemberJoined(room=room, member=member):
                    if not self.told[room.id]:
                        self.show(room)
                    self.told[room.id][member.id] = None
                    self.hosts[room.id] = self.hosts.get(room.id) or member.id
                case MemberLeft(room=room, member_id=member_id):
                    del self.told[room.id][member_id]
                    if not self.told[room.id]:
                        self.hosts.pop(room.id, None)
                case HostChanged(room=room):
                    self.hosts[room.id] = room.host
                case RoomClosed(room=room, members=members):
                    assert list(members) == list(self.told.pop(room.id))
                    self.hosts.pop(room.id, None)
                case HandOverBegan(room=room, hand_over=hand_over):
                    assert hand_over.generation > self.modes.get(room.id, ("", 0))[1]
                case ModeChanged(room=room):
                    self.show(room)
                case _:
                    pass


TestRegistry = RegistryMachine.TestCase
TestRegistry.settings = settings(stateful_step_count=40, max_examples=200, phases=AS_FOUND)


def test_the_machine_notices_a_broken_index() -> None:
    machine = RegistryMachine()
    machine.begin(ttl=0.0, alive=False)
    machine.create("r1", "m0", None, "", private=False, most=0, password=None)
    machine.registry.index._rooms_of.clear()
    with pytest.raises(AssertionError):
        machine.member_index_equals_membership()
