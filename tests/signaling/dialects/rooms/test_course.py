"""Crossing over as members see it: PREPARE, answers, COMMIT and ABORT, pins and doors."""

from itertools import pairwise

import pytest

from signaling.dialects.rooms.media_upkeep import LINGER
from signaling.exchange import SwitchboardConfig
from signaling.limits import Limits
from tests.support.fake_worker import FakeWorker
from tests.support.sfu_truth import agree
from tests.support.sfu_visitor import Visitor
from tests.support.stage import Client, Frame, Stage


class Crowd:
    """A room with so many members, who do nothing by themselves."""

    def __init__(self, size: int, config: SwitchboardConfig | None = None) -> None:
        self.worker = FakeWorker()
        self.stage = Stage(config, workers=[self.worker])
        self.people = [self.stage.connect()]
        self.room_id = self.people[0].create(instance="0")["id"]
        for _ in range(size - 1):
            self.join()

    def join(self) -> Frame:
        person = self.stage.connect()
        room = person.join(self.room_id, instance=f"{len(self.people)}")
        self.people.append(person)
        return room

    def quiet(self) -> None:
        for person in self.people:
            person.take()

    def all_say(self, kind: str, **fields: object) -> None:
        for person in self.people:
            assert self.say(person, kind, **fields)["type"] == "ok"

    def say(self, person: Client, kind: str, **fields: object) -> Frame:
        return person.ask(kind, roomId=self.room_id, **fields)

    def last_word(self, person: Client) -> tuple[str, int, str]:
        word = person.take("mode-changed")[-1]
        return word["mode"], word["generation"], word["reason"]


def test_seventh_member_moves_the_room_when_everybody_is_ready() -> None:
    crowd = Crowd(6)
    crowd.quiet()
    joined = crowd.join()
    assert (joined["mode"], joined["generation"], joined["reason"]) == ("sfu", 2, "outgrew-mesh")
    for person in crowd.people:
        assert person.expect("prepare-hand-over") == {
            "type": "prepare-hand-over",
            "roomId": crowd.room_id,
            "mode": "sfu",
            "generation": 2,
            "reason": "outgrew-mesh",
            "seconds": 5.0,
        }
        assert person.take("mode-changed") == []
    for person in crowd.people[:6]:
        crowd.say(person, "hand-over-ready", generation=2)
    assert crowd.people[0].take("mode-changed") == [], "one has not answered"
    crowd.say(crowd.people[6], "hand-over-ready", generation=2)
    for person in crowd.people:
        assert crowd.last_word(person) == ("sfu", 2, "outgrew-mesh")


def test_others_hear_of_the_way_before_they_hear_of_whom_they_will_meet_there() -> None:
    crowd = Crowd(6)
    crowd.quiet()
    answered = crowd.stage.connect()
    answered.take()
    answered.say("join-room", payload={"roomId": crowd.room_id, "instance": "new"})
    assert [frame["type"] for frame in answered.take()] == ["room-joined", "prepare-hand-over"]
    for person in crowd.people:
        told = [frame["type"] for frame in person.take()]
        assert told == ["prepare-hand-over", "member-joined"]


def test_newcomer_who_ends_a_hand_over_to_mesh_is_met_on_the_sfu() -> None:
    crowd = on_sfu()
    for _ in range(2):
        crowd.people.pop().say("leave-room", payload={"roomId": crowd.room_id})
    crowd.stage.advance(20.0)
    assert crowd.people[0].expect("prepare-hand-over")["mode"] == "mesh"
    crowd.quiet()
    joined = crowd.join()
    assert (joined["mode"], joined["generation"]) == ("sfu", 4)
    told = crowd.people[0].take()
    assert [frame["type"] for frame in told] == ["mode-changed", "member-joined"]
    assert (told[0]["mode"], told[0]["generation"]) == ("sfu", 4)


def test_news_of_a_newcomer_comes_after_it() -> None:
    crowd = Crowd(2)
    crowd.quiet()
    plain = crowd.stage.connect()
    plain.join(crowd.room_id)
    told = crowd.people[0].take()
    assert [frame["type"] for frame in told] == ["member-joined", "mode-changed"]
    assert told[1]["pins"] == [{"mode": "mesh", "reason": "plain-client", "member": plain.id}]


