"""The estimate against the true rate of links, in virtual time."""

import numpy as np
import pytest

from benchmarks.emulation.plan import Conditions, Plan, Step
from benchmarks.emulation.simulated_call import (
    Competitor,
    ConstantFlow,
    Elastic,
    Feedback,
    Layers,
    SimulatedCall,
    TcpFlow,
    Trace,
)
from sfu.congestion.estimators import LOWEST_RATE, START_RATE

M = 1e6
NEAR = 0.02


def link(rate: float, **conditions: float) -> Conditions:
    return Conditions(rate=rate, **{"delay": NEAR, "queue": 0.3, **conditions})  # type: ignore[arg-type]


def plan(*downs: Conditions, each: float = 15.0) -> Plan:
    up = Conditions(delay=NEAR)
    steps = tuple(Step(at=n * each, down=down, up=up) for n, down in enumerate(downs))
    return Plan(name="a test's", seconds=each * len(downs), steps=steps)


def assert_settled(trace: Trace, start: float, end: float, rate: float) -> None:
    """Within 15 % in the mean, and no second off by more than 20 %."""
    seconds = np.array([trace.mean(at, at + 1) for at in np.arange(start, end)]) / rate
    assert abs(seconds.mean() - 1) <= 0.15, seconds
    assert seconds.min() >= 0.8, seconds
    assert seconds.max() <= 1.2, seconds


def queued(call: SimulatedCall, start: float, end: float) -> float:
    """95th percentile of the seconds that packets waited."""
    return float(np.percentile(call.pipe.log.told(0.0).between(start, end).delays(), 95))


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("rate", [0.15 * M, 0.5 * M, 2 * M, 20 * M])
def test_finds_a_rate_and_keeps_it(rate: float, seed: int) -> None:
    call = SimulatedCall(plan(link(rate)), Elastic(), seed)
    trace = call.run()
    assert_settled(trace, 5, 15, rate)
    if rate >= 0.5 * M:
        assert queued(call, 5, 15) < 0.1


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("rates", [(1 * M, 4 * M), (4 * M, 1 * M), (5 * M, 0.5 * M, 5 * M)])
def test_follows_steps_within_five_seconds(rates: tuple[float, ...], seed: int) -> None:
    call = SimulatedCall(plan(*map(link, rates)), Elastic(), seed)
    trace = call.run()
    for n, rate in enumerate(rates):
        assert_settled(trace, 15 * n + 5, 15 * n + 15, rate)
        assert queued(call, 15 * n + 5, 15 * n + 15) < 0.1


@pytest.mark.parametrize("seed", [1, 2])
def test_leaves_a_constant_flow_its_share(seed: int) -> None:
    others: list[Competitor] = [ConstantFlow(1 * M, start=10.0)]
    call = SimulatedCall(plan(link(3 * M), each=25), Elastic(), seed, competitors=others)
    trace = call.run()
    assert abs(trace.mean(5, 10) / (3 * M) - 1) <= 0.15
    assert abs(trace.mean(15, 25) / (2 * M) - 1) <= 0.15


def test_does_not_starve_beside_tcp() -> None:
    others: list[Competitor] = [TcpFlow(start=10.0)]
    trace = SimulatedCall(plan(link(3 * M), each=40), Elastic(), competitors=others).run()
    assert 0.2 <= trace.mean(15, 40) / (3 * M) <= 0.9


@pytest.mark.parametrize("rate", [0.5 * M, 1 * M])
def test_takes_jitter_for_what_it_is(rate: float) -> None:
    jittery = plan(link(rate, jitter=0.03, delay=0.05), each=25)
    trace = SimulatedCall(jittery, Elastic()).run()
    assert abs(trace.mean(5, 25) / rate - 1) <= 0.15


@pytest.mark.parametrize("rate", [1 * M, 3 * M])
def test_five_percent_of_losses_are_no_reason(rate: float) -> None:
    trace = SimulatedCall(plan(link(rate, loss=0.05), each=20), Elastic()).run()
    assert abs(trace.mean(5, 20) / rate - 1) <= 0.15


def test_heavy_losses_that_are_the_path_s_own_are_borne() -> None:
    trace = SimulatedCall(plan(link(1 * M, loss=0.2), each=25), Elastic()).run()
    assert trace.mean(10, 25) >= 0.5 * M


def test_a_queue_too_short_to_be_seen_is_noticed_by_its_losses() -> None:
    call = SimulatedCall(plan(link(1 * M, queue=0.03), each=20), Elastic())
    trace = call.run()
    assert_settled(trace, 5, 20, 1 * M)


def test_a_good_network_is_known_soon_after_joining() -> None:
    trace = SimulatedCall(plan(link(20 * M), each=2), Layers([0.15 * M, 0.5 * M, 2.5 * M])).run()
    assert trace.mean(0.0, 0.05) == START_RATE
    assert trace.mean(1.0, 1.5) >= 2.5 * M


def test_what_is_not_tried_is_not_believed() -> None:
    trace = SimulatedCall(plan(link(20 * M), each=20), Layers([0.3 * M]), probes=False).run()
    assert trace.mean(15, 20) <= START_RATE * 1.1
    assert trace.mean(15, 20) >= START_RATE * 0.9


def test_recovers_after_a_silence() -> None:
    feedback = Feedback(silent=((8.0, 18.0),))
    trace = SimulatedCall(plan(link(3 * M), each=28), Elastic(), feedback=feedback).run()
    assert trace.mean(17, 18) < 5 * LOWEST_RATE
    assert_settled(trace, 24, 28, 3 * M)


@pytest.mark.parametrize(
    "feedback",
    [
        Feedback(every=0.05),
        Feedback(every=0.2),
        Feedback(loss=0.2),
        Feedback(clock=lambda now: 5000 + now * (1 + 200e-6)),
        Feedback(clock=lambda now: now - 1e5 + 40.0 * (now > 12.0) - 77.0 * (now > 15.0)),
    ],
    ids=["often", "seldom", "lost", "drifting", "jumping"],
)
def test_whatever_happens_to_feedback(feedback: Feedback) -> None:
    trace = SimulatedCall(plan(link(2 * M), each=20), Elastic(), feedback=feedback).run()
    assert abs(trace.mean(5, 20) / (2 * M) - 1) <= 0.15
