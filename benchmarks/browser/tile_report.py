"""What ``tiles.js`` has seen in a page, and what follows from all pages of a call together."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from benchmarks.gaps import Reading, Window, growth
from benchmarks.passage import Frame, Mode, Passage, Sight

LINGER: Final = 1.5
"""Seconds after a change within which pages have let go of the old way."""

SAMPLES_PER_SECOND: Final = 48_000


class Unseen(Exception):  # noqa: N818 - reads as what is the matter
    """No page has been told of such a hand-over."""


class Word(msgspec.Struct, frozen=True):
    """Something about a hand-over that a page was told, or said."""

    at: float
    type: str
    mode: str | None
    generation: int


class TileReport(msgspec.Struct, frozen=True):
    """One page's; times in milliseconds on a clock that all pages share.

    Attributes:
        frames: by member id: when each frame was shown, and by which way.
        voices: by member id: since when sound came by which track.
        readings: by track id: how many samples had been made up at which time.
        words: in the order in which they came.
    """

    frames: dict[str, list[tuple[float, str | None]]]
    voices: dict[str, list[tuple[float, str]]]
    readings: dict[str, list[tuple[float, float]]]
    words: list[Word]

    @classmethod
    def parse(cls, report: Any) -> "TileReport":  # noqa: ANN401 - as the page gives it
        """From the page's answer."""
        return msgspec.convert(report, cls)

    def first(self, kind: str, generation: int) -> float | None:
        """When the first such word of a generation came, in seconds."""
        found = [w.at for w in self.words if (w.type, w.generation) == (kind, generation)]
        return min(found) / 1000 if found else None

    def sight(self, viewer: str, member: str, member_id: str) -> Sight:
        """This page's tile of a member; frames of no known way count for the one before."""
        frames: list[Frame] = []
        way: Mode = "mesh"
        for at, name in self.frames.get(member_id, []):
            way = "sfu" if name == "sfu" else "mesh" if name == "mesh" else way
            frames.append(Frame(at / 1000, way))
        return Sight(viewer, member, frames)

    def concealed(self, member_id: str, window: Window) -> float:
        """Seconds of a member's voice that were made up in a window, for want of packets.

        Only of the tracks that were heard, each for as long as it was.
        """
        voices = self.voices.get(member_id, [])
        ends = [at for at, _ in voices[1:]] + [float("inf")]
        made_up = 0.0
        for (at, track), end in zip(voices, ends, strict=False):
            heard = Window(max(at / 1000, window.start), min(end / 1000, window.end))
            if heard.length > 0:
                readings = [Reading(then / 1000, n) for then, n in self.readings.get(track, [])]
                made_up += growth(readings, heard)
        return made_up / SAMPLES_PER_SECOND


def passage_of(reports: Mapping[str, TileReport], ids: Mapping[str, str], mode: Mode) -> Passage:
    """The last hand-over to a mode, as the pages saw it that were there before.

    Args:
        reports: by name.
        ids: member ids, by name.
        mode: that was changed to.

    Raises:
        Unseen: there was none.
    """
    changes = [
        word.generation
        for report in reports.values()
        for word in report.words
        if (word.type, word.mode) == ("mode-changed", mode)
        and report.first("prepare-hand-over", word.generation) is not None
    ]
    if not changes:
        raise Unseen(f"no hand-over to {mode}")
    generation = max(changes)

    def when(kind: str) -> dict[str, float]:
        found = ((name, report.first(kind, generation)) for name, report in reports.items())
        return {name: at for name, at in found if at is not None}

    begun, committed = when("prepare-hand-over"), when("mode-changed")
    changed = max(committed.values())
    return Passage(
        mode=mode,
        begun=min(begun.values()),
        ready=when("hand-over-ready"),
        committed=changed,
        over=changed + LINGER,
        sights=_sights(reports, ids, sorted(begun)),
    )


def concealments(
    reports: Mapping[str, TileReport], ids: Mapping[str, str], window: Window
) -> list[float]:
    """Seconds of voice made up in a window beyond those in the equal one before, of each pair."""
    return [
        reports[viewer].concealed(ids[member], window)
        - reports[viewer].concealed(ids[member], window.before)
        for viewer, member in itertools.permutations(reports, 2)
    ]


def _sights(
    reports: Mapping[str, TileReport], ids: Mapping[str, str], names: Sequence[str]
) -> list[Sight]:
    return [
        reports[viewer].sight(viewer, member, ids[member])
        for viewer, member in itertools.permutations(names, 2)
    ]