def test_somebody_fails_and_the_room_stays_and_says_who() -> None:
    crowd = Crowd(7)
    crowd.quiet()
    newcomer = crowd.join()
    assert (newcomer["mode"], newcomer["generation"]) == ("sfu", 2)
    crowd.say(crowd.people[3], "hand-over-failed", generation=2)
    word = crowd.people[7].take("mode-changed")[-1]
    assert (word["mode"], word["generation"], word["reason"]) == ("mesh", 3, "member-unreachable")
    assert word["unreachable"] == [crowd.people[3].id]
    assert word["prewarm"] is True
    crowd.stage.advance(300.0)
    assert crowd.people[0].take("prepare-hand-over")[1:] == [], "it said so itself"
    crowd.say(crowd.people[3], "report-sfu", reachable=True)
    assert crowd.people[0].expect("prepare-hand-over")["generation"] == 4


def test_silence_is_held_against_nobody_for_long() -> None:
    crowd = Crowd(7)
    crowd.quiet()
    for person in crowd.people[:6]:
        crowd.say(person, "hand-over-ready", generation=2)
    crowd.stage.advance(5.0)
    assert crowd.last_word(crowd.people[0]) == ("mesh", 3, "member-unreachable")
    crowd.stage.advance(29.9)
    assert crowd.people[0].take("prepare-hand-over") == []
    crowd.stage.advance(0.2)
    assert crowd.people[0].expect("prepare-hand-over")["generation"] == 4
    crowd.stage.advance(5.0)
    crowd.quiet()
    crowd.say(crowd.people[6], "hand-over-ready", generation=4)
    assert crowd.people[0].take("prepare-hand-over") == [], "the other six were silent this time"
    for person in crowd.people[:6]:
        crowd.say(person, "hand-over-ready", generation=4)
    assert crowd.people[0].expect("prepare-hand-over")["generation"] == 6, "a late answer counts"


def test_room_beyond_the_cap_goes_without_those_who_cannot() -> None:
    crowd = Crowd(9)
    crowd.quiet()
    crowd.say(crowd.people[0], "hand-over-failed", generation=2)
    for person in crowd.people[2:]:
        crowd.say(person, "hand-over-ready", generation=2)
    assert crowd.people[0].take("mode-changed") == []
    crowd.stage.advance(5.0)
    word = crowd.people[0].take("mode-changed")[-1]
    assert (word["mode"], word["generation"]) == ("sfu", 2)
    assert word["unreachable"] == [crowd.people[0].id, crowd.people[1].id]


def test_who_leaves_or_drops_is_not_waited_for() -> None:
    crowd = Crowd(8)
    crowd.quiet()
    for person in crowd.people[2:]:
        crowd.say(person, "hand-over-ready", generation=2)
    crowd.people[0].drop()
    crowd.people[1].say("leave-room", payload={"roomId": crowd.room_id})
    assert crowd.last_word(crowd.people[2])[:2] == ("sfu", 2)


def test_seventh_member_leaves_while_the_others_prepare() -> None:
    crowd = Crowd(7)
    crowd.quiet()
    crowd.people[6].say("leave-room", payload={"roomId": crowd.room_id})
    assert crowd.last_word(crowd.people[0])[:2] == ("mesh", 3), "newcomers were told another word"


def on_sfu(size: int = 7) -> Crowd:
    crowd = Crowd(size)
    crowd.all_say("hand-over-ready", generation=2)
    crowd.quiet()
    return crowd


def test_small_room_returns_and_its_router_lingers() -> None:
    crowd = on_sfu()
    visitor = Visitor(crowd.people[0], crowd.room_id)
    for _ in range(3):
        crowd.people.pop().say("leave-room", payload={"roomId": crowd.room_id})
    crowd.stage.advance(20.0)
    assert crowd.people[0].expect("prepare-hand-over")["mode"] == "mesh"
    crowd.all_say("hand-over-ready", generation=3)
    assert crowd.last_word(crowd.people[0]) == ("mesh", 3, "shrunk")
    assert visitor.ask("close-transport", transportId=visitor.send)["type"] == "ok"
    assert crowd.people[1].refused("enter-sfu", roomId=crowd.room_id) == "wrong-mode"
    crowd.stage.advance(LINGER - 0.1)
    assert crowd.room_id in crowd.worker.routers
    crowd.stage.advance(0.2)
    assert crowd.worker.routers == {}
    assert visitor.refused("open-transport", direction="send") == "wrong-mode"
    agree(crowd.stage)


