"""Moving a room from one mode to the other during the call, as a transaction.

::

                     every member that is waited for answers, leaves, or loses its connection
    PREPARE ──► OPEN ────────────────────────────────────────────────────► READY ──► COMMIT
                 │ somebody fails                          all have answered, somebody failed
                 ▼
               FAILING ──────────────────────────────────► FAILED ──┐
                 │ the time is up                                   ├──► COMMIT or ABORT
                 └───────────────────────────────────────► LATE ────┘

Towards the SFU a failure ends the attempt at once where the room fits into a mesh; where it does
not, the others are waited for, and go without those who cannot. Towards a mesh a failure always
ends it: the SFU works, and a mesh needs everybody.
"""

from dataclasses import dataclass, replace
from enum import Enum

from signaling.messages.records import Mode
from signaling.mode_policy import Hold, ModeDecision

FIRST_HOLD = 10.0
LONGEST_HOLD = 120.0
"""Seconds for which a move that failed is not tried again: the first time, and at most."""


class Standing(Enum):
    """How far the members are."""

    OPEN = "somebody has not answered, and nobody has failed"
    FAILING = "somebody has not answered, and somebody has failed"
    READY = "everybody is ready"
    FAILED = "everybody has answered, and somebody has failed"
    LATE = "the time is up, and somebody has not answered"


class Verdict(Enum):
    """What follows for the room."""

    WAIT = "wait"
    COMMIT = "commit"
    ABORT = "abort"


TABLE: dict[tuple[Standing, Mode, bool], Verdict] = {
    # standing, towards, does the room fit into a mesh?
    (Standing.OPEN, "sfu", True): Verdict.WAIT,
    (Standing.OPEN, "sfu", False): Verdict.WAIT,
    (Standing.OPEN, "mesh", True): Verdict.WAIT,
    (Standing.OPEN, "mesh", False): Verdict.WAIT,
    (Standing.FAILING, "sfu", True): Verdict.ABORT,
    (Standing.FAILING, "sfu", False): Verdict.WAIT,
    (Standing.FAILING, "mesh", True): Verdict.ABORT,
    (Standing.FAILING, "mesh", False): Verdict.ABORT,
    (Standing.READY, "sfu", True): Verdict.COMMIT,
    (Standing.READY, "sfu", False): Verdict.COMMIT,
    (Standing.READY, "mesh", True): Verdict.COMMIT,
    (Standing.READY, "mesh", False): Verdict.ABORT,
    (Standing.FAILED, "sfu", True): Verdict.ABORT,
    (Standing.FAILED, "sfu", False): Verdict.COMMIT,
    (Standing.FAILED, "mesh", True): Verdict.ABORT,
    (Standing.FAILED, "mesh", False): Verdict.ABORT,
    (Standing.LATE, "sfu", True): Verdict.ABORT,
    (Standing.LATE, "sfu", False): Verdict.COMMIT,
    (Standing.LATE, "mesh", True): Verdict.ABORT,
    (Standing.LATE, "mesh", False): Verdict.ABORT,
}


@dataclass(frozen=True)
class HandOver:
    """A hand-over under way.

    Attributes:
        aim: What the room will be after COMMIT; whoever enters now is told so already.
        deadline: When it ends, whatever has been answered.
        waiting: Members whose answer is waited for.
        failed: Members who could not build the new way.
    """

    aim: ModeDecision
    deadline: float
    waiting: frozenset[str]
    failed: frozenset[str] = frozenset()

    @property
    def generation(self) -> int:
        """Its number, and the room's after COMMIT."""
        return self.aim.generation

    def answered(self, member_id: str, ready: bool) -> "HandOver":
        """A member is ready, or cannot be; its last word counts."""
        failed = self.failed - {member_id} if ready else self.failed | {member_id}
        return replace(self, waiting=self.waiting - {member_id}, failed=failed)

    def without(self, member_id: str) -> "HandOver":
        """A member is gone, or cannot answer now: nothing hangs on it any more."""
        gone = {member_id}
        return replace(self, waiting=self.waiting - gone, failed=self.failed - gone)

    def standing(self, now: float) -> Standing:
        """How far the members are."""
        if not self.waiting:
            return Standing.FAILED if self.failed else Standing.READY
        if now >= self.deadline:
            return Standing.LATE
        return Standing.FAILING if self.failed else Standing.OPEN

    def at_fault(self, now: float) -> frozenset[str]:
        """Who has failed, or let the time pass."""
        return self.failed | self.waiting if now >= self.deadline else self.failed

    def verdict(self, fits: bool, now: float) -> Verdict:
        """What follows; ``fits``: the room is not too large for a mesh."""
        return TABLE[self.standing(now), self.aim.mode, fits]


@dataclass(frozen=True)
class Setback(Hold):
    """A hand-over failed, and waits for its next attempt.

    Attributes:
        failures: How often in a row.
        blamed: Those who had failed, or had not answered.
    """

    failures: int
    blamed: frozenset[str]

    def is_over(self, now: float) -> "Setback":
        """What it rested on has changed: the next attempt need not wait."""
        return replace(self, until=now)


def set_back(before: Setback | None, failed: HandOver, now: float) -> Setback:
    """After an attempt that failed: each waits twice as long as the one before."""
    failures = 1 if before is None else before.failures + 1
    pause = min(FIRST_HOLD * 2.0 ** min(failures - 1, 10), LONGEST_HOLD)
    return Setback(failed.aim.reason, now + pause, failures, failed.at_fault(now))
