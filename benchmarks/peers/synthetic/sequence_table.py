"""``SequenceLog`` for thousands of streams at once: packets are noted by the batch, by columns."""

from typing import Final

import numpy as np
import numpy.typing as npt

from sfu.units import I64, U16, Mask

WINDOW: Final = 2048
"""Packets by which one may be late; older ones count as repetitions."""

MOST_ROWS: Final = WINDOW
"""Packets in one batch."""

_START: Final = 1 << 17
"""Added to the first number of a stream, so that extended numbers stay positive."""


class SequenceTable:
    """Which packets of which streams came.

    Args:
        capacity: streams at most.

    Attributes:
        received: int64, shape (capacity,), different packets.
        duplicates: int64, shape (capacity,), packets that had come before, or are too old to tell.
        out_of_order: int64, shape (capacity,), different packets that came after a later one.
        first: int64, shape (capacity,), lowest extended number; -1 before the first packet.
        highest: int64, shape (capacity,), the highest; -1 before the first packet.
    """

    def __init__(self, capacity: int) -> None:
        self.received: I64 = np.zeros(capacity, np.int64)
        self.duplicates: I64 = np.zeros(capacity, np.int64)
        self.out_of_order: I64 = np.zeros(capacity, np.int64)
        self.first: I64 = np.full(capacity, -1, np.int64)
        self.highest: I64 = np.full(capacity, -1, np.int64)
        # The packet that was last seen in a slot of a stream's window, by the part of its extended
        # number that the slot does not tell.
        self._seen: npt.NDArray[np.uint16] = np.zeros(capacity * WINDOW, np.uint16)
        self._row: npt.NDArray[np.int32] = np.zeros(capacity * WINDOW, np.int32)
        self._count = 0

    def open(self) -> int:
        """The place of another stream.

        Raises:
            IndexError: there is none left.
        """
        if self._count == len(self.first):
            raise IndexError("more streams than there is room for")
        self._count += 1
        return self._count - 1

    def __len__(self) -> int:
        return self._count

    def lost(self) -> I64:
        """Packets between first and highest that did not come, shape (streams,)."""
        some = slice(0, self._count)
        lost = self.highest[some] - self.first[some] + 1 - self.received[some]
        return np.where(self.first[some] < 0, 0, lost)

    def add(self, streams: I64, numbers: U16) -> Mask:
        """Note a batch in the order of arrival.

        Args:
            streams: int64, shape (n,), places; n up to MOST_ROWS.
            numbers: uint16, shape (n,), sequence numbers; each within 32767 of its stream's
                highest.

        Returns:
            bool, shape (n,): whether the packet is new.
        """
        before = self.highest[streams]
        if (before < 0).any():
            self._begin(streams, numbers)
            before = self.highest[streams]
        ahead = (numbers - before.astype(np.uint16)).view(np.int16)
        extended = before + ahead
        slots = streams * WINDOW + extended % WINDOW
        turn = (extended // WINDOW + 1).astype(np.uint16)
        rows = np.arange(len(streams), dtype=np.int32)
        # Of packets that are twice in the batch, the first is the one that came.
        self._row[slots[::-1]] = rows[::-1]
        fresh: Mask = (self._seen[slots] != turn) & (self._row[slots] == rows) & (ahead > -WINDOW)
        self._seen[slots[fresh]] = turn[fresh]
        new, new_extended = streams[fresh], extended[fresh]
        np.add.at(self.received, new, 1)
        if len(new) != len(streams):
            np.add.at(self.duplicates, streams[~fresh], 1)
        self._note_order(streams, extended, before, fresh)
        np.maximum.at(self.highest, new, new_extended)
        np.minimum.at(self.first, new, new_extended)
        return fresh

    def _begin(self, streams: I64, numbers: U16) -> None:
        """Streams whose first packet is in the batch start at it."""
        begun = (self.highest[streams] < 0).nonzero()[0][::-1]
        places = streams[begun]
        self.first[places] = self.highest[places] = numbers[begun].astype(np.int64) + _START

    def _note_order(self, streams: I64, extended: I64, before: I64, fresh: Mask) -> None:
        late = extended < before
        # Within the batch, against the neighbour of the same stream: a burst of one comes in a row.
        late[1:] |= (streams[1:] == streams[:-1]) & (extended[1:] < extended[:-1])
        late &= fresh
        if late.any():
            np.add.at(self.out_of_order, streams[late], 1)
