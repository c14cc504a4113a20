"""One room: who is in it, who is host, how its media travels."""

from dataclasses import dataclass, field

from signaling import names
from signaling.chat_log import ChatLog
from signaling.messages.records import Mode, Presence, RoomState
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


@dataclass(slots=True)
class Room:
    """The registry's record. Members stand in order of arrival; the first is next to be host.

    Attributes:
        links: Pairs of members that have negotiated media with each other.
        on_sfu: Members whose media can flow through the SFU.
        rightful_host: Who was host before a server restart; becomes host again on return.
        visitors: Who has been here, latest last.
        expires_at: When an empty room is forgotten; None while somebody is in it.
    """

    spec: RoomSpec
    created_at: float
    chat: ChatLog
    members: dict[str, Member] = field(default_factory=dict)
    host: str | None = None
    rightful_host: str | None = None
    reopened: bool = False
    links: set[frozenset[str]] = field(default_factory=set)
    on_sfu: set[str] = field(default_factory=set)
    decision: ModeDecision = field(default_factory=ModeDecision)
    pin: Mode | None = None
    limited: bool = False
    expires_at: float | None = None
    visitors: dict[str, None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.pin = self.spec.pin

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
    def meant_for_sfu(self) -> bool:
        """Whether it is on the SFU, or will be as soon as one is there."""
        return self.decision.mode == "sfu" or self.pin == "sfu"

    @property
    def state(self) -> RoomState:
        """Being in a room is not being in a call: that takes two members with media."""
        if not self.members:
            return "empty"
        return "in-call" if self.links or len(self.on_sfu) > 1 else "active"

    def has_name(self, name: str, other_than: str) -> bool:
        """Whether another member goes by this name, compared without case."""
        wanted = names.key(name)
        return any(
            member.name is not None and member.id != other_than and names.key(member.name) == wanted
            for member in self.members.values()
        )
