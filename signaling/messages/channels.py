"""The channel dialect: one struct per message the server understands; all others are relayed.

Fields a client may leave out are optional; fields beyond these pass through untouched where a
message is delivered to somebody else.
"""

from typing import Annotated, Literal, TypeAlias

import msgspec

from signaling.messages.records import Token
from signaling.messages.wire import MAX_PARTICIPANTS, Identifier, RequestId, Text, Wire

ROOMS = "webrtc-dashboard-rooms"
CHAT = "webrtc-dashboard-chat"
SIGNALING = "webrtc-signaling"
ACCESS = "webrtc-dashboard-access"

Secret: TypeAlias = Annotated[str, msgspec.Meta(max_length=128)]


class Peek(Wire, kw_only=True):
    """The three fields that say what a frame is, in either dialect."""

    type: Annotated[str, msgspec.Meta(max_length=64)]
    channel: Identifier | None = None
    id: RequestId | msgspec.UnsetType = msgspec.UNSET


# ---- client → server ---------------------------------------------------------------------


class Request(Wire, tag_field="type", kw_only=True):
    """A message the server acts upon."""

    id: RequestId | msgspec.UnsetType = msgspec.UNSET


class Subscribe(Request, tag="subscribe", kw_only=True):
    """Receive what others send on a channel."""

    channel: Identifier


class Unsubscribe(Request, tag="unsubscribe", kw_only=True):
    """Receive it no longer."""

    channel: Identifier


class Ping(Request, tag="ping", kw_only=True):
    """Keep-alive."""


class NewRoom(Wire, kw_only=True):
    """A room by an id of the client's choice, for ten unless given; ``host`` is a display name."""

    id: Identifier
    name: Text
    host_id: Identifier
    host: Text | None = None
    description: Text = ""
    max_participants: Annotated[int, msgspec.Meta(ge=0, le=MAX_PARTICIPANTS)] = 10
    secret: Secret | None = None
    token: Token | None = None


class RoomCreated(Request, tag="room-created", kw_only=True):
    """Make a room. Creating it again by the same host is harmless."""

    data: NewRoom


class Joining(Wire, kw_only=True):
    """Who enters which room. ``secret`` proves that a later socket is the same person's."""

    room_id: Identifier
    user_id: Identifier
    user_name: Text | None = None
    secret: Secret | None = None
    token: Token | None = None


class UserJoinedRoom(Request, tag="user-joined-room", kw_only=True):
    """Enter a room; repeating it is harmless."""

    data: Joining


class Leaving(Wire, kw_only=True):
    """Who leaves which room."""

    room_id: Identifier
    user_id: Identifier


class UserLeftRoom(Request, tag="user-left-room", kw_only=True):
    """Leave a room at once."""

    data: Leaving


class RoomListRequest(Request, tag="room-list-request", kw_only=True):
    """Ask for the rooms now."""


class PeerSignal(Request, kw_only=True):
    """Something one peer tells another."""

    from_user_id: Identifier
    to_user_id: Identifier
    room_id: Identifier | None = None
    secret: Secret | None = None


class WebrtcOffer(PeerSignal, tag="webrtc-offer", kw_only=True):
    """Opens a negotiation."""

    offer: msgspec.Raw


class WebrtcAnswer(PeerSignal, tag="webrtc-answer", kw_only=True):
    """Closes it."""

    answer: msgspec.Raw


class WebrtcIce(PeerSignal, tag="webrtc-ice", kw_only=True):
    """One trickled candidate."""

    candidate: msgspec.Raw


class AccessFields(Wire, kw_only=True):
    """Whom an access message concerns."""

    room_id: Identifier | None = None
    user_id: Identifier | None = None


class Access(Request, kw_only=True):
    """Ask-to-join: fields stand flat or under ``data``."""

    room_id: Identifier | None = None
    user_id: Identifier | None = None
    data: AccessFields | None = None

    def concerns(self) -> tuple[str | None, str | None]:
        """The room and the user it is about."""
        inner = self.data or AccessFields()
        return self.room_id or inner.room_id, self.user_id or inner.user_id


