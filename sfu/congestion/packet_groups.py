"""Packets that left together, as one observation of the path (draft-ietf-rmcat-gcc-02 §4.1).

The packets of a burst queue behind each other; how long the last of them took says how full the
path is, what happened in between says nothing. A group is what left within 5 ms, and what came so
close behind it that some element of the path must have held it back and let it go at once.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from sfu.congestion.batches import Batch, begins
from sfu.units import F64, I64, Mask

BURST: Final = 0.005
"""Packets sent within so many seconds are a group (§4.1: ``burst_time``)."""

LONGEST_BURST: Final = 0.1
"""No group goes on beyond a multiple of this in sending time."""

_REACH: Final = 1024.0
_STRIDE: Final = 4096.0
"""Keys ascend over all slots: seconds after ``now - _REACH``, and slots so far apart."""


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Groups that are complete: packets of a later one have come.

    Attributes:
        slots: int64, shape (s,), ascending, each once.
        owners: of every group, the place of its slot in ``slots``; int64, shape (g,), ascending.
        sent: when the last packet left; float64, shape (g,).
        arrived: when the latest came, in the receiver's clock; float64, shape (g,).
    """

    slots: I64
    owners: I64
    sent: F64
    arrived: F64


class PacketGroups:
    """The group that each slot's latest packets belong to.

    Args:
        capacity: slots.
    """

    def __init__(self, capacity: int) -> None:
        self._first: F64 = np.full(capacity, -np.inf)
        self._sent: F64 = np.full(capacity, -np.inf)
        self._arrived: F64 = np.full(capacity, -np.inf)

    def forget(self, slot: int | I64) -> None:
        """Begin anew."""
        self._first[slot] = self._sent[slot] = self._arrived[slot] = -np.inf

    def update(self, batch: Batch, now: float) -> Groups:
        """Add packets that came; which groups are complete by that.

        Packets that left before the group at hand began are too late and say nothing.

        Args:
            batch: packets that came: every arrival time is finite.
            now: our clock.
        """
        timely = batch.sent >= self._first[batch.slots][batch.owners]
        if not timely.all():
            batch = batch.keep(timely)
        if not len(batch):
            return Groups(batch.slots, batch.owners, batch.sent, batch.arrived)
        # In front of each slot's rows stands one for the group at hand.
        slots = batch.slots
        heads = batch.starts + np.arange(len(slots))
        rows = np.arange(len(batch)) + batch.owners + 1
        total = len(batch) + len(slots)
        sent, arrived, keys = np.empty(total), np.empty(total), np.empty(total)
        owners = np.empty(total, np.int64)
        sent[heads], sent[rows] = self._sent[slots], batch.sent
        arrived[heads], arrived[rows] = self._arrived[slots], batch.arrived
        owners[heads], owners[rows] = np.arange(len(slots)), batch.owners
        keys[heads], keys[rows] = self._first[slots], batch.sent
        np.clip(keys - (now - _REACH), 0.0, 2 * _REACH, out=keys)
        keys += owners * _STRIDE
        keys = np.maximum.accumulate(keys)
        starts = _bursts(keys, _held_back(sent, arrived, keys, heads), heads, batch.counts)
        last = np.append(starts[1:], total) - 1
        whose = owners[starts]
        arrivals = np.maximum.reduceat(arrived, starts)
        at_hand = np.append(begins(whose)[1:], True)
        first = np.maximum(sent[starts], self._first[slots][whose])
        continued = starts == heads[whose]
        first[continued] = self._first[slots][whose[continued]]
        self._first[slots] = first[at_hand]
        self._sent[slots] = sent[last][at_hand]
        self._arrived[slots] = arrivals[at_hand]
        done = ~at_hand & np.isfinite(arrivals)
        return Groups(slots, whose[done], sent[last][done], arrivals[done])


def _held_back(sent: F64, arrived: F64, keys: F64, heads: I64) -> Mask:
    """Which packets came so close behind the one before that they were let go with it.

    That is: within BURST, and closer than they had left (§4.1: "arrival time between two
    consecutive packets less than burst_time and its inter-group delay variation below 0").
    """
    held = np.empty(len(sent), np.bool_)
    apart = np.diff(arrived)
    np.less(apart, np.diff(sent), out=held[1:])
    held[1:] &= apart <= BURST
    periods = np.floor(keys * (1 / LONGEST_BURST))
    held[1:] &= periods[1:] == periods[:-1]
    held[heads] = False
    return held


def _bursts(keys: F64, held: Mask, heads: I64, counts: I64) -> I64:
    """The first row of each group: a head, or the first row beyond a group that is not held back.

    Each row knows where the next group would start if one started with it; the groups there are
    those reached from the heads, found by doubling the steps.
    """
    total = len(keys)
    free = np.arange(total + 1)
    free[:-1][held] = total
    free = np.minimum.accumulate(free[::-1])[::-1]
    steps = np.append(free[np.searchsorted(keys, keys + BURST, side="right")], total)
    reached = np.zeros(total + 1, np.bool_)
    reached[heads] = True
    for _ in range(int(counts.max()).bit_length()):
        reached[steps[reached]] = True
        steps = steps[steps]
    return reached[:-1].nonzero()[0]
