"""Warnings that strangers can cause."""

import logging

import pytest

from signaling.http.complaints import BURST, RATE, Complaints

log = logging.getLogger("complaints")


def test_a_flood_of_warnings_is_summed_up(caplog: pytest.LogCaptureFixture) -> None:
    complaints = Complaints(log, 0.0)
    for number in range(1000):
        complaints.warn(0.0, "refused %d", number)
    assert [record.getMessage() for record in caplog.records] == [
        f"refused {number}" for number in range(BURST)
    ]
    caplog.clear()
    complaints.warn(1 / RATE, "refused %d", 1000)
    assert [record.getMessage() for record in caplog.records] == [
        f"{1000 - BURST} warnings like the next were left out",
        "refused 1000",
    ]
