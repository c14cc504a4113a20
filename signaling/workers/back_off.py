"""How long to wait before a worker that has died is started again."""

from typing import Final

QUICK: Final = 10.0
"""Seconds; a worker that lived no longer has died quickly."""

LONGEST: Final = 30.0


class BackOff:
    """At once the first time, then after 1, 2, 4 … 30 s while workers go on to die quickly."""

    def __init__(self) -> None:
        self._deaths = 0

    def after(self, lived: float) -> float:
        """Seconds to wait after a worker that lived for so many."""
        if lived > QUICK:
            self._deaths = 0
        self._deaths += 1
        return 0.0 if self._deaths == 1 else min(LONGEST, 2.0 ** min(self._deaths - 2, 16))