def test_router_is_kept_while_the_mesh_keeps_its_way_to_it() -> None:
    crowd = on_sfu()
    Visitor(crowd.people[0], crowd.room_id)
    for _ in range(2):
        crowd.people.pop().say("leave-room", payload={"roomId": crowd.room_id})
    crowd.stage.advance(20.0)
    crowd.all_say("hand-over-ready", generation=3)
    crowd.stage.advance(60.0)
    assert crowd.people[0].take("mode-changed")[-1]["prewarm"] is True
    assert crowd.room_id in crowd.worker.routers
    crowd.people.pop().say("leave-room", payload={"roomId": crowd.room_id})
    crowd.stage.advance(LINGER)
    assert crowd.worker.routers == {}


def test_way_back_that_fails_is_tried_again_later_and_later() -> None:
    crowd = on_sfu()
    for _ in range(3):
        crowd.people.pop().say("leave-room", payload={"roomId": crowd.room_id})
    tried: list[float] = []
    while len(tried) < 3:
        crowd.stage.advance(1.0)
        for prepare in crowd.people[0].take("prepare-hand-over"):
            tried.append(crowd.stage.now)
            crowd.say(crowd.people[1], "hand-over-failed", generation=prepare["generation"])
    assert [round(b - a) for a, b in pairwise(tried)] == [10, 20]
    crowd.people[1].say("leave-room", payload={"roomId": crowd.room_id})
    assert crowd.people[0].take("prepare-hand-over"), "it was the one that failed"


def test_mesh_of_five_may_enter_the_sfu_early() -> None:
    crowd = Crowd(4)
    assert crowd.people[0].refused("enter-sfu", roomId=crowd.room_id) == "wrong-mode"
    room = crowd.join()
    assert (room["mode"], room["prewarm"]) == ("mesh", True)
    Visitor(crowd.people[0], crowd.room_id)


def test_one_overloaded_device_in_a_mesh_of_four_moves_the_room_for_good() -> None:
    crowd = Crowd(3)
    crowd.say(crowd.people[0], "report-limited", by="cpu")
    crowd.join()
    assert crowd.people[0].take("prepare-hand-over") == [], "three were too few to believe it"
    crowd.say(crowd.people[0], "report-limited", by="bandwidth")
    assert crowd.people[0].expect("prepare-hand-over")["reason"] == "member-limited"
    crowd.all_say("hand-over-ready", generation=2)
    crowd.people.pop().say("leave-room", payload={"roomId": crowd.room_id})
    crowd.stage.advance(600.0)
    assert crowd.people[0].take("prepare-hand-over") == []


# ---- pins --------------------------------------------------------------------------------


def test_host_pins_and_unpins() -> None:
    crowd = Crowd(2)
    host, other = crowd.people
    assert other.refused("pin-mode", roomId=crowd.room_id, mode="sfu") == "not-allowed"
    assert crowd.say(host, "pin-mode", mode="sfu")["type"] == "ok"
    assert other.expect("prepare-hand-over")["reason"] == "pinned"
    pins = other.expect("mode-changed")["pins"]
    assert pins == [{"mode": "sfu", "reason": "host", "member": host.id}]
    crowd.all_say("hand-over-ready", generation=2)
    assert crowd.last_word(other) == ("sfu", 2, "pinned")
    assert crowd.say(host, "pin-mode", mode=None)["type"] == "ok"
    assert other.expect("mode-changed")["pins"] == []


def test_host_cannot_pin_what_cannot_be() -> None:
    crowd = on_sfu(9)
    host = crowd.people[0]
    assert host.refused("pin-mode", roomId=crowd.room_id, mode="mesh") == "room-full"
    crowd.stage.lose_worker(crowd.worker)
    assert host.refused("pin-mode", roomId=crowd.room_id, mode="sfu") == "sfu-unavailable"


def test_plain_client_pins_the_room_to_mesh_and_is_shown_as_why() -> None:
    crowd = Crowd(5)
    plain = crowd.stage.connect()
    plain.join(crowd.room_id)
    crowd.say(crowd.people[0], "pin-mode", mode="sfu")
    word = crowd.people[0].take("mode-changed")[-1]
    assert word["reason"] == "pinned"
    assert [(pin["reason"], pin["member"]) for pin in word["pins"]] == [
        ("plain-client", plain.id),
        ("host", crowd.people[0].id),
    ]
    crowd.join()
    assert crowd.join()["mode"] == "mesh"
    late = crowd.stage.connect()
    wish = {"roomId": crowd.room_id, "instance": "late"}
    assert late.refused("join-room", payload=wish) == "room-full"
    plain.say("leave-room", payload={"roomId": crowd.room_id})
    assert crowd.people[0].expect("prepare-hand-over")["mode"] == "sfu"
    assert late.refused("join-room", payload={"roomId": crowd.room_id}) == "sfu-required"


