"""What has happened since the start, in numbers: for whoever watches the service.

Pure, and cheap enough for every message. Nothing that a stranger chooses is ever a key: what is
counted by kind is counted by a kind that the code knows.
"""

from collections import Counter
from typing import Final, Literal, TypeAlias

from sfu.control.figures import Spread
from signaling.messages.records import Mode
from signaling.messages.wire import ErrorCode

Outcome: TypeAlias = Literal["committed", "aborted", "forced"]
"""Of a hand-over; ``forced``: not prepared, because the SFU was lost."""

Course: TypeAlias = tuple[Mode, str]
"""The mode aimed at, and why (``mode_policy.ModeReason``)."""

GAP_BOUNDS: Final = (0.0, 0.02, 0.04, 0.06, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Seconds for which a picture stood still."""

PREPARATION_BOUNDS: Final = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.5, 5.0, 10.0)
"""Seconds from the beginning of a hand-over to its end."""


class Tally:
    """Counters that only grow.

    Attributes:
        connections: WebSockets opened.
        turned_away: WebSockets refused at once, by why.
        closed: those that we closed, by why.
        resumed: sessions that were continued.
        received: messages understood, by type.
        sent: frames written...
        sent_bytes: ...and their payload.
        over_rate: frames beyond a connection's rate, by which rate.
        refused: requests refused, by code.
        joined: members who have entered a room.
        not_joined: requests to make or join a room that were refused, by code.
        left: members who are out of a room, by why; ``room-closed`` where the room went with them.
        hand_overs: ended, by course and outcome.
        preparation: seconds that committed hand-overs took, by mode.
        gaps: seconds for which members' pictures stood still, by course.
        workers_lost: workers that have ended or could not be reached any more.
    """

    def __init__(self) -> None:
        self.connections = 0
        self.turned_away: Counter[str] = Counter()
        self.closed: Counter[str] = Counter()
        self.resumed = 0
        self.received: Counter[str] = Counter()
        self.sent = 0
        self.sent_bytes = 0
        self.over_rate: Counter[str] = Counter()
        self.refused: Counter[ErrorCode] = Counter()
        self.joined = 0
        self.not_joined: Counter[ErrorCode] = Counter()
        self.left: Counter[str] = Counter()
        self.hand_overs: Counter[tuple[Course, Outcome]] = Counter()
        self.preparation: dict[Mode, Spread] = {}
        self.gaps: dict[Course, Spread] = {}
        self.workers_lost = 0

    def handed_over(self, course: Course, outcome: Outcome, took: float | None = None) -> None:
        """A hand-over has ended; ``took`` so many seconds, if it was prepared and committed."""
        self.hand_overs[course, outcome] += 1
        if took is not None:
            spread = self.preparation.setdefault(course[0], Spread.within(PREPARATION_BOUNDS))
            spread.note(took, PREPARATION_BOUNDS)

    def stood_still(self, course: Course, seconds: float) -> None:
        """Somebody's picture stood still for so long when the room crossed over."""
        self.gaps.setdefault(course, Spread.within(GAP_BOUNDS)).note(seconds, GAP_BOUNDS)
