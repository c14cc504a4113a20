"""The whole of the SFU as signaling knows it."""

import random

from signaling.media.pending import PendingTable
from signaling.media.sfu_room import Removed, SfuRoom, Transport
from signaling.media.workers import Workers


class Sfu:
    """Workers, the rooms they carry, and what they have been asked.

    Attributes:
        rooms: By room id; a room is here from the first member's wish to enter.
        leaving: Routers that go on at their old worker while members enter the room's next one.
    """

    def __init__(self, workers: Workers, rng: random.Random) -> None:
        self.workers = workers
        self.pending = PendingTable()
        self.rooms: dict[str, SfuRoom] = {}
        self.leaving: dict[str, SfuRoom] = {}
        self._holding: dict[str, SfuRoom] = {}
        self._rng = rng

    def room(self, room_id: str) -> SfuRoom:
        """The room's router, or one that is to be opened."""
        return self.rooms.setdefault(room_id, SfuRoom(room_id))

    def at(self, room_id: str, worker: str | None) -> SfuRoom | None:
        """A room's router at one worker: the room may be on its way to another."""
        for routed in (self.rooms.get(room_id), self.leaving.get(room_id)):
            if routed is not None and routed.worker == worker:
                return routed
        return None

    def routers_of(self, room_id: str) -> list[SfuRoom]:
        """A room's routers: two while it moves."""
        found = (self.rooms.get(room_id), self.leaving.get(room_id))
        return [routed for routed in found if routed is not None]

    def holding(self, transport_id: str) -> SfuRoom | None:
        """The room that a transport is in."""
        return self._holding.get(transport_id)

    def new_id(self, bits: int = 64) -> str:
        """An id of a transport (64 bits), or what follows it in that of something on it (32)."""
        return f"{self._rng.getrandbits(bits):0{bits // 4}x}"

    def add(self, room: SfuRoom, transport: Transport) -> None:
        """Takes up a transport."""
        room.add(transport)
        self._holding[transport.id] = room

    def drop(self, room: SfuRoom, transport: Transport) -> Removed:
        """Forgets a transport with all that is on it."""
        del self._holding[transport.id]
        return room.drop_transport(transport)

    def index(self, room: SfuRoom) -> None:
        """Takes up the transports of a room that was filled from what its worker holds."""
        self._holding.update(dict.fromkeys(room.transports, room))

    def forget(self, room: SfuRoom) -> None:
        """Forgets a room's router, with everything in it."""
        for routers in (self.rooms, self.leaving):
            if routers.get(room.id) is room:
                del routers[room.id]
        for transport_id in room.transports:
            self._holding.pop(transport_id, None)
        worker = self.workers.find(room.worker) if room.worker is not None else None
        if worker is not None:
            worker.carried.discard(room.id)
