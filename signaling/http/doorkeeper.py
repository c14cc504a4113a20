"""Who may come in, and who has outstayed: the rules of the door, without a socket or a clock.

    accepted ──► HEAD ──request──► ANSWER ──answered──► IDLE ──first byte──► HEAD
                  │ late or squeezed out  │ stalled       │ quiet for too long
                  ▼                       ▼               ▼
                 gone                    gone            gone       ANSWER ──upgrade──► OPEN

A stranger costs least who is refused when the kernel has just accepted the connection. Whoever has
not finished a request may be squeezed out by who comes after, so that connections that say nothing
cannot keep anybody else from coming in; open WebSockets never are.
"""

import enum
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from signaling.limits import DoorLimits, address_key

SUSPECTS: Final = 32
"""The oldest of those without a request, of whom one is chosen to be squeezed out."""

TCP_PER_WEBSOCKET: Final = 2
"""A page loads its files over other connections than its WebSocket."""


class Phase(enum.Enum):
    """What a connection is waiting for: its request, our answer, its next request, or nothing."""

    HEAD = enum.auto()
    ANSWER = enum.auto()
    IDLE = enum.auto()
    OPEN = enum.auto()


@dataclass(eq=False, slots=True)
class Visit:
    """One TCP connection.

    Attributes:
        key: of the address it comes from, see ``address_key``; empty for a trusted proxy, which
            speaks for many and is not counted.
        leave: ends the connection at once.
        phase: what it waits for.
        since: when that began, or when it was last seen to make progress.
    """

    key: str
    leave: Callable[[], object]
    phase: Phase = Phase.HEAD
    since: float = 0.0


@dataclass(slots=True)
class Counts:
    """Since the start, for the metrics.

    Attributes:
        accepted: connections that were let in.
        refused: those that were not: too many in all, or from their address.
        squeezed: those that were ended unfinished to make room for others.
        overdue: those that were ended because they took too long.
    """

    accepted: int = 0
    refused: int = 0
    squeezed: int = 0
    overdue: int = 0


@dataclass(eq=False, slots=True)
class Doorkeeper:
    """The state of the door.

    Args:
        limits: of connections and seconds.
        per_address: open WebSockets that one address may have; of TCP connections it may have
            twice as many, so that whoever has too many WebSockets can be told.
    """

    limits: DoorLimits
    per_address: int
    counts: Counts = field(default_factory=Counts)
    _visits: dict[Visit, None] = field(default_factory=dict)
    _queues: dict[Phase, dict[Visit, None]] = field(
        default_factory=lambda: {phase: {} for phase in Phase if phase is not Phase.OPEN}
    )
    _from: dict[str, int] = field(default_factory=dict)
    _unfinished_from: dict[str, int] = field(default_factory=dict)

    @property
    def present(self) -> int:
        """Connections inside."""
        return len(self._visits)

    @property
    def unfinished(self) -> int:
        """Those of them that owe us a request."""
        return len(self._queues[Phase.HEAD])

    def arrive(
        self, address: str, exempt: bool, leave: Callable[[], object], now: float
    ) -> Visit | None:
        """A connection from an address; None if it must be closed at once.

        Whoever has to make room for it is told to leave before this returns.

        Args:
            address: as the kernel writes it.
            exempt: a trusted proxy: not counted by its address.
            leave: ends the connection; may be called once, at any time later.
            now: seconds.
        """
        key = "" if exempt else address_key(address)
        if key and self._from.get(key, 0) >= TCP_PER_WEBSOCKET * self.per_address:
            self.counts.refused += 1
            return None
        full = len(self._visits) >= self.limits.connections
        crowded = self.unfinished >= self.limits.unfinished_connections
        if (full or crowded) and not self._squeeze_out():
            self.counts.refused += 1
            return None
        visit = Visit(key, leave)
        self._visits[visit] = None
        self._from[key] = self._from.get(key, 0) + 1
        self._enter(visit, Phase.HEAD, now)
        self.counts.accepted += 1
        return visit

    def move(self, visit: Visit, phase: Phase, now: float) -> None:
        """A connection waits for something else now, or has made progress."""
        if visit in self._visits:
            self._exit(visit)
            self._enter(visit, phase, now)

    def gone(self, visit: Visit) -> None:
        """A connection has ended; may be said twice."""
        if visit not in self._visits:
            return
        self._exit(visit)
        del self._visits[visit]
        _take_one(self._from, visit.key)

    def dismiss_overdue(self, now: float) -> None:
        """Ends all connections that have taken too long."""
        limits = self.limits
        for phase, seconds in (
            (Phase.HEAD, limits.request_timeout),
            (Phase.ANSWER, limits.answer_timeout),
            (Phase.IDLE, limits.idle_timeout),
        ):
            late = []
            for visit in self._queues[phase]:
                if visit.since + seconds > now:
                    break
                late.append(visit)
            self.counts.overdue += len(late)
            for visit in late:
                self._dismiss(visit)

    # ---- inside --------------------------------------------------------------------------

    def _squeeze_out(self) -> bool:
        """Ends one of the oldest without a request: of the address that has most of those.

        If all have finished one, the connection that has been idle for longest goes.
        """
        suspects = islice(self._queues[Phase.HEAD], SUSPECTS)
        chosen = max(suspects, key=lambda visit: self._unfinished_from[visit.key], default=None)
        chosen = chosen or next(iter(self._queues[Phase.IDLE]), None)
        if chosen is None:
            return False
        self.counts.squeezed += 1
        self._dismiss(chosen)
        return True

    def _dismiss(self, visit: Visit) -> None:
        self.gone(visit)
        visit.leave()

    def _enter(self, visit: Visit, phase: Phase, now: float) -> None:
        visit.phase, visit.since = phase, now
        if phase is not Phase.OPEN:
            self._queues[phase][visit] = None
        if phase is Phase.HEAD:
            self._unfinished_from[visit.key] = self._unfinished_from.get(visit.key, 0) + 1

    def _exit(self, visit: Visit) -> None:
        if visit.phase is not Phase.OPEN:
            del self._queues[visit.phase][visit]
        if visit.phase is Phase.HEAD:
            _take_one(self._unfinished_from, visit.key)


def _take_one(counts: dict[str, int], key: str) -> None:
    counts[key] -= 1
    if not counts[key]:
        del counts[key]
