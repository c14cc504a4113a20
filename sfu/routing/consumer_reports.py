"""What one consumer reports, and what its subscriber reports of it (RFC 3550 §6.4)."""

from typing import Final

from sfu.media.reception_quality import ReceptionQuality, SentReports, read_block
from sfu.routing.feed import Feed
from sfu.units import Seconds
from sfu.wire.rtcp import CNAME, DescriptionChunk
from sfu.wire.rtcp_reports import ReportBlock, SenderReport

_MOST_CNAME: Final = 255
_COUNTER_MASK: Final = 0xFFFFFFFF


class ConsumerReports:
    """Reports of one consumer's stream.

    Args:
        ssrc: of the stream.
        cname: the same for all that is to be played together.
        clock_rate: of the stream.
        feed: what it sends.

    Attributes:
        description: of the stream, for whoever receives a report of it.
        quality: how it is received; None before the first report.
        lost: most packets that were ever reported as lost, and no more than were sent.
    """

    __slots__ = (
        "_clock_rate",
        "_feed",
        "_packets",
        "_sent",
        "_ssrc",
        "description",
        "lost",
        "quality",
    )

    def __init__(self, ssrc: int, cname: str, clock_rate: int, feed: Feed) -> None:
        self._ssrc = ssrc
        self._clock_rate = clock_rate
        self._feed = feed
        self._sent = SentReports()
        self._packets = 0
        self.description = DescriptionChunk(ssrc, ((CNAME, cname.encode()[:_MOST_CNAME]),))
        self.quality: ReceptionQuality | None = None
        self.lost = 0

    def receive(self, block: ReportBlock, now: Seconds) -> Seconds | None:
        """Note how the stream is received; the round-trip time, if it can be told."""
        self.quality = read_block(block, self._clock_rate, now)
        self.lost = max(self.lost, min(self.quality.packets_lost, self._feed.packets))
        return self._sent.round_trip(block, now)

    def take(self, now: Seconds) -> SenderReport | None:
        """A sender report; None when nothing was sent since the last one.

        None as well before the publisher's first: a report by our own clock would pair sound and
        picture by their arrival, and be contradicted by the true one a moment later.
        """
        packets = self._feed.packets
        point = self._feed.report(now)
        if packets == self._packets or point is None:
            return None
        self._packets = packets
        ntp, timestamp = point
        self._sent.add(ntp, now)
        octets = self._feed.octets
        return SenderReport(
            self._ssrc, ntp, timestamp, packets & _COUNTER_MASK, octets & _COUNTER_MASK
        )
