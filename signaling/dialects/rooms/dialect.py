"""Which function carries out which request."""

from collections.abc import Callable
from typing import Any

import msgspec

from signaling.dialects.rooms import conversation, identity, membership
from signaling.events import Event
from signaling.exchange import Exchange
from signaling.messages import requests
from signaling.peer_session import Connection

Handler = Callable[[Exchange, Connection, Any, float], list[Event]]

HANDLERS: dict[type[requests.FromClient], Handler] = {
    requests.CreateRoom: membership.create_room,
    requests.JoinRoom: membership.join_room,
    requests.LeaveRoom: membership.leave_room,
    requests.ListRooms: membership.list_rooms,
    requests.RoomInfoRequest: membership.room_info,
    requests.Offer: conversation.signal,
    requests.Answer: conversation.signal,
    requests.IceCandidate: conversation.signal,
    requests.Chat: conversation.chat,
    requests.ChatHistoryRequest: conversation.chat_history,
    requests.ListClients: conversation.list_clients,
    requests.Resume: identity.resume,
    requests.Ping: identity.ping,
    requests.IceServersRequest: identity.ice_servers,
}

TYPES = frozenset(str(request.__struct_config__.tag) for request in HANDLERS)
"""Every type a room-dialect client may send."""

_decode = msgspec.json.Decoder(requests.ClientMessage).decode


def handle(exchange: Exchange, connection: Connection, text: str, now: float) -> list[Event]:
    """Carries out one frame of a room-dialect connection.

    Raises:
        Refused: The request cannot be granted.
        msgspec.MsgspecError, RecursionError: The frame is not a request.
    """
    message = _decode(text)
    return HANDLERS[type(message)](exchange, connection, message, now)
