"""What is counted when something happens, seen through the wire."""

import pytest

from signaling.exchange import SwitchboardConfig
from signaling.limits import Limits
from signaling.messages.wire import ErrorCode
from signaling.mode_policy import ModeReason
from signaling.tally import GAP_BOUNDS, Course, Tally
from tests.support.fake_worker import FakeWorker
from tests.support.stage import Client, Stage

GROWN: Course = ("sfu", ModeReason.GROWN)


class Crowd:
    """A room of so many on a stage with a worker; its host is the first."""

    def __init__(self, size: int, config: SwitchboardConfig | None = None) -> None:
        self.worker = FakeWorker()
        self.stage = Stage(config, workers=[self.worker])
        self.people = [self.stage.connect()]
        self.room_id = self.people[0].create(instance="0")["id"]
        for _ in range(size - 1):
            self.join()

    @property
    def tally(self) -> Tally:
        return self.stage.switchboard.tally

    def join(self, **fields: object) -> Client:
        person = self.stage.connect()
        person.join(self.room_id, **{"instance": f"{len(self.people)}", **fields})
        self.people.append(person)
        return person

    def say(self, person: Client, kind: str, **fields: object) -> None:
        assert person.ask(kind, roomId=self.room_id, **fields)["type"] == "ok"

    def answer(self, kind: str = "hand-over-ready", generation: int = 2) -> None:
        for person in self.people:
            self.say(person, kind, generation=generation)

    def gaps(self) -> dict[tuple[str, str], tuple[int, float]]:
        found = self.tally.gaps.items()
        return {course: (sum(spread.counts), spread.total) for course, spread in found}


def crossed(size: int = 7) -> Crowd:
    crowd = Crowd(size)
    crowd.answer()
    return crowd


# ---- hand-overs --------------------------------------------------------------------------


def test_hand_over_that_was_committed_and_how_long_it_took() -> None:
    crowd = Crowd(7)
    crowd.stage.advance(0.4)
    crowd.answer()
    assert crowd.tally.hand_overs == {(GROWN, "committed"): 1}
    assert crowd.tally.preparation["sfu"].total == pytest.approx(0.4)


def test_hand_over_that_was_aborted() -> None:
    crowd = Crowd(7)
    crowd.say(crowd.people[3], "hand-over-failed", generation=2)
    assert crowd.tally.hand_overs == {(GROWN, "aborted"): 1}
    assert crowd.tally.preparation == {}


def test_lost_sfu_forces_a_room_back() -> None:
    crowd = crossed()
    crowd.stage.lose_worker(crowd.worker)
    lost = (("mesh", ModeReason.SFU_LOST), "forced")
    assert crowd.tally.hand_overs == {(GROWN, "committed"): 1, lost: 1}
    assert crowd.tally.workers_lost == 1


def test_nobody_alone_hands_over() -> None:
    crowd = Crowd(1)
    crowd.say(crowd.people[0], "pin-mode", mode="sfu")
    assert crowd.people[0].take("mode-changed")[-1]["mode"] == "sfu"
    assert crowd.tally.hand_overs == {}


# ---- gaps --------------------------------------------------------------------------------


def test_every_page_says_once_how_its_pictures_fared() -> None:
    crowd = crossed()
    for person in crowd.people:
        crowd.say(person, "report-gap", generation=2, milliseconds=40)
        crowd.say(person, "report-gap", generation=2, milliseconds=60_000)
    ((course, (count, total)),) = crowd.gaps().items()
    assert (course, count) == (GROWN, 7)
    assert total == pytest.approx(0.28)
    assert crowd.tally.gaps[GROWN].counts[GAP_BOUNDS.index(0.04)] == 7


@pytest.mark.parametrize("generation", [1, 3, 2**53 - 1])
def test_gap_of_no_hand_over_that_was(generation: int) -> None:
    crowd = crossed()
    crowd.say(crowd.people[0], "report-gap", generation=generation, milliseconds=40)
    assert crowd.gaps() == {}


