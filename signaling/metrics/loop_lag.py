"""How late the event loop of signaling comes to what is due."""

import asyncio
from typing import Final

from sfu.control.figures import LAG_BOUNDS, Spread

INTERVAL: Final = 0.1
"""Seconds between two looks."""


class LoopLag:
    """Looks ten times a second how late it is woken up, from ``start`` to ``close``.

    Attributes:
        spread: Of seconds, by ``LAG_BOUNDS``.
    """

    def __init__(self) -> None:
        self.spread = Spread.within(LAG_BOUNDS)
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begins to look; in the event loop that is meant."""
        loop = asyncio.get_running_loop()
        due = loop.time() + INTERVAL

        def look() -> None:
            self.spread.note(max(0.0, loop.time() - due), LAG_BOUNDS)
            self.start()

        self._timer = loop.call_at(due, look)

    def close(self) -> None:
        """Looks no more; harmless when done twice."""
        if self._timer is not None:
            self._timer.cancel()
