"""Who may have a TCP connection to the worker, and for how long. Pure.

::

    admitted ──valid check──► proven ──released, or silent for SILENCE──► gone
        └── no valid check for PATIENCE, crowded out, or the peer leaves ──┘

A connection costs memory before anybody has shown that it is wanted, which a datagram does not; so
those that have not are few, from one place and in all, and are ended soon. Of too many from many
places the oldest gives way: a peer's first check follows its connection within a round trip.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from sfu.units import Seconds

MOST: Final = 2048
"""Connections in all."""

MOST_OF_ONE: Final = 512
"""From one place: a company behind one address is one place."""

MOST_UNPROVEN: Final = 256
MOST_UNPROVEN_OF_ONE: Final = 32
"""Without a valid check: browsers open one for each of their interfaces and transports."""

PATIENCE: Final = Seconds(5.0)
"""So long the first valid check may take."""

SILENCE: Final = Seconds(75.0)
"""A proven connection on which nothing has come for so long is ended. Browsers check a path in
reserve every 25 s."""


@dataclass(slots=True, eq=False)
class Guest:
    """A connection.

    Attributes:
        number: of the connection.
        site: where it comes from (``stream_addresses.site_of``).
        heard: when something came last; before the first valid check, when it began.
        proven: whether a valid check has come.
    """

    number: int
    site: bytes
    heard: Seconds
    proven: bool = False


@dataclass(slots=True)
class GuestBook:
    """The connections there are.

    Attributes:
        refused: connections that were not admitted.
        overdue_ended: connections that had to go without a valid check, or silent for too long.
    """

    refused: int = 0
    overdue_ended: int = 0
    _guests: dict[int, Guest] = field(default_factory=dict)  # by number, the oldest first
    _unproven: dict[int, Guest] = field(default_factory=dict)
    _of_one: Counter[bytes] = field(default_factory=Counter)
    _unproven_of_one: Counter[bytes] = field(default_factory=Counter)

    def __len__(self) -> int:
        """Connections."""
        return len(self._guests)

    @property
    def proven(self) -> int:
        """Connections on which a valid check has come."""
        return len(self._guests) - len(self._unproven)

    def admit(self, number: int, site: bytes, now: Seconds) -> Guest | None:
        """Let a connection in, or None; then there are too many."""
        if (
            len(self._guests) >= MOST
            or self._of_one[site] >= MOST_OF_ONE
            or self._unproven_of_one[site] >= MOST_UNPROVEN_OF_ONE
        ):
            self.refused += 1
            return None
        guest = Guest(number, site, now)
        self._guests[number] = self._unproven[number] = guest
        self._of_one[site] += 1
        self._unproven_of_one[site] += 1
        return guest

    def prove(self, guest: Guest, now: Seconds) -> None:
        """A valid check has come; harmless when it is not the first."""
        guest.heard = now
        if not guest.proven and self._unproven.pop(guest.number, None) is not None:
            guest.proven = True
            _subtract(self._unproven_of_one, guest.site)

    def leave(self, guest: Guest) -> None:
        """A connection is over; harmless when it was."""
        if self._guests.pop(guest.number, None) is None:
            return
        _subtract(self._of_one, guest.site)
        if self._unproven.pop(guest.number, None) is not None:
            _subtract(self._unproven_of_one, guest.site)

    def overdue(self, now: Seconds) -> list[Guest]:
        """Those that have to go: too silent, or too many without a valid check, the oldest."""
        crowd = len(self._unproven) - MOST_UNPROVEN
        gone = [
            guest
            for place, guest in enumerate(self._unproven.values())
            if place < crowd or now - guest.heard >= PATIENCE
        ]
        gone += [
            guest
            for guest in self._guests.values()
            if guest.proven and now - guest.heard >= SILENCE
        ]
        self.overdue_ended += len(gone)
        return gone


def _subtract(counter: Counter[bytes], site: bytes) -> None:
    counter[site] -= 1
    if counter[site] <= 0:
        del counter[site]
