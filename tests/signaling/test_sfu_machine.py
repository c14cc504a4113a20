"""A room on the SFU under any interleaving: requests, answers that dawdle, losses and returns."""

from hypothesis import settings, strategies
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from typing_extensions import override

from sfu.control import messages as control
from signaling.exchange import SwitchboardConfig
from signaling.limits import Limits
from tests.support.fake_worker import FakeWorker
from tests.support.sfu_truth import agree
from tests.support.stage import Client, Frame, Stage
from tests.support.stateful import AS_FOUND

PICK = strategies.integers(0, 1000)
KINDS = [
    "enter-sfu", "open-transport", "connect-transport", "restart-ice", "close-transport",
    "produce", "produce", "set-producer", "close-producer", "consume", "consume", "set-consumer",
    "close-consumer", "produce-data", "close-data-producer", "consume-data", "close-data-consumer",
    "resume-data-consumer",
]  # fmt: skip
SET_UP = [
    "enter-sfu", "open-transport", "open-transport", "produce", "produce-data", "consume",
    "consume-data", "consume", "set-consumer",
]  # fmt: skip
REFUSABLE = {
    "transport-not-found", "producer-not-found", "consumer-not-found", "sfu-unavailable",
    "wrong-mode", "not-a-member", "room-not-found", "too-many", "media-refused",
}  # fmt: skip


class Person:
    """A member, and what its page believes of the others' producers.

    Attributes:
        paused: The others' producers, and whether they are; None while it has not entered.
        ids: What its page has been given, by the field that names it.
    """

    def __init__(self, client: Client, number: int) -> None:
        self.client = client
        self.loads = 0
        self.number = number
        self.asked: set[object] = set()
        self.begin()

    def begin(self) -> None:
        """The page is loaded."""
        self.loads += 1
        self.inside = False
        self.paused: dict[str, bool] | None = None
        self.channels: set[str] = set()
        self.transports: dict[str, list[str]] = {"send": [], "recv": []}
        self.directions: dict[object, str] = {}
        self.ids: dict[str, list[str]] = {
            "producerId": [], "consumerId": [], "dataProducerId": [], "dataConsumerId": [],
        }  # fmt: skip

    @property
    def instance(self) -> str:
        return f"{self.number}-{self.loads}"

    def read(self) -> None:
        for frame in self.client.take():
            self.understand(frame)

    def understand(self, frame: Frame) -> None:
        if frame["type"] in {"room-joined", "room-created"}:
            self.inside = True
        if not self.inside:
            return
        if frame["type"] == "error":
            assert frame["code"] in REFUSABLE, frame
        if "id" in frame and not isinstance(frame["id"], str):
            assert frame["id"] in self.asked, "answered twice, or never asked"
            self.asked.discard(frame["id"])
        self.answered(frame["type"], frame)

    def answered(self, kind: str, frame: Frame) -> None:
        match kind:
            case "sfu-entered":
                others = [p for p in frame["producers"] if p["memberId"] != self.client.id]
                self.paused = {p["id"]: p["paused"] for p in others}
                theirs = [p for p in frame["dataProducers"] if p["memberId"] != self.client.id]
                self.channels = {p["id"] for p in theirs}
                for ids in self.transports.values():
                    ids[:] = [it for it in ids if it in frame["transports"]]
            case "transport-opened":
                direction = self.directions[frame["id"]]
                self.transports[direction].append(frame["transport"]["id"])
            case "produced":
                self.ids["producerId"].append(frame["producerId"])
            case "consumed":
                self.ids["consumerId"].append(frame["consumer"]["id"])
            case "data-produced":
                self.ids["dataProducerId"].append(frame["dataProducerId"])
            case "data-consumed":
                self.ids["dataConsumerId"].append(frame["dataConsumer"]["id"])
            case "router-lost" | "mode-changed":
                assert kind == "mode-changed" or self.paused is not None
                if kind == "router-lost" or frame["mode"] == "mesh":
                    self.paused, self.channels = None, set()
            case _:
                self.told(kind, frame)

    def told(self, kind: str, frame: Frame) -> None:
        """Of the others' producers: each once, and only to who has entered."""
        if kind.startswith(("producer-", "data-producer-")):
            assert self.paused is not None, f"{kind} to one who has not entered"
            match kind:
                case "producer-added":
                    assert frame["producer"]["id"] not in self.paused
                    assert frame["producer"]["memberId"] != self.client.id
                    self.paused[frame["producer"]["id"]] = frame["producer"]["paused"]
                case "producer-changed":
                    assert self.paused[frame["producerId"]] != frame["paused"]
                    self.paused[frame["producerId"]] = frame["paused"]
                case "producer-removed":
                    del self.paused[frame["producerId"]]
                case "data-producer-added":
                    assert frame["dataProducer"]["id"] not in self.channels
                    self.channels.add(frame["dataProducer"]["id"])
                case _:
                    self.channels.remove(frame["dataProducerId"])


