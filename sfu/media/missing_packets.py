"""Packets of one stream that were lost on the way, and when to ask for them again (RFC 4585).

A gap may be packets that overtook each other, so asking begins a few milliseconds after it showed;
then once per round trip, until the packet comes or is too late to be of use.
"""

from typing import Final, NamedTuple

from sfu.units import Seconds

REORDERING: Final = Seconds(0.005)
"""How long packets may overtake each other before one is asked for."""

SHORTEST_WAIT: Final = Seconds(0.02)
MOST_TRIES: Final = 10
LONGEST_USE: Final = Seconds(1.0)
"""A packet that comes later than this after its neighbours is of no use."""

MOST_MISSING: Final = 512
"""Packets asked for at a time; with more missing, only a key frame helps."""


class _Wanted(NamedTuple):
    """A missing packet. Those of a gap share one, so that a gap costs little however long it is."""

    since: Seconds
    asked: Seconds
    due: Seconds
    tries: int


class MissingPackets:
    """The gaps of one stream. Numbers are extended."""

    __slots__ = ("_next_due", "_wanted")

    def __init__(self) -> None:
        self._wanted: dict[int, _Wanted] = {}
        self._next_due: Seconds | None = None

    def __len__(self) -> int:
        """Packets that are missing and still of use."""
        return len(self._wanted)

    def __contains__(self, number: int) -> bool:
        """Whether the packet is missing and still of use."""
        return number in self._wanted

    def add(self, first: int, end: int, now: Seconds) -> bool:
        """Packets ``first`` to ``end - 1`` did not come before ``end``.

        Returns:
            False when too many are missing; all of them are given up then.
        """
        if end - first + len(self._wanted) > MOST_MISSING:
            self.clear()
            return False
        due = Seconds(now + REORDERING)
        self._wanted.update(dict.fromkeys(range(first, end), _Wanted(now, now, due, 0)))
        if self._next_due is None or due < self._next_due:
            self._next_due = due
        return True

    def found(self, number: int, now: Seconds) -> Seconds | None:
        """A packet came late.

        Returns:
            How long the answer took, when it was asked for exactly once; None otherwise.
        """
        wanted = self._wanted.pop(number, None)
        if wanted is None or wanted.tries != 1:
            return None
        return Seconds(now - wanted.asked)

    def clear(self) -> None:
        """Give all of them up."""
        self._wanted.clear()
        self._next_due = None

    def next_deadline(self) -> Seconds | None:
        """When to ask next; it may turn out that there is nothing to ask then."""
        return self._next_due if self._wanted else None

    def take_due(self, now: Seconds, round_trip: Seconds, most: int) -> list[int]:
        """The numbers to ask for now, in sending order and at most ``most``."""
        if self._next_due is None or now < self._next_due:
            return []
        due: list[int] = []
        next_due: Seconds | None = None
        wait = max(round_trip, SHORTEST_WAIT)
        for number, wanted in list(self._wanted.items()):
            if now >= wanted.due:
                if wanted.tries == MOST_TRIES or now - wanted.since > LONGEST_USE:
                    del self._wanted[number]
                    continue
                if len(due) < most:
                    due.append(number)
                    wanted = _Wanted(wanted.since, now, Seconds(now + wait), wanted.tries + 1)
                    self._wanted[number] = wanted
            if next_due is None or wanted.due < next_due:
                next_due = wanted.due
        self._next_due = next_due
        due.sort()
        return due
