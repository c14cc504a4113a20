"""The switchboard under any interleaving of connections, requests, losses and returns."""

from hypothesis import settings, strategies
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from typing_extensions import override

from signaling.exchange import SwitchboardConfig
from signaling.limits import Limits
from signaling.media_plane import SfuState
from signaling.messages import channels
from signaling.messages.wire import Refused
from signaling.mode_policy import ModePolicy
from signaling.peer_session import Dialect
from tests.support.planes import SwitchedPlane
from tests.support.replica import Replica
from tests.support.stage import Client, Frame, Stage
from tests.support.stateful import AS_FOUND

POLICY = ModePolicy(mesh_limit=1, mesh_cap=3, strain_from=2, prewarm_from=2, return_at=1)
ORIGINS = ("https://a.example", "https://b.example")

TELLING = {
    "member-joined", "member-left", "member-presence", "host-changed", "mode-changed",
    "prepare-hand-over", "room-closed", "chat", "offer", "answer", "ice-candidate",
}  # fmt: skip
"""Frames that only members of a room may see."""

PICK = strategies.integers(0, 1000)
NAMES = strategies.sampled_from([None, "Ann", "ann", "Bob", "Cid"])
ROOM_IDS = [f"minted {number}" for number in range(3)]
USERS = ["ann", "bob", "cid"]


class Person:
    """A client of the room dialect over all its connections."""

    def __init__(self, client: Client, resumes: bool) -> None:
        self.client = client
        self.instance = "page 1" if resumes else None
        self.replica = Replica()
        self.read = 0

    @property
    def connected(self) -> bool:
        return not self.client.gone and self.client.closing is None

    def wish(self, **wish: object) -> Frame:
        return {**wish, **({"instance": self.instance} if self.instance else {})}

    def catch_up(self) -> list[Frame]:
        """Reads what is new; returns it."""
        fresh = self.client.log[self.read :]
        self.read = len(self.client.log)
        for frame in fresh:
            self.replica.read(frame)
        return fresh


