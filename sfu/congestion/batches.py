"""Rows of many transports, told apart. Pure."""

from dataclasses import dataclass

import numpy as np

from sfu.congestion.acknowledgements import Acknowledgements
from sfu.units import F64, I32, I64, Mask


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Packets that feedback has spoken of in one pass, and whose they are.

    Attributes:
        slots: the slots that have rows; int64, shape (s,), ascending, each once.
        starts: the first row of each; int64, shape (s,).
        counts: how many rows each has, at least one; int64, shape (s,).
        owners: of every row, the place of its slot in ``slots``; int64, shape (n,).
        sent: seconds of our clock; float64, shape (n,).
        arrived: seconds of the receiver's clock; NaN: lost; float64, shape (n,).
        sizes: bytes on the wire; int32, shape (n,).
        probes: probe cluster or NO_PROBE; int32, shape (n,).
    """

    slots: I64
    starts: I64
    counts: I64
    owners: I64
    sent: F64
    arrived: F64
    sizes: I32
    probes: I32

    def __len__(self) -> int:
        """Rows."""
        return len(self.sent)

    def keep(self, rows: Mask) -> "Batch":
        """The rows that are marked; bool, shape (n,)."""
        return _divide(
            self.slots[self.owners[rows]],
            self.sent[rows],
            self.arrived[rows],
            self.sizes[rows],
            self.probes[rows],
        )


def divide(acknowledgements: Acknowledgements, is_open: Mask) -> Batch:
    """Tell the transports apart, and leave out those that are closed.

    Args:
        acknowledgements: rows of any number of slots.
        is_open: by slot; bool, shape (capacity,).
    """
    rows = is_open[acknowledgements.slots]
    if rows.all():
        return _divide(
            acknowledgements.slots,
            acknowledgements.sent,
            acknowledgements.arrived,
            acknowledgements.sizes,
            acknowledgements.probes,
        )
    return _divide(
        acknowledgements.slots[rows],
        acknowledgements.sent[rows],
        acknowledgements.arrived[rows],
        acknowledgements.sizes[rows],
        acknowledgements.probes[rows],
    )


def _divide(slots: I64, sent: F64, arrived: F64, sizes: I32, probes: I32) -> Batch:
    first = begins(slots)
    starts = first.nonzero()[0]
    counts = np.diff(starts, append=len(slots))
    owners = first.cumsum()
    owners -= 1
    return Batch(slots[starts], starts, counts, owners, sent, arrived, sizes, probes)


def begins(labels: I64 | I32) -> Mask:
    """Marks each row whose label is not that of the row before it; bool, shape (n,)."""
    first = np.empty(len(labels), np.bool_)
    first[:1] = True
    np.not_equal(labels[1:], labels[:-1], out=first[1:])
    return first
