"""How a room gets from the mode it is in to the one it ought to be in, and what is told of it."""

import pytest
from hypothesis import given, strategies

from signaling.chat_log import ChatLog
from signaling.deadlines import Deadlines
from signaling.events import Event, HandOverBegan, ModeChanged
from signaling.media_plane import SfuState
from signaling.messages.records import Mode
from signaling.mode_keeper import GATHERING, SAME_SPEECH, SILENCE, ModeKeeper
from signaling.mode_policy import ModePolicy
from signaling.room import Member, Remembered, Room, RoomSpec
from signaling.room_index import RoomIndex
from tests.support.planes import SwitchedPlane

NOW = 1000.0
CLOCKS = [NOW, 1_700_000_000.1, 1_763_698_463.433715]
READY, STARTING, LOST, NONE = SfuState.READY, SfuState.STARTING, SfuState.LOST, SfuState.NONE


class Kept:
    """One room and its keeper; ``events`` are those of what was done last."""

    def __init__(
        self,
        size: int = 0,
        *,
        state: SfuState = READY,
        now: float = NOW,
        reopened: Remembered | None = None,
        policy: ModePolicy | None = None,
    ) -> None:
        self.now = now
        self.plane = SwitchedPlane()
        self.plane.state = state
        self.index = RoomIndex()
        self.deadlines: Deadlines[tuple[str, str]] = Deadlines()
        self.keeper = ModeKeeper(self.index, policy or ModePolicy(), self.plane, self.deadlines)
        spec, chat = RoomSpec(id="r", name="Room"), ChatLog()
        self.room = Room(spec=spec, created_at=now, chat=chat)
        if reopened is not None:
            self.room = Room.reopen(spec, reopened, chat, now)
        self.index.add(self.room)
        self.events: list[Event] = []
        for number in range(size):
            self.enter(f"m{number}")

    @property
    def word(self) -> tuple[Mode, int, str]:
        """What is in force."""
        it = self.room.decision
        return it.mode, it.generation, it.reason

    @property
    def generation(self) -> int:
        """Of the hand-over under way."""
        assert self.room.hand_over is not None
        return self.room.hand_over.generation

    def enter(self, member_id: str, remembered: Remembered | None = None) -> None:
        self.index.enter(self.room, Member(member_id, None, self.now, instance="page 1"))
        self.room.host = self.room.host or member_id
        self.events = self.keeper.entered(self.room, remembered, self.now)

    def leave(self, *member_ids: str) -> None:
        for member_id in member_ids:
            self.index.exit(self.room, member_id)
            self.events = self.keeper.left(self.room, member_id, self.now)

    def answer(self, *member_ids: str, ready: bool = True) -> None:
        generation = self.generation
        for member_id in member_ids or list(self.room.members):
            self.events = self.keeper.answer(self.room, member_id, generation, ready, self.now)

    def becomes(self, state: SfuState) -> None:
        self.plane.state = state
        self.events = self.keeper.reconsider(self.room, self.now)

    def wait(self, seconds: float) -> list[float]:
        """Lets time pass; when something was due, in seconds from now."""
        began, end, woken = self.now, self.now + seconds, list[float]()
        while (at := self.deadlines.next()) is not None and at <= end:
            assert at > self.now, "the clock would run hot"
            self.now = at
            woken.append(at - began)
            for _ in self.deadlines.due(at):
                self.events = self.keeper.reconsider(self.room, at)
        self.now = end
        return woken


def on_sfu(size: int = 7, **wishes: object) -> Kept:
    kept = Kept(size, **wishes)  # type: ignore[arg-type]
    kept.answer()
    assert kept.word == ("sfu", 2, "outgrew-mesh")
    return kept


def kinds(kept: Kept) -> list[str]:
    return [type(event).__name__ for event in kept.events]


# ---- there and back ----------------------------------------------------------------------


