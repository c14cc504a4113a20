"""What has been asked of workers and not been answered yet."""

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from sfu.control.messages import Command
from signaling.messages.wire import RequestId
from signaling.peer_session import PeerSession

PATIENCE = 10.0
"""Seconds after which an answer is given up."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who gets the answer: a session in one of its eras, by the ``id`` of its request."""

    session: PeerSession
    era: int
    request: RequestId | msgspec.UnsetType


@dataclass(frozen=True, slots=True)
class Pending:
    """One request.

    Attributes:
        room_id: The room it is about.
        asker: None where signaling itself wants to know.
        worker: Who has to answer; None while there is none to be asked.
        command: What it was asked; None for a member that waits for the router.
    """

    number: int
    room_id: str
    asker: Asker | None
    worker: str | None
    command: Command | None
    deadline: float


class PendingTable:
    """Requests by number. All wait equally long, so that the oldest is the first to be given up."""

    def __init__(self) -> None:
        self._requests: dict[int, Pending] = {}
        self._late: dict[int, Pending] = {}
        self._number = 0

    def __len__(self) -> int:
        return len(self._requests) + len(self._late)

    def next_number(self) -> int:
        """The number of the next command."""
        self._number += 1
        return self._number

    def add(self, pending: Pending) -> None:
        """Remembers a request that was just made."""
        self._requests[pending.number] = pending

    def take(self, number: int) -> Pending | None:
        """Takes out a request; None when it is unknown or was given up."""
        return self._requests.pop(number, None) or self._late.pop(number, None)

    def keep(self, pending: Pending) -> None:
        """Goes on to wait, as long as the worker is there, for what nobody else waits for."""
        self._late[pending.number] = pending

    def take_of(self, worker: str) -> list[Pending]:
        """Takes out everything that a worker has not answered."""
        self._late = {n: late for n, late in self._late.items() if late.worker != worker}
        found = [pending for pending in self._requests.values() if pending.worker == worker]
        for pending in found:
            del self._requests[pending.number]
        return found

    def drop(self, room_id: str, member_id: str) -> set[int]:
        """Forgets what a member has asked for in a room: nobody wants the answers any more."""
        dropped = {
            pending.number
            for pending in self._requests.values()
            if pending.room_id == room_id
            and pending.asker is not None
            and pending.asker.session.member_id == member_id
        }
        for number in dropped:
            del self._requests[number]
        return dropped

    def due(self, now: float) -> Iterator[Pending]:
        """Takes out and yields what has waited too long."""
        while self._requests:
            oldest = next(iter(self._requests.values()))
            if oldest.deadline > now:
                return
            yield self._requests.pop(oldest.number)

    def next_deadline(self) -> float | None:
        """When the oldest is given up."""
        return next(iter(self._requests.values())).deadline if self._requests else None
