"""What a peer that says its own limit (REMB, draft-alvestrand-rmcat-remb) is taken to carry.

A receiver's estimate is never much more than what comes: 1.5 times that, with libwebrtc and aiortc.
So by itself it says nothing of a better step. Where there is room to spare, the next step is tried
for a while; either the limit follows what is sent then, or it does not, and that was a failure.
"""

from typing import Final

from sfu.units import BitsPerSecond, Seconds

ROOM_TO_SPARE: Final = 1.25
"""Times what is sent: then the limit shows no limit."""

TRIED_FOR: Final = Seconds(4.0)
"""From the first wish to rise; receivers say their limit about once a second."""

STEADY: Final = 0.85
"""Of what was said at the beginning of a trial; less ends it."""

_LONG_AGO: Final = Seconds(-1e9)


class ReceiverLimit:
    """One transport's limit, as its peer says it."""

    __slots__ = ("_said_before", "_tried", "_until")

    def __init__(self) -> None:
        self._until = _LONG_AGO
        self._tried = 0.0
        self._said_before = 0.0

    def take(
        self,
        said: BitsPerSecond,
        sent: float,
        next_step: BitsPerSecond | None,
        now: Seconds,
    ) -> BitsPerSecond:
        """The estimate to go by.

        Args:
            said: by the peer.
            sent: bits per second that are sent to it.
            next_step: the estimate with which somebody would get more; None where nobody would, or
                it has just failed.
            now: monotonic.
        """
        if now < self._until:
            if said >= self._said_before * STEADY:
                return BitsPerSecond(max(said, self._tried))
            self._until = now
            return said
        if next_step is None or said >= next_step or said < sent * ROOM_TO_SPARE:
            return said
        self._until, self._tried, self._said_before = Seconds(now + TRIED_FOR), next_step, said
        return next_step
