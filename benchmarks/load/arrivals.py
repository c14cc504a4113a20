"""Members who enter rooms with all that belongs to it: signaling, ICE, DTLS, SRTP, and media.

Somebody has arrived once every other member of the room has shown a picture of his, and he one of
theirs: a whole frame, decrypted, from a key frame on.
"""

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from benchmarks.load.client import Closed
from benchmarks.load.handshake import Refused as NotUpgraded
from benchmarks.load.lateness import Lateness
from benchmarks.load.party import Party
from benchmarks.passage import Mode
from benchmarks.peers.following import Follower, Tile
from benchmarks.peers.synthetic import ConnectFailed, Identity, Refused
from benchmarks.progress import Steps

PATIENCE: Final = 15.0
"""Seconds after which nobody waits any longer to be in a call."""

GLANCE: Final = 0.005

NOT_IN: Final = (Refused, NotUpgraded, ConnectFailed, Closed, TimeoutError, OSError)
"""What may become of somebody who wants to enter."""


@dataclass(frozen=True)
class Room:
    """A room that is filled.

    Attributes:
        mode: by which its media travels.
        joins: who enters it after its creator.
        pause: seconds between one who has arrived and the next; None if all come in the same
            moment.
    """

    mode: Mode
    joins: int
    pause: float | None = None


@dataclass(frozen=True)
class Join:
    """What became of somebody who wanted to enter.

    Attributes:
        room: which.
        sees: seconds from his first word to the server until he had a picture of everybody who was
            there before; None if he never had.
        seen: the same, until everybody who was there before had one of his.
        fault: why not; empty if he has arrived.
    """

    room: Room
    sees: float | None = None
    seen: float | None = None
    fault: str = ""

    @property
    def seconds(self) -> float | None:
        """Until he has arrived; None if he has not."""
        return None if self.sees is None or self.seen is None else max(self.sees, self.seen)


@dataclass
class Arrivals:
    """All of them.

    Attributes:
        joins: in the order of the rooms.
        late: seconds by which the members themselves were late at worst, in each room.
        waited: share of the time for which other programs kept them from their core.
    """

    joins: list[Join] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    waited: float = 0.0


async def fill(url: str, rooms: Sequence[Room], steps: Steps) -> Arrivals:
    """Fill rooms, one after the other; each is left when everybody is in.

    Args:
        url: of the server.
        rooms: to fill.
        steps: told of each join.
    """
    found, identity = Arrivals(), Identity()
    async with Lateness() as lateness:
        for room in rooms:
            before = len(lateness.delays)
            found.joins += await _fill(url, room, identity, steps)
            found.late.append(max((late for _, late in lateness.delays[before:]), default=0.0))
        found.waited = lateness.waited
    return found


async def _fill(url: str, room: Room, identity: Identity, steps: Steps) -> list[Join]:
    host = await Follower.create(url, "Person 1", room.mode, identity)
    party = Party(url, host, identity)
    try:
        if room.pause is None:
            entering = await asyncio.gather(*(_enter(party) for _ in range(room.joins)))
            return await asyncio.gather(*(_watched(party, room, one, steps) for one in entering))
        joins = []
        for _ in range(room.joins):
            joins.append(await _watched(party, room, await _enter(party), steps))
            await asyncio.sleep(room.pause)
        return joins
    finally:
        party.close()


@dataclass(frozen=True)
class _Entry:
    """Somebody whom the server has let in, or why it has not."""

    begun: float
    person: Follower | None = None
    fault: str = ""


async def _enter(party: Party) -> _Entry:
    begun = time.monotonic()
    try:
        async with asyncio.timeout(PATIENCE):
            return _Entry(begun, await party.join())
    except NOT_IN as error:
        return _Entry(begun, fault=f"{type(error).__name__}: {error}")


async def _watched(party: Party, room: Room, entry: _Entry, steps: Steps) -> Join:
    """Wait until he has arrived; who has not by then is sent away."""
    person, begun = entry.person, entry.begun
    if person is None:
        steps.advance()
        return Join(room, fault=entry.fault)
    others = [one for one in party.people if one is not person]
    sees = seen = None
    while (sees is None or seen is None) and time.monotonic() < begun + PATIENCE:
        await asyncio.sleep(GLANCE)
        sees = _last_first(person.tiles[other.id] for other in others)
        seen = _last_first(other.tiles[person.id] for other in others)
    steps.advance()
    if sees is None or seen is None:
        party.vanish(person)
        whose = "his pictures" if seen is None else "the others' pictures"
        return Join(room, fault=f"{whose} were not everywhere within {PATIENCE:g} s")
    return Join(room, sees - begun, seen - begun)


def _last_first(tiles: Iterable[Tile]) -> float | None:
    """When the last of these tiles had its first frame; None while one has none."""
    firsts = [tile.arrivals[0].at if tile.arrivals else None for tile in tiles]
    here = [at for at in firsts if at is not None]
    return max(here) if len(here) == len(firsts) else None
