"""One transport's estimate, and how it is shared out among its consumers."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from sfu.congestion.allocator import Picture
from sfu.congestion.receiver_limit import ReceiverLimit
from sfu.congestion.steadiness import Steadiness
from sfu.units import BitsPerSecond, Seconds

if TYPE_CHECKING:
    from sfu.routing.consumer import Consumer

FOR_MEDIA: Final = 0.95
"""Of an estimate; the rest is for repetitions and reports."""

ANOTHER_VOICE: Final = BitsPerSecond(64_000.0)
"""Reserved while somebody who could be heard is silent: for who begins to speak."""

TOO_MUCH: Final = 1.2
"""Times the budget: then a picture that is to become smaller stops until the smaller one comes."""

REVIEWED_EVERY: Final = Seconds(0.5)
"""Rates change, and layers come and go."""


class Budget:
    """What a transport may send.

    Args:
        consumers: of the transport, those that want something now; seen when it is needed.

    Attributes:
        estimate: bits per second that the network carries; None: nobody knows, and nobody is
            limited.
        demand: the estimate with which every wish would be fulfilled, as of the last review.
        next_step: the estimate with which somebody would get more; None when nobody would.
        due: when to review; None before the first estimate.
    """

    __slots__ = (
        "_consumers",
        "_floor",
        "_limit",
        "_said",
        "_steadiness",
        "demand",
        "due",
        "estimate",
        "next_step",
    )

    def __init__(self, consumers: Iterable["Consumer"]) -> None:
        self.estimate: BitsPerSecond | None = None
        self.demand = BitsPerSecond(0.0)
        self.next_step: BitsPerSecond | None = None
        self.due: Seconds | None = None
        self._consumers = consumers
        self._floor = 0.0  # the least estimate that carries what is sent
        self._steadiness = Steadiness()
        self._limit = ReceiverLimit()
        self._said: BitsPerSecond | None = None  # by the peer, where there is no better estimate

    def set(self, estimate: BitsPerSecond, now: Seconds) -> None:
        """Take a new estimate; whoever gets too much for it gets less at once."""
        self._said = None
        self._take(estimate, now)

    def _take(self, estimate: BitsPerSecond, now: Seconds) -> None:
        if not estimate >= 0.0:
            return  # no number
        first, self.estimate = self.estimate is None, estimate
        above = self.next_step is not None and estimate >= self.next_step
        if first or above or estimate < self._floor or self._steadiness.hopeful_since is not None:
            self.review(now)

    def hear(self, said: BitsPerSecond, now: Seconds) -> None:
        """Take what the peer says that it can receive, where there is no better estimate."""
        self._said = said
        self._take(self._heard(said, now), now)

    def _heard(self, said: BitsPerSecond, now: Seconds) -> BitsPerSecond:
        step = None if self._steadiness.holds_back(now) else self.next_step
        return self._limit.take(said, self._floor * FOR_MEDIA, step, now)

    def disturb(self) -> None:
        """Somebody wants more than before, or less: review as soon as possible."""
        if self.estimate is not None:
            self.due = Seconds(0.0)

    def review(self, now: Seconds) -> None:
        """Share the estimate out, and tell the consumers what they get."""
        if self.estimate is None:
            return
        if self._said is not None:
            # Chromium says nothing while no picture comes: what it said last is not forever.
            self.estimate = self._heard(self._said, now)
        sound = 0.0
        reserve = 0.0
        some: list[Consumer] = []
        pictures: list[Picture] = []
        for consumer in self._consumers:
            if consumer.producer.kind == "audio":
                takes = consumer.producer.offer.sound(now)
                sound += takes
                reserve = reserve if takes else ANOTHER_VOICE
            else:
                some.append(consumer)
                pictures.append(consumer.allotment.picture(now))
        sound += reserve
        budget = BitsPerSecond(self.estimate * FOR_MEDIA - sound)
        taken, spent, next_at = self._steadiness.decide(budget, pictures, now)
        for consumer, picture, count in zip(some, pictures, taken, strict=True):
            step = picture.steps[count - 1] if count else None
            consumer.allot(step, count < len(picture.steps), now)
        excess = sum(consumer.excess() for consumer in some)
        if excess and spent + excess > max(budget, 0.0) * TOO_MUCH:
            for consumer in some:
                consumer.break_off(now)
        wanted = sum(one.steps[-1].rate for one in pictures if one.steps)
        self.demand = BitsPerSecond((sound + wanted) / FOR_MEDIA)
        self.next_step = None
        if next_at is not None:
            self.next_step = BitsPerSecond((sound + next_at) / FOR_MEDIA)
        self._floor = (sound + spent) / FOR_MEDIA if spent else 0.0
        later = Seconds(now + REVIEWED_EVERY) if some else None
        self.due = self._steadiness.next_deadline() or later
