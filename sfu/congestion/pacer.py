"""Repeated packets leave at a pace: a transport that has lost many is not made to lose more.

Media is forwarded as it comes; its publisher has paced it. Repetitions are asked for in bunches, a
frame's worth or that of an interruption, and would meet the very queue that overflowed. So beyond a
few they leave in slices, at a multiple of the estimate (as libwebrtc paces all it sends).
"""

from collections import deque
from typing import Final, Generic, TypeVar

from sfu.units import BitsPerSecond, Seconds

SLICE: Final = Seconds(0.005)
"""Between two times at which some leave."""

FACTOR: Final = 1.5
"""Times the estimate, for repetitions alone: with the media, libwebrtc's 2.5."""

BURST: Final = 6000
"""Bytes that may leave at once after a while without any: five packets."""

MOST_WAITING: Final = 256
"""Packets; the oldest gives way."""

LONGEST_WAIT: Final = Seconds(0.5)
"""A packet that has waited so long comes too late to be of use."""

T = TypeVar("T")


class Pacer(Generic[T]):
    """What leaves one transport beside the media.

    Args:
        rate: estimate of what its network carries.
        now: monotonic.

    Attributes:
        rate: brought up to date by whoever estimates.
        given_up: what never left, because too much waited or it waited too long.
    """

    __slots__ = ("_at", "_stock", "_waiting", "given_up", "rate")

    def __init__(self, rate: BitsPerSecond, now: Seconds) -> None:
        self.rate = rate
        self.given_up = 0
        self._stock: float = BURST  # bytes that may leave; below 0 after a long packet
        self._at = now
        self._waiting: deque[tuple[Seconds, T]] = deque()

    def __len__(self) -> int:
        """Packets that wait."""
        return len(self._waiting)

    def admits(self, now: Seconds) -> bool:
        """Whether a packet may leave now. If none waits, whoever sends it says so to ``spend``."""
        elapsed, self._at = now - self._at, now
        self._stock = min(BURST, self._stock + elapsed * self.rate * FACTOR / 8)
        return self._stock > 0

    def spend(self, octets: int) -> None:
        """A packet leaves."""
        self._stock -= octets

    def wait(self, what: T, now: Seconds) -> None:
        """Let a packet wait for its turn."""
        if len(self._waiting) >= MOST_WAITING:
            self._waiting.popleft()
            self.given_up += 1
        self._waiting.append((now, what))

    def next(self, now: Seconds) -> T | None:
        """The packet whose turn it is, to be sent and spent; None when nothing may leave yet."""
        waiting = self._waiting
        while waiting and now - waiting[0][0] > LONGEST_WAIT:
            waiting.popleft()
            self.given_up += 1
        if not waiting or not self.admits(now):
            return None
        return waiting.popleft()[1]