def test_large_room_crosses_over_and_comes_back() -> None:
    kept = Kept(6)
    assert (kept.word, kept.room.hand_over) == (("mesh", 1, "small-room"), None)
    kept.enter("m6")
    assert kept.room.hand_over is not None
    assert kept.events == [HandOverBegan(kept.room, kept.room.hand_over)]
    assert kept.word == ("mesh", 1, "small-room"), "until everybody is ready"
    kept.answer()
    assert kept.word == ("sfu", 2, "outgrew-mesh")
    assert kept.events == [ModeChanged(kept.room)]
    assert kept.deadlines.next() is None
    kept.leave("m6")
    assert kept.deadlines.next() is None, "six is between the thresholds"
    kept.leave("m5")
    assert kept.wait(19.9) == []
    assert kept.wait(0.1) == pytest.approx([0.1])
    assert kinds(kept) == ["HandOverBegan"]
    kept.answer()
    assert kept.word == ("mesh", 3, "shrunk")
    assert kept.deadlines.next() is None


def test_news_that_joining_brings_is_told_once() -> None:
    kept = Kept(4)
    assert kept.events == []
    kept.enter("m4")
    assert kept.events == [ModeChanged(kept.room)], "strained, and prewarmed"
    kept.enter("m5")
    assert kept.events == []


@pytest.mark.parametrize("why", ["limited", "pinned"])
def test_room_that_stays_on_the_sfu_does_not_keep_the_clock_busy(why: str) -> None:
    kept = Kept(2)
    kept.room.limited, kept.room.pin = why == "limited", "sfu" if why == "pinned" else None
    kept.enter("m2")
    kept.answer()
    assert kept.word[0] == "sfu"
    assert kept.wait(1000) == []
    kept.enter("m3")
    assert kept.word[0] == "sfu"


def test_without_an_sfu_a_room_is_told_why_it_stays() -> None:
    kept = Kept(8, state=NONE)
    assert kept.word == ("mesh", 1, "no-sfu")
    assert kept.room.decision.strained
    assert kept.deadlines.next() is None


def test_somebody_alone_is_asked_nothing() -> None:
    kept = Kept(1)
    assert kept.keeper.pin(kept.room, "m0", "sfu", NOW) == [ModeChanged(kept.room)]
    assert (kept.word, kept.room.hand_over) == (("sfu", 2, "pinned"), None)
    assert kept.keeper.pin(kept.room, "m0", None, NOW) == [ModeChanged(kept.room)]
    assert kept.wait(20) == [20.0]
    assert kept.word == ("mesh", 3, "shrunk")


def test_hand_over_with_nobody_to_wait_for_takes_no_time() -> None:
    kept = Kept(6)
    for member in kept.room.members.values():
        member.presence = "reconnecting"
    assert kept.keeper.pin(kept.room, "m0", "sfu", NOW) == [ModeChanged(kept.room)]
    assert kept.word == ("sfu", 2, "pinned")


def test_deadline_goes_with_its_room() -> None:
    kept = on_sfu()
    kept.leave(*[f"m{number}" for number in range(6)])
    assert kept.deadlines.next() == NOW + 20
    kept.leave("m6")
    assert kept.deadlines.next() is None
    kept = Kept(7)
    assert kept.deadlines.next() == NOW + 5
    kept.keeper.forget(kept.room)
    assert kept.deadlines.next() is None


def test_last_one_out_leaves_nothing_of_the_course_behind() -> None:
    kept = Kept(2)
    kept.keeper.pin(kept.room, "m0", "sfu", NOW)
    kept.keeper.report_speaking(kept.room, "m1", NOW)
    kept.keeper.report_sfu(kept.room, "m1", False, NOW)
    kept.leave("m0", "m1")
    room = kept.room
    assert (room.hand_over, room.core, room.spoke, room.unreachable) == (None, None, {}, {})
    assert room.decision.generation > 1, "who entered meanwhile knew another word"


# ---- time --------------------------------------------------------------------------------


@pytest.mark.parametrize("now", CLOCKS)
def test_return_happens_at_its_deadline_whatever_the_clock_rounds_to(now: float) -> None:
    kept = on_sfu(now=now)
    kept.leave("m6", "m5")
    assert len(kept.wait(20.001)) == 1
    assert kinds(kept) == ["HandOverBegan"]


