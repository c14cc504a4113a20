"""How rooms travel: facts in, decisions, hand-overs and what members are told of them out.

Pure, as the registry is, of which it is a part: it asks the policy what is wanted, leads the room
there, and keeps the deadlines of both.
"""

import math
from dataclasses import replace

from signaling.deadlines import Deadlines
from signaling.events import Event, HandOverBegan, ModeChanged
from signaling.hand_over import HandOver, Verdict, set_back
from signaling.media_plane import MediaPlane, SfuState
from signaling.messages.records import Mode
from signaling.messages.wire import ErrorCode, Refused
from signaling.mode_policy import (
    ModeDecision,
    ModeFacts,
    ModePolicy,
    ModeReason,
    capacity,
    decide,
    next_deadline,
    stay,
)
from signaling.room import Crossed, Member, Remembered, Room, Unreachable
from signaling.room_index import RoomIndex
from signaling.tally import Outcome, Tally

SILENCE = 30.0
"""Seconds for which a member who did not answer counts as one who cannot reach the SFU."""

SAME_SPEECH = 1.0
"""Seconds within which beginning to speak again is nothing new."""

GATHERING = 30.0
"""Seconds after a restart within which what members were told before decides the mode."""


class ModeKeeper:
    """Keeps every room's mode, and moves it when its facts have changed.

    Args:
        index: Where rooms are found; its version grows with a mode.
        policy: When a room changes its mode.
        media_plane: The SFU, or ``MeshOnly``.
        deadlines: The registry's; ``("mode", room id)`` are its own.
        tally: Told how hand-overs end.
    """

    def __init__(
        self,
        index: RoomIndex,
        policy: ModePolicy,
        media_plane: MediaPlane,
        deadlines: Deadlines[tuple[str, str]],
        tally: Tally | None = None,
    ) -> None:
        self.policy = policy
        self._index = index
        self._media_plane = media_plane
        self._deadlines = deadlines
        self._tally = tally or Tally()

    @property
    def sfu_alive(self) -> bool:
        """Whether there is an SFU, or is hope for one."""
        return self._media_plane.state is not SfuState.NONE

    def capacity_of(self, room: Room) -> int:
        """Members the room could hold now, as far as its media goes."""
        held = self._media_plane.capacity()
        return capacity(room.course.mode, self.facts(room), self.policy, held)

    # ---- what members say ----------------------------------------------------------------

    def answer(
        self, room: Room, member_id: str, generation: int, ready: bool, now: float
    ) -> list[Event]:
        """A member is ready for a hand-over, or has failed; what comes too late still tells."""
        hand_over = room.hand_over
        if not _counts(room, member_id):
            return self.report_sfu(room, member_id, ready, now)
        if hand_over is not None and generation == hand_over.generation:
            room.hand_over = hand_over.answered(member_id, ready)
            if ready and hand_over.aim.mode == "sfu":
                room.forgive(member_id, now)
        elif room.did_not_answer(member_id, generation):
            return self.report_sfu(room, member_id, ready, now)
        return self.reconsider(room, now)

    def report_sfu(self, room: Room, member_id: str, reachable: bool, now: float) -> list[Event]:
        """A member says whether it reaches the SFU, which it can only tell while there is one."""
        if reachable:
            room.forgive(member_id, now)
        elif self._media_plane.state in {SfuState.READY, SfuState.FULL, SfuState.DRAINING}:
            room.unreachable[member_id] = Unreachable()
        return self.reconsider(room, now)

    def report_limited(self, room: Room, now: float) -> list[Event]:
        """A member cannot carry the mesh, if it is one, and one large enough to be believed."""
        enough = 0 < self.policy.limited_from <= len(room.members)
        if room.decision.mode == "mesh" and enough:
            room.limited = True
        return self.reconsider(room, now)

    def report_speaking(self, room: Room, member_id: str, now: float) -> None:
        """A member has begun to speak."""
        if now - room.spoke.get(member_id, -math.inf) >= SAME_SPEECH:
            room.spoke.pop(member_id, None)
            room.spoke[member_id] = now

    def pin(self, room: Room, member_id: str, mode: Mode | None, now: float) -> list[Event]:
        """The host decides how the room's media travels, or leaves it to the server.

        Raises:
            Refused: not-allowed, sfu-unavailable, room-full.
        """
        if member_id != room.host and not room.members[member_id].admission.moderates:
            raise Refused(ErrorCode.NOT_ALLOWED, "Only the host decides how the media travels.")
        if mode == "sfu" and self._media_plane.state is not SfuState.READY:
            raise Refused(
                ErrorCode.SFU_UNAVAILABLE, "There is no SFU now that could take the room."
            )
        most = self.policy.mesh_cap
        if mode == "mesh" and len(room.members) > most:
            message = f"There are too many people here to connect directly: {most} can."
            raise Refused(ErrorCode.ROOM_FULL, message)
        if mode != room.pin:
            room.pin = mode
            room.try_again(now)
        return self.reconsider(room, now)

    # ---- what happens to members ---------------------------------------------------------

    def entered(self, room: Room, remembered: Remembered | None, now: float) -> list[Event]:
        """A member is in the room now.

        ``remembered`` is what it was told before a restart, if it was here then.
        """
        if remembered is not None:
            self._outdo(room, remembered, now)
        return self.reconsider(room, now)

    def presence_changed(self, room: Room, member: Member, now: float) -> list[Event]:
        """A member's connection is gone, and with it what it might have answered; or is back."""
        if member.presence == "reconnecting":
            room.excuse(member.id)
        return self.reconsider(room, now)

    def began_anew(self, room: Room, member_id: str, reloaded: bool, now: float) -> list[Event]:
        """A member has joined again, and been told where the room is, or is going."""
        room.excuse(member_id)
        if reloaded:
            room.forgive(member_id, now)
        return self.reconsider(room, now)

    def left(self, room: Room, member_id: str, now: float) -> list[Event]:
        """A member is out of the room; if it was the last one, nothing of its course is left."""
        room.excuse(member_id)
        room.forgive(member_id, now)
        room.spoke.pop(member_id, None)
        if room.members:
            return self.reconsider(room, now)
        if room.hand_over is not None:
            self._abort(room, room.hand_over)
        room.core = None
        self.forget(room)
        return []

    def forget(self, room: Room) -> None:
        """The room is gone, or empty: nothing will happen to it by itself."""
        self._deadlines.cancel(("mode", room.id))

    # ---- decisions -----------------------------------------------------------------------

    def reconsider(self, room: Room, now: float) -> list[Event]:
        """Decides again, and takes the next step of a hand-over; what members see of it."""
        before, generation = room.hand_over, room.decision.generation
        self._forget_old(room, now)
        self._step(room, now)
        if self._choose_core(room) and room.decision.generation == generation:
            room.decision = replace(room.decision, generation=generation + 1)
        self._wake(room, now)
        events: list[Event] = []
        seen, room.shown = room.shown, _visible(room)
        if seen is not None and seen != room.shown:  # its first member is told with the answer
            events.append(ModeChanged(room))
        after = room.hand_over
        if after is not None and (before is None or before.generation != after.generation):
            events.append(HandOverBegan(room, after))
        return events

    def _step(self, room: Room, now: float) -> None:
        facts, hand_over = self.facts(room), room.hand_over
        wanted = decide(room.decision, facts, self.policy, now)
        if wanted.mode == room.decision.mode:
            if hand_over is not None:
                self._abort(room, hand_over)
            room.decision = replace(wanted, generation=room.decision.generation)
        elif len(room.members) <= 1 or wanted.reason is ModeReason.SFU_LOST:
            self._commit(room, wanted)
        elif hand_over is None:
            self._begin(room, wanted, now)
        else:
            aim = replace(wanted, generation=hand_over.generation)
            room.hand_over = replace(hand_over, aim=aim)
            room.decision = stay(room.decision, wanted, facts, self.policy)
            self._go_on(room, room.hand_over, now)

    def _begin(self, room: Room, wanted: ModeDecision, now: float) -> None:
        answering = frozenset(
            member.id
            for member in room.members.values()
            if not member.is_plain and member.presence == "online" and _counts(room, member.id)
        )
        room.decision = stay(room.decision, wanted, self.facts(room), self.policy)
        room.hand_over = HandOver(wanted, now + self.policy.hand_over_seconds, answering)
        self._go_on(room, room.hand_over, now)

    def _go_on(self, room: Room, hand_over: HandOver, now: float) -> None:
        fits = len(room.members) <= self.policy.mesh_cap
        match hand_over.verdict(fits, now):
            case Verdict.COMMIT:
                self._blame(room, hand_over, now)
                begun = hand_over.deadline - self.policy.hand_over_seconds
                self._commit(room, hand_over.aim, took=now - begun)
            case Verdict.ABORT:
                self._blame(room, hand_over, now)
                room.setback = set_back(room.setback, hand_over, now)
                self._abort(room, hand_over)
                self._step(room, now)
            case Verdict.WAIT:
                pass

    def _commit(self, room: Room, wanted: ModeDecision, took: float | None = None) -> None:
        """The wanted mode is in force; ``took``: seconds, where it was prepared."""
        generation = wanted.generation if room.hand_over is None else room.course.generation
        if len(room.members) > 1:
            outcome: Outcome = "forced" if took is None else "committed"
            self._tally.handed_over((wanted.mode, wanted.reason), outcome, took)
            pages = {member.id for member in room.members.values() if not member.is_plain}
            room.crossed = Crossed(generation, wanted.mode, wanted.reason, pages)
        room.decision = replace(wanted, generation=generation)
        room.hand_over = room.setback = None
        if wanted.mode == "sfu":
            room.links.clear()
        self._index.version += 1

    def _outdo(self, room: Room, word: Remembered, now: float) -> None:
        """Before a restart a member was told a later word than who has reopened the room.

        It is outdone, so that nobody takes an older word for a newer one, and followed, as long as
        those who come back have not settled.
        """
        course = room.course
        known = word.generation == course.generation and word.mode == course.mode
        if word.generation < course.generation or known:
            return
        gathering = room.reopened_at is not None and now < room.reopened_at + GATHERING
        before = room.decision if not gathering else ModeDecision.told(word.mode)
        room.hand_over = None
        room.limited |= word.limited
        room.decision = replace(before, generation=word.generation + 1)
        self._index.version += 1

    def _abort(self, room: Room, hand_over: HandOver) -> None:
        """The mode in force stays, under a new number: newcomers were told the other one."""
        room.hand_over = None
        self._tally.handed_over((hand_over.aim.mode, hand_over.aim.reason), "aborted")
        room.decision = replace(room.decision, generation=hand_over.generation + 1)

    # ---- who cannot ----------------------------------------------------------------------

    def _blame(self, room: Room, hand_over: HandOver, now: float) -> None:
        """Notes who has not got to the SFU, and from whom nothing was heard."""
        if hand_over.aim.mode != "sfu":
            return
        for member_id in sorted(hand_over.failed):
            room.unreachable[member_id] = Unreachable()
        for member_id in sorted(hand_over.at_fault(now) - hand_over.failed):
            silent = Unreachable(now + SILENCE, hand_over.generation)
            room.unreachable.setdefault(member_id, silent)

    def _forget_old(self, room: Room, now: float) -> None:
        """Notes that have had their time, and all that are about an SFU that is gone."""
        if self._media_plane.state in {SfuState.NONE, SfuState.LOST}:
            room.unreachable.clear()
            room.try_again(now)
        for member_id, note in list(room.unreachable.items()):
            if note.until <= now:
                del room.unreachable[member_id]

    # ---- inside --------------------------------------------------------------------------

    def facts(self, room: Room) -> ModeFacts:
        """What the decision about a room rests on."""
        members = room.members.values()
        return ModeFacts(
            members=len(members),
            sfu=self._media_plane.state_for(room.id),
            pin=room.strongest_pin,
            limited=room.limited,
            unreachable=any(_counts(room, one) for one in room.unreachable),
            away=room.hand_over is None
            and any(member.presence == "reconnecting" for member in members),
            hold=room.setback,
        )

    def _choose_core(self, room: Room) -> bool:
        """Who is connected in a mesh of too many: who was, then who spoke last, then the eldest.

        Who enters while the room is on its way to the SFU is there already. Whether it is another
        core than before, of which there may not be two under one number.
        """
        if room.hand_over is not None:
            return False
        before, most = room.core, self.policy.mesh_cap
        if room.decision.mode == "sfu" or len(room.members) <= most:
            room.core = None
        else:
            order = [*(room.core or ()), *reversed(room.spoke), *room.members]
            room.core = tuple(dict.fromkeys(one for one in order if one in room.members))[:most]
        return room.core != before

    def _wake(self, room: Room, now: float) -> None:
        """Sets the time at which the room has to be considered again."""
        dates = [note.until for note in room.unreachable.values() if note.until < math.inf]
        by_itself = next_deadline(room.decision, self.facts(room), self.policy, now)
        if by_itself is not None:
            dates.append(by_itself)
        if room.hand_over is not None:
            dates.append(room.hand_over.deadline)
        if dates:
            self._deadlines.set(("mode", room.id), min(dates))
        else:
            self._deadlines.cancel(("mode", room.id))


def _visible(room: Room) -> tuple[object, ...]:
    """What members see of a room's course."""
    it = room.decision
    told = (it.mode, it.generation, it.reason, it.strained, it.prewarm)
    return (*told, room.pins, list(room.unreachable), room.core)


def _counts(room: Room, member_id: str) -> bool:
    """Whether it matters if this member reaches the SFU: others could stay in a mesh with it."""
    member = room.members.get(member_id)
    return member is None or not member.admission.is_restricted
