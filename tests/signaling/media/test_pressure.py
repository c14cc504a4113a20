"""What a worker takes, as its load goes up and down."""

import pytest

from sfu.control.messages import WorkerStatus
from signaling.media.pressure import Intake, Pressure, WorkerLimits


def status(load: float, sent: int = 0) -> WorkerStatus:
    return WorkerStatus(worker="w", process=1, load=load, routers=0, transports=0, packets_out=sent)


def held(pressure: Pressure, load: float, since: float, sent: int = 0) -> float:
    """A load, and packets in a second, for a minute; when it is over."""
    for second in range(1, 61):
        already = pressure._sent
        pressure.hear(status(load, already + sent), since + second)
    return since + 60


def test_limits_are_passed_and_left_by_a_tenth() -> None:
    pressure, at = Pressure(WorkerLimits(load=0.8), status(0.0), 0.0), 0.0
    seen = []
    for load in (0.79, 0.81, 0.75, 0.71, 0.85, 0.91, 0.85, 0.80, 0.5):
        at = held(pressure, load, at)
        seen.append((load, pressure.intake))
    assert seen == [
        (0.79, Intake.ROOMS),
        (0.81, Intake.MEMBERS),
        (0.75, Intake.MEMBERS),
        (0.71, Intake.ROOMS),
        (0.85, Intake.MEMBERS),
        (0.91, Intake.NOBODY),
        (0.85, Intake.NOBODY),
        (0.80, Intake.MEMBERS),
        (0.5, Intake.ROOMS),
    ]


def test_one_busy_second_changes_nothing() -> None:
    pressure = Pressure(WorkerLimits(), status(0.3), 0.0)
    assert not pressure.hear(status(1.0), 1.0)
    assert pressure.intake is Intake.ROOMS


def test_it_does_not_flap_at_the_limit() -> None:
    pressure, changes = Pressure(WorkerLimits(load=0.8), status(0.8), 0.0), 0
    for second in range(1, 1000):
        changes += pressure.hear(status(0.75 if second % 2 else 0.85), float(second))
    assert changes == 0


@pytest.mark.parametrize(
    ("rate", "intake"),
    [(999, Intake.ROOMS), (1001, Intake.MEMBERS), (1099, Intake.MEMBERS), (1101, Intake.NOBODY)],
)
def test_packets_are_limited_likewise(rate: int, intake: Intake) -> None:
    pressure = Pressure(WorkerLimits(packets=1000), status(0.1), 0.0)
    held(pressure, 0.1, 0.0, rate)
    assert pressure.packets == pytest.approx(rate, rel=1e-3)
    assert pressure.intake is intake


def test_packets_are_not_limited_by_default() -> None:
    pressure = Pressure(WorkerLimits(), status(0.1), 0.0)
    held(pressure, 0.1, 0.0, 10_000_000)
    assert pressure.intake is Intake.ROOMS


def test_a_worker_that_counts_anew_or_a_clock_that_stands_is_no_error() -> None:
    pressure = Pressure(WorkerLimits(packets=10), status(0.1, 1000), 0.0)
    assert not pressure.hear(status(0.1, 5), 1.0)
    assert not pressure.hear(status(1.0, 5), 1.0)
    assert pressure.packets == 0.0


def test_the_hard_limit_is_half_way_to_a_whole_core() -> None:
    assert WorkerLimits(load=0.85).hard_load == pytest.approx(0.925)
    assert WorkerLimits(load=1.0).hard_load == 1.0
