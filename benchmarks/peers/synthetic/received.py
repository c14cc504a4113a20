"""What a synthetic peer receives: exact counts per stream, losses asked for again, latencies."""

import struct
from collections import Counter
from dataclasses import dataclass
from typing import Final

from benchmarks.peers.synthetic.latency import Latencies
from benchmarks.peers.synthetic.stamp import Stamp, read_stamp
from sfu.wire.errors import WireError
from sfu.wire.rtcp_reports import ReportBlock
from sfu.wire.rtp import RtpPacket, parse_rtp
from sfu.wire.serial import Unwrapper
from sfu.wire.vp8 import Vp8Descriptor, parse_vp8

_REMEMBERED: Final = 4096
"""Packets by which one may be late and still be told from a repetition."""

_MOST_MISSING: Final = 1000
NACK_INTERVAL: Final = 0.1
_MOST_NACKS: Final = 10


class SequenceLog:
    """Which packets of a stream came: each is new, a repetition, or too old to tell.

    Attributes:
        first: extended number of the first packet; None before it.
        highest: extended number of the newest; None before the first.
        received: different packets.
        duplicates: packets that had come before.
        out_of_order: different packets that came after a later one.
    """

    def __init__(self) -> None:
        self._unwrapper = Unwrapper()
        self._seen: dict[int, None] = {}
        self.first: int | None = None
        self.received = 0
        self.duplicates = 0
        self.out_of_order = 0

    @property
    def highest(self) -> int | None:
        """Extended number of the newest packet; None before the first."""
        return self._unwrapper.highest

    @property
    def lost(self) -> int:
        """Packets between first and highest that did not come."""
        if self.first is None or self.highest is None:
            return 0
        return self.highest - self.first + 1 - self.received

    def add(self, number: int) -> int | None:
        """Note a packet by its 16-bit number.

        Returns:
            Its extended number; None for a repetition.
        """
        before = self._unwrapper.highest
        extended = self._unwrapper.unwrap(number)
        if extended in self._seen:
            self.duplicates += 1
            return None
        self._seen[extended] = None
        if len(self._seen) > _REMEMBERED:
            del self._seen[next(iter(self._seen))]
        self.received += 1
        self.first = extended if self.first is None else min(self.first, extended)
        if before is not None and extended < before:
            self.out_of_order += 1
        return extended


@dataclass
class _Wanted:
    """A missing packet: when to ask for it again, and how often that was done."""

    due: float
    asked: int = 0


class Missing:
    """Which packets are to be asked for again, and when."""

    def __init__(self) -> None:
        self._wanted: dict[int, _Wanted] = {}

    def note_gap(self, after: int, before: int, now: float) -> None:
        """Packets between two extended numbers did not come."""
        for number in range(max(after + 1, before - _MOST_MISSING), before):
            self._wanted[number] = _Wanted(now)
        while len(self._wanted) > _MOST_MISSING:
            del self._wanted[next(iter(self._wanted))]

    def found(self, number: int) -> bool:
        """Whether a packet that came had been missing; it no longer is."""
        return self._wanted.pop(number, None) is not None

    def due(self, now: float) -> list[int]:
        """Extended numbers to ask for now; each at most ten times."""
        asked = []
        for number, wanted in list(self._wanted.items()):
            if now >= wanted.due:
                asked.append(number)
                wanted.due, wanted.asked = now + NACK_INTERVAL, wanted.asked + 1
                if wanted.asked >= _MOST_NACKS:
                    del self._wanted[number]
        return asked

    def __len__(self) -> int:
        return len(self._wanted)


