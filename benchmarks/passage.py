"""A hand-over as everybody in the room has seen it, and what it has cost them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from benchmarks.gaps import Window, excess, longest_gap, stalls

Mode = Literal["mesh", "sfu"]
"""How a room's media travels; a way is the road of one mode, as a member has built it."""

AFTER: Final = 0.5
"""Seconds beyond the end of a hand-over that are watched with it."""


class Frame(NamedTuple):
    """A frame in a tile: when, in seconds, and by which way."""

    at: float
    way: Mode


@dataclass(frozen=True)
class Sight:
    """One member's tile of another: ``viewer`` sees ``member``."""

    viewer: str
    member: str
    frames: Sequence[Frame]

    @property
    def times(self) -> list[float]:
        """When a frame came."""
        return [frame.at for frame in self.frames]


@dataclass(frozen=True)
class Passage:
    """One hand-over; times in seconds on one clock.

    Attributes:
        mode: that the room has had since.
        begun: when the first member was told to prepare.
        ready: when each was.
        committed: when the last member knew of the change.
        over: when the last had let go of the old way.
        sights: of those who were there before and after it.
    """

    mode: Mode
    begun: float
    ready: Mapping[str, float]
    committed: float
    over: float
    sights: Sequence[Sight]

    @property
    def window(self) -> Window:
        """In which a gap is due to it."""
        return Window(self.begun, self.over + AFTER)

    @property
    def gaps(self) -> list[float]:
        """The longest wait for a frame, of each pair."""
        return [longest_gap(sight.times, self.window) for sight in self.sights]

    @property
    def excesses(self) -> list[float]:
        """The same, beyond the longest wait in an equal window just before it."""
        return [excess(sight.times, self.window) for sight in self.sights]

    def stalls(self, longest: float) -> dict[tuple[str, str], list[Window]]:
        """All waits longer than ``longest``, by viewer and member."""
        return {
            (sight.viewer, sight.member): stalls(sight.times, self.window, longest)
            for sight in self.sights
        }


# ---- as samples of a record, and back ----------------------------------------------------------


def to_samples(name: str, passage: Passage) -> dict[str, list[float]]:
    """What the timeline needs, in seconds since the beginning, under names that begin alike."""
    begun, shown = passage.begun, passage.window
    around = Window(shown.start - shown.length / 2, shown.end)

    def since(times: Sequence[float]) -> list[float]:
        return [round(at - begun, 4) for at in times if around.start <= at <= around.end]

    samples = {
        f"{name}: committed, {passage.mode}": since([passage.committed]),
        f"{name}: over": since([passage.over]),
    }
    for member, at in passage.ready.items():
        samples[f"{name}: ready, {member}"] = since([at])
    for sight in passage.sights:
        for way in ("mesh", "sfu"):
            times = [frame.at for frame in sight.frames if frame.way == way]
            samples[f"{name}: {sight.viewer} sees {sight.member}, {way}"] = since(times)
    return samples


def from_samples(name: str, samples: Mapping[str, Sequence[float]]) -> Passage | None:
    """The passage of that name, its beginning at 0; None when there is none."""
    mine = {
        key.removeprefix(f"{name}: "): list(values)
        for key, values in samples.items()
        if key.startswith(f"{name}: ")
    }
    ends = {key: values for key, values in mine.items() if key.startswith("committed, ")}
    if not ends:
        return None
    [(word, [committed])] = ends.items()
    ready = {
        key.removeprefix("ready, "): values[0]
        for key, values in mine.items()
        if key.startswith("ready, ") and values
    }
    frames: dict[tuple[str, str], list[Frame]] = {}
    for key, times in mine.items():
        if " sees " in key:
            pair, _, way = key.rpartition(", ")
            viewer, _, member = pair.partition(" sees ")
            shown = frames.setdefault((viewer, member), [])
            shown += [Frame(at, "sfu" if way == "sfu" else "mesh") for at in times]
    return Passage(
        mode="sfu" if word.endswith("sfu") else "mesh",
        begun=0.0,
        ready=ready,
        committed=committed,
        over=mine["over"][0],
        sights=[Sight(*pair, sorted(shown)) for pair, shown in frames.items()],
    )
