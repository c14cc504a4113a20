"""The sending side of one transport: its consumers' reports, and what its peer says of them."""

from typing import Final

from sfu.media.allowance import Allowance
from sfu.routing.budget import Budget
from sfu.routing.consumer import Consumer, Received
from sfu.routing.repairs import Repairs
from sfu.routing.shared import Shared
from sfu.transport.srtp import SrtpSession
from sfu.units import BitsPerSecond, Seconds
from sfu.wire.rtcp import RtcpPacket, SourceDescription
from sfu.wire.rtcp_feedback import BitrateLimit, FullIntraRequest, Nack, PictureLossIndication
from sfu.wire.rtcp_reports import ReceiverReport, ReportBlock, SenderReport

REPORT_INTERVAL: Final = 2.0
"""Seconds between the reports of one consumer ..."""

LONGEST_INTERVAL: Final = 5.0
REPORTS_PER_SECOND: Final = 100
"""... of which there are so many a second, until they are as far apart as that."""

FIRST_REPORT_AFTER: Final = 0.15
"""Seconds after a consumer's start: sound and picture are in step from the first moment on."""

FIRST_REPORT_AGAIN: Final = 0.25
_MOST_FIRST_TRIES: Final = 20
"""As long as the publisher has sent no report itself, so often and so many times."""

REVIEW_INTERVAL: Final = 0.5
"""Seconds between two looks at the layers: how long it takes to notice one that has died."""

MOST_COMPOUND: Final = 1200
"""Bytes."""

_MOST_CHUNKS: Final = 31
_REPORT_BYTES: Final = 28
_DESCRIPTION_BYTES: Final = 4
_CHUNK_BYTES: Final = 10  # at most, without the name

_ASKED_PER_SECOND: Final = 1000
_MOST_ASKED: Final = 1000
_MOST_INTRA_REQUESTS: Final = 64

_RTT_WEIGHT: Final = 1 / 8
"""Of a new measurement, as in TCP (RFC 6298 §2)."""


