"""Offers, answers and candidates between two members, whatever dialect each of them speaks."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import msgspec

from signaling.dialects.admission import require_mesh_for
from signaling.exchange import Exchange
from signaling.messages import channels, notices
from signaling.messages.wire import ErrorCode, Refused
from signaling.peer_session import Connection, Dialect, PeerSession
from signaling.room import Room

SignalKind: TypeAlias = Literal["offer", "answer", "candidate"]


@dataclass(frozen=True, slots=True)
class Signal:
    """A signal in neither dialect. ``room_id`` is None in legacy direct mode.

    ``body`` is the sender's JSON as it came: an object, or null.
    """

    kind: SignalKind
    room_id: str | None
    sender: str
    target: str
    body: msgspec.Raw


def check_body(body: msgspec.Raw) -> None:
    """Refuses a body that no peer could understand: it has to be an object or null."""
    if bytes(body).lstrip()[:1] not in {b"{", b"n"}:
        raise Refused(ErrorCode.BAD_MESSAGE, "A signal's body has to be an object.")


def relay(exchange: Exchange, signal: Signal, room: Room) -> None:
    """Delivers a signal within a room.

    Raises:
        Refused: not-a-member, target-not-in-room, target-not-connected.
    """
    if signal.sender not in room.members:
        raise Refused(ErrorCode.NOT_A_MEMBER, "You are not in this room.")
    if signal.target not in room.members:
        message = "The one you are calling is not in this room."
        raise Refused(ErrorCode.TARGET_NOT_IN_ROOM, message, signal.room_id, signal.target)
    require_mesh_for([room.members[signal.sender], room.members[signal.target]], signal.target)
    session = exchange.sessions.get(signal.target)
    if session is None or not (session.connections or session.replay is not None):
        message = "The one you are calling has lost the connection."
        raise Refused(ErrorCode.TARGET_NOT_CONNECTED, message, signal.room_id, signal.target)
    send(exchange, session, signal)
    if signal.kind == "answer":
        exchange.registry.note_link(room, signal.sender, signal.target)


def send(exchange: Exchange, target: PeerSession, signal: Signal) -> None:
    """Delivers a signal to a session in the target's own dialect."""
    if target.dialect is Dialect.ROOM:
        exchange.deliver([target], _in_room_dialect(signal))
        return
    listening = listeners(exchange, target, channels.SIGNALING)
    exchange.write(listening, _in_channel_dialect(signal))


def listeners(exchange: Exchange, target: PeerSession | None, channel: str) -> list[Connection]:
    """Where a message to one channel-dialect person goes.

    To the person's known sockets on the channel; where there are none, to those subscribers that
    have not said whose they are, which filter by themselves.

    Raises:
        Refused: target-not-connected when nobody listens.
    """
    known = target.connections if target is not None else []
    nobodys = (c for c in exchange.channel_connections if c.session is None)
    found = [c for c in known if channel in c.channels]
    if not found and not exchange.config.needs_token:  # where it is, nobody is a stranger
        found = [c for c in nobodys if channel in c.channels]
    if not found:
        message = "The one it is meant for does not listen."
        to = target.member_id if target is not None else None
        raise Refused(ErrorCode.TARGET_NOT_CONNECTED, message, to=to)
    return found


def _in_room_dialect(signal: Signal) -> notices.Relayed:
    room_id = msgspec.UNSET if signal.room_id is None else signal.room_id
    match signal.kind:
        case "offer":
            return notices.RelayedOffer(from_=signal.sender, payload=signal.body, room_id=room_id)
        case "answer":
            return notices.RelayedAnswer(from_=signal.sender, payload=signal.body, room_id=room_id)
        case "candidate":
            return notices.RelayedIceCandidate(
                from_=signal.sender, payload=signal.body, room_id=room_id
            )


def _in_channel_dialect(signal: Signal) -> channels.DeliveredSignal:
    room_id, sender, target, body = signal.room_id or "", signal.sender, signal.target, signal.body
    match signal.kind:
        case "offer":
            return channels.DeliveredOffer(
                room_id=room_id, from_user_id=sender, to_user_id=target, offer=body
            )
        case "answer":
            return channels.DeliveredAnswer(
                room_id=room_id, from_user_id=sender, to_user_id=target, answer=body
            )
        case "candidate":
            return channels.DeliveredIce(
                room_id=room_id, from_user_id=sender, to_user_id=target, candidate=body
            )
