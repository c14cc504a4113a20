"""Warnings that strangers can cause: as many as help an operator, and no log full of them."""

import logging

from signaling.limits import TokenBucket

RATE = 0.2
"""Warnings a second, sustained."""

BURST = 20


class Complaints:
    """Writes warnings within a rate; the next that is written says how many were left out.

    Args:
        log: where they go.
        now: seconds, as of ``warn``.
    """

    def __init__(self, log: logging.Logger, now: float) -> None:
        self._log = log
        self._bucket = TokenBucket(RATE, BURST, now)
        self._left_out = 0

    def warn(self, now: float, text: str, *values: object) -> None:
        """Writes one, or counts it."""
        if not self._bucket.take(now):
            self._left_out += 1
            return
        if self._left_out:
            self._log.warning("%d warnings like the next were left out", self._left_out)
            self._left_out = 0
        self._log.warning(text, *values)