class ReceivedStream:
    """One stream of a consumer.

    Attributes:
        ssrc: of the media.
        rtx_ssrc: of retransmissions, if there are any.
        log: which packets came, retransmissions included.
        bytes: RTP bytes that came, headers included.
        recovered: packets that came as retransmissions.
        key_frames: VP8 key frames that began.
        picture_gaps: VP8 frames that did not follow the picture before.
        corrupt: packets without a publisher's stamp.
        sources: packets per SSRC of the publisher: which encoding is received.
        latencies: from the publisher's send call to our receive call.
        last: the newest packet.
    """

    def __init__(
        self,
        ssrc: int,
        payload_type: int,
        clock_rate: int,
        *,
        rtx_ssrc: int | None = None,
        rtx_payload_type: int | None = None,
        mime_type: str = "video/VP8",
    ) -> None:
        self.ssrc = ssrc
        self.payload_type = payload_type
        self.rtx_ssrc: int | None = rtx_ssrc
        self.rtx_payload_type = rtx_payload_type
        self.log = SequenceLog()
        self.bytes = 0
        self.recovered = 0
        self.key_frames = 0
        self.picture_gaps = 0
        self.corrupt = 0
        self.sources: Counter[int] = Counter()
        self.latencies = Latencies()
        self.last: RtpPacket | None = None
        self.missing: Missing | None = Missing() if rtx_ssrc is not None else None
        self._clock_rate = clock_rate
        self._is_vp8 = mime_type.lower() == "video/vp8"
        self._picture: int | None = None
        self._transit: float | None = None
        self._jitter = 0.0
        self._reported = (0, 0)
        self._sender_report = (0, 0.0)

    @property
    def received(self) -> int:
        """Different packets that came."""
        return self.log.received

    # ---- packets -----------------------------------------------------------------------------

    def receive(self, data: bytes, now: float) -> RtpPacket | None:
        """Take one decrypted packet of the stream or of its retransmissions.

        Returns:
            The packet if it is new, a retransmission as the original.
        """
        self.bytes += len(data)
        try:
            packet = parse_rtp(data)
            is_again = packet.ssrc == self.rtx_ssrc
            if is_again:
                if len(packet.payload) < 2:
                    return None
                packet = self._original(packet)
        except WireError:
            self.corrupt += 1
            return None
        return self._take(packet, now, is_again)

    def _original(self, packet: RtpPacket) -> RtpPacket:
        return RtpPacket(
            payload_type=self.payload_type,
            sequence_number=int.from_bytes(packet.payload[:2], "big"),
            timestamp=packet.timestamp,
            ssrc=self.ssrc,
            marker=packet.marker,
            extension_profile=packet.extension_profile,
            extension=packet.extension,
            payload=packet.payload[2:],
        )

    def _take(self, packet: RtpPacket, now: float, is_again: bool) -> RtpPacket | None:
        before = self.log.highest
        extended = self.log.add(packet.sequence_number)
        if extended is None:
            return None
        if self.missing is not None:
            if before is not None and extended > before + 1:
                self.missing.note_gap(before, extended, now)
            self.missing.found(extended)
        self.recovered += is_again
        self.last = packet
        stamp = read_stamp(packet.payload)
        if stamp is None or packet.payload_type != self.payload_type:
            self.corrupt += 1
            return packet
        self._note(packet, stamp, now, is_again)
        return packet

    def _note(self, packet: RtpPacket, stamp: Stamp, now: float, is_again: bool) -> None:
        self.sources[stamp.source] += 1
        if not is_again:
            self.latencies.add(now - stamp.sent)
            transit = now * self._clock_rate - packet.timestamp
            if self._transit is not None:  # RFC 3550 §6.4.1
                change = abs(transit - self._transit)
                if change < self._clock_rate:
                    self._jitter += (change - self._jitter) / 16
            self._transit = transit
        if self._is_vp8:
            try:
                self._note_picture(parse_vp8(packet.payload), is_again)
            except WireError:
                self.corrupt += 1

    def _note_picture(self, descriptor: Vp8Descriptor, is_again: bool) -> None:
        if not descriptor.starts_frame or descriptor.picture_id is None:
            return
        self.key_frames += descriptor.key_frame
        if is_again:
            return
        expected = None if self._picture is None else self._picture + 1 & 0x7FFF
        if expected is not None and descriptor.picture_id != expected:
            self.picture_gaps += 1
        self._picture = descriptor.picture_id

    # ---- reports -----------------------------------------------------------------------------

    def note_sender_report(self, ntp_time: int, now: float) -> None:
        """Remember a sender report, to be named in our reports."""
        self._sender_report = (ntp_time >> 16 & 0xFFFFFFFF, now)

    @property
    def has_sender_report(self) -> bool:
        """Whether the server has sent a sender report for this stream."""
        return self._sender_report[0] != 0

    def report(self, now: float) -> ReportBlock | None:
        """How the stream is received (RFC 3550 §6.4.1); None before its first packet."""
        log = self.log
        if log.first is None or log.highest is None:
            return None
        expected = log.highest - log.first + 1
        lost = max(0, log.lost)
        expected_before, lost_before = self._reported
        self._reported = (expected, lost)
        share = 256 * max(0, lost - lost_before) // max(1, expected - expected_before)
        last, at = self._sender_report
        return ReportBlock(
            ssrc=self.ssrc,
            fraction_lost=min(255, share),
            packets_lost=min(lost, 0x7FFFFF),
            highest_sequence=log.highest & 0xFFFFFFFF,
            jitter=int(self._jitter) & 0xFFFFFFFF,
            last_report=last,
            delay=int((now - at) * 65536) & 0xFFFFFFFF if last else 0,
        )


_SSRC: Final = struct.Struct("!8xI")


def ssrc_of(packet: bytes) -> int:
    """The SSRC of an RTP packet of at least twelve bytes."""
    ssrc: int = _SSRC.unpack_from(packet)[0]
    return ssrc
