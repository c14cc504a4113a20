"""What synthetic members are made to do: cross over and back, come and go, and lose the SFU."""

import asyncio
import os
import random
import signal
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec

from benchmarks.load.lateness import Lateness
from benchmarks.load.party import Party, Stuck
from benchmarks.passage import AFTER, Mode, Passage
from benchmarks.peers.following import Follower
from benchmarks.peers.synthetic.signaling import Refused
from benchmarks.processes import Server
from benchmarks.progress import Steps

MESH: Final = 3
FEWEST: Final = 2
MOST: Final = 6
"""People in the room of the scripts: of a mesh at most, and between what they come and go."""

QUIET: Final = 1.0
"""Seconds of peace before each thing that is measured."""

RESTARTS_AT_ONCE: Final = 10.5
"""Seconds that a worker has to have lived for its successor to be started without delay."""


@dataclass
class Crossings:
    """What came of crossing over and back.

    Attributes:
        joined: seconds from a join to the newcomer's first frame at the last of the others.
        passages: hand-overs, in turns to the SFU and back.
        late: seconds by which the members themselves were late at worst, in each.
        waited: share of the time for which other programs kept them from their core.
    """

    joined: list[float] = field(default_factory=list)
    passages: list[Passage] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    waited: float = 0.0


async def there_and_back(url: str, people: int, rounds: int, steps: Steps) -> Crossings:
    """One more than a mesh holds joins and leaves, so many times.

    Args:
        url: of a server where ``people`` are a mesh, and one more are not.
        people: of the mesh.
        rounds: joins.
        steps: told of each hand-over.
    """
    party, found = await Party.gather(url, people), Crossings()
    try:
        async with Lateness() as lateness:
            for _ in range(rounds):
                await asyncio.sleep(QUIET)
                begun = time.monotonic()
                newcomer = await party.join()
                await _watch(party, "sfu", found, lateness)
                found.joined.append(_seen_by_all(party, newcomer) - begun)
                steps.advance()
                await party.leave(newcomer)
                await _watch(party, "mesh", found, lateness)
                steps.advance()
            found.waited = lateness.waited
    finally:
        party.close()
    return found


async def _watch(party: Party, mode: Mode, found: Crossings, lateness: Lateness) -> None:
    await party.rest(mode)
    await asyncio.sleep(AFTER)
    passage = party.passage(mode)
    found.passages.append(passage)
    found.late.append(lateness.worst(passage.window))


def _seen_by_all(party: Party, newcomer: Follower) -> float:
    others = [person for person in party.people if person is not newcomer]
    return max(person.tiles[newcomer.id].arrivals[0].at for person in others)


# ---- scripts -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outcome:
    """What became of one script.

    Attributes:
        script: what was done.
        seconds: from the last deed to everybody seeing everybody, exactly once.
        committed: changes of the room's mode meanwhile.
        aborted: hand-overs that came to nothing.
        fault: what was wrong at the end; empty if nothing.
    """

    script: str
    seconds: float
    committed: int = 0
    aborted: int = 0
    fault: str = ""


async def scripts(url: str, count: int, seed: int, steps: Steps) -> list[Outcome]:
    """People come, go, are cut off and are moved, at any time; then the room is looked at.

    Args:
        url: of a server where ``MESH`` people are a mesh and one more are not.
        count: scripts, all in one room.
        seed: of what happens.
        steps: told of each.
    """
    rng = random.Random(seed)
    party = await Party.gather(url, MESH)
    outcomes: list[Outcome] = []
    try:
        for _ in range(count):
            outcomes.append(await _play(party, rng))
            steps.advance()
    finally:
        party.close()
    return outcomes


