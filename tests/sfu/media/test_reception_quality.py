"""What receivers report."""

import pytest

from sfu.media.reception_quality import MOST_RTT, ReceptionQuality, SentReports, read_block
from sfu.media.sender_reports import middle_bits
from sfu.units import Seconds
from sfu.wire.rtcp_reports import ReportBlock


def block(last_report: int = 0, delay: float = 0.0) -> ReportBlock:
    return ReportBlock(1, 64, -3, 1000, 900, last_report, int(delay * 65536))


def test_a_block_in_seconds_and_shares() -> None:
    quality = read_block(block(), 90_000, Seconds(7.0))
    assert quality == ReceptionQuality(0.25, -3, Seconds(0.01), Seconds(7.0))


def test_round_trip_is_what_the_receiver_did_not_wait() -> None:
    sent = SentReports()
    for second in range(3):
        sent.add(second << 32, Seconds(second))
    answer = block(middle_bits(1 << 32), 0.5)
    assert sent.round_trip(answer, Seconds(1.62)) == pytest.approx(0.12, abs=0.001)


@pytest.mark.parametrize(
    ("delay", "at"), [(2.0, 1.5), (0.0, 1.0 + MOST_RTT), (65535.0, 1.5), (0.0, 0.5)]
)
def test_impossible_round_trips_are_not_believed(delay: float, at: float) -> None:
    sent = SentReports()
    sent.add(1 << 32, Seconds(1.0))
    assert sent.round_trip(block(middle_bits(1 << 32), delay), Seconds(at)) is None


def test_unknown_reports_tell_nothing() -> None:
    sent = SentReports()
    assert sent.round_trip(block(), Seconds(1.0)) is None
    for second in range(1, 100):
        sent.add(second << 32, Seconds(second))
    assert sent.round_trip(block(middle_bits(1 << 32)), Seconds(100.0)) is None
    assert sent.round_trip(block(middle_bits(99 << 32)), Seconds(100.0)) == 1.0


def test_slightly_negative_is_none_at_all() -> None:
    sent = SentReports()
    sent.add(1 << 32, Seconds(1.0))
    assert sent.round_trip(block(middle_bits(1 << 32), 0.505), Seconds(1.5)) == 0.0