# ---- bad requests ------------------------------------------------------------------------

REQUESTS: list[tuple[str, Frame]] = [
    ("hand-over-ready", {"generation": 2}),
    ("hand-over-failed", {"generation": 2}),
    ("report-sfu", {"reachable": False}),
    ("report-limited", {"by": "cpu"}),
    ("report-speaking", {}),
    ("report-gap", {"generation": 2, "milliseconds": 40}),
    ("pin-mode", {"mode": None}),
]
WRONG: list[tuple[str, Frame]] = [
    ("hand-over-ready", {}),
    ("hand-over-ready", {"generation": 0}),
    ("hand-over-failed", {"generation": "2"}),
    ("hand-over-failed", {"generation": 1.5}),
    ("report-sfu", {"reachable": 1}),
    ("report-limited", {"by": "boredom"}),
    ("report-gap", {"generation": 2}),
    ("report-gap", {"milliseconds": 40}),
    ("report-gap", {"generation": 0, "milliseconds": 40}),
    ("report-gap", {"generation": 2, "milliseconds": -1}),
    ("report-gap", {"generation": 2, "milliseconds": 60_001}),
    ("report-gap", {"generation": 2, "milliseconds": 0.5}),
    ("pin-mode", {}),
    ("pin-mode", {"mode": "carrier pigeon"}),
]


@pytest.mark.parametrize(("kind", "fields"), REQUESTS)
def test_request_about_a_room_one_is_not_in(kind: str, fields: Frame) -> None:
    crowd = Crowd(2)
    stranger = crowd.stage.connect()
    assert stranger.refused(kind, roomId=crowd.room_id, **fields) == "not-a-member"
    assert stranger.refused(kind, roomId="elsewhere", **fields) == "room-not-found"
    assert stranger.refused(kind, **fields) == "bad-message"


@pytest.mark.parametrize("kind", ["hand-over-ready", "hand-over-failed"])
@pytest.mark.parametrize("size", [2, 7])
@pytest.mark.parametrize("generation", [1, 2, 3, 2**53 - 1])
def test_answer_that_nobody_waits_for_is_passed_over(kind: str, size: int, generation: int) -> None:
    crowd = on_sfu(7) if size == 7 else Crowd(2)
    crowd.quiet()
    for _ in range(2):
        crowd.people[1].say(kind, roomId=crowd.room_id, generation=generation)
    assert [person.take() for person in crowd.people] == [[]] * size
    assert crowd.stage.registry.next_deadline() is None


@pytest.mark.parametrize(("kind", "fields"), REQUESTS)
def test_flood_of_requests_ends_like_any_other(kind: str, fields: Frame) -> None:
    limits = Limits(messages_per_second=10, message_burst=20, flood_strikes=30)
    crowd = Crowd(2, SwitchboardConfig(limits=limits))
    crowd.quiet()
    crowd.stage.advance(60.0)
    host, other = crowd.people
    for _ in range(25):
        host.say(kind, roomId=crowd.room_id, **fields)
    assert [frame["code"] for frame in host.take("error")] == ["too-many-requests"]
    for _ in range(100):
        host.say(kind, roomId=crowd.room_id, **fields)
    assert host.closing is not None
    assert host.closing.code == 4008
    assert len(other.take("mode-changed")) <= 1, "what changes nothing is told to nobody"


@pytest.mark.parametrize(("kind", "fields"), WRONG)
def test_wrong_request(kind: str, fields: Frame) -> None:
    crowd = Crowd(2)
    assert crowd.people[0].refused(kind, roomId=crowd.room_id, **fields) == "bad-message"


@pytest.mark.parametrize(("kind", "fields"), REQUESTS[:5])
def test_what_comes_too_late_changes_nothing(kind: str, fields: Frame) -> None:
    crowd = Crowd(2)
    crowd.quiet()
    assert crowd.say(crowd.people[0], kind, **fields)["type"] == "ok"
    expected = ["mode-changed"] if kind == "report-sfu" else []
    assert [frame["type"] for frame in crowd.people[1].take()] == expected
