"""How late an event loop was with what was due: a load generator must not be the bottleneck."""

import asyncio
import time
from pathlib import Path
from typing import Final, Self

from benchmarks.gaps import Window

INTERVAL: Final = 0.005


class Lateness:
    """Looks at the running loop every few milliseconds. Use as ``async with``.

    Attributes:
        delays: (when, seconds) of every look that came late.
    """

    def __init__(self) -> None:
        self.delays: list[tuple[float, float]] = []
        self._begun = time.monotonic(), _waited()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._look())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()

    def worst(self, window: Window) -> float:
        """Seconds of the longest delay that ended in a window."""
        inside = [late for at, late in self.delays if window.start < at <= window.end]
        return max(inside, default=0.0)

    @property
    def waited(self) -> float:
        """Share of the time since the beginning for which others had this thread's core."""
        begun, before = self._begun
        return (_waited() - before) / max(1e-9, time.monotonic() - begun)

    async def _look(self) -> None:
        while True:
            due = time.monotonic() + INTERVAL
            await asyncio.sleep(INTERVAL)
            now = time.monotonic()
            if now - due > INTERVAL:
                self.delays.append((now, now - due))


def _waited() -> float:
    """Seconds that this thread was ready and not running, as the kernel counts them."""
    return int(Path("/proc/thread-self/schedstat").read_text().split()[1]) / 1e9
