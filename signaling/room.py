"""One room: who is in it, who is host, how its media travels."""

import math
from dataclasses import dataclass, field
from typing import Self

from signaling import names
from signaling.chat_log import ChatLog
from signaling.grants import GUEST, Admission
from signaling.hand_over import HandOver, Setback
from signaling.messages.records import Mode, Pin, Presence, RoomState
from signaling.mode_policy import ModeDecision

MAX_VISITORS = 1000


@dataclass(slots=True)
class Member:
    """A participant. ``instance`` is None for clients that do not tell their page loads apart."""

    id: str
    name: str | None
    joined_at: float
    instance: str | None = None
    presence: Presence = "online"
    admission: Admission = GUEST

    @property
    def is_plain(self) -> bool:
        """Whether its client knows neither the SFU nor hand-overs."""
        return self.instance is None


@dataclass(frozen=True)
class Unreachable:
    """A member who cannot reach the SFU.

    Attributes:
        until: When that is forgotten: soon, if the member has not said so itself.
        generation: Of the hand-over in which it did not answer; a late answer is still good.
    """

    until: float = math.inf
    generation: int = 0


@dataclass(frozen=True, slots=True)
class Crossed:
    """The change of mode that happened last.

    Attributes:
        generation: Its number.
        mode: Where the room went, and
        reason: why.
        unheard: Members who have not said how long their pictures stood still.
    """

    generation: int
    mode: Mode
    reason: str
    unheard: set[str]


@dataclass(frozen=True, kw_only=True)
class RoomSpec:
    """What the creator of a room decides.

    Attributes:
        id: Chosen by the server, or by the client in the channel dialect.
        max_participants: 0 = no limit of the creator's.
        password: Keyed digest, see ``tokens.Signer.password_digest``.
        opened_by: The address that made it, for the limit per address.
        pin: The mode it is meant to stay in; None = as the mode policy decides.
    """

    id: str
    name: str
    description: str = ""
    private: bool = False
    history: bool = True
    max_participants: int = 0
    password: str | None = None
    opened_by: str = ""
    pin: Mode | None = None


@dataclass(frozen=True, kw_only=True)
class Remembered:
    """What a member who reopens a room knows of it beside its ``RoomSpec``.

    Attributes:
        created_at: As it was.
        host: Who was host, if anybody was.
        mode: What the member was told last...
        generation: ...and under which number.
        limited: Whether somebody could not carry the mesh.
    """

    created_at: float
    host: str | None = None
    mode: Mode = "mesh"
    generation: int = 0
    limited: bool = False


