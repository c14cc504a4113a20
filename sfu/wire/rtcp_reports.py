"""RTCP sender and receiver reports (RFC 3550 §6.4): the bodies, without their four byte header."""

import struct

import msgspec

from sfu.wire.errors import WireError

_SENDER_INFO = struct.Struct("!IQIII")
_BLOCK = struct.Struct("!IIIIII")
_SSRC = struct.Struct("!I")


class ReportBlock(msgspec.Struct, frozen=True):
    """How one source is received (RFC 3550 §6.4.1).

    Attributes:
        ssrc: the source.
        fraction_lost: since the last report, in 1/256.
        packets_lost: since the beginning; signed 24 bits.
        highest_sequence: extended by the number of wraps, 32 bits.
        jitter: in timestamp units.
        last_report: middle 32 bits of the NTP time of the last sender report, 0 for none.
        delay: since that report, in 1/65536 s.
    """

    ssrc: int
    fraction_lost: int
    packets_lost: int
    highest_sequence: int
    jitter: int
    last_report: int
    delay: int


class SenderReport(msgspec.Struct, frozen=True):
    """What a source has sent, and when its timestamps were in wall-clock time (§6.4.1).

    Attributes:
        ssrc: the source.
        ntp_time: seconds since 1900 in 32.32 fixed point.
        rtp_timestamp: of the same instant.
        packet_count: 32 bits.
        octet_count: payload bytes, 32 bits.
        reports: at most 31.
        extension: profile-specific bytes at the end, whole words.
    """

    ssrc: int
    ntp_time: int
    rtp_timestamp: int
    packet_count: int
    octet_count: int
    reports: tuple[ReportBlock, ...] = ()
    extension: bytes = b""


class ReceiverReport(msgspec.Struct, frozen=True):
    """What a receiver has received (§6.4.2)."""

    ssrc: int
    reports: tuple[ReportBlock, ...] = ()
    extension: bytes = b""


def _parse_blocks(count: int, body: bytes, at: int) -> tuple[tuple[ReportBlock, ...], bytes]:
    end = at + count * _BLOCK.size
    if end > len(body):
        raise WireError("RTCP report blocks exceed the packet")
    blocks = []
    for ssrc, loss, highest, jitter, last_report, delay in _BLOCK.iter_unpack(body[at:end]):
        lost = (loss & 0xFFFFFF ^ 0x800000) - 0x800000
        blocks.append(ReportBlock(ssrc, loss >> 24, lost, highest, jitter, last_report, delay))
    return tuple(blocks), body[end:]


def parse_sender_report(count: int, body: bytes) -> SenderReport:
    """Read a report with ``count`` blocks.

    Raises:
        WireError: cut off, or the blocks exceed the body.
    """
    if len(body) < _SENDER_INFO.size:
        raise WireError("RTCP sender report is cut off")
    ssrc, ntp_time, timestamp, packets, octets = _SENDER_INFO.unpack_from(body)
    reports, extension = _parse_blocks(count, body, _SENDER_INFO.size)
    return SenderReport(ssrc, ntp_time, timestamp, packets, octets, reports, extension)


def parse_receiver_report(count: int, body: bytes) -> ReceiverReport:
    """Read a report with ``count`` blocks.

    Raises:
        WireError: cut off, or the blocks exceed the body.
    """
    if len(body) < _SSRC.size:
        raise WireError("RTCP receiver report is cut off")
    return ReceiverReport(_SSRC.unpack_from(body)[0], *_parse_blocks(count, body, 4))


def encode_sender_report(report: SenderReport) -> bytes:
    """The body; the header's count is the number of blocks."""
    info = _SENDER_INFO.pack(
        report.ssrc,
        report.ntp_time,
        report.rtp_timestamp,
        report.packet_count,
        report.octet_count,
    )
    return info + _blocks(report.reports) + report.extension


def encode_receiver_report(report: ReceiverReport) -> bytes:
    """The body; the header's count is the number of blocks."""
    return _SSRC.pack(report.ssrc) + _blocks(report.reports) + report.extension


def _blocks(reports: tuple[ReportBlock, ...]) -> bytes:
    return b"".join(
        _BLOCK.pack(
            block.ssrc,
            block.fraction_lost << 24 | block.packets_lost & 0xFFFFFF,
            block.highest_sequence,
            block.jitter,
            block.last_report,
            block.delay,
        )
        for block in reports
    )