@pytest.mark.parametrize("now", CLOCKS)
def test_hand_over_ends_at_its_deadline_whatever_the_clock_rounds_to(now: float) -> None:
    kept = Kept(7, now=now)
    kept.answer("m0", "m1")
    assert len(kept.wait(5.001)) == 1
    assert kept.word == ("mesh", 3, "member-unreachable")


@given(
    strategies.floats(0, 2e9, allow_nan=False),
    strategies.floats(0, 60, allow_nan=False),
    strategies.integers(0, 7),
    strategies.sampled_from([2, 7, 9]),
)
def test_clock_never_runs_hot(now: float, seconds: float, answers: int, size: int) -> None:
    """Whatever times are set: everything happens at its deadline, and nothing twice."""
    policy = ModePolicy(hand_over_seconds=seconds, return_after=seconds, mesh_limit=1)
    kept = Kept(size, now=now, policy=policy)
    if kept.room.hand_over is not None and answers:
        kept.answer(*list(kept.room.members)[:answers])
    kept.leave(*list(kept.room.members)[2:])
    assert len(kept.wait(1000)) < 100
    deadline = kept.deadlines.next()
    assert deadline is None or deadline > kept.now


# ---- attempts that fail ------------------------------------------------------------------


def test_each_attempt_waits_longer_than_the_one_before() -> None:
    kept = on_sfu()
    kept.leave("m6", "m5")
    kept.wait(20)
    pauses = []
    for _ in range(6):
        kept.answer("m0", ready=False)
        assert kept.room.hand_over is None
        deadline = kept.deadlines.next()
        assert deadline is not None
        pauses.append(deadline - kept.now)
        kept.wait(pauses[-1])
    assert pauses == [10, 20, 40, 80, 120, 120]
    kept.answer()
    assert kept.room.setback is None, "the next one that fails is the first again"


@pytest.mark.parametrize("how", ["leaves", "is reloaded", "pins", "can now"])
def test_what_failed_is_tried_at_once_when_its_cause_is_gone(how: str) -> None:
    kept = Kept(8)
    kept.answer("m0", ready=False)
    assert kept.word == ("mesh", 3, "member-unreachable")
    assert kept.room.decision.prewarm
    assert kept.wait(300) == [10.0], "the pause is over, and nothing else has changed"
    match how:
        case "leaves":
            kept.leave("m0")
        case "is reloaded":
            kept.keeper.began_anew(kept.room, "m0", True, kept.now)
        case "can now":
            kept.keeper.report_sfu(kept.room, "m0", True, kept.now)
        case _:
            kept.keeper.pin(kept.room, "m0", "sfu", kept.now)
            assert kept.room.hand_over is None, "a pin does not carry anybody there"
            kept.keeper.report_sfu(kept.room, "m0", True, kept.now)
    assert kept.generation == 4


def test_new_reason_does_not_wait_for_the_old_one() -> None:
    kept = on_sfu()
    kept.leave("m6", "m5")
    kept.wait(20)
    kept.answer("m1", ready=False)
    assert kept.room.hand_over is None
    kept.keeper.pin(kept.room, "m0", "mesh", kept.now)
    assert kept.generation == 5


def test_who_was_silent_is_asked_again_and_who_has_failed_is_not() -> None:
    kept = Kept(7)
    kept.answer("m0", ready=False)
    assert kept.wait(500) == [10.0]
    kept = Kept(7)
    kept.answer(*[f"m{number}" for number in range(6)])
    kept.wait(5)
    assert list(kept.room.unreachable) == ["m6"]
    assert kept.wait(SILENCE) == [10.0, SILENCE]
    assert (kept.generation, kept.room.unreachable) == (4, {})


