"""Who has the floor (I. Volfin, I. Cohen: Dominant speaker identification, 2012).

A voice is scored by how likely its activity is speech, over three spans: now (the loudest of
100 ms, in units of 10 dB), a moment (frames with speech among the newest five), and a while (blocks
of 100 ms, of the last ten, that are speech throughout). Each score is the logarithm of a likelihood
ratio: activity is binomial where there is speech, exponential where there is none.

Somebody takes the floor whose scores exceed the speaker's by a factor in all three spans. So nobody
is interrupted as long as they speak, and a cough, a click or a keyboard, which have no *while*,
take nothing. As in Jitsi's implementation, decisions are made every 300 ms, and levels stand in for
the paper's sub-bands. Other than there, who is to take the floor has to have spoken for a while
also when it is free: a cough in silence is no speech either.
"""

import math
from collections.abc import Hashable, Mapping
from functools import lru_cache
from typing import Final, Generic, TypeVar

from sfu.media.audio_levels import AudioLevels
from sfu.units import Seconds

DECISION_INTERVAL: Final = Seconds(0.3)

LEAST_WHILE: Final = 4
"""Blocks of 100 ms with nothing but speech, of the last ten, without which nobody takes the floor:
a cough has two or three, a word four."""

_BLOCK: Final = 5
_BLOCKS: Final = 10
_SUBBANDS: Final = 13

_NOW: Final = 3.0
_MOMENT: Final = 2.0
_WHILE: Final = 0.0
"""By how much the logarithm of a score has to exceed that of the speaker."""

_LEAST_SCORE: Final = 1e-10

Key = TypeVar("Key", bound=Hashable)


class DominantSpeaker(Generic[Key]):
    """Who of several voices has the floor.

    Attributes:
        speaker: who has it, or had it last; None before anybody.
    """

    def __init__(self) -> None:
        self.speaker: Key | None = None
        self._decide_at = Seconds(-1e9)

    def forget(self, key: Key) -> None:
        """A voice is gone for good."""
        if self.speaker == key:
            self.speaker = None

    def decide(self, voices: Mapping[Key, AudioLevels], now: Seconds) -> bool:
        """See whether somebody takes the floor, if it is time to; whether somebody has.

        Args:
            voices: all of them.
            now: monotonic.
        """
        if now < self._decide_at:
            return False
        self._decide_at = Seconds(now + DECISION_INTERVAL)
        holder = None if self.speaker is None else voices.get(self.speaker)
        to_beat: tuple[float, float, float] | None = None
        best, best_moment = None, _MOMENT
        for key, voice in voices.items():
            if key == self.speaker or not voice.speaks:
                continue
            blocks = voice.blocks(_BLOCK, _BLOCKS)
            if blocks.count(_BLOCK) < LEAST_WHILE:
                continue
            if to_beat is None:
                to_beat = _scores(
                    holder, None if holder is None else holder.blocks(_BLOCK, _BLOCKS)
                )
            ahead = [
                math.log(theirs / before)
                for theirs, before in zip(_scores(voice, blocks), to_beat, strict=True)
            ]
            if ahead[0] > _NOW and ahead[1] > best_moment and ahead[2] > _WHILE:
                best, best_moment = key, ahead[1]
        if best is None:
            return False
        self.speaker = best
        return True


def _scores(voice: AudioLevels | None, blocks: list[int] | None) -> tuple[float, float, float]:
    if voice is None or blocks is None:
        return _LEAST_SCORE, _LEAST_SCORE, _LEAST_SCORE
    return (
        score(min(voice.immediate, _SUBBANDS), _SUBBANDS, 0.78),
        score(blocks[0], _BLOCK, 24.0),
        score(blocks.count(_BLOCK), _BLOCKS, 47.0),
    )


@lru_cache(maxsize=64)
def score(active: int, of: int, rate: float) -> float:
    """Logarithm of how much likelier so much activity is with speech than without (eq. 9, 10).

    Args:
        active: parts that are active.
        of: parts there are.
        rate: of the exponential distribution of activity without speech.

    Returns:
        Above 0: a tiny number stands for all that is unlikely.
    """
    likely = math.log(math.comb(of, active)) + of * math.log(0.5)
    return max(likely - math.log(rate) + rate * active, _LEAST_SCORE)
