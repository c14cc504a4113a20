"""Members who lose the server, their path to it, or the SFU itself, and come back.

Recovered is a room in which everybody sees everybody again, each exactly once, by the way of the
room's mode (``Party.rests``).
"""

import asyncio
import os
import random
import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from benchmarks.gaps import Window, longest_gap
from benchmarks.load.arrivals import NOT_IN
from benchmarks.load.crossing import RESTARTS_AT_ONCE, workers_of
from benchmarks.load.lateness import Lateness
from benchmarks.load.party import Party, Stuck, shown
from benchmarks.passage import Mode
from benchmarks.peers.following import Follower
from benchmarks.peers.synthetic import Identity
from benchmarks.processes import Server
from benchmarks.progress import Steps

AWAY: Final = (0.1, 1.0)
"""Seconds for which something is gone: drawn anew each time."""


class Loss(StrEnum):
    """What is lost."""

    SIGNALING_SFU = "signaling cut, on the SFU"
    SIGNALING_MESH = "signaling cut, in a mesh"
    ADDRESS = "path to the SFU lost, back from another address"
    PATH = "path to the SFU lost, ICE restarted"
    LINKS = "all mesh connections of one member lost"
    WORKER = "SFU worker killed"

    @property
    def mode(self) -> Mode:
        """Of the room in which it happens."""
        return "mesh" if self in (Loss.SIGNALING_MESH, Loss.LINKS) else "sfu"


@dataclass(frozen=True)
class Cycle:
    """One loss, and what became of it.

    Attributes:
        loss: what was lost.
        seconds: from the moment when it could come back (the network is there again; of a worker,
            from its death) until the room had recovered; None if it had not.
        gap: seconds of the longest wait for the next picture among those who were there all the
            time, from the loss until the room had recovered.
        fault: why it has not recovered; empty if it has.
    """

    loss: Loss
    seconds: float | None = None
    gap: float | None = None
    fault: str = ""


@dataclass
class Reconnects:
    """All of them.

    Attributes:
        cycles: in order.
        late: seconds by which the members themselves were late at worst.
        waited: share of the time for which other programs kept them from their core.
    """

    cycles: list[Cycle] = field(default_factory=list)
    late: float = 0.0
    waited: float = 0.0


async def cycles(
    server: Server, losses: Sequence[Loss], people: Mapping[Mode, int], seed: int, steps: Steps
) -> Reconnects:
    """Lose and recover, one after the other, in two rooms: one on the SFU, one a mesh.

    Args:
        server: with one worker; the room on the SFU must not fit its mesh, so that it waits for the
            worker to be started again.
        losses: what is to be lost, in order.
        people: in each of the two rooms; now and then there is one more.
        seed: of who is meant, and for how long.
        steps: told of each.
    """
    found, rng, identity = Reconnects(), random.Random(seed), Identity()
    rooms = {mode: await _gather(server.url, mode, people[mode], identity) for mode in people}
    born = time.monotonic()
    try:
        async with Lateness() as lateness:
            for loss in losses:
                if loss is Loss.WORKER:
                    await asyncio.sleep(max(0.0, born + RESTARTS_AT_ONCE - time.monotonic()))
                cycle = await _cycle(server, rooms[loss.mode], people[loss.mode], loss, rng)
                found.cycles.append(cycle)
                if loss is Loss.WORKER:
                    born = time.monotonic()
                if cycle.fault:  # the next is to begin with a sound room
                    rooms[loss.mode].close()
                    gathered = _gather(server.url, loss.mode, people[loss.mode], identity)
                    rooms[loss.mode] = await gathered
                steps.advance()
            found.waited = lateness.waited
            found.late = max((late for _, late in lateness.delays), default=0.0)
    finally:
        for party in rooms.values():
            party.close()
    return found


async def _gather(url: str, mode: Mode, people: int, identity: Identity) -> Party:
    party = Party(url, await Follower.create(url, "Person 1", mode, identity), identity)
    for _ in range(people - 1):
        await party.join()
    await party.rest(mode)
    return party


async def _cycle(
    server: Server, party: Party, people: int, loss: Loss, rng: random.Random
) -> Cycle:
    person, begun = rng.choice(party.people), time.monotonic()
    watched = [(one.tiles[other.id], one, other) for one, other in party.pairs()]
    try:
        back = await _lose(server, party, people, person, loss, rng)
        await party.until(lambda: _recovered(party, loss.mode, back), "recovered")
    except (Stuck, *NOT_IN) as error:
        return Cycle(loss, fault=f"{type(error).__name__}: {error}")
    now = time.monotonic()
    here = set(party.people)
    gaps = [
        longest_gap([frame.at for frame in shown(tile, begun)], Window(begun, now))
        for tile, one, other in watched
        if {one, other} <= here
    ]
    return Cycle(loss, now - back, max(gaps, default=0.0))


async def _lose(
    server: Server, party: Party, people: int, person: Follower, loss: Loss, rng: random.Random
) -> float:
    """Have something lost; the time at which it could come back."""
    match loss:
        case Loss.SIGNALING_SFU | Loss.SIGNALING_MESH:
            return await _cut(server.url, party, people, person, rng)
        case Loss.ADDRESS | Loss.PATH:
            return await _lose_path(person, loss is Loss.PATH, rng)
        case Loss.LINKS:
            return _lose_links(person)
        case Loss.WORKER:
            return await _kill(server, party)


def _recovered(party: Party, mode: Mode, since: float) -> bool:
    """Whether all see all, and have had pictures since."""
    newest = [viewer.tiles[member.id].arrivals for viewer, member in party.pairs()]
    return all(one and one[-1].at > since for one in newest) and party.rests(mode)


# ---- losses: each returns when what was lost could come back -----------------------------------


async def _cut(url: str, party: Party, people: int, person: Follower, rng: random.Random) -> float:
    """Somebody's connection to the server ends; meanwhile another comes or goes, unheard by him."""
    person.cut()
    if len(party.people) > people:
        await party.leave(next(one for one in reversed(party.people) if one is not person))
    else:
        await party.join()
    await asyncio.sleep(rng.uniform(*AWAY))
    back = time.monotonic()
    if not await person.resume(url):
        raise Stuck("the server has forgotten the session")
    return back


async def _lose_path(person: Follower, restarts: bool, rng: random.Random) -> float:
    """No packet passes between somebody and the SFU; then he is at another address."""
    if person.sfu is None:
        raise Stuck("he is not on the SFU")
    person.sfu.lose_path()
    await asyncio.sleep(rng.uniform(*AWAY))
    back = time.monotonic()
    await person.sfu.regain_path(restarts)
    return back


def _lose_links(person: Follower) -> float:
    """Somebody's connections in the mesh end; they are negotiated anew."""
    if person.mesh is None:
        raise Stuck("he is in no mesh")
    person.mesh.close()
    return time.monotonic()


async def _kill(server: Server, party: Party) -> float:
    """The SFU dies, and its successor has to be found."""
    [worker] = workers_of(server)
    begun = time.monotonic()
    os.kill(worker, signal.SIGKILL)
    await party.until(lambda: bool(party.faults()), "the loss is noticed")
    return begun
