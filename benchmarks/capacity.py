"""How far a core goes, and what it costs to divide it among workers: measured, and told."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks import capacity_curve
from benchmarks.capacity_curve import Curve
from benchmarks.forwarding_load import Load
from benchmarks.load.saturation import Carried, carry, climb
from benchmarks.progress import Steps
from benchmarks.record import Figure, Findings
from benchmarks.stats import significant


def note_curves(
    curves: Sequence[Curve],
    seconds: float,
    known: Mapping[Load, Carried],
    found: Findings,
    steps: Steps,
) -> None:
    """Loads that grow until the worker, or the crowd, is full.

    Args:
        curves: what grows.
        seconds: of each load.
        known: what need not be done again, by loads without names.
        found: takes figures, samples, and a table of all loads as a note.
        steps: told of each load.
    """
    climbed: list[tuple[Curve, list[Carried]]] = []
    for curve in filter(lambda one: one.loads, curves):
        steps.begin(curve.spoken, len(curve.loads))
        carried: list[Carried] = []
        for one in climb(curve.loads, seconds, known):
            carried.append(one)
            steps.advance()
        climbed.append((curve, carried))
        found.figures += capacity_curve.figures(curve, carried)
        found.samples |= capacity_curve.samples(curve, carried)
    if climbed:
        found.notes.append(capacity_curve.table(climbed))


@dataclass(frozen=True)
class Repeated:
    """How often something is measured, and for how many seconds each time."""

    rounds: int
    seconds: float


def note_workers(
    load: Load, spoken: str, workers: int, times: Repeated, found: Findings, steps: Steps
) -> None:
    """The same rooms on one worker and on more, in turns: what they cost together."""
    alone, divided = [], []
    steps.begin(f"{workers} workers that share a core", 2 * times.rounds)
    for _ in range(times.rounds):
        alone.append(carry(load, times.seconds))
        steps.advance()
        divided.append(carry(load, times.seconds, workers))
        steps.advance()
    name = f"{spoken}, divided among {workers} workers"
    found.samples[f"{name}: micros"] = [round(one.measured.micros, 3) for one in divided]
    found.samples[f"{name}, on one instead: micros"] = [
        round(one.measured.micros, 3) for one in alone
    ]
    ratio = statistics.median(
        more.measured.micros / one.measured.micros for more, one in zip(divided, alone, strict=True)
    )
    found.figures.append(
        Figure(
            name=f"{name}: CPU per forwarded packet, all together",
            value=statistics.median(one.measured.micros for one in divided),
            unit="µs",
        )
    )
    found.notes.append(
        f"{name}: {ratio:.2f} times the CPU per packet of one worker in the same minutes"
        f"{_portions(divided[-1], alone[-1])}. The workers share one core, since the crowd needs "
        "the other: this is what they cost, and does not show how much two cores carry."
    )


def _portions(more: Carried, one: Carried) -> str:
    if more.batch is None or one.batch is None or more.run is None or one.run is None:
        return ""
    return (
        f", with {significant(more.batch, 2)} datagrams in a receive batch instead of "
        f"{significant(one.batch, 2)}, and {significant(more.run, 2)} in a message instead of "
        f"{significant(one.run, 2)}"
    )
