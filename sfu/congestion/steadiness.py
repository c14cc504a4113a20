"""When pictures get better or worse: down at once, up only when it is likely to last.

::

               somebody could get more, with a margin       so for RISE_AFTER
        steady ───────────────────────────────────► hopeful ────────────────► risen, and steady
           ▲                                            │
           └────────── not even for a moment ───────────┘

Who had to come down soon after having risen has failed. Then the margin is larger, and much larger
for a while that doubles with every failure: an estimate that wobbles is not followed up and down.
"""

from collections.abc import Sequence
from typing import Final

from sfu.congestion.allocator import NO_RISE, Allocation, Picture, allocate
from sfu.units import BitsPerSecond, Seconds

MARGIN: Final = 1.15
"""How much larger than what is needed an estimate has to be."""

MARGIN_AFTER_FAILURE: Final = 1.4
"""More than lies between the ends of an estimate that wobbles by 15 %: 1.15 / 0.85."""

MARGIN_SOON_AFTER: Final = 2.0
"""While one holds back after a failure: what is so large is no wobble."""

RISE_AFTER: Final = Seconds(0.8)

FAILED_WITHIN: Final = Seconds(15.0)
"""Of a rise, when it was too much."""

FIRST_BACK_OFF: Final = Seconds(4.0)
LONGEST_BACK_OFF: Final = Seconds(60.0)
FORGIVEN_AFTER: Final = Seconds(60.0)
"""Of the end of the last back-off."""

_LONG_AGO: Final = Seconds(-1e9)


class Steadiness:
    """One transport's memory of how it went.

    Attributes:
        hopeful_since: since when somebody could get more; None: nobody could.
        failures: in a row.
    """

    __slots__ = ("_holds_back_until", "_least", "_risen_at", "failures", "hopeful_since")

    def __init__(self) -> None:
        self.hopeful_since: Seconds | None = None
        self.failures = 0
        self._least = 0.0
        self._risen_at = _LONG_AGO
        self._holds_back_until = _LONG_AGO

    def decide(
        self, budget: BitsPerSecond, pictures: Sequence[Picture], now: Seconds
    ) -> Allocation:
        """Who is to get what from now on; ``next_at`` includes the margin."""
        self._note_failure(budget, pictures, now)
        margin = self._margin(now)
        if self.hopeful_since is not None:
            self._least = min(self._least, budget)
            if not _rises(allocate(self._least, pictures, margin), pictures):
                self.hopeful_since = None  # hope may begin anew with what there is now
        better = allocate(budget, pictures, margin)
        if not _rises(better, pictures):
            self.hopeful_since = None
            return better
        if self.hopeful_since is None:
            self.hopeful_since, self._least = now, budget
        if now - self.hopeful_since < RISE_AFTER:
            kept = allocate(budget, pictures, NO_RISE)
            return kept._replace(next_at=better.next_at)
        self.hopeful_since = None
        self._risen_at = now
        return allocate(self._least, pictures, margin)

    def next_deadline(self) -> Seconds | None:
        """When to decide again, whatever happens; None: when something has changed."""
        return None if self.hopeful_since is None else Seconds(self.hopeful_since + RISE_AFTER)

    def holds_back(self, now: Seconds) -> bool:
        """Whether a rise has just failed."""
        return now < self._holds_back_until

    def _margin(self, now: Seconds) -> float:
        if self.holds_back(now):
            return MARGIN_SOON_AFTER
        if self.failures and now - self._holds_back_until > FORGIVEN_AFTER:
            self.failures = 0
        return MARGIN_AFTER_FAILURE if self.failures else MARGIN

    def _note_failure(
        self, budget: BitsPerSecond, pictures: Sequence[Picture], now: Seconds
    ) -> None:
        if now - self._risen_at > FAILED_WITHIN:
            return
        held = sum(one.steps[one.held - 1].rate for one in pictures if one.held)
        if held > budget:
            self.failures += 1
            self._risen_at = _LONG_AGO
            back_off = min(FIRST_BACK_OFF * 2 ** (self.failures - 1), LONGEST_BACK_OFF)
            self._holds_back_until = Seconds(now + back_off)


def _rises(allocation: Allocation, pictures: Sequence[Picture]) -> bool:
    """Whether somebody gets more than without a margin."""
    return any(
        count > picture.free for count, picture in zip(allocation.taken, pictures, strict=True)
    )
