"""Counting what a crowd receives: every packet by its header, some by what is inside."""

import time
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import numpy as np

from benchmarks.peers.synthetic.batch_receiver import BatchReceiver
from benchmarks.peers.synthetic.crowd_transport import CrowdStream, CrowdTransport
from benchmarks.peers.synthetic.latency import Latencies
from benchmarks.peers.synthetic.sequence_table import SequenceTable
from benchmarks.peers.synthetic.stamp import read_stamp
from sfu.transport.srtp import unprotect_all
from sfu.units import I64, Mask

_STRAY: Final = -1

Spans: TypeAlias = list[tuple[CrowdTransport | None, int]]
"""Who received so many rows of a batch, in order; None for somebody who has gone."""


@dataclass
class Tally:
    """What a crowd has sent and received since it was made.

    Attributes:
        published: RTP packets sent, retransmissions not counted.
        unsent: RTP packets that the kernel did not take.
        packets: RTP packets received, repetitions included.
        bytes: the same, SRTP included.
        strays: of them, those of SSRCs that nobody expects.
        checked: packets decrypted.
        refused: of them, those that libsrtp refused.
        corrupt: of them, those without a publisher's stamp.
        latencies: of the others, from the publisher's send call to the kernel of the receiver.
        busiest: largest number of packets taken in one pass: above 1000 the crowd is too slow.
    """

    published: int = 0
    unsent: int = 0
    packets: int = 0
    bytes: int = 0
    strays: int = 0
    checked: int = 0
    refused: int = 0
    corrupt: int = 0
    busiest: int = 0
    latencies: Latencies = field(default_factory=Latencies)


class HeadCount:
    """Everybody's packets.

    Args:
        streams: consumers of everybody together, at most.
        receiver: where the batches are.

    Attributes:
        table: the packets of all consumers.
        tally: what happened.
    """

    def __init__(self, streams: int, receiver: BatchReceiver) -> None:
        self.table = SequenceTable(streams)
        self.tally = Tally()
        self._receiver = receiver
        self._numbers = receiver.ring.column(2, ">u2")[:, 0]
        self._sources = receiver.ring.column(8, ">u4")[:, 0]
        self._places: dict[int, int] = {}

    def expect(self, transport: CrowdTransport, ssrc: int) -> CrowdStream:
        """Count a stream from now on."""
        stream = CrowdStream(ssrc, self.table.open(), self.table)
        self._places[transport.index << 32 | ssrc] = stream.place
        return stream

    def count(self, spans: Spans, is_media: Mask) -> None:
        """Count the media packets of a batch, and check those of checked peers."""
        count = len(is_media)
        peers = np.repeat(
            [_STRAY if peer is None else peer.index for peer, _ in spans],
            [some for _, some in spans],
        )
        keys = (peers << 32 | self._sources[:count].astype(np.int64)).tolist()
        places = np.array([self._places.get(key, _STRAY) for key in keys], np.int64)
        tally = self.tally
        tally.packets += int(np.count_nonzero(is_media))
        tally.bytes += int(self._receiver.ring.lengths[:count][is_media].sum())
        expected = is_media & (places >= 0)
        tally.strays += int(np.count_nonzero(is_media & (places < 0)))
        rows = expected.nonzero()[0]
        if len(rows):
            self.table.add(places[rows], self._numbers[rows].astype(np.uint16))
        if any(peer is not None and peer.checked for peer, _ in spans):
            self._check(spans, expected)

    def _check(self, spans: Spans, expected: Mask) -> None:
        rows, contexts = [], []
        at = 0
        for peer, some in spans:
            if peer is not None and peer.checked and peer.inbound is not None:
                mine = [row for row in range(at, at + some) if expected[row]]
                rows += mine
                contexts += [peer.inbound.context] * len(mine)
            at += some
        if not rows:
            return
        ring, tally = self._receiver.ring, self.tally
        statuses = unprotect_all(
            contexts,
            [ring.packets[row] for row in rows],
            [ring.packet_lengths[row] for row in rows],
        )
        tally.checked += len(rows)
        arrivals = self._monotonic(self._receiver.arrivals(np.array(rows)))
        delays = []
        for row, status, arrival in zip(rows, statuses, arrivals, strict=True):
            if status:
                tally.refused += 1
                continue
            stamp = read_stamp(ring.rows[row, : ring.lengths[row]].data)
            if stamp is None:
                tally.corrupt += 1
            elif arrival > 0:
                delays.append(arrival - stamp.sent)
        tally.latencies.add_all(np.array(delays))

    @staticmethod
    def _monotonic(wall_ns: I64) -> list[float]:
        """Wall-clock nanoseconds as seconds of the monotonic clock; 0 stays 0 or below."""
        ahead = time.clock_gettime_ns(time.CLOCK_REALTIME) - time.monotonic_ns()
        seconds: list[float] = ((wall_ns - ahead) / 1e9).tolist()
        return seconds
