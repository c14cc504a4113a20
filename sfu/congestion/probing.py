"""When to try out whether a network carries more, how much to try, and when to try again.

An estimate cannot show what is not sent: who is served with a small picture stays with it, however
much the network would carry. So a *probe*, a few packets that say nothing new, is sent at the rate
that is wanted. The rules follow libwebrtc's ``ProbeController``: at first three times the estimate,
then twice what was found as long as that goes well; when it does not, ever less often. What differs
is what is wanted: the next better allocation, and nothing when there is none.
"""

from dataclasses import dataclass
from typing import Final

from sfu.units import BitsPerSecond, Seconds

DURATION: Final = Seconds(0.015)
"""How long a probe is sent at least ..."""

LEAST_PACKETS: Final = 5
"""... and so many packets in any case: fewer tell nothing of a rate."""

JITTERS: Final = 3.0
"""Times the path's jitter that it lasts: a shorter one would measure that."""

LONGEST: Final = Seconds(0.1)
"""But so long at most."""

FIRST_SCALE: Final = 3.0
"""Times the estimate, of the first probe of a transport."""

FURTHER_SCALE: Final = 2.0
"""Likewise, of every other."""

MARGIN: Final = 1.15
"""Times what is wanted: an estimate is a little less than what a probe has shown."""

CONFIRMED: Final = 0.7
"""A probe went well when the estimate has grown, and is so much of the probe's rate: then the next
one follows at once."""

RESULT_TIMEOUT: Final = Seconds(1.0)
"""How long to wait for that."""

PAUSES: Final = (Seconds(0.5), Seconds(1.0), Seconds(2.0))
"""Between probes that showed nothing; the last one for good. Two seconds, so that a network that
has recovered is found before a person gives up; a probe is some six kilobytes."""

NOT_WORTHWHILE: Final = 1.05
"""What is wanted is not tried while the estimate is as close to it as that; nor has an estimate
grown that has grown by less."""


@dataclass(frozen=True, slots=True)
class Probe:
    """What to send.

    Attributes:
        cluster: its number, above 0, of this transport.
        rate: to send at, beside the media.
        duration: how long.
    """

    cluster: int
    rate: BitsPerSecond
    duration: Seconds


class Prober:
    """The probes of one transport; asked whenever something is new, some times a second."""

    __slots__ = ("_before", "_cluster", "_failures", "_rate", "_sent_at", "_silent_until")

    def __init__(self) -> None:
        self._cluster = 0
        self._rate = 0.0  # of the probe whose result is awaited, or 0
        self._before = 0.0  # the estimate when it was sent
        self._sent_at = Seconds(0.0)
        self._failures = 0
        self._silent_until = Seconds(0.0)

    @property
    def waiting(self) -> bool:
        """Whether the result of a probe is awaited."""
        return self._rate > 0.0

    def restart(self) -> None:
        """The network is another one: try at once."""
        self._rate = 0.0
        self._failures = 0
        self._silent_until = Seconds(0.0)

    def consider(
        self,
        rate: BitsPerSecond,
        wanted: BitsPerSecond | None,
        now: Seconds,
        *,
        overused: bool = False,
        jitter: Seconds = Seconds(0.0),  # noqa: B008 - a number
    ) -> Probe | None:
        """A probe to be sent now; None for none.

        Args:
            rate: the estimate.
            wanted: what would be of use; None when the estimate is enough.
            now: monotonic.
            overused: whether a queue is building up.
            jitter: by which delays vary.
        """
        if self.waiting:
            if rate >= max(CONFIRMED * self._rate, NOT_WORTHWHILE * self._before):
                self._rate, self._failures = 0.0, 0
                self._silent_until = now
            elif overused or now - self._sent_at >= RESULT_TIMEOUT:
                self._rate = 0.0
                self._silent_until = Seconds(now + PAUSES[min(self._failures, len(PAUSES) - 1)])
                self._failures += 1
            else:
                return None
        if wanted is None or overused or now < self._silent_until:
            return None
        if wanted <= rate * NOT_WORTHWHILE:
            return None
        scale = FURTHER_SCALE if self._cluster else FIRST_SCALE
        self._cluster += 1
        self._rate, self._before = min(wanted * MARGIN, rate * scale), rate
        self._sent_at = now
        duration = min(max(DURATION, Seconds(JITTERS * jitter)), LONGEST)
        return Probe(self._cluster, BitsPerSecond(self._rate), duration)