class SfuMachine(RuleBasedStateMachine):
    """One room, up to five people, two workers."""

    @initialize(prompt=strategies.booleans())
    def begin(self, prompt: bool) -> None:
        limits = Limits(media_requests_per_second=0, messages_per_second=0, transports_per_member=4)
        self.fakes = [FakeWorker(f"worker-{number}", number) for number in range(2)]
        self.stage = Stage(SwitchboardConfig(limits=limits), workers=self.fakes)
        self.requests = 0
        host = Person(self.stage.connect(), 0)
        created = host.client.create(mode="sfu", instance=host.instance)
        host.understand({"type": "room-created", "room": created})
        self.room_id, self.ticket = created["id"], created["ticket"]
        self.people = [host]
        self.numbers = 1
        self.stage.prompt = prompt

    # ---- people --------------------------------------------------------------------------

    @precondition(lambda self: len(self.people) < 5)
    @rule()
    def somebody_comes(self) -> None:
        person = Person(self.stage.connect(), self.numbers)
        self.numbers += 1
        self.enter_room(person)
        self.people.append(person)

    @precondition(lambda self: len(self.people) > 1)
    @rule(who=PICK)
    def somebody_leaves(self, who: int) -> None:
        person = self.people.pop(who % len(self.people))
        person.client.say("leave-room", payload={"roomId": self.room_id})
        person.read()
        person.client.drop()

    @precondition(lambda self: len(self.people) > 1)
    @rule(who=PICK)
    def somebody_is_cut_off_for_good(self, who: int) -> None:
        self.people.pop(who % len(self.people)).client.drop()
        self.stage.advance(31.0)

    @rule(who=PICK, away=strategies.sampled_from([0.0, 1.0, 12.0]))
    def somebody_resumes(self, who: int, away: float) -> None:
        person = self.person(who)
        person.read()
        older = person.client
        older.drop()
        self.stage.advance(away)
        person.client = self.stage.connect()
        assert person.client.resume(older)["resumed"] is True

    @rule(who=PICK, times=strategies.sampled_from([1, 2]))
    def somebody_reloads(self, who: int, times: int) -> None:
        person = self.person(who)
        for _ in range(times):
            older = person.client
            older.drop(1001)
            person.client = self.stage.connect()
            person.client.resume(older)
            person.begin()
            person.asked.clear()
            self.enter_room(person)

    @rule(who=PICK)
    def somebody_has_missed_too_much(self, who: int) -> None:
        person = self.person(who)
        person.read()
        older = person.client
        older.drop()
        person.client = self.stage.connect()
        person.client.take()
        person.client.say("resume", resumeToken=older.token, received=10**6)
        person.inside, person.paused, person.channels = False, None, set()
        person.asked.clear()
        self.enter_room(person, load="same")

    # ---- media ---------------------------------------------------------------------------

    @rule(who=PICK, kinds=strategies.lists(strategies.sampled_from(KINDS), max_size=4), pick=PICK)
    def somebody_asks(self, who: int, kinds: list[str], pick: int) -> None:
        person = self.person(who)
        for kind in kinds:
            if person.inside:
                self.ask(person, kind, pick)

    @rule(who=PICK, pick=PICK)
    def somebody_sets_up(self, who: int, pick: int) -> None:
        """Everything in a row, as a page does."""
        person = self.person(who)
        for number, kind in enumerate(SET_UP):
            if person.inside:
                self.ask(person, kind, pick + number)
                self.stage.answer()
                person.read()

    def ask(self, person: Person, kind: str, pick: int) -> None:
        """Something that makes sense, more often than not."""
        person.read()
        self.requests += 1
        person.asked.add(self.requests)
        published = [*(person.paused or {}), *person.ids["producerId"]]
        channels = [*sorted(person.channels), *person.ids["dataProducerId"]]

        def one(ids: list[str]) -> str:
            return ids[pick % len(ids)] if ids else "nothing"

        fields: Frame = {name: one(ids) for name, ids in person.ids.items()}
        direction = ("send", "recv")[pick % 2]
        person.directions[self.requests] = direction
        if kind.startswith(("produce", "consume")) and pick % 7:
            direction = "send" if kind.startswith("produce") else "recv"
        fields["transportId"] = one(person.transports[direction])
        if kind == "consume":
            fields["producerId"] = one(published)
        elif kind == "consume-data":
            fields["dataProducerId"] = one(channels)
        person.client.say(
            kind,
            id=self.requests,
            roomId=self.room_id,
            direction=direction,
            kind="video",
            source="camera",
            paused=bool(pick % 3),
            dtlsParameters={},
            rtpParameters={},
            rtpCapabilities={},
            sctpStreamParameters={},
            **fields,
        )

    # ---- workers and time ----------------------------------------------------------------

    @rule(most=strategies.integers(1, 5))
    def workers_answer(self, most: int) -> None:
        self.stage.answer(most)

    @rule(pick=PICK, code=strategies.sampled_from(["cannot-consume", "id-taken"]))
    def worker_refuses(self, pick: int, code: str) -> None:
        """One command of those that wait."""
        if self.stage.unanswered:
            command = self.stage.unanswered[0]
            if (
                not isinstance(command, control.OpenRouter)
                and type(command).__name__[:5] != "Close"
            ):
                for fake in self.fakes:
                    fake.refusing = {type(command): "media-refused"}
                self.stage.answer(1)
                for fake in self.fakes:
                    fake.refusing = {}

    @rule(pick=PICK)
    def transport_ends(self, pick: int) -> None:
        for fake in self.stage.workers.values():
            held = sorted(fake.transports())
            if held:
                self.stage.hear(fake, fake.end_transport(held[pick % len(held)]))

    @rule(pick=PICK)
    def channel_ends(self, pick: int) -> None:
        for fake in self.stage.workers.values():
            held = [it for router in fake.routers.values() for it in router.data_producers()]
            if held:
                self.stage.hear(fake, fake.end_data_producer(sorted(held)[pick % len(held)]))

    @rule(pick=PICK)
    def reader_is_too_slow(self, pick: int) -> None:
        for fake in self.stage.workers.values():
            held = [it for one in fake.transports().values() for it in one.data_consumers]
            if held:
                self.stage.hear(fake, fake.end_data_consumer(sorted(held)[pick % len(held)]))

    @rule(pick=PICK, dies=strategies.booleans())
    def worker_is_lost(self, pick: int, dies: bool) -> None:
        fake = self.fakes[pick % 2]
        if fake.name in self.stage.workers:
            self.stage.lose_worker(fake)
            if dies:
                fake.routers.clear()

    @rule(pick=PICK)
    def worker_comes_back(self, pick: int) -> None:
        fake = self.fakes[pick % 2]
        if fake.name not in self.stage.workers:
            self.stage.connect_worker(fake)

    @rule(seconds=strategies.sampled_from([0.0, 1.0, 4.0, 11.0, 61.0]))
    def time_passes(self, seconds: float) -> None:
        self.stage.advance(seconds)

    # ---- what is so afterwards -----------------------------------------------------------

    @invariant()
    def everybody_understands_what_it_is_told(self) -> None:
        for person in self.people:
            person.read()

    @rule()
    def when_all_is_answered_everybody_knows_the_truth(self) -> None:
        self.stage.answer()
        agree(self.stage)
        room = self.stage.exchange.sfu.rooms.get(self.room_id)
        for person in self.people:
            person.read()
            era = person.client.connection.holder.era
            entered = room is not None and room.entered.get(person.client.id) == era
            if not person.inside:
                continue
            assert (person.paused is not None) == entered
            if room is not None and person.paused is not None:
                assert person.paused == {
                    it: producer.paused
                    for it, producer in room.producers.items()
                    if producer.transport.member_id != person.client.id
                }
                assert person.channels == {
                    it
                    for it, producer in room.data_producers.items()
                    if producer.transport.member_id != person.client.id
                }
            waiting = [] if room is None else room.waiting
            assert len(person.asked) <= len(waiting), "everything else has been answered"

    @override
    def teardown(self) -> None:
        """When all have gone, nothing is left, here or at the workers."""
        if not hasattr(self, "stage"):
            return
        self.stage.prompt = True
        for fake in self.fakes:
            if fake.name not in self.stage.workers:
                self.stage.connect_worker(fake)
        for client in self.stage.clients.values():
            if not client.gone:
                client.drop()
        self.stage.flush()
        self.stage.run_out()
        agree(self.stage)
        sfu = self.stage.exchange.sfu
        assert (sfu.rooms, sfu._holding, len(sfu.pending)) == ({}, {}, 0)
        assert [fake.routers for fake in self.fakes] == [{}, {}]

    # ---- inside --------------------------------------------------------------------------

    def person(self, who: int) -> Person:
        return self.people[who % len(self.people)]

    def enter_room(self, person: Person, load: str = "") -> None:
        payload: Frame = {"roomId": self.room_id, "ticket": self.ticket}
        payload["instance"] = person.instance
        person.client.say("join-room", id="join", payload=payload)
        person.read()
        assert person.inside


TestSfu = SfuMachine.TestCase
TestSfu.settings = settings(stateful_step_count=40, phases=AS_FOUND)
