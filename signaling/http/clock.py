"""The one place that reads the clock."""

import time


class Clock:
    """Unix seconds that never step: wall time at the start, monotonic from there."""

    def __init__(self) -> None:
        self._offset = time.time() - time.monotonic()  # noqa: TID251 - this is the shell's clock

    def now(self) -> float:
        """Unix seconds."""
        return time.monotonic() + self._offset
