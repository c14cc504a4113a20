"""How a worker ends in good order: it takes no new room, and goes on until it is empty.

::

    serving ──begin──► draining ──the last transport is gone, or the deadline──► over

Pure: the shell asks.
"""

from dataclasses import dataclass

from sfu.units import Seconds


@dataclass(slots=True)
class Drain:
    """Whether a worker is about to end.

    Attributes:
        until: when it ends in any case; None while it serves.
    """

    until: Seconds | None = None

    @property
    def begun(self) -> bool:
        """Whether no new router is opened any more."""
        return self.until is not None

    def begin(self, seconds: float, now: Seconds) -> None:
        """End within so many seconds; told twice, the earlier deadline holds."""
        until = Seconds(now + seconds)
        self.until = until if self.until is None else min(self.until, until)

    def remaining(self, now: Seconds) -> float | None:
        """Seconds until it ends in any case; None while it serves."""
        return None if self.until is None else max(0.0, self.until - now)

    def is_over(self, transports: int, now: Seconds) -> bool:
        """Whether it may end now, with so many transports open."""
        return self.until is not None and (not transports or now >= self.until)
