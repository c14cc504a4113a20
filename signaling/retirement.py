"""The end of a service in good order: no new rooms, and those in rooms are told."""

from signaling.exchange import Exchange
from signaling.messages import notices
from signaling.peer_session import Dialect


class Retirement:
    """Whether the service is about to end, and whether anybody still needs it.

    Attributes:
        until: When it ends in any case, Unix seconds; None while it serves.
    """

    def __init__(self, exchange: Exchange) -> None:
        self.until: float | None = None
        self._exchange = exchange

    @property
    def begun(self) -> bool:
        """Whether no new room is opened any more."""
        return self.until is not None

    @property
    def in_use(self) -> bool:
        """Whether anybody is in a room."""
        return any(room.members for room in self._exchange.registry.index.rooms())

    def begin(self, seconds: float, now: float) -> None:
        """Opens no more rooms, and tells everybody in one that the end comes, and when."""
        exchange = self._exchange
        self.until = now + seconds
        exchange.registry.retiring = True
        rooms = list(exchange.registry.index.rooms())
        exchange.journal.note("server-draining", seconds=seconds, rooms=len(rooms))
        members = dict.fromkeys(one for room in rooms for one in room.members)
        told = exchange.members_speaking(Dialect.ROOM, members)
        if told:
            exchange.deliver(told, notices.ServerDraining(part="signaling", seconds=seconds))
