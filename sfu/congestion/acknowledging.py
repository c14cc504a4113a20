"""From feedback to acknowledgements: what was sent joined with what is said of it.

Hot path. A packet that feedback calls missing may only have been overtaken: receivers then speak of
it again. So it counts as lost when it has not come by the next reading.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from sfu.congestion.acknowledgements import UDP_IP_OVERHEAD, Acknowledgements
from sfu.congestion.feedback import Statuses, parse_feedbacks
from sfu.congestion.sent_packets import SentPackets
from sfu.units import F64, I64, Mask
from sfu.wire.twcc import TICK_US, TICKS_PER_REFERENCE

_TICK: Final = TICK_US / 1e6
_NUMBERS: Final = 1 << 16
_HALF: Final = 1 << 15
_REFERENCES: Final = 1 << 24
_MOST_MISSING: Final = 1 << 16


class AcknowledgementReader:
    """Reads feedback of many transports.

    Args:
        sent: what was sent to them.
        capacity: slots that there are.

    Attributes:
        broken: feedbacks that could not be read so far.
    """

    def __init__(self, sent: SentPackets, capacity: int) -> None:
        self.broken = 0
        self._sent = sent
        self._references: I64 = np.zeros(capacity, np.int64)  # the newest, without wraps
        self._missing: I64 = np.zeros(0, np.int64)  # keys, ascending
        self._again: list[int] = []  # keys

    def sent_again(self, slot: int, number: int) -> None:
        """A packet leaves a second time under its number: the first time, it was lost.

        When it comes, that tells nothing of the time at which it was sent first.
        """
        if len(self._again) < _MOST_MISSING:
            self._again.append(slot * _NUMBERS + number)

    def read(
        self, slots: Sequence[int], bodies: Sequence[bytes], sizes: Sequence[int]
    ) -> Acknowledgements:
        """Join feedback with what was sent.

        Args:
            slots: whose feedback each is, of open slots; in the order in which it came.
            bodies: control information with its padding, of whole words.
            sizes: of each, without its padding, at least HEADER_SIZE.
        """
        order = sorted(range(len(slots)), key=slots.__getitem__)
        found = parse_feedbacks([bodies[one] for one in order], [sizes[one] for one in order])
        self.broken += found.broken
        owners = np.array(slots, np.int64)[order]
        times = self._times(owners, found)
        keys = owners[found.feedbacks] * _NUMBERS + found.numbers
        missing = np.unique(keys[~found.arrived])[:_MOST_MISSING]
        keys = keys[found.arrived]
        if not _are_ascending(keys):
            kept = _in_order(keys)
            keys, times = keys[kept], times[kept]
        again = np.unique(np.array(self._again, np.int64))
        self._again.clear()
        resent = self._sent.take(again // _NUMBERS, again % _NUMBERS)
        came = self._sent.take(keys // _NUMBERS, keys % _NUMBERS)
        lost, self._missing = self._missing, missing
        gone = self._sent.take(lost // _NUMBERS, lost % _NUMBERS)
        keys, times = keys[came.known], times[came.known]
        whose, sent, octets, probes = keys // _NUMBERS, came.sent, came.sizes, came.probes
        if len(gone.sent) or len(resent.sent):
            keys = np.concatenate((keys, lost[gone.known], again[resent.known]))
            sent = np.concatenate((sent, gone.sent, resent.sent))
            order_of_all = np.lexsort((sent, keys // _NUMBERS))
            never = np.full(len(keys) - len(times), np.nan)
            whose, sent = (keys // _NUMBERS)[order_of_all], sent[order_of_all]
            times = np.append(times, never)[order_of_all]
            octets = np.concatenate((octets, gone.sizes, resent.sizes))[order_of_all]
            probes = np.concatenate((probes, gone.probes, resent.probes))[order_of_all]
        on_wire = (octets + UDP_IP_OVERHEAD).astype(np.int32)
        return Acknowledgements(whose, sent, times, on_wire, probes)

    def _times(self, owners: I64, found: Statuses) -> F64:
        """When packets arrived, in seconds of their receiver's clock, which does not wrap."""
        newest = self._references[owners]
        ahead = (found.references - newest + _REFERENCES // 2) % _REFERENCES - _REFERENCES // 2
        references = newest + ahead
        self._references[owners] = references
        ticks = (references * TICKS_PER_REFERENCE)[found.feedbacks] + found.ticks
        times: F64 = ticks[found.arrived].astype(np.float64) * _TICK
        return times


def _are_ascending(keys: I64) -> bool:
    """Whether numbers only grow within each slot, as they do but for packets that were overtaken.

    Args:
        keys: int64, slot and 16-bit number, slots ascending.
    """
    steps = np.diff(keys)
    if (steps > 0).all():
        return True
    same = keys[1:] // _NUMBERS == keys[:-1] // _NUMBERS
    ahead = steps % _NUMBERS
    forward: Mask = (ahead > 0) & (ahead < _HALF)
    return bool((forward | ~same).all())


def _in_order(keys: I64) -> I64:
    """Places of the keys in sending order within each slot, each key once."""
    slots = keys // _NUMBERS
    firsts = keys[np.searchsorted(slots, slots)]
    ahead = (keys - firsts + _HALF) % _NUMBERS - _HALF
    _, places = np.unique(slots * (2 * _NUMBERS) + _NUMBERS + ahead, return_index=True)
    return places
