"""What both dialects share: field types with their bounds, errors, ICE servers."""

from enum import StrEnum
from typing import Annotated, TypeAlias

import msgspec

Identifier: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
"""A room, member or channel id."""

RequestId: TypeAlias = Annotated[str, msgspec.Meta(max_length=64)] | int
"""Chosen by the client, carried back in the answer."""

Text: TypeAlias = Annotated[str, msgspec.Meta(max_length=8192)]
"""Free text before the configured, tighter limits are applied."""

MAX_PARTICIPANTS = 10_000


class ErrorCode(StrEnum):
    """Machine codes of the ``error`` message; ``PROTOCOL.md`` explains each."""

    BAD_MESSAGE = "bad-message"
    UNKNOWN_TYPE = "unknown-type"
    FRAME_TOO_LARGE = "frame-too-large"
    TOO_MANY_REQUESTS = "too-many-requests"
    ROOM_NOT_FOUND = "room-not-found"
    ROOM_FULL = "room-full"
    SERVER_FULL = "server-full"
    SERVER_DRAINING = "server-draining"
    ROOM_EXISTS = "room-exists"
    TOO_MANY_ROOMS = "too-many-rooms"
    NOT_A_MEMBER = "not-a-member"
    TARGET_NOT_IN_ROOM = "target-not-in-room"
    TARGET_NOT_CONNECTED = "target-not-connected"
    NAME_TAKEN = "name-taken"
    NAME_INVALID = "name-invalid"
    ID_TAKEN = "id-taken"
    WRONG_PASSWORD = "wrong-password"  # noqa: S105 - a code, not a secret
    NOT_ALLOWED = "not-allowed"
    SFU_REQUIRED = "sfu-required"
    SFU_UNAVAILABLE = "sfu-unavailable"
    WRONG_MODE = "wrong-mode"
    TRANSPORT_NOT_FOUND = "transport-not-found"
    PRODUCER_NOT_FOUND = "producer-not-found"
    CONSUMER_NOT_FOUND = "consumer-not-found"
    CANNOT_CONSUME = "cannot-consume"
    UNSUPPORTED_MEDIA = "unsupported-media"
    INVALID_PARAMETERS = "invalid-parameters"
    MEDIA_REFUSED = "media-refused"
    TOO_MANY = "too-many"
    TOKEN_REQUIRED = "token-required"  # noqa: S105 - a code, not a secret
    TOKEN_INVALID = "token-invalid"  # noqa: S105 - likewise
    NOT_PERMITTED = "not-permitted"


class Refused(Exception):  # noqa: N818 - an outcome, not a fault
    """A request that cannot be granted; becomes an ``error`` message to its sender.

    Args:
        code: What a program acts on.
        message: One sentence for a person.
        room_id: The room it is about, where that helps the sender.
        to: The member it is about, likewise.
    """

    def __init__(
        self, code: ErrorCode, message: str, room_id: str | None = None, to: str | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.room_id = room_id
        self.to = to


class Wire(msgspec.Struct, rename="camel", kw_only=True, omit_defaults=True):
    """Configuration shared by all structs on the wire: camelCase, absent when default."""


class IceServer(Wire, kw_only=True):
    """One STUN or TURN server, as ``RTCIceServer`` (W3C WebRTC §4.2.4)."""

    urls: list[str]
    username: str | msgspec.UnsetType = msgspec.UNSET
    credential: str | msgspec.UnsetType = msgspec.UNSET


class Error(Wire, tag_field="type", tag="error", kw_only=True):
    """A request was refused, or a frame could not be understood."""

    code: ErrorCode
    message: str
    id: RequestId | msgspec.UnsetType = msgspec.UNSET
    channel: str | msgspec.UnsetType = msgspec.UNSET
    room_id: str | msgspec.UnsetType = msgspec.UNSET
    to: str | msgspec.UnsetType = msgspec.UNSET


class Ok(Wire, tag_field="type", tag="ok", kw_only=True):
    """A request that has no answer of its own was carried out."""

    id: RequestId


class Pong(Wire, tag_field="type", tag="pong", kw_only=True):
    """Answer to ``ping``; ``timestamp`` is Unix time in milliseconds."""

    timestamp: int
    id: RequestId | msgspec.UnsetType = msgspec.UNSET
