"""What was sent under which transport-wide number, until feedback tells what became of it.

Hot path. A flush copies three columns of the transmit ring into a log, as they stand: a microsecond
or two, whatever the flush holds. Every so often the log is scattered into a ring of the newest
packets per transport, all with one array operation; there feedback finds them by number.

What is known of a packet is packed into 64 bits, so that it is written and read by one access to
memory, which is where the time goes:

    63 62                                 18 17 16        12 11         0
    +-+--------------------------------------+--+------------+-----------+
    |0| sent, in µs since the log was begun  |P | number >> 11 |   size    |

A size of 0 means that nothing is known, or that it has been found already. P marks a probe, whose
cluster is noted apart, because there are few.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from sfu.units import F64, I32, I64, U16, Mask

REMEMBERED: Final = 2048
"""Packets per transport, a power of two: two seconds at 12 Mbit/s, in 16 KiB."""

_LOG_ROWS: Final = 1 << 14
_MOST_PROBES: Final = 4096

_PLACES: Final = REMEMBERED - 1
_PLACE_BITS: Final = _PLACES.bit_length()
_HIGH_SHIFT: Final = 12
_PROBE_BIT: Final = 1 << 17
_TIME_SHIFT: Final = 18
_SIZE: Final = (1 << _HIGH_SHIFT) - 1
_HIGH: Final = (1 << 16 - _PLACE_BITS) - 1
_MICROSECONDS: Final = 1e6


class Flush(Protocol):
    """What has just been sent: the first ``len`` rows of each column.

    Attributes:
        slots: int64, destinations.
        transport_numbers: uint16.
        lengths: int32, bytes of SRTP; 0 for what was not sent.
    """

    slots: I64
    transport_numbers: U16
    lengths: I32

    def __len__(self) -> int:
        """Rows in use."""


@dataclass(frozen=True, slots=True)
class Found:
    """Packets that feedback speaks of.

    Attributes:
        known: bool, shape (n,): which of those asked for were sent not long ago, and have not been
            found before. The columns below are of these, m in number.
        sent: float64, shape (m,), when, in seconds of the log's clock.
        sizes: int32, shape (m,), bytes of SRTP.
        probes: int32, shape (m,), cluster of a probe, or 0.
    """

    known: Mask
    sent: F64
    sizes: I32
    probes: I32


class SentPackets:
    """The newest packets of each transport that has feedback.

    Memory is touched only for transports that are open: 16 KiB each.

    Args:
        capacity: slots that there are.
        clock: monotonic; read once per flush.

    Attributes:
        last_sent: float64, shape (capacity,), when a packet last left for each open slot, as of the
            last ``take``; 0 before.
    """

    def __init__(self, capacity: int, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._begun = clock()
        self._packets: I64 = np.zeros(capacity * REMEMBERED, np.int64)
        self.last_sent: F64 = np.zeros(capacity)
        self._open: Mask = np.zeros(capacity, np.bool_)
        self._count = 0  # of those open
        self._probes: dict[tuple[int, int], int] = {}  # cluster by slot and place
        self._new_probes: list[tuple[int, int, int]] = []
        # The log.
        self._slots: I64 = np.zeros(_LOG_ROWS, np.int64)
        self._numbers: I64 = np.zeros(_LOG_ROWS, np.int64)
        self._sizes: I32 = np.zeros(_LOG_ROWS, np.int32)
        self._rows: list[int] = []  # of each flush
        self._times: list[int] = []  # likewise, in µs
        self._end = 0

    def __len__(self) -> int:
        """Transports that are open."""
        return self._count

    def open(self, slot: int) -> None:
        """Remember what is sent to a slot from now on."""
        if not self._open[slot]:
            self._open[slot] = True
            self._count += 1

    def close(self, slot: int) -> None:
        """Forget a slot, and what was sent to it."""
        if self._open[slot]:
            self.forget(slot)
            self._open[slot] = False
            self._count -= 1

    def forget(self, slot: int) -> None:
        """Forget what was sent to a slot so far: it takes another way from now on."""
        self._scatter()
        self._packets[slot * REMEMBERED : (slot + 1) * REMEMBERED] = 0
        for key in [key for key in self._probes if key[0] == slot]:
            del self._probes[key]

    def note(self, flush: Flush) -> None:
        """Copy what a flush has just sent."""
        count = len(flush)
        if self._end + count > _LOG_ROWS:
            self._scatter()
        end = self._end + count
        log = slice(self._end, end)
        self._slots[log] = flush.slots[:count]
        self._numbers[log] = flush.transport_numbers[:count]
        self._sizes[log] = flush.lengths[:count]
        self._rows.append(count)
        self._times.append(int((self._clock() - self._begun) * _MICROSECONDS))
        self._end = end

    def note_probe(self, slot: int, number: int, cluster: int) -> None:
        """The packet with this number, not flushed yet, belongs to a probe."""
        self._new_probes.append((slot, number, cluster))

    def take(self, slots: I64, numbers: I64) -> Found:
        """Find packets, and forget them, so that none is found twice.

        The ring is to be flushed before, so that probes are not noted before their packets.

        Args:
            slots: int64, shape (n,), of open slots.
            numbers: int64, shape (n,), transport-wide sequence numbers; no packet twice.
        """
        self._scatter()
        if self._new_probes:
            self._scatter_probes()
        places = slots * REMEMBERED + (numbers & _PLACES)
        packets = self._packets[places]
        known = (packets & _SIZE) > 0
        known &= (packets >> _HIGH_SHIFT & _HIGH) == numbers >> _PLACE_BITS
        if not known.all():
            places, packets = places[known], packets[known]
        self._packets[places] = 0
        probes = np.zeros(len(packets), np.int32)
        for index in np.flatnonzero(packets & _PROBE_BIT).tolist():
            probes[index] = self._probes.pop(divmod(int(places[index]), REMEMBERED), 0)
        sent = (packets >> _TIME_SHIFT) / _MICROSECONDS + self._begun
        return Found(known, sent, (packets & _SIZE).astype(np.int32), probes)

    def _scatter(self) -> None:
        """Bring what is in the log to its places."""
        end = self._end
        if not end:
            return
        slots, numbers, sizes = self._slots[:end], self._numbers[:end], self._sizes[:end]
        times = np.repeat(np.array(self._times, np.int64), self._rows)
        wanted = self._open[slots]
        if not wanted.all():
            slots, numbers = slots[wanted], numbers[wanted]
            sizes, times = sizes[wanted], times[wanted]
        packed = times << _TIME_SHIFT
        packed |= numbers >> _PLACE_BITS << _HIGH_SHIFT
        packed |= sizes
        self._packets[slots * REMEMBERED + (numbers & _PLACES)] = packed
        self.last_sent[slots] = times / _MICROSECONDS + self._begun
        self._rows.clear()
        self._times.clear()
        self._end = 0

    def _scatter_probes(self) -> None:
        if len(self._probes) > _MOST_PROBES:
            self._probes.clear()
        for slot, number, cluster in self._new_probes:
            if self._open[slot]:
                place = number & _PLACES
                self._packets[slot * REMEMBERED + place] |= _PROBE_BIT
                self._probes[slot, place] = cluster
        self._new_probes.clear()