class JoinRequest(Access, tag="join-request", kw_only=True):
    """Somebody asks to be let in: delivered to the room's host."""


class JoinApproved(Access, tag="join-approved", kw_only=True):
    """The host lets them in: delivered to the one who asked."""


class JoinRejected(Access, tag="join-rejected", kw_only=True):
    """The host does not: delivered to the one who asked."""


ClientMessage: TypeAlias = (
    Subscribe
    | Unsubscribe
    | Ping
    | RoomListRequest
    | RoomCreated
    | UserJoinedRoom
    | UserLeftRoom
    | WebrtcOffer
    | WebrtcAnswer
    | WebrtcIce
    | JoinRequest
    | JoinApproved
    | JoinRejected
)

ANYWHERE = frozenset({"subscribe", "unsubscribe", "ping", "room-list-request"})
"""Types that are understood whatever the channel says."""

ON_CHANNEL = {
    ROOMS: frozenset({"room-created", "user-joined-room", "user-left-room"}),
    SIGNALING: frozenset({"webrtc-offer", "webrtc-answer", "webrtc-ice"}),
    ACCESS: frozenset({"join-request", "join-approved", "join-rejected"}),
}
"""Types that are understood on one channel, and relayed like any other on the rest."""

SERVER_ONLY = frozenset(
    {"client-id", "client_count", "error", "goodbye", "ok", "pong", "server-room-list"}
)
"""Types that are the server's to say: clients believe them, so none is relayed."""


def understands(kind: str, channel: str | None) -> bool:
    """Whether the server acts upon messages of this type on this channel.

    Some clients leave the channel out where the type says enough.
    """
    if channel is None:
        return kind in ANYWHERE or any(kind in kinds for kinds in ON_CHANNEL.values())
    return kind in ANYWHERE or kind in ON_CHANNEL.get(channel, ())


# ---- server → client ---------------------------------------------------------------------


class Notice(Wire, tag_field="type", omit_defaults=False, kw_only=True):
    """Anything the server says here that is not an answer."""


class ClientCount(Notice, tag="client_count", kw_only=True):
    """How many are connected; ``timestamp`` is Unix time in milliseconds."""

    count: int
    timestamp: int


class Participant(Wire, omit_defaults=False, kw_only=True):
    """One person in a listed room."""

    id: str
    name: str | None


class ListedRoom(Wire, omit_defaults=False, kw_only=True):
    """A public room; ``host`` is the host's name, ``created_at`` ISO 8601 in UTC."""

    id: str
    name: str
    description: str
    host: str | None
    host_id: str | None
    created_at: str
    participants: list[Participant]
    max_participants: int


class ServerRoomList(Notice, tag="server-room-list", kw_only=True):
    """All public rooms; replaces any earlier list."""

    channel: Literal["webrtc-dashboard-rooms"] = "webrtc-dashboard-rooms"
    rooms: list[ListedRoom]
    timestamp: int


class UserJoined(Notice, tag="user-joined-room", kw_only=True):
    """Somebody entered; the newcomer is not among the existing."""

    channel: Literal["webrtc-dashboard-rooms"] = "webrtc-dashboard-rooms"
    room_id: str
    user_id: str
    user_name: str | None
    existing_participants: list[str]


class DeliveredSignal(Notice, kw_only=True):
    """A signal on its way to a channel-dialect member."""

    channel: Literal["webrtc-signaling"] = "webrtc-signaling"
    room_id: str
    from_user_id: str
    to_user_id: str


class DeliveredOffer(DeliveredSignal, tag="webrtc-offer", kw_only=True):
    """Another member's offer."""

    offer: msgspec.Raw


class DeliveredAnswer(DeliveredSignal, tag="webrtc-answer", kw_only=True):
    """Another member's answer."""

    answer: msgspec.Raw


class DeliveredIce(DeliveredSignal, tag="webrtc-ice", kw_only=True):
    """Another member's candidate."""

    candidate: msgspec.Raw
