"""How loud one voice has been of late, from the levels that its packets carry (RFC 6464).

The packet path only appends a byte to ``fresh``; everything else happens once in a *beat*, for all
packets that have come since the last one. Time is counted in frames of 20 ms, whatever the packets
hold, and packets that come late, in a bunch, are put where they were missing.

Levels are made comparable between people: what is not clearly above somebody's background noise is
silence, and the rest is counted in units of 10 dB.
"""

from collections import deque
from collections.abc import Sequence
from itertools import islice
from typing import Final

from sfu.units import Seconds

FRAME: Final = Seconds(0.02)
REMEMBERED: Final = 50
"""Frames: a second."""

UNIT: Final = 10
"""Decibels of one unit of loudness, and what a frame has to be above the noise."""

SPEECH: Final = 8
"""Units that speech has: -47 dBov and louder."""

MOST_LOUDNESS: Final = 127

FADING: Final = 5.0
"""Decibels a second, by which what was said is remembered less."""

_LATEST: Final = 5
_MOST_OWED: Final = 10
_FLOOR_FRAMES: Final = 250
"""After so many audible frames (5 s of speech) the background is estimated anew."""

_FLOOR_AT_FIRST: Final = 50
"""Background noise is taken for no louder than that (-77 dBov) until it has been heard for long."""

_MOST_FRESH: Final = 100


class AudioLevels:
    """One voice.

    Attributes:
        fresh: the extension's bytes as they came since the last beat: 0x80 is the sender's own
            guess that it is speech, the rest how far below the loudest there is, in decibels.
        known: whether there has ever been a level. Without, nothing is known of the voice.
        loudness: of its latest speech, 0 to 127 decibels above silence, falling by 5 dB a second.
    """

    __slots__ = ("_floor", "_heard", "_lowest", "_owed", "_units", "fresh", "known", "loudness")

    def __init__(self) -> None:
        self.fresh = bytearray()
        self.known = False
        self.loudness = 0.0
        self._units: deque[int] = deque([0] * REMEMBERED, REMEMBERED)
        self._owed = 0  # frames taken for silence, whose packets may be on their way
        self._floor = MOST_LOUDNESS
        self._lowest = MOST_LOUDNESS
        self._heard = 0

    @property
    def immediate(self) -> int:
        """Units of the loudest of the newest frames (100 ms)."""
        return max(islice(reversed(self._units), _LATEST))

    @property
    def speaks(self) -> bool:
        """Whether the newest frames (100 ms) have any speech in them."""
        return self.immediate >= SPEECH

    def blocks(self, frames: int, count: int) -> list[int]:
        """Frames with speech in each of the newest blocks.

        Args:
            frames: of a block.
            count: of blocks; together no more than REMEMBERED frames.

        Returns:
            The newest block's first.
        """
        units = [unit >= SPEECH for unit in islice(reversed(self._units), frames * count)]
        return [sum(units[first : first + frames]) for first in range(0, frames * count, frames)]

    def beat(self, frames: int) -> None:
        """Take what has come, as what was said in the last so many frames."""
        fresh = self.fresh
        self.loudness = max(0.0, self.loudness - FADING * FRAME * frames)
        if not fresh:
            self._units.extend([0] * frames)
            self._owed = min(self._owed + frames, _MOST_OWED)
            return
        self.known = True
        given = bytes(fresh[-_MOST_FRESH:])
        fresh.clear()
        late = min(max(len(given) - frames, 0), self._owed)
        for _ in range(late):
            self._units.pop()
        self._owed = 0
        self._take(given, frames + late)

    def quieten(self) -> None:
        """Nothing is to be heard: what comes all the same is not looked at."""
        self.fresh.clear()
        self.loudness = 0.0
        self._units.extend([0] * REMEMBERED)
        self._owed = 0

    def _take(self, given: Sequence[int], frames: int) -> None:
        """Levels as so many frames: packets may hold 10 to 60 ms, and some are lost."""
        count = len(given)
        for frame in range(frames):
            first, end = frame * count // frames, (frame + 1) * count // frames
            some = given[first : max(end, first + 1)]
            loudness = MOST_LOUDNESS - min(level & 0x7F for level in some)
            if 0 < loudness < self._lowest:
                self._lowest = loudness
            above = loudness >= self._noise + UNIT
            self._units.append(loudness // UNIT if above else 0)
            if above and loudness > self.loudness:
                self.loudness = float(loudness)
        self._heard += frames
        if self._heard >= _FLOOR_FRAMES:
            self._floor, self._lowest, self._heard = self._lowest, MOST_LOUDNESS, 0

    @property
    def _noise(self) -> int:
        """Loudness of the background: the quietest that was heard of late, but digital silence."""
        if self._floor == MOST_LOUDNESS:
            return min(self._lowest, _FLOOR_AT_FIRST)
        return min(self._lowest, self._floor)
