"""What probe clusters show: the rate at which packets sent in quick succession arrived."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from sfu.congestion.acknowledgements import NO_PROBE
from sfu.congestion.batches import Batch, begins
from sfu.units import F64, I32, I64, Mask

LEAST_PACKETS: Final = 4
"""Of a cluster that must have come (libwebrtc sends five and wants 80 %)."""

LEAST_TIME: Final = 0.004
"""Seconds between its first packet and its last when they left: less measures our own timers."""

STEADINESS: Final = 2.0
"""And so many times the path's jitter: else it is that which is measured."""

USUAL_JITTER: Final = 0.005
"""Seconds of jitter that a busy path has by itself; what is above blurs what is measured ..."""

BLUR: Final = 0.5
"""... by so much of it."""

LONGEST: Final = 1.0
"""Seconds that a cluster lasts at most, on either side."""

MOST_FASTER: Final = 2.0
"""Arriving so many times faster than it was sent, something held it back and let it go at once."""

FULL: Final = 0.9
"""Arriving slower than so much of the rate it was sent at, it filled the path …"""

UTILISATION: Final = 0.95
"""… of which then so much is used."""

_BITS: Final = 8.0


@dataclass(frozen=True, slots=True, eq=False)
class ProbeResults:
    """What was learnt in a pass.

    Attributes:
        slots: int64, shape (p,), ascending, each once.
        rates: bit/s to be used; float64, shape (p,).
        full: whether the probe filled the path, so that no more will go; bool, shape (p,).
    """

    slots: I64
    rates: F64
    full: Mask


class ProbedClusters:
    """The latest cluster of every slot; feedback on one may come in several parts.

    Args:
        capacity: slots.
    """

    def __init__(self, capacity: int) -> None:
        self._clusters: I32 = np.zeros(capacity, np.int32)
        self._packets: I64 = np.zeros(capacity, np.int64)
        # Sent and arrived: first, last; bytes: all, first to arrive, last to be sent.
        self._times: F64 = np.zeros((capacity, 4))
        self._bytes: F64 = np.zeros((capacity, 3))

    def forget(self, slots: int | I64) -> None:
        """Begin anew."""
        self._clusters[slots] = NO_PROBE

    def update(self, batch: Batch, jitter: F64) -> ProbeResults:
        """Add packets that came.

        Args:
            batch: packets that came, probes or not.
            jitter: of all slots, seconds; float64, shape (capacity,).
        """
        if not batch.probes.any():
            return ProbeResults(batch.slots[:0], np.empty(0), np.empty(0, np.bool_))
        batch, clusters = self._clusters_of(batch)
        slots, starts, sizes = batch.slots, batch.starts, batch.sizes.astype(np.float64)
        if not len(slots):
            return ProbeResults(slots, np.empty(0), np.empty(0, np.bool_))
        new = slots[clusters != self._clusters[slots]]
        self._clusters[slots] = clusters
        self._packets[new] = 0
        self._times[new] = np.inf, -np.inf, np.inf, -np.inf
        self._bytes[new] = 0.0
        self._packets[slots] += batch.counts
        times, carried = self._times[slots], self._bytes[slots]
        carried[:, 0] += np.add.reduceat(sizes, starts)
        ends = starts + batch.counts - 1
        earliest = _where_least(batch.arrived, starts, batch.owners)
        later = batch.sent[ends] > times[:, 1]
        sooner = batch.arrived[earliest] < times[:, 2]
        carried[sooner, 1] = sizes[earliest][sooner]
        carried[later, 2] = sizes[ends][later]
        times[:, 0] = np.minimum(times[:, 0], batch.sent[starts])
        times[:, 1] = np.maximum(times[:, 1], batch.sent[ends])
        times[:, 2] = np.minimum(times[:, 2], batch.arrived[earliest])
        times[:, 3] = np.maximum(times[:, 3], np.maximum.reduceat(batch.arrived, starts))
        self._times[slots], self._bytes[slots] = times, carried
        least = np.maximum(LEAST_TIME, STEADINESS * jitter[slots])
        valid = self._packets[slots] >= LEAST_PACKETS
        doubt = BLUR * np.maximum(jitter[slots] - USUAL_JITTER, 0.0)
        return _judge(slots, valid, (least, doubt), times, carried)

    def _clusters_of(self, batch: Batch) -> tuple[Batch, I32]:
        """Packets of each slot's newest cluster, and the cluster's number.

        What else was sent between the first of them and the last went the same way, and counts.
        """
        newest = np.maximum.reduceat(batch.probes, batch.starts)
        known = self._clusters[batch.slots]
        wanted = (newest != NO_PROBE) & (newest >= known)
        current = (batch.probes == newest[batch.owners]) & wanted[batch.owners]
        places = np.arange(len(batch))
        first = np.minimum.reduceat(np.where(current, places, len(batch)), batch.starts)
        first = np.where(newest == known, batch.starts, first)
        last = np.maximum.reduceat(np.where(current, places, -1), batch.starts)
        between = (places >= first[batch.owners]) & (places <= last[batch.owners])
        return batch.keep(between), newest[last >= 0]


def _judge(
    slots: I64, valid: Mask, limits: tuple[F64, F64], times: F64, carried: F64
) -> ProbeResults:
    least, doubt = limits
    sending = times[:, 1] - times[:, 0]
    arriving = times[:, 3] - times[:, 2]
    valid = valid & (sending >= least) & (sending <= LONGEST)
    valid &= (arriving > 0) & (arriving <= LONGEST)
    slots, carried = slots[valid], carried[valid]
    # The first to arrive and the last to leave took time outside of what was measured.
    sent = _BITS * (carried[:, 0] - carried[:, 2]) / sending[valid]
    came = _BITS * (carried[:, 0] - carried[:, 1]) / arriving[valid]
    full = came < FULL * sent
    certain = came * arriving[valid] / (arriving + doubt)[valid]
    rates = np.minimum(sent, certain)
    rates[full] *= UTILISATION
    credible = (came <= MOST_FASTER * sent) & (rates > 0)
    return ProbeResults(slots[credible], rates[credible], full[credible])


def _where_least(values: F64, starts: I64, owners: I64) -> I64:
    """The first row of each slot that has the slot's least value."""
    least = (values == np.minimum.reduceat(values, starts)[owners]).nonzero()[0]
    result: I64 = least[begins(owners[least])]
    return result
