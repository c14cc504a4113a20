"""The room dialect, client to server. ``ClientMessage`` is everything a client may send.

The page's TypeScript types are made from this module, ``records`` and ``notices``.
"""

from typing import Annotated, Literal, TypeAlias

import msgspec

from signaling.messages.records import Mode, Password, RoomMetadata, Token
from signaling.messages.wire import MAX_PARTICIPANTS, Identifier, RequestId, Text, Wire

Generation: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=1 << 53)]


class FromClient(Wire, tag_field="type", kw_only=True):
    """A request. Its ``id``, if given, comes back in the answer."""

    id: RequestId | msgspec.UnsetType = msgspec.UNSET


class CreateRoomPayload(Wire, kw_only=True):
    """The wish for a room. ``member_name`` and ``instance`` describe its creator.

    ``mode`` pins how its media travels; without it the server decides. ``token`` lets its bearer
    create rooms, where that takes one.
    """

    name: Text
    max_participants: Annotated[int, msgspec.Meta(ge=0, le=MAX_PARTICIPANTS)] = 0
    metadata: RoomMetadata = msgspec.field(default_factory=RoomMetadata)
    password: Password | None = None
    mode: Mode | None = None
    member_name: Text | None = None
    instance: Identifier | None = None
    token: Token | None = None


class CreateRoom(FromClient, tag="create-room", kw_only=True):
    """Make a room; its sender is host and member from this moment."""

    payload: CreateRoomPayload


class JoinRoomPayload(Wire, kw_only=True):
    """Whom to admit where.

    ``ticket`` reopens a room that a restarted server has forgotten; ``token`` admits, and says as
    whom and what for.
    """

    room_id: Identifier
    name: Text | None = None
    password: Password | None = None
    instance: Identifier | None = None
    ticket: Token | None = None
    token: Token | None = None


class JoinRoom(FromClient, tag="join-room", kw_only=True):
    """Enter a room; harmless for somebody who is in it already."""

    payload: JoinRoomPayload


class LeaveRoomPayload(Wire, kw_only=True):
    """The room to leave."""

    room_id: Identifier


class LeaveRoom(FromClient, tag="leave-room", kw_only=True):
    """Leave a room at once, without grace time."""

    payload: LeaveRoomPayload


class ListRooms(FromClient, tag="list-rooms", kw_only=True):
    """Ask for the public rooms, and (unless ``updates`` is false) for every change of them."""

    updates: bool = True


class RoomInfoRequestPayload(Wire, kw_only=True):
    """The room to look at."""

    room_id: Identifier


class RoomInfoRequest(FromClient, tag="room-info", kw_only=True):
    """Look at a room before joining it, private ones too: who knows the id was invited."""

    payload: RoomInfoRequestPayload


class Signal(FromClient, kw_only=True):
    """Something one peer tells another. Without ``room_id`` it is legacy direct mode."""

    to: Identifier
    payload: msgspec.Raw
    room_id: Identifier | None = None


class Offer(Signal, tag="offer", kw_only=True):
    """A session description that opens a negotiation (RFC 3264)."""


class Answer(Signal, tag="answer", kw_only=True):
    """The session description that closes it."""


class IceCandidate(Signal, tag="ice-candidate", kw_only=True):
    """One trickled candidate (RFC 8838)."""


class Chat(FromClient, tag="chat", kw_only=True):
    """Say something to the room; in legacy direct mode ``to`` one client, without a room."""

    payload: Text
    room_id: Identifier | None = None
    to: Identifier | None = None
    nonce: Identifier | None = None


class ChatHistoryRequest(FromClient, tag="chat-history", kw_only=True):
    """Ask for what was said after the message with this order."""

    room_id: Identifier
    after: Annotated[int, msgspec.Meta(ge=0)] = 0


class ListClients(FromClient, tag="list-clients", kw_only=True):
    """Ask who is connected (legacy direct mode only)."""


class Resume(FromClient, tag="resume", kw_only=True):
    """Continue as the member that ``resume_token`` names, after ``received`` frames of it."""

    resume_token: Token
    received: Annotated[int, msgspec.Meta(ge=0)] = 0


class Ping(FromClient, tag="ping", kw_only=True):
    """Keep-alive; ``received`` tells the server which frames need not be kept for a resume."""

    received: Annotated[int, msgspec.Meta(ge=0)] | None = None


class HandOverReady(FromClient, tag="hand-over-ready", kw_only=True):
    """Our new way stands, beside the old one."""

    room_id: Identifier
    generation: Generation


class HandOverFailed(FromClient, tag="hand-over-failed", kw_only=True):
    """We could not build the new way."""

    room_id: Identifier
    generation: Generation


class ReportSfu(FromClient, tag="report-sfu", kw_only=True):
    """Whether we reach the SFU, from a room that has been told to connect to it early."""

    room_id: Identifier
    reachable: bool


class ReportLimited(FromClient, tag="report-limited", kw_only=True):
    """For seconds, a mesh has been more than our processor or uplink can carry."""

    room_id: Identifier
    by: Literal["cpu", "bandwidth"]


class ReportSpeaking(FromClient, tag="report-speaking", kw_only=True):
    """We have begun to speak: should the SFU be lost, the latest speakers stay connected."""

    room_id: Identifier


class ReportGap(FromClient, tag="report-gap", kw_only=True):
    """How long the worst of our pictures stood still in a hand-over that is over."""

    room_id: Identifier
    generation: Generation
    milliseconds: Annotated[int, msgspec.Meta(ge=0, le=60_000)]


class PinMode(FromClient, tag="pin-mode", kw_only=True):
    """The host decides how the room's media travels, or (null) leaves it to the server."""

    room_id: Identifier
    mode: Mode | None


class RemoveMember(FromClient, tag="remove-member", kw_only=True):
    """Take a member out, whose token opens this room no more (grant ``moderate``)."""

    room_id: Identifier
    member_id: Identifier


class CloseRoom(FromClient, tag="close-room", kw_only=True):
    """End the room with everybody in it (grant ``admin``)."""

    room_id: Identifier


class IceServersRequest(FromClient, tag="ice-servers", kw_only=True):
    """Ask for fresh TURN credentials."""


ClientMessage: TypeAlias = (
    CreateRoom
    | JoinRoom
    | LeaveRoom
    | ListRooms
    | RoomInfoRequest
    | Offer
    | Answer
    | IceCandidate
    | Chat
    | ChatHistoryRequest
    | ListClients
    | Resume
    | Ping
    | IceServersRequest
    | HandOverReady
    | HandOverFailed
    | ReportSfu
    | ReportLimited
    | ReportSpeaking
    | ReportGap
    | PinMode
    | RemoveMember
    | CloseRoom
)
