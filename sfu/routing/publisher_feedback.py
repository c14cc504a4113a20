"""What a publisher is told of its packets, and when.

How they are received once a second (RFC 3550 §6.4.2), when each came ten times a second
(transport-wide congestion control), what is missing after a few milliseconds (RFC 4585), and that a
key frame is wanted at once. While nothing comes and nothing is wanted, nothing is due.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from sfu.media.arrival_log import ArrivalLog
from sfu.media.missing_packets import LONGEST_USE, MissingPackets
from sfu.routing.counts import RoutingCounts
from sfu.routing.producer import Producer
from sfu.routing.received_stream import ReceivedStream
from sfu.routing.route import Route
from sfu.units import Seconds
from sfu.wire.rtcp import RtcpPacket
from sfu.wire.rtcp_feedback import (
    FullIntraRequest,
    Nack,
    PictureLossIndication,
    TransportFeedback,
)
from sfu.wire.rtcp_reports import ReceiverReport, ReportBlock

RTCP_SSRC: Final = 1
"""Our SSRC in feedback: nothing is ever sent under it."""

REPORT_INTERVAL: Final = Seconds(1.0)
FEEDBACK_INTERVAL: Final = Seconds(0.1)
ASLEEP_AFTER: Final = Seconds(2.0)

UNKNOWN_ROUND_TRIP: Final = Seconds(0.1)

MOST_BYTES: Final = 1200
"""Of one compound, before protection."""

_MOST_BLOCKS: Final = 31
_MOST_NACKED: Final = 60
_NACK_BYTES: Final = 12 + 4 * _MOST_NACKED
_REQUEST_BYTES: Final = 20
_FEEDBACK_BYTES: Final = 720
_ROUND_TRIP_WEIGHT: Final = 0.125


class PublisherFeedback:
    """The feedback of one transport.

    Args:
        producers: of the transport, kept up to date by the caller.
        routes: of its SSRCs, likewise.
        counts: the worker's.

    Attributes:
        arrivals: when packets came; None while that is not wanted.
        round_trip: to the publisher and back; learned from what it sends again.
        asleep: whether nothing has come for a while: the next packet has to ``wake`` it.
    """

    def __init__(
        self, producers: Sequence[Producer], routes: Mapping[int, Route], counts: RoutingCounts
    ) -> None:
        self.arrivals: ArrivalLog | None = None
        self.round_trip = UNKNOWN_ROUND_TRIP
        self.asleep = True
        self._producers = producers
        self._routes = routes
        self._counts = counts
        self._intra_requests = 0
        self._report_at = self._feedback_at = self._sleep_at = Seconds(0.0)

    def wake(self, now: Seconds) -> None:
        """Packets come again."""
        self.asleep = False
        # The first report comes early: with it, Chromium stops naming the stream in every packet.
        self._report_at = Seconds(now + REPORT_INTERVAL / 4)
        self._feedback_at = Seconds(now + FEEDBACK_INTERVAL)
        self._sleep_at = Seconds(now + ASLEEP_AFTER)

    def note_round_trip(self, took: Seconds) -> None:
        """A packet came so long after it was asked for, once."""
        ahead = min(took, LONGEST_USE) - self.round_trip
        self.round_trip = Seconds(self.round_trip + ahead * _ROUND_TRIP_WEIGHT)

    def next_deadline(self) -> Seconds | None:
        """When something is due; None when nothing is under way."""
        due: list[Seconds] = []
        if not self.asleep:
            due.append(self._report_at)
            if self.arrivals is not None:
                due.append(self._feedback_at)
        for producer in self._producers:
            for stream in producer.streams:
                if stream.log is None:
                    continue
                if stream.missing:
                    missing = stream.missing.next_deadline()
                    if missing is not None:
                        due.append(missing)
                wanted = stream.requests.next_deadline(bool(stream.waiting))
                if wanted is not None:
                    due.append(wanted)
        return min(due, default=None)

    def take(self, now: Seconds) -> list[RtcpPacket]:
        """What is due, as one compound of at most MOST_BYTES; the rest stays due."""
        packets: list[RtcpPacket] = []
        room = MOST_BYTES
        if not self.asleep and now >= self._report_at:
            room -= self._report(now, packets)
        for producer in self._producers:
            for stream in producer.streams:
                if stream.log is not None and room >= _NACK_BYTES + _REQUEST_BYTES:
                    room -= self._ask(producer, stream, stream.log.ssrc, now, packets)
        if (
            self.arrivals is not None
            and not self.asleep
            and now >= self._feedback_at
            and room >= _FEEDBACK_BYTES
        ):
            self._tell_arrivals(self.arrivals, now, packets)
        return packets

    def _report(self, now: Seconds, packets: list[RtcpPacket]) -> int:
        self._report_at = Seconds(now + REPORT_INTERVAL)
        blocks: list[ReportBlock] = []
        for route in self._routes.values():
            if not route.repairs:
                route.stream.measure(now)
            if len(blocks) < _MOST_BLOCKS:
                lost = route.log.lost
                block = route.log.report(now)
                self._counts.lost_in += route.log.lost - lost
                if block is not None:
                    blocks.append(block)
        if not blocks:
            self.asleep = now >= self._sleep_at
            return 0
        self._sleep_at = Seconds(now + ASLEEP_AFTER)
        packets.append(ReceiverReport(RTCP_SSRC, tuple(blocks)))
        return 8 + 24 * len(blocks)

    def _ask(
        self,
        producer: Producer,
        stream: ReceivedStream,
        ssrc: int,
        now: Seconds,
        packets: list[RtcpPacket],
    ) -> int:
        """Ask for a stream's missing packets, and for a key frame."""
        used = 0
        missing: MissingPackets | None = stream.missing
        if missing:
            lost = missing.take_due(now, self.round_trip, _MOST_NACKED)
            if lost:
                packets.append(Nack(RTCP_SSRC, ssrc, tuple(n & 0xFFFF for n in lost)))
                used += 12 + 4 * len(lost)
                self._counts.nacked_out += len(lost)
        if stream.requests.take(now, bool(stream.waiting)):
            if producer.parameters.pli:
                packets.append(PictureLossIndication(RTCP_SSRC, ssrc))
            elif producer.parameters.fir:
                self._intra_requests = self._intra_requests + 1 & 0xFF
                requests = ((ssrc, self._intra_requests),)
                packets.append(FullIntraRequest(RTCP_SSRC, 0, requests))
            used += _REQUEST_BYTES
            self._counts.pictures_out += producer.parameters.pli or producer.parameters.fir
        return used

    def _tell_arrivals(self, arrivals: ArrivalLog, now: Seconds, packets: list[RtcpPacket]) -> None:
        fci = arrivals.take_feedback()
        self._feedback_at = now if arrivals.waiting else Seconds(now + FEEDBACK_INTERVAL)
        if fci is not None:
            packets.append(TransportFeedback(RTCP_SSRC, self._some_ssrc(), fci))

    def _some_ssrc(self) -> int:
        """An SSRC that the publisher takes for its own: of the media that came last."""
        newest, ssrc = Seconds(-2e9), 0
        for route in self._routes.values():
            if not route.repairs and route.log.received:
                arrival = route.stream.newest_arrival
                if arrival > newest:
                    newest, ssrc = arrival, route.ssrc
        return ssrc