def test_late_word_about_a_hand_over_that_is_past() -> None:
    kept = Kept(7)
    kept.answer(*[f"m{number}" for number in range(5)])
    kept.wait(5)
    assert list(kept.room.unreachable) == ["m5", "m6"]
    say = kept.keeper.answer
    assert say(kept.room, "m5", 1, True, kept.now) == []
    assert say(kept.room, "m0", 2, False, kept.now) == [], "it is not m0 who did not answer"
    assert say(kept.room, "m5", 2, False, kept.now) == []
    assert say(kept.room, "m6", 2, True, kept.now) == [ModeChanged(kept.room)]
    assert list(kept.room.unreachable) == ["m5"]
    assert kept.wait(500) == [], "m5 has said so itself"


def test_room_of_two_learns_that_the_sfu_can_be_reached_again() -> None:
    """It is too small to be prewarmed for its size."""
    kept = Kept(2)
    kept.keeper.pin(kept.room, "m0", "sfu", NOW)
    kept.answer("m1", ready=False)
    assert kept.word == ("mesh", 3, "member-unreachable")
    assert kept.room.decision.prewarm
    kept.keeper.report_sfu(kept.room, "m1", True, NOW)
    kept.answer()
    assert kept.word == ("sfu", 4, "pinned")


def test_report_that_the_sfu_is_out_of_reach_ends_a_hand_over_to_it() -> None:
    kept = Kept(7)
    kept.events = kept.keeper.report_sfu(kept.room, "m2", False, NOW)
    assert kept.word == ("mesh", 3, "member-unreachable")
    assert kinds(kept) == ["ModeChanged"]


# ---- the SFU comes and goes --------------------------------------------------------------


def test_room_that_fits_into_a_mesh_returns_at_once_whatever_is_pinned() -> None:
    kept = on_sfu()
    kept.keeper.pin(kept.room, "m0", "sfu", NOW)
    kept.becomes(LOST)
    assert kept.events == [ModeChanged(kept.room)]
    assert (kept.word, kept.room.core) == (("mesh", 3, "sfu-lost"), None)
    kept.becomes(NONE)
    assert kept.events == []
    kept.becomes(READY)
    assert kinds(kept) == ["ModeChanged", "HandOverBegan"], "it is prewarmed meanwhile"


@pytest.mark.parametrize("towards", ["mesh", "sfu"])
def test_loss_ends_a_hand_over(towards: Mode) -> None:
    kept = Kept(7) if towards == "sfu" else on_sfu()
    if towards == "mesh":
        kept.keeper.pin(kept.room, "m0", "mesh", NOW)
    told = kept.generation
    kept.becomes(LOST)
    assert kept.room.hand_over is None
    assert kept.word[0] == "mesh"
    assert kept.word[1] == (told if towards == "mesh" else told + 1), "as newcomers were told"
    assert kept.wait(1000) == []


def test_large_room_waits_and_goes_on_with_a_core() -> None:
    kept = on_sfu(12)
    for number, speaker in enumerate(["m10", "m3", "m11"]):
        kept.keeper.report_speaking(kept.room, speaker, NOW + number)
    kept.becomes(LOST)
    assert (kept.word, kept.room.core) == (("sfu", 2, "sfu-lost"), None)
    kept.becomes(NONE)
    assert kept.word == ("mesh", 3, "sfu-lost"), "mode and core change under one number"
    assert kept.room.core == ("m11", "m3", "m10", "m0", "m1", "m2", "m4", "m5")
    kept.keeper.report_speaking(kept.room, "m9", NOW + 10)
    kept.leave("m7")
    assert (kept.word[1], kept.events) == (3, []), "who is connected stays so"
    kept.leave("m3")
    assert kept.room.core == ("m11", "m10", "m0", "m1", "m2", "m4", "m5", "m9")
    assert (kept.word[1], kinds(kept)) == (4, ["ModeChanged"])
    kept.becomes(READY)
    assert kinds(kept) == ["ModeChanged", "HandOverBegan"], "it is prewarmed meanwhile"
    kept.enter("new")
    assert kept.room.core is not None
    assert "new" not in kept.room.core
    kept.answer()
    assert kept.word == ("sfu", 5, "outgrew-mesh")
    assert not kept.room.core


def test_core_ends_when_everybody_fits_into_the_mesh_again() -> None:
    kept = on_sfu(9)
    kept.becomes(NONE)
    assert kept.room.core is not None
    kept.leave("m8")
    assert kept.word == ("mesh", 4, "sfu-lost")
    assert not kept.room.core


