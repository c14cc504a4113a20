"""The room dialect's nouns: what requests and notices are made of."""

from typing import Annotated, Literal, TypeAlias

import msgspec

from signaling.messages.wire import Text, Wire

Presence: TypeAlias = Literal["online", "reconnecting"]
"""``reconnecting``: the member's connection is gone, its membership is kept for the grace time."""

Mode: TypeAlias = Literal["mesh", "sfu"]
PinReason: TypeAlias = Literal["host", "plain-client", "grants"]
"""``host``: the host decided so; ``plain-client``: a member's client knows no SFU; ``grants``: a
member may not do everything, which only an SFU can see to."""

RoomState: TypeAlias = Literal["empty", "active", "in-call"]
LeaveReason: TypeAlias = Literal["left", "timed-out", "removed"]
CloseReason: TypeAlias = Literal["empty", "expired", "closed-by-operator"]
Password: TypeAlias = Annotated[str, msgspec.Meta(max_length=128)]
Token: TypeAlias = Annotated[str, msgspec.Meta(max_length=4096)]


class RoomMetadata(Wire, omit_defaults=False, kw_only=True):
    """What a room says about itself.

    ``private``: not listed, joined by id only. ``history``: chat is kept for late joiners.
    """

    description: Text = ""
    private: bool = False
    history: bool = True


class Grants(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What a member may do; see ``grants``. The defaults are everybody's.

    Attributes:
        publish: Send sound and pictures.
        subscribe: Receive sound and pictures.
        data: Send messages: chat, and on data channels.
        moderate: Do what a host may, and take members out.
        admin: All that, and close the room.
    """

    publish: bool = True
    subscribe: bool = True
    data: bool = True
    moderate: bool = False
    admin: bool = False


class Member(Wire, omit_defaults=False, kw_only=True):
    """A participant as others see it.

    ``user_id``: whom the application that let it in says it is; absent for guests.

    ``instance`` changes whenever the member's page is loaded anew: peer connections made with
    an older instance are dead and must be replaced; with the same instance they live on.
    """

    id: str
    name: str | None
    presence: Presence
    instance: str | None
    joined_at: str
    user_id: str | msgspec.UnsetType = msgspec.UNSET


class Pin(Wire, omit_defaults=False, kw_only=True):
    """Why a room may not choose its mode; ``member``: who is behind it, if a member is."""

    mode: Mode
    reason: PinReason
    member: str | None


class Course(Wire, omit_defaults=False, kw_only=True):
    """How a room's media travels, and why.

    Attributes:
        mode: The final word: where a hand-over is under way, whoever enters is told its aim.
        generation: Number of this word; whatever has a lower one is out of date.
        reason: A code, see ``mode_policy.ModeReason``.
        strained: Large for a mesh.
        prewarm: A mesh that may outgrow itself soon: connect to the SFU, and publish nothing yet.
        pins: What holds it in its mode; those in force come first.
        unreachable: Members who cannot reach the SFU.
        core: In a mesh that holds more members than it can carry: those who are connected, by
            voice alone; None where everybody is connected with everybody.
        ticket: Lets a member reopen the room, on this course, after a server restart.
    """

    mode: Mode
    generation: int
    reason: str
    strained: bool
    prewarm: bool
    pins: list[Pin]
    unreachable: list[str]
    core: list[str] | None
    ticket: str


class Room(Course, omit_defaults=False, kw_only=True):
    """A room as its members see it.

    ``max_participants`` is what its creator asked for (0 = no limit), ``capacity`` what the
    server can hold in it now.
    """

    id: str
    name: str
    created_at: str
    host: str | None
    max_participants: int
    participants: list[str]
    metadata: RoomMetadata
    members: list[Member]
    state: RoomState
    capacity: int
    has_password: bool
    reopened: bool


class RoomSummary(Wire, omit_defaults=False, kw_only=True):
    """A public room as the list shows it."""

    id: str
    name: str
    participant_count: int
    max_participants: int
    capacity: int
    created_at: str
    description: str
    state: RoomState
    mode: Mode
    has_password: bool


class ChatMessage(Wire, omit_defaults=False, kw_only=True):
    """A chat message with its place in the room: ``order`` counts from 1 without gaps.

    ``nonce`` is the sender's own name for it, by which a copy that came over a data channel
    is recognised as the same message.
    """

    message_id: str
    order: int
    room_id: str
    from_: str = msgspec.field(name="from")
    name: str | None
    payload: str
    sent_at: str
    nonce: str | None


class Features(Wire, omit_defaults=False, kw_only=True):
    """What this server can do; ``legacy_direct``: messages without a room id are relayed."""

    legacy_direct: bool
    resume: bool
    sfu: bool


class Limits(Wire, omit_defaults=False, kw_only=True):
    """What a client should keep within."""

    frame_bytes: int
    name_length: int
    chat_length: int
    room_members: int
