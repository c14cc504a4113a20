"""What does a cluster need for ten thousand, a hundred thousand, a million people, at what price?

A model on paper (``benchmarks.scale_model``), of coefficients that were measured on one machine: by
the questions forwarding, signaling and peers, if their records are here and of this machine, else
by small measurements of its own.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks import scale_records
from benchmarks.progress import Steps
from benchmarks.questions import forwarding, signaling
from benchmarks.record import RESULTS, Figure, Findings, this_machine
from benchmarks.scale_model import (
    BUSY,
    ROOMS,
    Habits,
    Measured,
    Point,
    Prices,
    TooFewPoints,
    fit,
    left_out,
)
from benchmarks.scale_records import NotThere
from benchmarks.scale_table import draw as draw
from benchmarks.scale_table import note_rooms
from benchmarks.stats import median

SMALL_FORWARDING: Final = forwarding.Scale(
    seconds=1.5,
    rounds=1,
    loads=(),
    joiners=100,
    relayed=0,
    coalescing=False,
    sixty=False,
    audiences=(600, 900, 1200),
    rooms=(6, 8, 11),
    bitrates=(3000, 5000),
    workers=1,
)
SMALL_SIGNALING: Final = signaling.Scale(
    idle=1000, fan_outs=20, joiners=400, sockets=50, burst=50, paced=20, repetitions=1, hostile=64
)


@dataclass(frozen=True)
class Sources:
    """Where the measured part comes from.

    Attributes:
        forwarding: of the question with this name, as the next.
        peers: None where it was not asked.
        told: a sentence about each.
    """

    forwarding: Findings
    signaling: Findings
    peers: Findings | None
    told: list[str]


def answer(quick: bool, steps: Steps) -> Findings:
    """Reads the records, or measures a little; and calculates."""
    sources = gather(RESULTS, steps)
    try:
        return calculate(sources, Prices(), Habits())
    except TooFewPoints as error:
        why = f"No model: {error}. Run it again when other programs leave the cores alone."
        return Findings(parameters={}, figures=[], samples={}, notes=[why, *sources.told])


def gather(folder: Path, steps: Steps) -> Sources:
    """What is in a folder of records, and the rest measured."""
    told: list[str] = []
    forwarded = _stored(folder, "forwarding", told)
    if forwarded is None or not _is_enough(forwarded):
        told.append("Forwarding: measured for this, with few loads and for a short time.")
        forwarded = forwarding.measure(SMALL_FORWARDING, steps)
    signaled = _stored(folder, "signaling", told)
    if signaled is None:
        told.append("Signaling: measured for this, with few people and for a short time.")
        signaled = signaling.measure(SMALL_SIGNALING, steps)
    return Sources(forwarded, signaled, _stored(folder, "peers", told), told)


def _is_enough(forwarded: Findings) -> bool:
    """Whether the model can be fitted, and tested, and a join is known."""
    try:
        left_out(scale_records.points(forwarded))
        scale_records.worker_join(forwarded)
    except (TooFewPoints, NotThere):
        return False
    return True


def _stored(folder: Path, question: str, told: list[str]) -> Findings | None:
    found = scale_records.stored(folder, question, this_machine())
    if found is None:
        return None
    quick = " --quick" if found.quick else ""
    told.append(
        f"From the record of `{question}{quick}` of {found.date[:10]}, commit {found.commit}."
    )
    return found.findings


def calculate(sources: Sources, prices: Prices, habits: Habits) -> Findings:
    """Fit, test, and carry to clusters.

    Raises:
        TooFewPoints: too few loads were busy for the model to be fitted and tested.
    """
    points = scale_records.points(sources.forwarding)
    worker, errors = fit(points), left_out(points)
    measured = Measured(
        worker,
        scale_records.worker_join(sources.forwarding),
        scale_records.signaling_cost(sources.signaling),
        scale_records.transport_kib(sources.peers),
    )
    found = Findings(parameters=_parameters(prices, habits), figures=[], samples={})
    _note_measured(measured, found)
    _note_model(points, measured, errors, found)
    found.notes += sources.told
    note_rooms(ROOMS, measured, habits, prices, found)
    return found


def _parameters(prices: Prices, habits: Habits) -> dict[str, float | str]:
    named = {**vars(prices), **vars(habits)}
    return {
        name: ", ".join(map(str, value)) if isinstance(value, tuple) else value
        for name, value in named.items()
    }


def _note_measured(measured: Measured, found: Findings) -> None:
    costs = measured.signaling
    rows = {
        "SFU, CPU per transport that connects": (1e3 * measured.worker_join, "ms"),
        "signaling, CPU per connection": (1e6 * costs.connection, "µs"),
        f"signaling, CPU per join of a room of {costs.joined_room}": (1e6 * costs.join, "µs"),
        "signaling, CPU per message to one other": (1e6 * costs.message, "µs"),
        "signaling, CPU per delivery of a message to many": (1e6 * costs.delivery, "µs"),
        "signaling, memory per connection": (costs.connection_kib, "KiB"),
    }
    if measured.transport_kib:
        rows["SFU, memory per transport"] = (measured.transport_kib, "KiB")
    found.figures += [
        Figure(name=f"measured: {name}", value=value, unit=unit)
        for name, (value, unit) in rows.items()
    ]


def _note_model(
    points: list[Point], measured: Measured, errors: dict[str, float], found: Findings
) -> None:
    worker = measured.worker
    found.figures += [
        Figure(name="fitted: a, CPU per packet out", value=1e6 * worker.per_packet_out, unit="µs"),
        Figure(name="fitted: b, CPU per packet in", value=1e6 * worker.per_packet_in, unit="µs"),
        Figure(
            name="fitted: c, CPU per transport and second",
            value=1e6 * worker.per_transport,
            unit="µs",
        ),
        Figure(
            name=f"model: error at points it was not fitted to ({len(errors)}), median",
            value=median([abs(error) for error in errors.values()]),
            unit="%",
        ),
        Figure(name="the same, worst", value=max(map(abs, errors.values())), unit="%"),
    ]
    found.samples["points: measured share"] = [round(one.share, 4) for one in points]
    found.samples["points: share by the model"] = [round(worker.share(one), 4) for one in points]
    for column in ("packets_in", "packets_out", "transports"):
        found.samples[f"points: {column}"] = [round(getattr(one, column), 1) for one in points]
    found.samples["points: error when left out, %"] = [
        round(errors.get(one.name, worker.error(one)), 2) for one in points
    ]
    found.samples["points: busy"] = [float(one.busy) for one in points]
    lines = [
        "",
        "| load on one worker | measured | by a model fitted to the others | error |",
        "| --- | ---: | ---: | ---: |",
    ]
    for one in points:
        error = errors.get(one.name, worker.error(one))
        predicted = one.share * (1 + error / 100)
        aside = "" if one.busy else " (not busy: outside of the model)"
        lines.append(f"| {one.name}{aside} | {one.share:.1%} | {predicted:.1%} | {error:+.1f} % |")
    found.notes.append("\n".join([*lines, ""]))
    found.notes.append(
        f"Busy is a worker that uses {BUSY:.0%} of its core or more, and lets packets gather. "
        "Measured are the loads and the rows that say so; the coefficients are fitted to the busy "
        "loads; all that follows is model, with the parameters above, none of which was measured."
    )
