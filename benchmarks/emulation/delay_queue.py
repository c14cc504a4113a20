"""Datagrams on their way through a link that takes its time. Pure."""

from collections import deque
from typing import NamedTuple


class Travelling(NamedTuple):
    """One datagram under way.

    Attributes:
        due: when it arrives, monotonic seconds.
        way: by which end it leaves the link.
        datagram: its bytes.
    """

    due: float
    way: int
    datagram: bytes


class DelayQueue:
    """A link that delays everything by the same time, so that nothing overtakes anything.

    Args:
        delay: seconds, 0 or more.
    """

    def __init__(self, delay: float) -> None:
        if delay < 0:
            raise ValueError(f"{delay} s is no delay")
        self._delay = delay
        self._travelling: deque[Travelling] = deque()

    def __len__(self) -> int:
        return len(self._travelling)

    def put(self, now: float, way: int, datagram: bytes) -> None:
        """A datagram enters."""
        self._travelling.append(Travelling(now + self._delay, way, datagram))

    def take(self, now: float) -> list[Travelling]:
        """Those that have arrived by now, in order."""
        arrived: list[Travelling] = []
        while self._travelling and self._travelling[0].due <= now:
            arrived.append(self._travelling.popleft())
        return arrived

    def wait(self, now: float) -> float | None:
        """Seconds until the next arrives, 0 if it has; None if nothing is under way."""
        return max(0.0, self._travelling[0].due - now) if self._travelling else None
