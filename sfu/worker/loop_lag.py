"""How late the event loop comes to what is due: who waits for it, waits as long."""

import asyncio
from typing import Final

from sfu.control.figures import LAG_BOUNDS, Spread

INTERVAL: Final = 0.1
"""Seconds between two looks."""


class LoopLag:
    """Looks ten times a second how late it is woken up.

    Args:
        loop: the event loop.

    Attributes:
        spread: of seconds, by ``LAG_BOUNDS``.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.spread = Spread.within(LAG_BOUNDS)
        self._loop = loop
        self._due = loop.time() + INTERVAL
        self._timer = loop.call_at(self._due, self._look)

    def close(self) -> None:
        """Look no more; harmless when done twice."""
        self._timer.cancel()

    def _look(self) -> None:
        now = self._loop.time()
        # uvloop's clock has milliseconds, and its timers may be one of them early.
        self.spread.note(max(0.0, now - self._due), LAG_BOUNDS)
        self._due = now + INTERVAL
        self._timer = self._loop.call_at(self._due, self._look)
