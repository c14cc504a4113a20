"""Probes against a network of a known rate, on virtual time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.congestion.probing import (
    DURATION,
    FIRST_SCALE,
    FURTHER_SCALE,
    LONGEST,
    MARGIN,
    PAUSES,
    RESULT_TIMEOUT,
    Probe,
    Prober,
)
from sfu.units import BitsPerSecond, Seconds

STEP = 0.05


class Path:
    """A network whose probes show its rate a tenth of a second after they were sent."""

    def __init__(self, estimate: float, capacity: float) -> None:
        self.now = 100.0
        self.estimate = estimate
        self.capacity = capacity
        self.overused = False
        self.prober = Prober()
        self.probes: list[tuple[float, Probe]] = []

    def run(self, seconds: float, wanted: float | None) -> None:
        for _ in range(round(seconds / STEP)):
            for at, probe in self.probes:
                if self.now - 0.1 - STEP < at <= self.now - 0.1:
                    self.estimate = max(self.estimate, min(probe.rate, self.capacity))
            short = wanted is not None and wanted > self.estimate
            new = self.prober.consider(
                BitsPerSecond(self.estimate),
                BitsPerSecond(wanted) if short and wanted is not None else None,
                Seconds(self.now),
                overused=self.overused,
            )
            if new is not None:
                self.probes.append((self.now, new))
            self.now += STEP


def test_the_first_is_three_times_the_estimate_and_all_that_follow_twice() -> None:
    path = Path(300_000, 1e9)
    path.run(2.0, 4_000_000)
    rates = [probe.rate for _, probe in path.probes]
    assert rates[0] == 300_000 * FIRST_SCALE
    assert rates[1] == rates[0] * FURTHER_SCALE
    assert rates[-1] <= 4_000_000 * MARGIN
    assert path.estimate >= 4_000_000
    assert [probe.cluster for _, probe in path.probes] == list(range(1, len(rates) + 1))


def test_nothing_is_tried_when_nothing_is_wanted() -> None:
    path = Path(300_000, 1e9)
    path.run(20.0, None)
    path.run(20.0, 310_000)  # so little is not worth it
    assert path.probes == []


def test_probes_that_show_nothing_become_rare_and_small() -> None:
    path = Path(500_000, 500_000)
    path.run(60.0, 2_500_000)
    gaps = [
        after[0] - before[0] for before, after in zip(path.probes, path.probes[1:], strict=False)
    ]
    assert gaps[0] == pytest.approx(RESULT_TIMEOUT + PAUSES[0], abs=2 * STEP)
    assert gaps[-1] == pytest.approx(RESULT_TIMEOUT + PAUSES[-1], abs=2 * STEP)
    bits = sum(probe.rate * probe.duration for _, probe in path.probes)
    assert bits < 0.02 * 500_000 * 60


def test_a_network_that_recovers_is_found() -> None:
    path = Path(500_000, 500_000)
    path.run(60.0, 2_500_000)
    path.capacity = 5_000_000
    path.run(5.0, 2_500_000)
    assert path.estimate >= 2_500_000


def test_a_little_more_is_not_taken_for_granted() -> None:
    path = Path(1_000_000, 1_000_000)
    path.run(10.0, 1_100_000)
    assert len(path.probes) < 6


def test_none_while_a_queue_is_building_up() -> None:
    path = Path(500_000, 1e9)
    path.overused = True
    path.run(5.0, 2_500_000)
    assert path.probes == []
    path.overused = False
    path.run(2.0, 2_500_000)
    assert path.estimate >= 2_500_000


def test_another_network_is_tried_at_once() -> None:
    path = Path(500_000, 500_000)
    path.run(60.0, 2_500_000)
    count = len(path.probes)
    path.prober.restart()
    path.run(STEP, 2_500_000)
    assert len(path.probes) == count + 1


@given(
    st.lists(
        st.tuples(
            st.floats(30_000, 1e8),
            st.none() | st.floats(0, 1e9),
            st.booleans(),
            st.floats(0.0, 2.0),
            st.floats(0.0, 0.2),
        ),
        max_size=60,
    )
)
def test_bounds(asked: list[tuple[float, float | None, bool, float, float]]) -> None:
    prober, now, last = Prober(), 0.0, 0
    for rate, wanted, overused, pause, jitter in asked:
        now += pause
        probe = prober.consider(
            BitsPerSecond(rate),
            None if wanted is None else BitsPerSecond(wanted),
            Seconds(now),
            overused=overused,
            jitter=Seconds(jitter),
        )
        if probe is not None:
            assert wanted is not None and not overused
            assert rate < probe.rate <= rate * FIRST_SCALE
            assert probe.rate <= wanted * MARGIN
            assert DURATION <= probe.duration <= LONGEST
            assert probe.cluster == last + 1
            last = probe.cluster
