"""A member who has entered a room's router, and whatever is checked before its wishes pass."""

from dataclasses import dataclass

import msgspec

from sfu.control import messages as control
from signaling.dialects.rooms.media_upkeep import ask, asker_of
from signaling.events import Event
from signaling.exchange import Exchange
from signaling.grants import Admission
from signaling.media.pending import Asker
from signaling.media.sfu_room import SfuRoom, Transport, holder_of, part_of
from signaling.messages import media as wire
from signaling.messages.wire import ErrorCode, Refused
from signaling.peer_session import Connection
from signaling.room import Room


@dataclass(frozen=True, slots=True)
class Visitor:
    """A member who has entered a router, and asks for something there."""

    exchange: Exchange
    room: SfuRoom
    id: str
    admission: Admission
    asker: Asker
    now: float

    @property
    def transports(self) -> list[Transport]:
        """Its own."""
        return self.room.transports_of(self.id)

    def number(self) -> int:
        """Of the next command."""
        return self.exchange.sfu.pending.next_number()

    def new_part(self, transport: Transport) -> str:
        """An id for something on a transport."""
        return part_of(transport.id, self.exchange.sfu.new_id(32))

    def ask(self, command: control.Command) -> list[Event]:
        """Passes a command on; the worker's answer becomes the visitor's. No event follows."""
        ask(self.exchange, self.room, command, self.asker, self.now)
        return []


def require_open(room: Room) -> None:
    """Refuses a way into the SFU where the room neither uses it nor is about to."""
    if not room.sfu_is_open:
        raise Refused(ErrorCode.WRONG_MODE, "This room's media does not go through an SFU now.")


def visitor_of(
    exchange: Exchange, connection: Connection, message: wire.InRoom, now: float, about: str = ""
) -> Visitor:
    """A member as a visitor of the router it has entered; raises ``Refused``.

    Args:
        exchange: What is known.
        connection: The member's.
        message: What it asks for.
        now: Unix seconds.
        about: A transport, or something on one: while a room moves, members are in two routers.
    """
    member_id, era = connection.holder.member_id, connection.holder.era
    room = exchange.registry.index.room_with(message.room_id, member_id)
    routers = exchange.sfu.routers_of(room.id)
    held = exchange.sfu.holding(about) or exchange.sfu.holding(holder_of(about))
    if held in routers:
        routers.insert(0, held)
    routed = next((one for one in routers if one.entered.get(member_id) == era), None)
    if routed is None:
        require_open(room)
        text = "There is no way to the SFU yet, or none any more; enter it with enter-sfu."
        raise Refused(ErrorCode.SFU_UNAVAILABLE, text)
    admission = room.members[member_id].admission
    return Visitor(exchange, routed, member_id, admission, asker_of(connection, message.id), now)


def within(count: int, most: int, what: str) -> None:
    """Refuses one more than there may be."""
    if count >= most:
        raise Refused(ErrorCode.TOO_MANY, f"You have {count} {what}; nobody may have more.")


def body_of(raw: msgspec.Raw) -> msgspec.Raw:
    """An ORTC body, into which the worker looks; raises ``Refused`` where it is no object."""
    if bytes(raw).lstrip()[:1] != b"{":
        raise Refused(ErrorCode.INVALID_PARAMETERS, "The parameters have to be an object.")
    return raw