class Outbound:
    """A transport's consumers.

    Args:
        shared: the worker's.

    Attributes:
        destination: slot and session of the transport; None before it is connected.
        rtt: smoothed round-trip time; None before the first measurement.
        remb: rate that the peer says it can receive (draft-alvestrand-rmcat-remb); None before.
        remb_at: when it said so.
    """

    def __init__(self, shared: Shared) -> None:
        self.destination: tuple[int, SrtpSession] | None = None
        self.rtt: Seconds | None = None
        self.remb: BitsPerSecond | None = None
        self.remb_at: Seconds | None = None
        self._shared = shared
        self._consumers: dict[int, Consumer] = {}  # by SSRC
        self._running: dict[Consumer, None] = {}
        self._budget = Budget(self._running)
        self._is_estimated = False  # by more than the peer's own word
        self._beginning: dict[Consumer, int] = {}  # and how often a first report was tried
        self._changed: dict[str, Received] = {}  # by consumer id
        self._report_at: Seconds | None = None
        self._first_at: Seconds | None = None
        self._review_at: Seconds | None = None
        self._asked = Allowance(_ASKED_PER_SECOND, _MOST_ASKED)

    # ---- consumers --------------------------------------------------------------------------

    def connected(self, slot: int, session: SrtpSession, now: Seconds) -> None:
        """The transport can send: start the consumers that wait for it."""
        self.destination = slot, session
        for consumer in list(self._consumers.values()):
            consumer.connected(slot, session, now)

    def add(self, consumer: Consumer, now: Seconds) -> None:
        """Serve a consumer; it starts as soon as the transport is connected."""
        self._consumers[consumer.ssrc] = consumer
        if self.destination is not None:
            consumer.connected(*self.destination, now)

    def remove(self, consumer: Consumer) -> None:
        """Forget a consumer that has stopped."""
        if self._consumers.get(consumer.ssrc) is consumer:
            del self._consumers[consumer.ssrc]
        self._changed.pop(consumer.id, None)

    def started(self, consumer: Consumer, now: Seconds) -> None:
        """A consumer is to be looked after."""
        if not self._running:
            self._report_at = Seconds(now + REPORT_INTERVAL)
        self._running[consumer] = None
        self.wishes_changed()
        self._bring_review_forward(now)

    def began(self, consumer: Consumer, now: Seconds) -> None:
        """A consumer sends its first packets."""
        self._beginning[consumer] = 0
        if self._first_at is None:
            self._first_at = Seconds(now + FIRST_REPORT_AFTER)
        self._bring_review_forward(now)

    def stopped(self, consumer: Consumer) -> None:
        """A consumer needs nothing for now."""
        self.wishes_changed()
        self._running.pop(consumer, None)
        self._beginning.pop(consumer, None)
        self.layers_may_have_changed(consumer)
        if not self._running:
            self._report_at = self._review_at = self._first_at = None

    def layers_may_have_changed(self, consumer: Consumer) -> None:
        """Ask a consumer, and keep what it says for ``take_layers_changed``."""
        received = consumer.take_layers_changed()
        if received is not None:
            self._changed[consumer.id] = received
            self._shared.urgent[self] = None

    def take_layers_changed(self) -> list[tuple[str, Received]]:
        """Consumers, by id, that receive something else than the last time, and what.

        The worker asks after ``take_rtcp``: who has something to tell is urgent.
        """
        changed = list(self._changed.items())
        self._changed.clear()
        return changed

    # ---- what its network carries ----------------------------------------------------------

    def set_estimate(self, rate: BitsPerSecond, now: Seconds) -> None:
        """The peer's network carries so much, all that is sent included; cheap to call often."""
        self._is_estimated = True
        self._budget.set(rate, now)

    @property
    def estimate(self) -> BitsPerSecond | None:
        """What the peer's network carries; None before anybody has said."""
        return self._budget.estimate

    @property
    def demand(self) -> BitsPerSecond:
        """The estimate with which every wish would be fulfilled; 0 before there is any estimate."""
        return self._budget.demand

    @property
    def next_step(self) -> BitsPerSecond | None:
        """The estimate with which somebody would get more; None when nobody lacks anything."""
        return self._budget.next_step

    def wishes_changed(self) -> None:
        """A consumer wants something else than before: to be seen to when the batch is done."""
        self._budget.disturb()
        self._shared.urgent[self] = None

    def _bring_review_forward(self, now: Seconds) -> None:
        if self._review_at is None:
            self._review_at = Seconds(now + REVIEW_INTERVAL)
        # The worker asks for the deadline again of whoever is urgent.
        self._shared.urgent[self] = None

    def padding_source(self) -> Repairs | None:
        """Who can send padding: a consumer that sends now, or else any; None without RTX."""
        found = None
        for consumer in self._consumers.values():
            if isinstance(consumer.repairs, Repairs):
                if consumer.repairs.serving:
                    return consumer.repairs
                found = consumer.repairs
        return found

    # ---- RTCP from the peer -----------------------------------------------------------------

    def receive_rtcp(self, packets: list[RtcpPacket], now: Seconds) -> None:
        """Reports and requests of the peer; what is not for a consumer is passed over."""
        for packet in packets:
            match packet:
                case ReceiverReport(reports=reports) | SenderReport(reports=reports):
                    for block in reports:
                        self._receive_block(block, now)
                case Nack(media_ssrc=ssrc, lost=lost):
                    self._receive_nack(ssrc, lost, now)
                case PictureLossIndication(media_ssrc=ssrc):
                    self._receive_key_frame_request(ssrc, now)
                case FullIntraRequest(requests=requests):
                    for ssrc, _ in requests[:_MOST_INTRA_REQUESTS]:
                        self._receive_key_frame_request(ssrc, now)
                case BitrateLimit(bits_per_second=rate):
                    self.remb, self.remb_at = BitsPerSecond(float(rate)), now
                    if not self._is_estimated:
                        self._budget.hear(self.remb, now)
                case _:
                    pass

    def _receive_block(self, block: ReportBlock, now: Seconds) -> None:
        consumer = self._consumers.get(block.ssrc)
        if consumer is None:
            return
        lost = consumer.reports.lost
        measured = consumer.reports.receive(block, now)
        self._shared.counts.lost_out += consumer.reports.lost - lost
        if measured is not None:
            before = measured if self.rtt is None else self.rtt
            self.rtt = Seconds(before + (measured - before) * _RTT_WEIGHT)

    def _receive_nack(self, ssrc: int, lost: tuple[int, ...], now: Seconds) -> None:
        consumer = self._consumers.get(ssrc)
        if consumer is None or self.destination is None:
            return
        some = lost[: self._asked.take(now, len(lost))]
        self._shared.counts.nacked_in += len(lost)
        self._shared.counts.repairs_denied += len(lost) - len(some)
        consumer.repairs.send(some, self.destination, self.rtt, now)

    def _receive_key_frame_request(self, ssrc: int, now: Seconds) -> None:
        consumer = self._consumers.get(ssrc)
        if consumer is not None:
            self._shared.counts.pictures_in += 1
            consumer.request_key_frame(now)

    # ---- RTCP to the peer -------------------------------------------------------------------

    def next_deadline(self) -> Seconds | None:
        """When ``take_rtcp`` has something to do; None while no consumer is running."""
        times = (self._report_at, self._first_at, self._review_at, self._budget.due)
        due = [at for at in times if at is not None]
        return min(due) if due else None

    def take_rtcp(self, now: Seconds) -> list[list[RtcpPacket]]:
        """Compounds that are due, each at most MOST_COMPOUND bytes; looks after the consumers."""
        if self._budget.due is not None and now >= self._budget.due:
            self._budget.review(now)
        if self._review_at is not None and now >= self._review_at:
            again = [consumer.reconsider(now) for consumer in list(self._running)]
            self._review_at = Seconds(now + REVIEW_INTERVAL) if any(again) else None
        compounds = []
        if self._report_at is not None and now >= self._report_at:
            compounds += self._take_round(now)
        if self._first_at is not None and now >= self._first_at:
            compounds += self._take_first(now)
        return compounds

    def _take_round(self, now: Seconds) -> list[list[RtcpPacket]]:
        interval = max(REPORT_INTERVAL, len(self._running) / REPORTS_PER_SECOND)
        self._report_at = Seconds(now + min(interval, LONGEST_INTERVAL))
        reports = []
        for consumer in list(self._running):
            if self._review_at is None:
                consumer.reconsider(now)
            report = consumer.reports.take(now)
            if report is not None:
                reports.append((consumer, report))
                self._beginning.pop(consumer, None)
        return _compounds(reports)

    def _take_first(self, now: Seconds) -> list[list[RtcpPacket]]:
        """First reports of consumers that have begun."""
        reports = []
        for consumer, tries in list(self._beginning.items()):
            report = consumer.reports.take(now)
            if report is not None:
                reports.append((consumer, report))
            if report is not None or tries >= _MOST_FIRST_TRIES:
                del self._beginning[consumer]
            else:
                self._beginning[consumer] = tries + 1
        self._first_at = Seconds(now + FIRST_REPORT_AGAIN) if self._beginning else None
        return _compounds(reports)


def _compounds(reports: list[tuple[Consumer, SenderReport]]) -> list[list[RtcpPacket]]:
    """Reports, then descriptions, in as many compounds as it takes (RFC 3550 §6.1)."""
    compounds: list[list[RtcpPacket]] = []
    some: list[tuple[Consumer, SenderReport]] = []
    size = _DESCRIPTION_BYTES
    for consumer, report in reports:
        more = _REPORT_BYTES + _CHUNK_BYTES + len(consumer.reports.description.items[0][1])
        if some and (size + more > MOST_COMPOUND or len(some) == _MOST_CHUNKS):
            compounds.append(_compound(some))
            some, size = [], _DESCRIPTION_BYTES
        some.append((consumer, report))
        size += more
    if some:
        compounds.append(_compound(some))
    return compounds


def _compound(reports: list[tuple[Consumer, SenderReport]]) -> list[RtcpPacket]:
    chunks = tuple(consumer.reports.description for consumer, _ in reports)
    return [*(report for _, report in reports), SourceDescription(chunks)]
