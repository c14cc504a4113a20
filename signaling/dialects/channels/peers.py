"""What one channel-dialect person tells another: signals, and asking to be let in."""

import msgspec

from signaling.dialects.admission import require_mesh_for
from signaling.dialects.channels.claims import is_same_browser, recognise
from signaling.dialects.signals import Signal, SignalKind, check_body, listeners, relay
from signaling.exchange import Exchange
from signaling.messages import channels as wire
from signaling.messages.wire import ErrorCode, Refused
from signaling.peer_session import Connection, Dialect, PeerSession
from signaling.room import Room


def signal(exchange: Exchange, connection: Connection, message: wire.PeerSignal, text: str) -> None:
    """Passes a signal on: as it came within the dialect, translated to the other."""
    kind, body = _kind_and_body(message)
    check_body(body)
    sender = recognise(exchange, connection, message.from_user_id, message.secret)
    room = _shared_room(exchange, sender, message)
    target = exchange.sessions.get(message.to_user_id)
    if target is None or target.dialect is Dialect.ROOM:
        passed = Signal(kind, room.id, sender.member_id, message.to_user_id, body)
        relay(exchange, passed, room)
        return
    require_mesh_for(
        [room.members[one] for one in (sender.member_id, target.member_id)], target.member_id
    )
    exchange.write(listeners(exchange, target, wire.SIGNALING), text.encode())
    if kind == "answer":
        exchange.registry.note_link(room, sender.member_id, target.member_id)


def ask_host(
    exchange: Exchange, connection: Connection, message: wire.JoinRequest, text: str
) -> None:
    """Delivers a wish to join to the room's host."""
    room = exchange.registry.index.get(message.concerns()[0] or "")
    host = exchange.sessions.get(room.host or "")
    if host is None or host.dialect is not Dialect.CHANNEL or not host.connections:
        raise Refused(ErrorCode.TARGET_NOT_CONNECTED, "The host cannot be asked now.")
    exchange.write(listeners(exchange, host, wire.ACCESS), text.encode())


def answer_asker(
    exchange: Exchange, connection: Connection, message: wire.Access, text: str
) -> None:
    """Delivers the host's answer to the one who asked."""
    room_id, user_id = message.concerns()
    room = exchange.registry.index.get(room_id or "")
    host = exchange.sessions.get(room.host or "")
    if host is None or not _speaks_for(connection, host):
        raise Refused(ErrorCode.NOT_ALLOWED, "Only the host answers a request to join.")
    asker = exchange.sessions.get(user_id or "")
    exchange.write(listeners(exchange, asker, wire.ACCESS), text.encode())


def _speaks_for(connection: Connection, session: PeerSession) -> bool:
    if connection.session is None:
        return is_same_browser(connection, session)
    return connection.session is session


def _shared_room(exchange: Exchange, sender: PeerSession, message: wire.PeerSignal) -> Room:
    if message.room_id is not None:
        room: Room | None = exchange.registry.index.get(message.room_id)
    else:
        room = exchange.registry.index.shared_room(sender.member_id, message.to_user_id)
    if room is None or message.to_user_id not in room.members:
        text = f"{message.to_user_id} is in no room with you."
        raise Refused(ErrorCode.TARGET_NOT_IN_ROOM, text)
    if sender.member_id not in room.members:
        raise Refused(ErrorCode.NOT_A_MEMBER, "You are not in this room.")
    return room


def _kind_and_body(message: wire.PeerSignal) -> tuple[SignalKind, msgspec.Raw]:
    match message:
        case wire.WebrtcOffer(offer=body):
            return "offer", body
        case wire.WebrtcAnswer(answer=body):
            return "answer", body
        case wire.WebrtcIce(candidate=body):
            return "candidate", body
        case _:
            raise TypeError(f"{type(message).__name__} is no signal")