def test_no_gap_before_a_hand_over_is_over_nor_after_an_aborted_one() -> None:
    crowd = Crowd(7)
    crowd.say(crowd.people[0], "report-gap", generation=2, milliseconds=40)
    crowd.say(crowd.people[3], "hand-over-failed", generation=2)
    for generation in (2, 3):
        crowd.say(crowd.people[0], "report-gap", generation=generation, milliseconds=40)
    assert crowd.gaps() == {}


def test_newcomer_has_seen_no_gap() -> None:
    crowd = crossed()
    newcomer = crowd.join()
    crowd.say(newcomer, "report-gap", generation=2, milliseconds=40)
    assert crowd.gaps() == {}


def test_gap_is_counted_for_the_reason_of_its_hand_over() -> None:
    crowd = crossed()
    crowd.say(crowd.people[0], "pin-mode", mode="sfu")
    crowd.say(crowd.people[1], "report-gap", generation=2, milliseconds=0)
    assert crowd.gaps() == {GROWN: (1, 0.0)}


# ---- people ------------------------------------------------------------------------------


def test_who_comes_and_goes_is_counted_by_how() -> None:
    crowd = Crowd(4)
    crowd.people[3].say("leave-room", payload={"roomId": crowd.room_id})
    crowd.people[2].drop()
    crowd.stage.advance(60.0)
    crowd.stage.switchboard.close_room(crowd.room_id, crowd.stage.now)
    tally = crowd.tally
    assert tally.joined == 4
    assert tally.left == {"left": 1, "timed-out": 1, "room-closed": 2}


def test_who_enters_again_has_not_joined_again() -> None:
    crowd = Crowd(2)
    crowd.people[1].join(crowd.room_id, instance="reloaded")
    assert crowd.tally.joined == 2


def test_joins_that_were_refused_are_counted_by_code() -> None:
    crowd = Crowd(1)
    guest = crowd.stage.connect()
    code = guest.refused("join-room", payload={"roomId": "nowhere", "instance": "g"})
    assert code == ErrorCode.ROOM_NOT_FOUND
    guest.refused("join-room", payload={"instance": "g"})
    guest.refused("create-room", payload={"name": " "})
    guest.refused("chat-history", roomId="nowhere")
    assert crowd.tally.not_joined == {"room-not-found": 1, "bad-message": 1, "name-invalid": 1}
    assert crowd.tally.refused == {"room-not-found": 2, "bad-message": 1, "name-invalid": 1}


def test_what_the_sfu_refuses_is_counted_too() -> None:
    crowd = crossed()
    assert crowd.people[0].ask("enter-sfu", roomId=crowd.room_id)["type"] == "sfu-entered"
    wrong = {"transportId": "none", "dtlsParameters": {}}
    crowd.people[0].refused("connect-transport", roomId=crowd.room_id, **wrong)
    assert crowd.tally.refused == {"transport-not-found": 1}


def test_resumed_sessions_and_replaced_connections() -> None:
    stage = Stage()
    older, newer = stage.connect(), stage.connect()
    newer.resume(older)
    assert stage.switchboard.tally.resumed == 1
    assert stage.switchboard.tally.closed == {"replaced": 1}


# ---- messages ----------------------------------------------------------------------------


def test_messages_are_counted_by_types_that_the_code_knows() -> None:
    stage = Stage()
    client = stage.connect()
    client.ask("ping")
    client.ask("list-rooms")
    for number in range(5):
        client.refused(f"made up {number}")
    tally = stage.switchboard.tally
    assert tally.received == {"ping": 1, "list-rooms": 1, "other": 5}
    assert tally.connections == 1


def test_flood_is_counted_and_so_is_its_end() -> None:
    limits = Limits(messages_per_second=1, message_burst=2, flood_strikes=5)
    stage = Stage(SwitchboardConfig(limits=limits))
    client = stage.connect()
    for _ in range(10):
        client.say("ping")
    tally = stage.switchboard.tally
    assert tally.over_rate == {"messages": 5}
    assert tally.received == {"ping": 2}
    assert tally.closed == {"flood": 1}