def test_who_goes_on_speaking_has_begun_once() -> None:
    kept = Kept(3)
    for speaker, at in (("m0", 0.0), ("m1", 0.5), ("m0", SAME_SPEECH - 0.1)):
        kept.keeper.report_speaking(kept.room, speaker, NOW + at)
    assert list(kept.room.spoke) == ["m0", "m1"]
    kept.keeper.report_speaking(kept.room, "m0", NOW + SAME_SPEECH)
    assert list(kept.room.spoke) == ["m1", "m0"]


# ---- a service that was restarted --------------------------------------------------------


def remembered(mode: Mode, generation: int, limited: bool = False) -> Remembered:
    return Remembered(created_at=NOW - 500, mode=mode, generation=generation, limited=limited)


def test_reopened_room_stays_on_the_sfu_while_its_workers_are_looked_for() -> None:
    kept = Kept(3, state=STARTING, reopened=remembered("sfu", 4))
    assert kept.word == ("sfu", 5, "outgrew-mesh")
    kept.becomes(READY)
    assert (kept.word[:2], kept.events) == (("sfu", 5), [])
    kept = Kept(3, state=STARTING, reopened=remembered("sfu", 4))
    kept.becomes(NONE)
    assert kept.word == ("mesh", 6, "sfu-lost")


def test_mesh_goes_to_an_sfu_that_is_there_and_to_no_other() -> None:
    kept = Kept(7, state=STARTING)
    assert (kept.word, kept.room.hand_over) == (("mesh", 1, "no-sfu"), None)
    kept.becomes(READY)
    assert kinds(kept) == ["ModeChanged", "HandOverBegan"]


WORDS = [
    # who reopens knows, the next one knows → in force afterwards
    (("mesh", 4), ("mesh", 3), ("mesh", 5)),
    (("mesh", 4), ("sfu", 4), ("mesh", 5)),
    (("mesh", 4), ("mesh", 5), ("mesh", 5)),
    (("mesh", 4), ("sfu", 5), ("sfu", 6)),
    (("mesh", 4), ("sfu", 8), ("sfu", 9)),
    (("sfu", 4), ("mesh", 8), ("mesh", 9)),
    (("sfu", 4), ("sfu", 8), ("sfu", 9)),
]


@pytest.mark.parametrize(("first", "next_one", "after"), WORDS)
def test_latest_word_before_the_restart_is_outdone_and_followed(
    first: tuple[Mode, int], next_one: tuple[Mode, int], after: tuple[Mode, int]
) -> None:
    kept = Kept(state=STARTING, reopened=remembered(*first))
    kept.enter("m0", remembered(*first))
    kept.enter("m1", remembered(*next_one))
    assert kept.word[:2] == after
    assert kinds(kept) == (["ModeChanged"] if after[1] > first[1] + 1 else [])


def test_who_comes_back_late_moves_nobody_but_is_told_a_new_number() -> None:
    kept = Kept(2, state=STARTING, reopened=remembered("mesh", 4))
    kept.wait(GATHERING)
    kept.enter("late", remembered("sfu", 8))
    assert kept.word[:2] == ("mesh", 9)


def test_later_word_ends_a_hand_over_under_an_older_one() -> None:
    kept = Kept(7, reopened=remembered("mesh", 4))
    assert kept.generation == 6
    kept.enter("back", remembered("sfu", 6))
    assert kept.generation == 6, "it is told the same as everybody else"
    kept.enter("other", remembered("mesh", 7))
    assert kept.word[:2] == ("mesh", 8)
    assert (kept.generation, kinds(kept)) == (9, ["ModeChanged", "HandOverBegan"])
    kept.answer(ready=True)
    assert kept.word[:2] == ("sfu", 9)


def test_limit_is_remembered() -> None:
    kept = Kept(1, reopened=remembered("mesh", 4))
    kept.enter("m1", remembered("mesh", 9, limited=True))
    assert kept.room.limited
    assert kept.room.hand_over is not None