class SwitchboardMachine(RuleBasedStateMachine):
    """People of both dialects, whose beliefs are compared with the truth after every step."""

    @initialize(
        ttl=strategies.sampled_from([0.0, 20.0]),
        kept=strategies.sampled_from([3, 1000]),
        alive=strategies.booleans(),
        people=strategies.integers(0, 6),
        inside=strategies.integers(0, 6),
    )
    def begin(self, ttl: float, kept: int, alive: bool, people: int, inside: int) -> None:
        limits = Limits(messages_per_second=0, replay_frames=kept, rooms_per_address=10)
        self.plane = SwitchedPlane(alive)
        self.stage = Stage(
            SwitchboardConfig(limits=limits, legacy_direct=True),
            policy=POLICY,
            media_plane=self.plane,
            empty_room_ttl=ttl,
        )
        self.people: list[Person] = []
        self.sockets: list[Client] = []
        self.before: dict[str, set[str]] = {}
        self.replayed = False
        self.rooms: list[str] = list(ROOM_IDS)
        for _ in range(people):
            self.somebody_comes(resumes=True)
        if people and inside:
            self.create(0, None, private=False, most=0)
            for who in range(1, min(people, inside)):
                self.join(who, len(ROOM_IDS), None, reload=False)

    # ---- the room dialect ----------------------------------------------------------------

    @precondition(lambda self: len(self.people) < 6)
    @rule(resumes=strategies.sampled_from([True, True, True, False]))
    def somebody_comes(self, resumes: bool) -> None:
        self.people.append(Person(self.stage.connect(), resumes))

    @precondition(lambda self: any(person.connected for person in self.people))
    @rule(who=PICK, name=NAMES, private=strategies.booleans(), most=strategies.integers(0, 3))
    def create(self, who: int, name: str | None, private: bool, most: int) -> None:
        person = self.connected(who)
        wish = person.wish(name="Room", memberName=name, metadata={"private": private})
        answer = person.client.ask("create-room", payload={**wish, "maxParticipants": most})
        if answer["type"] == "room-created":
            self.rooms.append(answer["room"]["id"])

    @precondition(lambda self: any(person.connected for person in self.people))
    @rule(who=PICK, where=PICK, name=NAMES, reload=strategies.booleans())
    def join(self, who: int, where: int, name: str | None, reload: bool) -> None:
        person = self.connected(who)
        if person.instance and reload:
            person.instance += "+"
        wish = person.wish(roomId=self.rooms[where % len(self.rooms)], name=name)
        person.client.ask("join-room", payload=wish)

    @precondition(lambda self: any(person.replica.rooms for person in self.people))
    @rule(who=PICK, where=PICK)
    def leave(self, who: int, where: int) -> None:
        person, room_id = self.inside(who, where)
        if person.connected:
            assert person.client.ask("leave-room", payload={"roomId": room_id})["type"] == "ok"
            person.replica.left(room_id)

    @precondition(lambda self: any(person.replica.rooms for person in self.people))
    @rule(who=PICK, where=PICK, times=strategies.integers(1, 4), answered=strategies.booleans())
    def chat(self, who: int, where: int, times: int, answered: bool) -> None:
        person, room_id = self.inside(who, where)
        for _ in range(times if person.connected else 0):
            if answered:
                assert person.client.ask("chat", roomId=room_id, payload="x")["type"] == "chat"
            else:
                person.client.say("chat", roomId=room_id, payload="x")

    @precondition(lambda self: any(person.replica.rooms for person in self.people))
    @rule(who=PICK, where=PICK, whom=PICK, kind=strategies.sampled_from(["offer", "answer"]))
    def signal(self, who: int, where: int, whom: int, kind: str) -> None:
        person, room_id = self.inside(who, where)
        others = person.replica.rooms[room_id].participants
        if person.connected:
            target = others[whom % len(others)]
            person.client.say(kind, roomId=room_id, to=target, payload={"n": 1})

    @precondition(lambda self: any(person.replica.rooms for person in self.people))
    @rule(who=PICK, where=PICK, most=strategies.integers(1, 6), failing=strategies.integers(0, 12))
    def answer_hand_over(self, who: int, where: int, most: int, failing: int) -> None:
        """So many members are ready, or one of them is not."""
        _, room_id = self.inside(who, where)
        inside = [person for person in self.people if room_id in person.replica.rooms]
        for number, person in enumerate(inside[:most]):
            if person.connected:
                kind = "hand-over-failed" if number == failing else "hand-over-ready"
                generation = person.replica.rooms[room_id].preparing or 1
                answer = person.client.ask(kind, roomId=room_id, generation=generation)
                assert answer["type"] == "ok"

    @precondition(lambda self: any(person.replica.rooms for person in self.people))
    @rule(who=PICK, where=PICK, mode=strategies.sampled_from([None, "mesh", "sfu"]))
    def pin(self, who: int, where: int, mode: str | None) -> None:
        person, room_id = self.inside(who, where)
        if person.connected:
            person.client.ask("pin-mode", roomId=room_id, mode=mode)

    @rule(state=strategies.sampled_from(SfuState))
    def sfu_comes_and_goes(self, state: SfuState) -> None:
        self.plane.state = state
        switchboard = self.stage.switchboard
        switchboard._publish(self.stage.registry.reconsider_all(self.stage.now), self.stage.now)
        self.stage.flush()

    @precondition(lambda self: any(person.connected for person in self.people))
    @rule(who=PICK, kind=strategies.sampled_from(["list-rooms", "ping", "nonsense", "ice-servers"]))
    def ask(self, who: int, kind: str) -> None:
        client = self.connected(who).client
        client.ask(kind, **({"received": client.received} if kind == "ping" else {}))

    @precondition(lambda self: any(person.connected for person in self.people))
    @rule(who=PICK, code=strategies.sampled_from([1000, 1001, 1006]))
    def drop(self, who: int, code: int) -> None:
        self.connected(who).client.drop(code)

    @precondition(lambda self: bool(self.people))
    @rule(who=PICK)
    def come_back(self, who: int) -> None:
        """On a new connection, whether or not the old one is known to be gone."""
        person = self.people[who % len(self.people)]
        person.catch_up()
        older, person.client = person.client, self.stage.connect()
        greeting = person.client.resume(older)
        assert greeting["id"] == older.id or greeting["resumed"] is False
        person.read = person.client.log.index(greeting)
        self.stage.finish_closing()
        self.replayed = True
        person.catch_up()
        for room_id, ticket in list(person.replica.lost.items()):
            wish = person.wish(roomId=room_id, ticket=ticket)
            answer = person.client.ask("join-room", payload=wish)
            assert answer["type"] == "room-joined" or answer["code"] in {
                "room-not-found", "room-full", "name-taken", "too-many-rooms",
            }, answer  # fmt: skip
        person.catch_up()
        person.replica.lost.clear()

    # ---- the channel dialect -------------------------------------------------------------

    @precondition(lambda self: len(self.sockets) < 6)
    @rule(origin=strategies.sampled_from(ORIGINS), listens=strategies.booleans())
    def socket_opens(self, origin: str, listens: bool) -> None:
        subscribed = [channels.ROOMS, channels.SIGNALING] if listens else [channels.SIGNALING]
        self.sockets.append(self.stage.connect_channels(*subscribed, origin=origin))

    @precondition(lambda self: bool(self.sockets))
    @rule(
        which=PICK,
        kind=strategies.sampled_from(["room-created", "user-joined-room", "user-left-room"]),
        room_id=strategies.sampled_from(ROOM_IDS),
        user=strategies.sampled_from(USERS),
    )
    def on_rooms_channel(self, which: int, kind: str, room_id: str, user: str) -> None:
        data = {"id": room_id, "name": "x", "hostId": user, "roomId": room_id, "userId": user}
        self.socket(which).say(kind, channel=channels.ROOMS, data=data)

    @precondition(lambda self: bool(self.sockets))
    @rule(
        which=PICK,
        kind=strategies.sampled_from(["webrtc-offer", "webrtc-answer", "webrtc-ice"]),
        user=strategies.sampled_from(USERS),
        whom=PICK,
    )
    def on_signaling_channel(self, which: int, kind: str, user: str, whom: int) -> None:
        targets = [*USERS, *[person.replica.member_id for person in self.people]]
        fields = {"fromUserId": user, "toUserId": targets[whom % len(targets)]}
        bodies: Frame = {"offer": {}, "answer": {}, "candidate": {}}
        self.socket(which).say(kind, channel=channels.SIGNALING, **fields, **bodies)

    @precondition(lambda self: bool(self.sockets))
    @rule(which=PICK, code=strategies.sampled_from([1000, 1001, 1006]))
    def socket_closes(self, which: int, code: int) -> None:
        socket = self.socket(which)
        self.sockets.remove(socket)
        socket.drop(code)

    # ---- the operator and time -----------------------------------------------------------

    @rule(where=PICK)
    def operator_closes(self, where: int) -> None:
        if found := list(self.stage.registry.index.rooms()):
            self.stage.switchboard.close_room(found[where % len(found)].id, self.stage.now)
            self.stage.flush()

    @rule(where=PICK, whom=PICK)
    def operator_removes(self, where: int, whom: int) -> None:
        for room in list(self.stage.registry.index.rooms())[where % 3 :]:
            member_id = [*room.members, "nobody"][whom % (len(room.members) + 1)]
            try:
                self.stage.switchboard.remove_member(room.id, member_id, self.stage.now)
            except Refused:
                assert member_id == "nobody"
            self.stage.flush()
            return

    @rule(seconds=strategies.sampled_from([0.0, 0.05, 0.2, 5.0, 20.0, 40.0]))
    def time_passes(self, seconds: float) -> None:
        self.stage.advance(seconds)
        if seconds >= 0.2:
            self.lists_are_true()

    # ---- what is so afterwards -----------------------------------------------------------

    @invariant()
    def everybody_believes_what_is_so(self) -> None:
        members = {room.id: set(room.members) for room in self.stage.registry.index.rooms()}
        for person in self.people:
            for frame in person.catch_up():
                self.only_for_members(person, frame, members)
            if person.connected:
                person.replica.agrees_with(self.stage.registry)
        self.before, self.replayed = members, False

    @invariant()
    def both_sides_count_alike(self) -> None:
        for person in self.people:
            if person.connected:
                assert person.client.received == person.client.connection.holder.sent

    @invariant()
    def sessions_and_connections_belong_together(self) -> None:
        exchange = self.stage.exchange
        for session in exchange.sessions.values():
            for connection in session.connections:
                assert connection.session is session
                assert connection.dialect is session.dialect
                assert exchange.connections[connection.number] is connection
            if not session.connections:
                assert ("grace", session.member_id) in exchange.deadlines
            if session.dialect is Dialect.ROOM:
                assert len(session.connections) <= 1
        for room in self.stage.registry.index.rooms():
            assert set(room.members) <= set(exchange.sessions)

    @override
    def teardown(self) -> None:
        """When all have gone and the grace time has passed, nothing is left."""
        if not hasattr(self, "stage"):
            return
        for client in self.stage.clients.values():
            if not client.gone:
                client.drop()
        self.stage.run_out()
        exchange = self.stage.exchange
        left = (
            exchange.sessions, exchange.connections, exchange.channel_connections,
            exchange.list_subscribers, exchange.deadlines._due, self.stage.registry._deadlines._due,
            self.stage.registry.index._rooms, self.stage.registry.index._rooms_of,
            self.stage.registry.index._opened_by, self.stage.switchboard._per_address,
        )  # fmt: skip
        assert [len(things) for things in left] == [0] * len(left)

    # ---- inside --------------------------------------------------------------------------

    def connected(self, who: int) -> Person:
        found = [person for person in self.people if person.connected]
        return found[who % len(found)]

    def inside(self, who: int, where: int) -> tuple[Person, str]:
        found = [person for person in self.people if person.replica.rooms]
        person = found[who % len(found)]
        rooms = sorted(person.replica.rooms)
        return person, rooms[where % len(rooms)]

    def socket(self, which: int) -> Client:
        return self.sockets[which % len(self.sockets)]

    def only_for_members(self, person: Person, frame: Frame, members: dict[str, set[str]]) -> None:
        if frame["type"] in TELLING and "roomId" in frame and not self.replayed:
            allowed = self.before.get(frame["roomId"], set()) | members.get(frame["roomId"], set())
            assert person.replica.member_id in allowed

    def lists_are_true(self) -> None:
        index = self.stage.registry.index
        public = [room.id for room in index.public(1000)[0]]
        for person in self.people:
            person.catch_up()
            if person.connected and person.replica.listed is not None:
                assert person.replica.listed == public
        for socket in self.sockets:
            lists = [frame for frame in socket.log if frame["type"] == "server-room-list"]
            if lists and channels.ROOMS in socket.connection.channels:
                shown = {room["id"]: [p["id"] for p in room["participants"]]
                         for room in lists[-1]["rooms"]}  # fmt: skip
                assert shown == {room_id: list(index.get(room_id).members) for room_id in public}


TestSwitchboard = SwitchboardMachine.TestCase
TestSwitchboard.settings = settings(stateful_step_count=50, phases=AS_FOUND)