async def _play(party: Party, rng: random.Random) -> Outcome:
    done: list[str] = []
    before = Counter(one.what for one in party.people[0].moments)
    deeds = [_do] * rng.randint(1, 4)
    deeds.insert(rng.randint(0, len(deeds)), _move)
    for deed in deeds:
        done.append(await deed(party, rng))
        await asyncio.sleep(rng.choice((0.0, 0.02, 0.1, 0.3)))
    begun, fault = time.monotonic(), ""
    seconds = 0.0
    try:
        await party.rest()
        seconds = time.monotonic() - begun
        await asyncio.sleep(2 * AFTER)
        # The room may have moved once more, as it has become small; that has to end well too.
        await party.rest()
    except Stuck as stuck:
        fault = str(stuck)
    after = Counter(one.what for one in party.people[0].moments)
    changed = after - before
    return Outcome(", ".join(done), seconds, changed["commit"], changed["abort"], fault)


async def _do(party: Party, rng: random.Random) -> str:
    """Something that people do."""
    people = len(party.people)
    deed = rng.choice(["join"] * 3 + ["leave"] * 2 + ["vanish", "pin"])
    if deed == "join" and people < MOST:
        await party.join()
    elif deed == "leave" and people > FEWEST:
        await party.leave(rng.choice(party.people[1:]))
    elif deed == "vanish" and people > FEWEST:
        party.vanish(rng.choice(party.people[1:]))
    elif deed == "pin":
        return await _pin(party, rng.choice(["sfu", "mesh", None]))
    else:
        return "pause"
    return deed


async def _move(party: Party, rng: random.Random) -> str:
    """Something by which the room is moved, or would be if nothing else happened."""
    in_mesh = party.people[0].course.mode == "mesh"
    if rng.random() < 0.5:
        return await _pin(party, "sfu" if in_mesh else "mesh")
    await _pin(party, None)
    while in_mesh and len(party.people) <= MESH:
        await party.join()
    while not in_mesh and len(party.people) > MESH:
        await party.leave(party.people[-1])
    return "grow" if in_mesh else "shrink"


async def _pin(party: Party, mode: Mode | None) -> str:
    try:
        await party.people[0].member.ask("pin-mode", mode=mode)
    except Refused as refused:
        return f"pin {mode} ({refused.code})"
    return f"pin {mode}"


# ---- the SFU is killed -------------------------------------------------------------------------


async def losses(server: Server, people: int, rounds: int, steps: Steps) -> list[float]:
    """The SFU is killed under a room that fits the mesh, so many times.

    Args:
        server: with one worker; a room that has crossed over stays, however small it becomes.
        people: in the room when it happens.
        rounds: kills.
        steps: told of each.

    Returns:
        Seconds from each kill to the moment when the last pair had a frame through the mesh.
    """
    party = await Party.gather(server.url, people)
    found: list[float] = []
    try:
        for _ in range(rounds):
            born = time.monotonic()
            newcomer = await party.join()
            await party.rest("sfu")
            await party.leave(newcomer)
            await party.rest("sfu")
            await asyncio.sleep(max(QUIET, born + RESTARTS_AT_ONCE - time.monotonic()))
            found.append(await _kill(server, party))
            steps.advance()
            await party.rest("mesh")
    finally:
        party.close()
    return found


async def _kill(server: Server, party: Party) -> float:
    [worker] = workers_of(server)
    begun = time.monotonic()
    os.kill(worker, signal.SIGKILL)

    def last() -> list[float | None]:
        return [viewer.tiles[member.id].last("mesh") for viewer, member in party.pairs()]

    await party.until(
        lambda: all(at is not None and at > begun for at in last()), "mesh media after a kill"
    )
    first = [
        min(
            one.at
            for one in viewer.tiles[member.id].arrivals
            if one.at > begun and one.way == "mesh"
        )
        for viewer, member in party.pairs()
    ]
    return max(first) - begun


def workers_of(server: Server) -> list[int]:
    """Process ids of the SFU's workers, as the server has noted them in its state folder."""
    folder = Path(server.log).parent / "sfu"
    notes = (msgspec.json.decode(note.read_bytes()) for note in folder.glob("worker-*.json"))
    return [int(note["process"]) for note in notes]
