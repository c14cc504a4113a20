"""Synthetic members in one room who follow its course, and what is seen among them."""

import asyncio
import bisect
import itertools
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final

from benchmarks.passage import Frame, Mode, Passage, Sight
from benchmarks.peers.following import Arrival, Follower, Moment, Tile
from benchmarks.peers.synthetic import Identity

GLANCE: Final = 0.02
KEPT: Final = 10.0
"""Seconds before a hand-over of which the frames are looked at."""

PATIENCE: Final = 30.0
FRESH: Final = 0.3
"""Seconds in which everybody's frames come if there is a connection."""


class Stuck(Exception):  # noqa: N818 - reads as what happened
    """What had to happen did not; the message says how things stand."""


class Party:
    """The members of one room.

    Attributes:
        people: who is there, the room's creator first.
    """

    def __init__(self, url: str, host: Follower, identity: Identity) -> None:
        self.people = [host]
        self._url = url
        self._identity = identity
        self._numbers = itertools.count(2)
        self._names = {host.id: "Person 1"}

    @classmethod
    async def gather(cls, url: str, count: int) -> "Party":
        """A new room with so many people in it, each of whom sees all others."""
        identity = Identity()
        party = cls(url, await Follower.create(url, "Person 1", identity=identity), identity)
        for _ in range(count - 1):
            await party.join()
        await party.rest()
        return party

    def name(self, member_id: str) -> str:
        """What a member is called, here or gone."""
        return self._names[member_id]

    async def join(self) -> Follower:
        """One more enters."""
        name = f"Person {next(self._numbers)}"
        room_id = self.people[0].member.room_id
        person = await Follower.join(self._url, room_id, name, self._identity)
        self._names[person.id] = name
        self.people.append(person)
        return person

    async def leave(self, person: Follower) -> None:
        """One leaves by the door."""
        self.people.remove(person)
        await person.leave()

    def vanish(self, person: Follower) -> None:
        """One is gone without a word to the server."""
        self.people.remove(person)
        person.close()

    def close(self) -> None:
        """Everybody is gone."""
        for person in self.people:
            person.close()

    # ---- waiting ---------------------------------------------------------------------------------

    async def until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait for something.

        Raises:
            Stuck: it did not happen.
        """
        deadline = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > deadline:
                faults = "; ".join(self.faults())
                raise Stuck(f"{what}: not within {PATIENCE:g} s ({faults})")
            await asyncio.sleep(GLANCE)

    async def rest(self, mode: Mode | None = None) -> None:
        """Wait until no hand-over is under way, and everybody sees everybody, in this mode.

        Raises:
            Stuck: that does not come to be.
        """
        await self.until(lambda: self.rests(mode), f"rest in mode {mode or 'any'}")

    def rests(self, mode: Mode | None = None) -> bool:
        """Whether all agree, nothing is under way, and everybody sees everybody."""
        courses = [person.course for person in self.people]
        words = {(course.mode, course.generation) for course in courses}
        agreed = len(words) == 1 and (mode is None or courses[0].mode == mode)
        return agreed and all(course.at_rest for course in courses) and not self.faults()

    # ---- looking ---------------------------------------------------------------------------------

    def pairs(self) -> Iterator[tuple[Follower, Follower]]:
        """Viewer and member."""
        return itertools.permutations(self.people, 2)

    def faults(self) -> list[str]:
        """Everything that keeps the room from being one in which all see all, exactly once."""
        now = time.monotonic()
        ids = {person.id for person in self.people}
        found = [
            f"{self.name(person.id)} believes in {len(person.others)} others"
            for person in self.people
            if person.others != ids - {person.id}
        ]
        for viewer, member in self.pairs():
            fault = self._fault(viewer, member, now)
            if fault:
                found.append(f"{self.name(viewer.id)} of {self.name(member.id)}: {fault}")
        return found

    def _fault(self, viewer: Follower, member: Follower, now: float) -> str:
        tile, mode = viewer.tiles[member.id], viewer.course.mode
        fresh = _since(tile, now - FRESH)
        if not fresh:
            return "no frames"
        ways = Counter(one.way for one in fresh)
        if set(ways) != {mode}:
            return f"frames by {dict(ways)} in mode {mode}"
        if len({one.number for one in fresh}) != len(fresh):
            return "frames that came twice"
        if mode == "mesh":
            return "" if _linked(viewer, member) else "no link from both sides"
        return "" if viewer.mesh is None else "a mesh that nobody needs"

    # ---- hand-overs ------------------------------------------------------------------------------

    def passage(self, mode: Mode) -> Passage:
        """The last hand-over to a mode, as those have seen it who were asked to prepare it."""
        generation = max(one.generation for one in self._moments("commit", mode))
        begun = [one for one in self._moments("prepare", mode) if one.generation == generation]
        done = [one for one in self._moments("commit", mode) if one.generation == generation]
        start = min(one.at for one in begun)
        watchers = [
            person
            for person in self.people
            if any(one.what == "prepare" and one.generation == generation for one in person.moments)
        ]
        over = [
            one.at
            for person in watchers
            for one in person.moments
            if one.what == "let go" and one.generation == generation
        ]
        return Passage(
            mode=mode,
            begun=start,
            ready={
                self.name(person.id): one.at
                for person in self.people
                for one in person.moments
                if one.what == "ready" and one.generation == generation
            },
            committed=max(one.at for one in done),
            over=max(over, default=start),
            sights=[
                Sight(self.name(one.id), self.name(other.id), shown(one.tiles[other.id], start))
                for one, other in itertools.permutations(watchers, 2)
            ],
        )

    def _moments(self, what: str, mode: Mode) -> list[Moment]:
        return [
            one
            for person in self.people
            for one in person.moments
            if (one.what, one.mode) == (what, mode)
        ]


def shown(tile: Tile, around: float) -> list[Frame]:
    """Each frame of a tile once, as it came first, by whichever way; from shortly before a time.

    The way that stands with it is the one the tile showed at that moment.
    """
    frames, newest = [], -1
    switched = [switch.at for switch in tile.switches]
    first = bisect.bisect_left(tile.arrivals, around - KEPT, key=lambda arrival: arrival.at)
    for arrival in tile.arrivals[first:]:
        if arrival.number > newest:
            newest = arrival.number
            source = tile.switches[bisect.bisect_right(switched, arrival.at) - 1]
            frames.append(Frame(arrival.at, source.way))
    return frames


def _since(tile: Tile, start: float) -> list[Arrival]:
    late = itertools.takewhile(lambda arrival: arrival.at > start, reversed(tile.arrivals))
    return list(late)


def _linked(viewer: Follower, member: Follower) -> bool:
    """Whether the two ends belong to one another, and carry media."""
    if viewer.mesh is None or member.mesh is None:
        return False
    ours, theirs = viewer.mesh.links.get(member.id), member.mesh.links.get(viewer.id)
    if ours is None or theirs is None or ours.id != theirs.id:
        return False
    return ours.connected and theirs.connected and not (ours.failed or theirs.failed)