@dataclass(slots=True)
class Room:
    """The registry's record. Members stand in order of arrival; the first is next to be host.

    Attributes:
        links: Pairs of members that have negotiated media with each other.
        on_sfu: Members whose media can flow through the SFU.
        rightful_host: Who was host before a server restart; becomes host again on return.
        reopened_at: When it was made again after a server restart, None if it was not.
        decision: The mode in force.
        hand_over: To the other mode, while one is under way.
        setback: The hand-over that failed last, since one succeeded.
        crossed: The change of mode that happened last, with several in the room.
        pin: The mode that the host wants.
        limited: Somebody could not carry the mesh; that holds for the room's life.
        unreachable: Members who cannot reach the SFU.
        spoke: When members began to speak last, latest last.
        core: Of a mesh with more members than it can carry: those who are connected.
        shown: What its members have been told of its course, for comparison.
        visitors: Who has been here, latest last.
        barred: Ids of tokens that open it no more, latest last.
        expires_at: When an empty room is forgotten; None while somebody is in it.
    """

    spec: RoomSpec
    created_at: float
    chat: ChatLog
    members: dict[str, Member] = field(default_factory=dict)
    host: str | None = None
    rightful_host: str | None = None
    reopened_at: float | None = None
    links: set[frozenset[str]] = field(default_factory=set)
    on_sfu: set[str] = field(default_factory=set)
    decision: ModeDecision = field(default_factory=ModeDecision)
    hand_over: HandOver | None = None
    setback: Setback | None = None
    crossed: Crossed | None = None
    pin: Mode | None = None
    limited: bool = False
    unreachable: dict[str, Unreachable] = field(default_factory=dict)
    spoke: dict[str, float] = field(default_factory=dict)
    core: tuple[str, ...] | None = None
    shown: object = None
    expires_at: float | None = None
    visitors: dict[str, None] = field(default_factory=dict)
    barred: dict[str, None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.pin = self.spec.pin

    @classmethod
    def reopen(cls, spec: RoomSpec, remembered: Remembered, chat: ChatLog, now: float) -> Self:
        """A room that a restart has forgotten, on its course of before."""
        return cls(
            spec=spec,
            created_at=remembered.created_at,
            chat=chat,
            reopened_at=now,
            limited=remembered.limited,
            decision=ModeDecision.told(remembered.mode, remembered.generation + 1),
        )

    def remember(self, member_id: str) -> bool:
        """Notes a visit; whether it is not the first (as far back as is remembered)."""
        before = self.visitors.pop(member_id, False) is None
        self.visitors[member_id] = None
        if len(self.visitors) > MAX_VISITORS:
            del self.visitors[next(iter(self.visitors))]
        return before

    def unlink(self, member_id: str) -> None:
        """Forgets the links of one member."""
        self.links = {pair for pair in self.links if member_id not in pair}
        self.on_sfu.discard(member_id)

    @property
    def id(self) -> str:
        """The room's id."""
        return self.spec.id

    @property
    def reopened(self) -> bool:
        """Whether a restart had forgotten it."""
        return self.reopened_at is not None

    @property
    def course(self) -> ModeDecision:
        """The final word for whoever enters: the mode in force, or the aim of a hand-over."""
        return self.decision if self.hand_over is None else self.hand_over.aim

    @property
    def pins(self) -> list[Pin]:
        """What holds it in its mode, the strongest first."""
        plain = [member.id for member in self.members.values() if member.is_plain]
        pins = [Pin(mode="mesh", reason="plain-client", member=member_id) for member_id in plain]
        if (restricted := self.restricted) is not None:
            pins.append(Pin(mode="sfu", reason="grants", member=restricted))
        if self.pin is not None:
            pins.append(Pin(mode=self.pin, reason="host", member=self.host))
        return pins

    @property
    def restricted(self) -> str | None:
        """The first member whose grants only an SFU can see to."""
        members = self.members.values()
        return next((one.id for one in members if one.admission.is_restricted), None)

    @property
    def strongest_pin(self) -> Mode | None:
        """The mode it is pinned to: by clients, by grants, by its host."""
        if any(member.is_plain for member in self.members.values()):
            return "mesh"
        return "sfu" if self.restricted is not None else self.pin

    def bar(self, token_id: str) -> None:
        """A token opens this room no more."""
        self.barred[token_id] = None
        if len(self.barred) > MAX_VISITORS:
            del self.barred[next(iter(self.barred))]

    def hear_gap(self, member_id: str, generation: int) -> Crossed | None:
        """A member says how its pictures fared; None when it has said so, or was not there."""
        crossed = self.crossed
        if crossed is None or crossed.generation != generation or member_id not in crossed.unheard:
            return None
        crossed.unheard.discard(member_id)
        return crossed

    def did_not_answer(self, member_id: str, generation: int) -> bool:
        """Whether a member let the time of this hand-over to the SFU pass."""
        note = self.unreachable.get(member_id)
        return note is not None and note.generation == generation

    def forgive(self, member_id: str, now: float) -> None:
        """A member is not what keeps the room from moving any more."""
        self.unreachable.pop(member_id, None)
        if self.setback is not None and member_id in self.setback.blamed:
            self.try_again(now)

    def try_again(self, now: float) -> None:
        """What has failed need not wait for its next attempt."""
        if self.setback is not None:
            self.setback = self.setback.is_over(now)

    def excuse(self, member_id: str) -> None:
        """No hand-over waits for this member, or ends because of it."""
        if self.hand_over is not None:
            self.hand_over = self.hand_over.without(member_id)

    @property
    def sfu_is_open(self) -> bool:
        """Whether members may enter the SFU: it is in use, or may be soon."""
        return "sfu" in {self.decision.mode, self.course.mode} or self.decision.prewarm

    @property
    def meant_for_sfu(self) -> bool:
        """Whether it is on the SFU, on its way there, or will be as soon as one is there."""
        return "sfu" in {self.decision.mode, self.course.mode, self.pin} or (
            self.restricted is not None
        )

    @property
    def state(self) -> RoomState:
        """Being in a room is not being in a call: that takes two members with media."""
        if not self.members:
            return "empty"
        return "in-call" if self.links or len(self.on_sfu) > 1 else "active"

    def has_name(self, name: str, other_than: Member) -> bool:
        """Whether somebody else goes by this name, compared without case.

        A user of an application who is here twice is nobody else.
        """
        wanted, user = names.key(name), other_than.admission.user_id
        return any(
            member.name is not None
            and member.id != other_than.id
            and names.key(member.name) == wanted
            and (user is None or member.admission.user_id != user)
            for member in self.members.values()
        )
