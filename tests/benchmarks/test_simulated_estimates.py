from pathlib import Path

import numpy as np
import pytest

from benchmarks import network_plots, simulated_estimates
from benchmarks.record import Findings, record
from benchmarks.simulated_estimates import CASES, Course, error, oscillation, steady


def course(*stretches: tuple[float, list[float]]) -> Course:
    """Of ten rows a second: the link's rate, and the estimates while it held, Mbit/s."""
    rates = [1e6 * rate for rate, estimates in stretches for _ in estimates]
    estimates = [1e6 * one for _, some in stretches for one in some]
    return Course(np.arange(len(rates)) / 10, np.asarray(estimates), np.asarray(rates))


def test_what_is_steady_begins_five_seconds_after_each_step() -> None:
    found = course((1, [1.0] * 100), (3, [3.0] * 101))
    assert steady(found) == [(5.0, 10.0), (15.0, 20.0)]
    assert error(found) == oscillation(found) == 0


def test_five_seconds_are_for_settling() -> None:
    slow = course((1, [0.1] * 49 + [1.0] * 52))
    assert error(slow) == 0
    slower = course((1, [0.1] * 70 + [1.0] * 31))
    assert error(slower) == pytest.approx(0.9)


def test_errors_are_of_a_second_and_oscillations_of_all() -> None:
    swinging = course((1, [0.8, 1.2] * 50 + [1.0]))
    assert error(swinging) == pytest.approx(0)
    assert oscillation(swinging) == pytest.approx(0.4)


def test_a_simulated_case_becomes_two_rows_and_a_panel(tmp_path: Path) -> None:
    case = next(one for one in CASES if one.plan.name == "step down")
    found = simulated_estimates.simulate(case)
    assert found.times[-1] == pytest.approx(case.plan.seconds, abs=0.2)
    assert set(found.rates.tolist()) == {3e6, 1e6}
    rows = simulated_estimates.figures(case, found)
    assert [one.unit for one in rows] == ["%", "%"]
    assert all(one.met is not None for one in rows)
    told = simulated_estimates.samples(case, found)
    record_of = Findings(parameters={}, figures=rows, samples=told)
    network_plots.draw(record("networks", True, record_of), tmp_path)
    assert (tmp_path / "networks_simulated.svg").is_file()


def test_what_remains_beside_another_flow_is_what_counts() -> None:
    case = next(one for one in CASES if one.plan.name == "competing flow")
    assert [case.rate(at) for at in (10, 25, 45)] == [3e6, 2e6, 3e6]
