"""How often a publisher is asked for a key frame (RFC 4585 §6.3.1)."""

from typing import Final

from sfu.media.allowance import Allowance
from sfu.units import Seconds

PER_SECOND: Final = 1.0
BURST: Final = 2
"""Requests in quick succession: each may cost the publisher a key frame."""

DEAF_FOR: Final = Seconds(0.33)
"""Chromium passes over a request within 300 ms of the one it has answered
(``EncoderRtcpFeedback``): so one that was answered is followed by the next so much later, which
then counts for all who have come meanwhile. In a hand-over consumers resume over some 100 ms,
and the first key frame comes too early for the last of them. Without the pause their request was
passed over and had to be repeated: it took four in a row, and 0.56 s, until the last had a
picture; with it, two and 0.33 s in the same model of Chromium.
"""

REPEAT_AFTER: Final = Seconds(0.5)
"""A request without an answer is taken for lost after so long."""

_LONG_AGO: Final = Seconds(-1e9)


class KeyFrameRequests:
    """One stream's requests: many wishes become few."""

    __slots__ = ("_allowance", "_asked_at", "_unanswered", "_wanted")

    def __init__(self) -> None:
        self._allowance = Allowance(PER_SECOND, BURST)
        self._asked_at = _LONG_AGO
        self._wanted = False
        self._unanswered = False

    def want(self, now: Seconds) -> bool:
        """Somebody needs a key frame; whether that needs a request of its own."""
        if self._wanted or (self._unanswered and now - self._asked_at < REPEAT_AFTER):
            return False
        self._wanted = True
        return True

    def answered(self) -> None:
        """A key frame came."""
        self._wanted = self._unanswered = False

    def forget(self) -> None:
        """There is no need any more: the stream is silent, and will begin with a key frame."""
        self._wanted = self._unanswered = False

    def next_deadline(self, someone_waits: bool) -> Seconds | None:
        """When to ask; None when there is no need.

        Args:
            someone_waits: whether a request without an answer is to be repeated.
        """
        if not self._wanted and not (someone_waits and self._unanswered):
            return None
        pause = REPEAT_AFTER if self._unanswered else DEAF_FOR
        return max(Seconds(self._asked_at + pause), self._allowance.ready_at())

    def take(self, now: Seconds, someone_waits: bool) -> bool:
        """Whether to ask now; then it counts as asked."""
        due = self.next_deadline(someone_waits)
        if due is None or now < due or not self._allowance.take(now):
            return False
        self._wanted = False
        self._unanswered = True
        self._asked_at = now
        return True
