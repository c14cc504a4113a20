"""Which channel message is acted upon, which is relayed."""

from collections.abc import Callable
from typing import Any

import msgspec

from signaling.dialects.admission import require_token_or_openness
from signaling.dialects.channels import peers, subscriptions
from signaling.dialects.channels import rooms as room_requests
from signaling.events import Event
from signaling.exchange import Exchange
from signaling.messages import channels as wire
from signaling.messages.wire import ErrorCode, Refused
from signaling.peer_session import Connection, Dialect
from signaling.room import Member

Handler = Callable[[Exchange, Connection, Any, float], list[Event]]

HANDLERS: dict[type[wire.Request], Handler] = {
    wire.Subscribe: subscriptions.subscribe,
    wire.Unsubscribe: subscriptions.unsubscribe,
    wire.Ping: subscriptions.ping,
    wire.RoomListRequest: room_requests.list_rooms,
    wire.RoomCreated: room_requests.create_room,
    wire.UserJoinedRoom: room_requests.join_room,
    wire.UserLeftRoom: room_requests.leave_room,
}

DELIVERIES: dict[type[wire.Request], Callable[[Exchange, Connection, Any, str], None]] = {
    wire.WebrtcOffer: peers.signal,
    wire.WebrtcAnswer: peers.signal,
    wire.WebrtcIce: peers.signal,
    wire.JoinRequest: peers.ask_host,
    wire.JoinApproved: peers.answer_asker,
    wire.JoinRejected: peers.answer_asker,
}

TYPES = frozenset(str(one.__struct_config__.tag) for one in {**HANDLERS, **DELIVERIES})
"""Every type that is acted upon; whatever else is said on a channel is relayed."""

_decode = msgspec.json.Decoder(wire.ClientMessage).decode


def belongs_here(connection: Connection, peek: wire.Peek) -> bool:
    """Whether a frame is the channel dialect's, now and therefore for good."""
    is_channel = connection.dialect is Dialect.CHANNEL
    return is_channel or peek.channel is not None or peek.type == "subscribe"


def handle(
    exchange: Exchange, connection: Connection, text: str, peek: wire.Peek, now: float
) -> list[Event]:
    """Carries out, delivers or relays one frame of a channel connection.

    Raises:
        Refused: The request cannot be granted.
        msgspec.MsgspecError, RecursionError: The frame is not what its type says.
    """
    subscriptions.convert(exchange, connection, now)
    if not wire.understands(peek.type, peek.channel):
        _relay(exchange, connection, text, peek)
        return []
    message, events = _decode(text), list[Event]()
    deliver = DELIVERIES.get(type(message))
    if deliver is None:
        events += HANDLERS[type(message)](exchange, connection, message, now)
    else:
        deliver(exchange, connection, message, text)
        exchange.acknowledge(connection, message.id)
    if connection.session is not None:  # it may have been away until now
        events += exchange.registry.set_presence(connection.session.member_id, "online", now)
    return events


def _relay(exchange: Exchange, connection: Connection, text: str, peek: wire.Peek) -> None:
    """To the channel's other subscribers, whoever they are, as it came."""
    if peek.channel is None:
        raise Refused(ErrorCode.UNKNOWN_TYPE, f"Nothing is known of messages of type {peek.type}.")
    if peek.type in wire.SERVER_ONLY:
        raise Refused(ErrorCode.NOT_ALLOWED, f"Only the server says {peek.type}.")
    sender = _members(exchange, connection)
    if not sender:
        require_token_or_openness(exchange)
    for member in sender:
        member.admission.require("data")
    others = [
        other
        for other in exchange.channel_connections
        if other is not connection and peek.channel in other.channels
    ]
    if exchange.config.needs_token:  # a channel is wider than a room, and not for strangers
        others = [other for other in others if _members(exchange, other)]
    exchange.write(others, text.encode())
    exchange.acknowledge(connection, peek.id)


def _members(exchange: Exchange, connection: Connection) -> list[Member]:
    """Whoever a connection belongs to, as each of its rooms knows it."""
    session = connection.session
    return [] if session is None else exchange.registry.index.member_everywhere(session.member_id)
