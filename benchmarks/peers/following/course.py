"""A room's course as one member follows it. Pure: the server's words and ``now`` in.

::

    in mode ──prepare(g)──► building beside ──mode-changed(g)────► other mode, letting go of the old
       ▲                         └──mode-changed(g+1): aborted──┐
       └────────────────────────────────────────────────────────┘

The highest generation holds; whatever comes late, twice or in another order changes nothing.
"""

from dataclasses import dataclass
from typing import Final

from benchmarks.passage import Mode

LINGER: Final = 0.5
"""Seconds for which the old way is kept after the change, at least..."""

LONGEST_LINGER: Final = 6.0
"""...and at most, while somebody does not come by the new one yet."""

SETTLED: Final = 2.5
"""Seconds after which a new way counts as ready though not everybody comes by it."""

HASTE: Final = 0.5
"""Seconds before the server's patience ends at which a new way is given up."""


@dataclass(frozen=True)
class Question:
    """What the server waits to hear: whether the way of this generation stands.

    Attributes:
        since: when it was asked.
        until: when the answer has to be there; None where the server may not wait for one.
    """

    mode: Mode
    generation: int
    since: float
    until: float | None


@dataclass(frozen=True)
class Change:
    """What a word of the server's has changed: from one mode to another, or ``aborted``."""

    mode: Mode
    before: Mode

    @property
    def aborted(self) -> bool:
        """Whether a hand-over came to nothing."""
        return self.mode == self.before


class Course:
    """Which ways a member needs.

    Args:
        mode: as the room was when it was entered.
        generation: the same.
        prewarm: whether to be connected to the SFU in a mesh.
        now: monotonic seconds.

    Attributes:
        mode: in force.
        generation: the same.
        question: what the server waits to hear, if it does.
        letting_go: the way that is kept for a moment after a change.
    """

    def __init__(self, mode: Mode, generation: int, prewarm: bool, now: float) -> None:
        self.mode: Mode = mode
        self.generation = generation
        self.prewarm = prewarm
        # Who enters during a hand-over is waited for as everybody else.
        self.question: Question | None = Question(mode, generation, now, None)
        self.letting_go: Mode | None = None
        self._changed = now
        self._preparing: Question | None = None

    @property
    def aim(self) -> Mode:
        """The way that tiles ought to show."""
        return self.mode if self._preparing is None else self._preparing.mode

    @property
    def live(self) -> frozenset[Mode]:
        """The ways that carry media."""
        return frozenset(filter(None, (self.mode, self.aim, self.letting_go)))

    @property
    def warm(self) -> bool:
        """Whether to be connected to the SFU, whatever else."""
        return self.prewarm or "sfu" in self.live

    @property
    def at_rest(self) -> bool:
        """Whether no hand-over is under way, as far as this member knows."""
        return self.question is None and self._preparing is None and self.letting_go is None

    def prepare(self, mode: Mode, generation: int, seconds: float, now: float) -> bool:
        """A change is to come; whether that is news."""
        known = self.generation if self._preparing is None else self._preparing.generation
        if generation <= known:
            return False
        self._preparing = self.question = Question(mode, generation, now, now + seconds)
        return True

    def change(self, mode: Mode, generation: int, prewarm: bool, now: float) -> Change | None:
        """The word that holds from now on; what it changes."""
        if generation < self.generation:
            return None
        self.prewarm = prewarm
        if generation == self.generation:
            return None
        change = Change(mode, self.mode)
        self.mode, self.generation, self._changed = mode, generation, now
        if self._preparing is not None and self._preparing.generation <= generation:
            self._preparing = None
        if self.question is not None and self.question.generation < generation:
            self.question = None
        self.letting_go = None if change.aborted else change.before
        return change

    def answered(self) -> None:
        """The server has been told."""
        self.question = None

    def verdict(self, stands: bool, everybody: bool, now: float) -> bool | None:
        """What to tell the server: ready, failed, or (None) nothing yet.

        Args:
            stands: whether the way in question does, as far as it depends on us.
            everybody: whether all others come by it.
            now: monotonic seconds.
        """
        asked = self.question
        if asked is None:
            return None
        if stands and (everybody or now >= asked.since + SETTLED):
            return True
        return False if asked.until is not None and now >= asked.until - HASTE else None

    def let_go(self, everybody: bool, now: float) -> Mode | None:
        """The way that is not kept any longer, told once.

        Args:
            everybody: whether all others come by the new one.
            now: monotonic seconds.
        """
        passed = now - self._changed
        if self.letting_go is None or passed < LINGER:
            return None
        if not everybody and passed < LONGEST_LINGER:
            return None
        way, self.letting_go = self.letting_go, None
        return way
