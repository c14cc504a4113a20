"""The RTP and RTCP of one synthetic transport, both ways, sans-I/O and before encryption."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final, Protocol

from benchmarks.peers.synthetic.published import PublishedStream, Track
from benchmarks.peers.synthetic.received import Missing, ssrc_of
from sfu.wire.errors import WireError
from sfu.wire.rtcp import (
    CNAME,
    DescriptionChunk,
    RtcpPacket,
    SourceDescription,
    encode_rtcp,
    parse_rtcp,
)
from sfu.wire.rtcp_feedback import (
    BitrateLimit,
    FullIntraRequest,
    Nack,
    PictureLossIndication,
    TransportFeedback,
)
from sfu.wire.rtcp_reports import ReceiverReport, ReportBlock, SenderReport
from sfu.wire.rtp import RtpPacket

REPORT_INTERVAL: Final = 1.0
_MOST_BLOCKS: Final = 31
_MOST_RTCP: Final = 1100
_PROBE_SSRC: Final = 1
"""Who reports when nothing is published."""


@dataclass
class Feedback:
    """What the server has asked for and told.

    Attributes:
        nacks: NACK messages.
        nacked: packets they named.
        pictures: key frames asked for, PLI and FIR.
        transport: transport-wide feedback messages.
        receiver_reports: report blocks about our streams, newest last (the newest 100).
        limits: REMB.
    """

    nacks: int = 0
    nacked: int = 0
    pictures: int = 0
    transport: int = 0
    limits: int = 0
    receiver_reports: list[ReportBlock] = field(default_factory=list)


class Publishing:
    """The tracks that a transport sends."""

    def __init__(self) -> None:
        self.tracks: list[Track] = []
        self.feedback = Feedback()
        self.next_number = 0
        self._streams: dict[int, tuple[Track, PublishedStream]] = {}

    def add(self, track: Track) -> None:
        """Send a track from its ``due`` on."""
        self.tracks.append(track)
        for stream in track.streams:
            self._streams[stream.ssrc] = (track, stream)

    def remove(self, track: Track) -> None:
        """Send it no longer."""
        self.tracks.remove(track)
        for stream in track.streams:
            del self._streams[stream.ssrc]

    @property
    def due(self) -> float:
        """When the next frame is to be sent; infinity without tracks."""
        return min((track.due for track in self.tracks), default=float("inf"))

    def take_number(self) -> int:
        """The next transport-wide sequence number."""
        number = self.next_number
        self.next_number = number + 1 & 0xFFFF
        return number

    def frames(self, now: float) -> list[bytes]:
        """The RTP packets that are due."""
        packets: list[bytes] = []
        for track in self.tracks:
            while track.due <= now:
                packets += track.frame(now, self.take_number)
        return packets

    def sender_reports(self, now: float) -> list[RtcpPacket]:
        """One per stream that has sent something."""
        streams = [stream for _, stream in self._streams.values() if stream.sent]
        return [stream.sender_report(now) for stream in streams]

    def receive(self, packet: RtcpPacket, now: float) -> list[bytes]:
        """Take RTCP; the RTP packets it makes us send."""
        feedback = self.feedback
        match packet:
            case Nack(media_ssrc=ssrc, lost=lost):
                feedback.nacks += 1
                feedback.nacked += len(lost)
                return self._again(ssrc, lost, now)
            case PictureLossIndication(media_ssrc=ssrc):
                feedback.pictures += 1
                self._key_frame(ssrc)
            case FullIntraRequest(requests=requests):
                feedback.pictures += 1
                for ssrc, _ in requests:
                    self._key_frame(ssrc)
            case TransportFeedback():
                feedback.transport += 1
            case BitrateLimit():
                feedback.limits += 1
            case SenderReport(reports=reports) | ReceiverReport(reports=reports):
                feedback.receiver_reports += reports
                del feedback.receiver_reports[:-100]
            case _:
                pass
        return []

    def _again(self, ssrc: int, lost: Iterable[int], now: float) -> list[bytes]:
        found = self._streams.get(ssrc)
        if found is None:
            return []
        packets = (found[1].retransmission(number, now, self.take_number()) for number in lost)
        return [packet for packet in packets if packet is not None]

    def _key_frame(self, ssrc: int) -> None:
        found = self._streams.get(ssrc)
        if found is not None:
            found[0].want_key_frame(ssrc)


class IncomingStream(Protocol):
    """One stream of a consumer: counts, and can report.

    Attributes:
        ssrc: of the media.
        rtx_ssrc: of retransmissions, if there are any.
        missing: what to ask for again; None where nothing is.
    """

    ssrc: int
    rtx_ssrc: int | None
    missing: Missing | None

    @property
    def received(self) -> int:
        """Different packets that came."""

    def receive(self, data: bytes, now: float, /) -> RtpPacket | None:
        """Take one decrypted packet; the packet if it is new."""

    def note_sender_report(self, ntp_time: int, now: float) -> None:
        """Remember a sender report, to be named in our reports."""

    def report(self, now: float) -> ReportBlock | None:
        """How the stream is received; None before its first packet."""


class Receiving:
    """The streams that a transport receives.

    Attributes:
        streams: by SSRC, of media and of retransmissions.
        strays: packets of SSRCs that nobody has announced.
        on_packet: told of every new packet.
    """

    def __init__(self) -> None:
        self.streams: dict[int, IncomingStream] = {}
        self.strays = 0
        self.on_packet: Callable[[RtpPacket], None] | None = None

    def add(self, stream: IncomingStream) -> None:
        """Count a stream from now on."""
        self.streams[stream.ssrc] = stream
        if stream.rtx_ssrc is not None:
            self.streams[stream.rtx_ssrc] = stream

    def remove(self, stream: IncomingStream) -> None:
        """Take its packets for strays from now on."""
        self.streams = {ssrc: one for ssrc, one in self.streams.items() if one is not stream}

    def receive(self, packet: bytes, now: float) -> None:
        """Take one decrypted RTP packet."""
        stream = self.streams.get(ssrc_of(packet))
        if stream is None:
            self.strays += 1
            return
        taken = stream.receive(packet, now)
        if taken is not None and self.on_packet is not None:
            self.on_packet(taken)

    def note(self, packet: RtcpPacket, now: float) -> None:
        """Take RTCP."""
        if isinstance(packet, SenderReport):
            stream = self.streams.get(packet.ssrc)
            if stream is not None:
                stream.note_sender_report(packet.ntp_time, now)

    def blocks(self, now: float) -> list[ReportBlock]:
        """A report per stream that has come."""
        streams = dict.fromkeys(self.streams.values())
        found = (stream.report(now) for stream in streams)
        return [block for block in found if block is not None]

    def nacks(self, reporter: int, now: float) -> list[RtcpPacket]:
        """What has to be asked for again."""
        packets: list[RtcpPacket] = []
        for stream in dict.fromkeys(self.streams.values()):
            missing = stream.missing.due(now) if stream.missing is not None else []
            if missing:
                numbers = tuple(number & 0xFFFF for number in missing)
                packets.append(Nack(reporter, stream.ssrc, numbers))
        return packets


class Media:
    """Both directions of a transport, and the RTCP between them.

    Args:
        cname: of our streams.
        now: monotonic seconds.
    """

    def __init__(self, cname: str, now: float) -> None:
        self.publishing = Publishing()
        self.receiving = Receiving()
        self.cname = cname
        self._report_due = now + REPORT_INTERVAL / 2

    @property
    def due(self) -> float:
        """When ``reports`` has something to say."""
        return self._report_due

    @property
    def reporter(self) -> int:
        """The SSRC that our RTCP comes from."""
        tracks = self.publishing.tracks
        return tracks[0].streams[0].ssrc if tracks else _PROBE_SSRC

    def receive_rtcp(self, compound: bytes, now: float) -> list[bytes]:
        """Take decrypted RTCP; the RTP packets it makes us send."""
        try:
            packets = parse_rtcp(compound)
        except WireError:
            return []
        again: list[bytes] = []
        for packet in packets:
            again += self.publishing.receive(packet, now)
            self.receiving.note(packet, now)
        return again

    def reports(self, now: float) -> list[bytes]:
        """The compounds that are due: sender and receiver reports, once a second."""
        if now < self._report_due:
            return []
        self._report_due = now + REPORT_INTERVAL
        blocks = self.receiving.blocks(now)
        packets = self.publishing.sender_reports(now)
        for first in range(0, len(blocks), _MOST_BLOCKS):
            some = tuple(blocks[first : first + _MOST_BLOCKS])
            packets.append(ReceiverReport(self.reporter, some))
        if not packets:
            return []
        chunk = DescriptionChunk(self.reporter, ((CNAME, self.cname.encode()[:255]),))
        return _compounds([*packets, SourceDescription((chunk,))])

    def asked_again(self, now: float) -> list[bytes]:
        """NACKs that are due."""
        nacks = self.receiving.nacks(self.reporter, now)
        return _compounds(nacks) if nacks else []


def _compounds(packets: list[RtcpPacket]) -> list[bytes]:
    """As many packets to a datagram as fit."""
    compounds: list[bytes] = []
    current = b""
    for packet in packets:
        encoded = encode_rtcp([packet])
        if current and len(current) + len(encoded) > _MOST_RTCP:
            compounds.append(current)
            current = b""
        current += encoded
    return [*compounds, current]
