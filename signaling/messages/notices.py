"""The room dialect, server to client. ``ServerMessage`` is everything a client may receive."""

from typing import Literal, TypeAlias

import msgspec

from signaling.messages.records import (
    ChatMessage,
    CloseReason,
    Course,
    Features,
    Grants,
    LeaveReason,
    Limits,
    Member,
    Mode,
    Presence,
    Room,
    RoomSummary,
)
from signaling.messages.wire import Error, IceServer, Ok, Pong, RequestId, Wire


class FromServer(Wire, tag_field="type", kw_only=True):
    """Anything the server says that is not an answer."""


class AnswerFromServer(FromServer, kw_only=True):
    """The answer to a request, with the request's ``id`` where it had one."""

    id: RequestId | msgspec.UnsetType = msgspec.UNSET


class ClientId(FromServer, tag="client-id", omit_defaults=False, kw_only=True):
    """The greeting: who this connection is.

    Sent at connect and again in answer to ``resume``. ``resumed``: the session of before lives
    on and what it missed follows; otherwise rooms have to be joined again. ``ice_servers_ttl``:
    seconds after which to ask for new ones, 0 = never.
    """

    id: str
    features: Features
    limits: Limits
    ice_servers: list[IceServer]
    ice_servers_ttl: int
    resume_token: str
    resumed: bool
    version: str


class RoomCreated(AnswerFromServer, tag="room-created", kw_only=True):
    """The new room, with its creator in it; ``grants``: what that may do, if a token says so."""

    room: Room
    grants: Grants | msgspec.UnsetType = msgspec.UNSET


class RoomJoined(AnswerFromServer, tag="room-joined", kw_only=True):
    """The room, with the joiner in it; ``grants`` as in ``RoomCreated``."""

    room: Room
    grants: Grants | msgspec.UnsetType = msgspec.UNSET


class MemberJoined(FromServer, tag="member-joined", omit_defaults=False, kw_only=True):
    """Somebody entered. ``rejoined``: who was here before (reload, second join, restart)."""

    room_id: str
    member_id: str
    participants: list[str]
    rejoined: bool
    member: Member


class MemberLeft(FromServer, tag="member-left", kw_only=True):
    """Somebody is gone for good."""

    room_id: str
    member_id: str
    participants: list[str]
    reason: LeaveReason


class MemberPresence(FromServer, tag="member-presence", kw_only=True):
    """A member's signaling connection dropped, or is back."""

    room_id: str
    member_id: str
    presence: Presence


class HostChanged(FromServer, tag="host-changed", kw_only=True):
    """The room has a new host."""

    room_id: str
    host: str


class PrepareHandOver(FromServer, tag="prepare-hand-over", omit_defaults=False, kw_only=True):
    """The room is to change its mode: build the new way beside the old one, and answer.

    ``hand-over-ready`` or ``hand-over-failed`` with this generation, within so many ``seconds``;
    ``mode-changed`` with this generation or a higher one ends it, whichever mode that names.
    """

    room_id: str
    mode: Mode
    generation: int
    reason: str
    seconds: float


class ModeChanged(
    Course, FromServer, tag_field="type", tag="mode-changed", omit_defaults=False, kw_only=True
):
    """How the room's media travels from now on, or something about it that members may see.

    Only with this may the way of before be given up. With an unchanged generation the mode is
    unchanged too.
    """

    room_id: str


class RoomClosed(FromServer, tag="room-closed", kw_only=True):
    """The room is gone and everybody with it."""

    room_id: str
    reason: CloseReason


class RoomsList(AnswerFromServer, tag="rooms-list", kw_only=True):
    """The public rooms, newest first; ``total`` may exceed what the list holds."""

    rooms: list[RoomSummary]
    total: int


class RoomInfo(AnswerFromServer, tag="room-info", kw_only=True):
    """A room from its door; ``people`` (their names) is empty where a password is asked."""

    room: RoomSummary
    people: list[str]


class Relayed(FromServer, kw_only=True):
    """A signal, with who it is from. ``room_id`` is absent in legacy direct mode."""

    from_: str = msgspec.field(name="from")
    payload: msgspec.Raw
    room_id: str | msgspec.UnsetType = msgspec.UNSET


class RelayedOffer(Relayed, tag="offer", kw_only=True):
    """Another member's offer."""


class RelayedAnswer(Relayed, tag="answer", kw_only=True):
    """Another member's answer."""


class RelayedIceCandidate(Relayed, tag="ice-candidate", kw_only=True):
    """Another member's candidate."""


class ChatDelivered(ChatMessage, tag_field="type", tag="chat", kw_only=True):
    """A chat message, to every member and its sender; the sender's copy carries its ``id``."""

    id: RequestId | msgspec.UnsetType = msgspec.UNSET


class ChatHistory(AnswerFromServer, tag="chat-history", kw_only=True):
    """The room's last messages, oldest first."""

    room_id: str
    messages: list[ChatMessage]


class DirectChat(FromServer, tag="chat", kw_only=True):
    """What another client said in legacy direct mode; not part of the page's messages."""

    from_: str = msgspec.field(name="from")
    payload: str


class ClientsList(AnswerFromServer, tag="clients-list", kw_only=True):
    """Everybody connected (legacy direct mode)."""

    clients: list[str]


class IceServers(AnswerFromServer, tag="ice-servers", omit_defaults=False, kw_only=True):
    """Fresh ICE servers, valid for ``ttl`` seconds (0 = for ever)."""

    ice_servers: list[IceServer]
    ttl: int


class ServerDraining(FromServer, tag="server-draining", omit_defaults=False, kw_only=True):
    """To those in rooms: something is about to be restarted, in so many ``seconds`` at most.

    ``part``: ``signaling``: calls go on meanwhile; ``media``: this room's pictures and voices pause
    then, because no other SFU process takes it, and it is too large for a mesh.
    """

    part: Literal["signaling", "media"]
    seconds: float


class Goodbye(FromServer, tag="goodbye", omit_defaults=False, kw_only=True):
    """The last message before the server closes this connection, and why.

    ``reconnect``: whether coming back makes sense.
    """

    code: str
    message: str
    reconnect: bool


ServerMessage: TypeAlias = (
    ClientId
    | RoomCreated
    | RoomJoined
    | MemberJoined
    | MemberLeft
    | MemberPresence
    | HostChanged
    | PrepareHandOver
    | ModeChanged
    | RoomClosed
    | RoomsList
    | RoomInfo
    | RelayedOffer
    | RelayedAnswer
    | RelayedIceCandidate
    | ChatDelivered
    | ChatHistory
    | ClientsList
    | IceServers
    | ServerDraining
    | Goodbye
    | Pong
    | Ok
    | Error
)
