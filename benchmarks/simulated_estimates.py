"""The bandwidth estimator alone, in virtual time, held against the true rate of its link."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.emulation.plan import Conditions, Plan, Step
from benchmarks.emulation.simulated_call import Competitor, ConstantFlow, Elastic, SimulatedCall
from benchmarks.record import Bar, Figure

SETTLING: Final = 5.0
"""Seconds after a step that the bars give to the estimate."""

_SMOOTH: Final = 1.0
"""Seconds over which the estimate is averaged when its error is told."""

MEGABIT: Final = 1e6


@dataclass(frozen=True)
class Case:
    """What is simulated.

    Attributes:
        plan: of the link.
        competitors: makes the other flows on it.
        fair: bit/s that remain for us at a time; None: the link's rate.
    """

    plan: Plan
    competitors: Callable[[], Sequence[Competitor]] = tuple
    fair: Callable[[float], float] | None = None

    def rate(self, at: float) -> float:
        """What the estimate ought to be, bit/s."""
        if self.fair is not None:
            return self.fair(at)
        return self.plan.rate("down", at) or 0.0


def _down(rate: float, jitter: float = 0.0) -> Conditions:
    delay = 0.05 if jitter else 0.025
    return Conditions(rate=rate * MEGABIT, delay=delay, jitter=jitter)


def _plan(name: str, *rates: float, jitter: float = 0.0) -> Plan:
    """Rates of a downlink, each for twenty seconds."""
    steps = tuple(
        Step(at=20.0 * place, down=_down(rate, jitter), up=Conditions(delay=0.025))
        for place, rate in enumerate(rates)
    )
    return Plan(name=name, seconds=20.0 * len(rates), steps=steps)


_OTHER: Final = 1.0 * MEGABIT

CASES: Final = (
    Case(_plan("step up", 1, 3)),
    Case(_plan("step down", 3, 1)),
    Case(
        _plan("competing flow", 3, 3, 3),
        lambda: [ConstantFlow(rate=_OTHER, start=20.0, end=40.0)],
        lambda at: 3 * MEGABIT - (_OTHER if 20.0 <= at < 40.0 else 0.0),
    ),
    Case(_plan("jitter 30 ms", 3, 3, jitter=0.03)),
)


@dataclass(frozen=True)
class Course:
    """What came of a case: a row for each pass of the estimator, seconds and bit/s."""

    times: NDArray[np.float64]
    estimates: NDArray[np.float64]
    rates: NDArray[np.float64]


def simulate(case: Case, seed: int = 1) -> Course:
    """Go through a case."""
    call = SimulatedCall(case.plan, Elastic(), seed, competitors=case.competitors())
    trace = call.run()
    times = np.asarray(trace.times)
    rates = np.asarray([case.rate(at) for at in trace.times])
    return Course(times, np.asarray(trace.estimates), rates)


def steady(course: Course) -> list[tuple[float, float]]:
    """The stretches from ``SETTLING`` after the beginning, and after each change, to the next."""
    changes = np.flatnonzero(np.diff(course.rates)) + 1
    starts = [0.0, *course.times[changes].tolist()]
    ends = [*course.times[changes].tolist(), float(course.times[-1])]
    return [(start + SETTLING, end) for start, end in zip(starts, ends, strict=True) if end > start]


def error(course: Course) -> float:
    """The largest error of the estimate's mean over a second, of the rate, when it is steady."""
    worst = 0.0
    for start, end in steady(course):
        for at in np.arange(start, end - _SMOOTH / 2, _SMOOTH):
            some = (course.times >= at) & (course.times < at + _SMOOTH)
            if some.any():
                mean = float(course.estimates[some].mean())
                worst = max(worst, abs(mean / float(course.rates[some][0]) - 1))
    return worst


def oscillation(course: Course) -> float:
    """Highest less lowest estimate of a steady stretch, of its mean; the largest of all."""
    found = [0.0]
    for start, end in steady(course):
        some = course.estimates[(course.times >= start) & (course.times < end)]
        if len(some):
            found.append(float((some.max() - some.min()) / some.mean()))
    return max(found)


def figures(case: Case, course: Course) -> list[Figure]:
    """Two rows of the table."""
    name = f"estimator alone, {case.plan.name}"
    return [
        Figure(
            name=f"{name}: largest error from {SETTLING:.0f} s after each step on",
            value=round(100 * error(course), 2),
            unit="%",
            bar=Bar(kind="at most", limit=15),
        ),
        Figure(
            name=f"{name}: oscillation",
            value=round(100 * oscillation(course), 2),
            unit="%",
            bar=Bar(kind="at most", limit=20),
        ),
    ]


def samples(case: Case, course: Course) -> dict[str, list[float]]:
    """What was estimated, and what it should have been: seconds, kbit/s."""
    name = f"estimator alone, {case.plan.name}"
    return {
        f"{name}: s": [round(float(one), 2) for one in course.times],
        f"{name}: estimate, kbit/s": [round(float(one) / 1000, 1) for one in course.estimates],
        f"{name}: link, kbit/s": [round(float(one) / 1000, 1) for one in course.rates],
    }
