"""Clients that know nothing of an SFU: the channel dialect, and whoever names no instance."""

from signaling.exchange import Exchange
from signaling.messages.wire import ErrorCode, Refused


def require_mesh(exchange: Exchange, room_id: str, member_id: str) -> None:
    """Refuses a plain client's entry where its media could not go.

    Raises:
        Refused: sfu-required for a room that is on the SFU, or goes there as soon as one is alive.
    """
    room = exchange.registry.index.find(room_id)
    if room is not None and room.meant_for_sfu and member_id not in room.members:
        message = "This room's media goes through an SFU, which this client does not know."
        raise Refused(ErrorCode.SFU_REQUIRED, message, room_id)
