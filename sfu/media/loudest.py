"""Whose voices are forwarded where there are more than anybody could tell apart.

The loudest few. Who has a place keeps it for a while after their last word, so that nobody is cut
off between two sentences; a place that nobody uses goes to whoever begins to speak, at once; and if
all are in use, to somebody clearly louder only. Who has the floor never loses theirs.
"""

from collections.abc import Hashable, Mapping
from typing import Final, Generic, TypeVar

from sfu.media.audio_levels import AudioLevels
from sfu.units import Seconds

KEPT_FOR: Final = Seconds(2.0)
"""A place after the last word."""

CLEARLY_LOUDER: Final = 10.0
"""Decibels: syllables of one voice differ by as much."""

LEAST_TURN: Final = Seconds(1.0)
"""Of a place that somebody louder may take."""

_LONG_AGO: Final = Seconds(-1e9)

Key = TypeVar("Key", bound=Hashable)


class Loudest(Generic[Key]):
    """The few of many voices that are forwarded.

    Args:
        places: how many; 0 for all.
    """

    def __init__(self, places: int) -> None:
        self._places = places
        self._spoke_at: dict[Key, Seconds] = {}  # who has a place, and spoke last when
        self._since: dict[Key, Seconds] = {}

    def selects(self, voices: int) -> bool:
        """Whether so many voices are too many: one more than there are places is not."""
        return 0 < self._places < voices - 1

    def choose(
        self, voices: Mapping[Key, AudioLevels], speaker: Key | None, now: Seconds
    ) -> set[Key]:
        """Whose voices are forwarded until the next time.

        Args:
            voices: all that can be heard now. Those without levels are always forwarded, and take
                no place.
            speaker: who has the floor.
            now: monotonic.
        """
        if not self.selects(len(voices)):
            self._spoke_at.clear()
            self._since.clear()
            return set(voices)
        candidates = {key: voice for key, voice in voices.items() if voice.known}
        for gone in self._spoke_at.keys() - candidates.keys():
            self._release(gone)
        for key in self._spoke_at:
            if candidates[key].speaks:
                self._spoke_at[key] = now
        waiting = [key for key in candidates if key not in self._spoke_at]
        # Whoever speaks comes first; empty places are filled, because silence costs little.
        waiting.sort(key=lambda key: (candidates[key].speaks, candidates[key].loudness))
        while waiting and len(self._spoke_at) < self._places:
            self._admit(waiting.pop(), candidates, now)
        while waiting and candidates[waiting[-1]].speaks:
            entering = waiting.pop()
            leaving = self._whose_place(entering, candidates, speaker, now)
            if leaving is None:
                break
            self._release(leaving)
            self._admit(entering, candidates, now)
        return self._spoke_at.keys() | (voices.keys() - candidates.keys())

    def _whose_place(
        self,
        entering: Key,
        voices: Mapping[Key, AudioLevels],
        speaker: Key | None,
        now: Seconds,
    ) -> Key | None:
        """Who has been silent for long, the longest; else who is clearly the quietest."""
        others = [key for key in self._spoke_at if key != speaker]
        if not others:
            return None
        longest = min(others, key=lambda key: self._spoke_at[key])
        if now - self._spoke_at[longest] > KEPT_FOR:
            return longest
        settled = [key for key in others if now - self._since[key] >= LEAST_TURN]
        quietest = min(settled, key=lambda key: voices[key].loudness, default=None)
        if quietest is None:
            return None
        ahead = voices[entering].loudness - voices[quietest].loudness
        return quietest if ahead > CLEARLY_LOUDER else None

    def _admit(self, key: Key, voices: Mapping[Key, AudioLevels], now: Seconds) -> None:
        self._spoke_at[key] = now if voices[key].speaks else _LONG_AGO
        self._since[key] = now

    def _release(self, key: Key) -> None:
        del self._spoke_at[key], self._since[key]
