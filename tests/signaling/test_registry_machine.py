"""The registry under any sequence of requests and any passage of time."""

from collections import Counter

import pytest
from hypothesis import settings, strategies
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from signaling import names
from signaling.events import Event, HostChanged, MemberJoined, MemberLeft, ModeChanged, RoomClosed
from signaling.limits import Limits
from signaling.messages.wire import Refused
from signaling.mode_policy import ModePolicy
from signaling.registry import Registry
from signaling.room import Member, RoomSpec
from tests.support.planes import SwitchedPlane

LIMITS = Limits(rooms_per_address=3, rooms_per_member=2, room_members=6)
POLICY = ModePolicy(
    mesh_limit=3, mesh_cap=4, strain_from=3, return_at=2, return_after=20.0, crosses_over=True
)

ROOMS = strategies.sampled_from(["r1", "r2", "r3", "r4"])
MEMBERS = strategies.sampled_from([f"m{number}" for number in range(8)])
NAMES = strategies.sampled_from([None, "Ann", "ANN", "Bob", "bob", "Straße", "STRASSE", "Zoë"])
ADDRESSES = strategies.sampled_from(["192.0.2.1", "192.0.2.2", ""])
INSTANCES = strategies.sampled_from([None, "page 1", "page 2"])


class RegistryMachine(RuleBasedStateMachine):
    """Keeps a second, simpler account of who is where, fed by the events alone."""

    @initialize(ttl=strategies.sampled_from([0.0, 30.0]), alive=strategies.booleans())
    def begin(self, ttl: float, alive: bool) -> None:
        self.now = 1_700_000_000.0
        self.ttl = ttl
        self.plane = SwitchedPlane(alive, room_capacity=5)
        self.registry = Registry(LIMITS, POLICY, self.plane, ttl)
        self.told: dict[str, dict[str, None]] = {}
        self.hosts: dict[str, str | None] = {}
        self.modes: dict[str, tuple[str, int]] = {}
        self.listed = self.public_list()
        self.version = self.registry.index.version

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

    @rule(room=ROOMS, host=MEMBERS, who=MEMBERS, age=strategies.floats(0, 1e6))
    def reopen(self, room: str, host: str, who: str, age: float) -> None:
        spec, first = RoomSpec(id=room, name="Room"), self.member(who, None)
        try:
            _, events = self.registry.reopen(spec, self.now - age, host, first, self.now)
        except Refused:
            self.nothing_changed()
            return
        self.told[room] = {}
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
        self.registry.set_presence(who, "reconnecting")

    @rule(who=MEMBERS)
    def resume(self, who: str) -> None:
        self.registry.set_presence(who, "online")

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

    @rule(alive=strategies.booleans())
    def sfu_comes_and_goes(self, alive: bool) -> None:
        self.plane.alive = alive

    @rule(
        room=ROOMS, pin=strategies.sampled_from([None, "mesh", "sfu"]), limit=strategies.booleans()
    )
    def pin(self, room: str, pin: str | None, limit: bool) -> None:
        found = self.registry.index.find(room)
        if found is not None:
            found.pin, found.limited = pin, limit  # type: ignore[assignment]

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
    def generation_grows_exactly_with_the_mode(self) -> None:
        for room in self.registry.index.rooms():
            mode, generation = self.modes.get(room.id, ("mesh", 1))
            if room.decision.mode == mode:
                assert room.decision.generation == generation
            else:
                assert room.decision.generation == generation + 1
            self.modes[room.id] = (room.decision.mode, room.decision.generation)
        self.modes = {r.id: self.modes[r.id] for r in self.registry.index.rooms()}

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
        return Member(id=who, name=name, joined_at=self.now)

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

    def note(self, events: list[Event]) -> None:
        for event in events:
            match event:
                case MemberJoined(room=room, member=member):
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
                case ModeChanged(room=room):
                    assert room.decision.mode in {"mesh", "sfu"}
                case _:
                    pass


TestRegistry = RegistryMachine.TestCase
TestRegistry.settings = settings(stateful_step_count=40)


def test_the_machine_notices_a_broken_index() -> None:
    machine = RegistryMachine()
    machine.begin(ttl=0.0, alive=False)
    machine.create("r1", "m0", None, "", private=False, most=0, password=None)
    machine.registry.index._rooms_of.clear()
    with pytest.raises(AssertionError):
        machine.member_index_equals_membership()
