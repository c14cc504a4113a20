"""How fast is a message through the SFU, how many does one core relay, and what sets the limit?

One worker on one core; on the other a room of synthetic members, each with ICE, DTLS and SCTP of
its own in both directions, who all send to all.
"""

import statistics
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from benchmarks import data_parts, metering, processes
from benchmarks.load import data
from benchmarks.load.data import DataLoad, DataMeasured
from benchmarks.progress import Steps
from benchmarks.record import Bar, Figure, Findings, Record

TALKING: Final = DataLoad(members=10, per_second=10)
"""Where delay is judged."""

CROWD: Final = 20
"""Members of the room that is made to speak ever faster."""

KEPT: Final = 99.9
"""Per cent of the messages that must arrive for a rate to count as carried."""

IN_TIME: Final = 0.1
"""Seconds within which 99 % of them must."""


@dataclass(frozen=True)
class Scale:
    """How much of everything.

    Attributes:
        seconds: of each measurement.
        rounds: of the conversation whose delay is judged.
        rates: messages a second of each of the crowd, rising.
        warm_up: seconds before each measurement.
    """

    seconds: float = 8.0
    rounds: int = 3
    rates: tuple[int, ...] = (10, 25, 50, 100, 150, 200, 225, 250, 275, 300, 350, 400)
    warm_up: float = 1.0


FULL = Scale()
QUICK = Scale(seconds=3.0, rounds=1, rates=(10, 50, 100, 200, 250, 300))


def answer(quick: bool, steps: Steps) -> Findings:
    """Measures at full or quick scale."""
    return measure(QUICK if quick else FULL, steps)


def measure(scale: Scale, steps: Steps) -> Findings:
    """Measures at any scale."""
    parameters: dict[str, float | str] = {
        name: ", ".join(map(str, value)) if isinstance(value, tuple) else value
        for name, value in asdict(scale).items()
    }
    found = Findings(
        parameters=parameters | {"message bytes": data.MESSAGE_BYTES}, figures=[], samples={}
    )
    with processes.pinned_to(metering.cores()[1]):
        steps.begin("ten who talk", 2 * scale.rounds)
        for lossy in (True, False):
            _note_talk(scale, lossy, found, steps)
        steps.begin("twenty who talk ever faster", 1)
        best = _note_crowd(scale, found)
        steps.begin("parts of a message", 1)
        _note_parts(best, found)
    return found


# ---- delay ---------------------------------------------------------------------------------------


def _note_talk(scale: Scale, lossy: bool, found: Findings, steps: Steps) -> None:
    load = DataLoad(TALKING.members, TALKING.per_second, lossy)
    runs = []
    for _ in range(scale.rounds):
        runs.append(data.of_worker(load, scale.seconds, scale.warm_up))
        steps.advance()
    kind = "lossy" if lossy else "reliable"
    name = f"{load.members} members, {load.per_second:g} messages/s each, all to all, {kind}"
    for percent, limit in ((50, 2), (99, 10)):
        times = [1000 * run.latencies.percentile(percent) for run in runs]
        found.samples[f"{kind}: p{percent}_ms"] = [round(one, 3) for one in times]
        bar = Bar(kind="below", limit=limit) if lossy else None
        found.figures.append(
            Figure(
                name=f"{name}: one way, p{percent}",
                value=statistics.median(times),
                unit="ms",
                bar=bar,
            )
        )
    found.figures.append(_delivered(name, runs))
    found.figures.append(
        Figure(
            name=f"{name}: share of a core",
            value=100 * statistics.median(run.share for run in runs),
            unit="%",
        )
    )
    found.notes.append(_disturbance(name, runs))


# ---- capacity ------------------------------------------------------------------------------------


def _note_crowd(scale: Scale, found: Findings) -> DataMeasured:
    """Faster and faster on one worker; the fastest that was carried, or else the slowest."""
    load = DataLoad(CROWD, scale.rates[0])
    runs = data.of_rates(load, scale.rates, scale.seconds, scale.warm_up)
    carried = [run for run in runs if is_carried(run)]
    best = max(carried, key=lambda run: run.per_second, default=runs[0])
    for name in ("per_second", "micros", "share", "load_share", "delivered", "per_packet"):
        found.samples[f"crowd: {name}"] = [round(getattr(run, name), 4) for run in runs]
    for percent in (50, 99):
        found.samples[f"crowd: p{percent}_ms"] = [_percentile(run, percent) for run in runs]
    name = f"{CROWD} members, {data.MESSAGE_BYTES}-byte messages, all to all"
    for spoken, run in ((f"{scale.rates[0]} messages/s each", runs[0]), ("the most", best)):
        found.figures += [
            Figure(name=f"{name}, {spoken}: delivered a second", value=run.per_second, unit=""),
            Figure(name=f"{name}, {spoken}: CPU per message", value=run.micros, unit="µs"),
            Figure(name=f"{name}, {spoken}: messages in a packet", value=run.per_packet, unit=""),
            Figure(name=f"{name}, {spoken}: one way, p50", value=_percentile(run, 50), unit="ms"),
            Figure(name=f"{name}, {spoken}: one way, p99", value=_percentile(run, 99), unit="ms"),
            Figure(name=f"{name}, {spoken}: share of a core", value=100 * run.share, unit="%"),
        ]
    if not carried:
        found.notes.append("No rate was carried: something else kept the cores busy.")
    found.notes.append(
        f"The most: the highest rate at which {KEPT} % arrived, and 99 % of them within "
        f"{1000 * IN_TIME:g} ms. {_disturbance(name, runs)}"
    )
    return best


def is_carried(run: DataMeasured) -> bool:
    """Whether a rate can be kept up."""
    return run.delivered >= KEPT and run.latencies.percentile(99) <= IN_TIME


def _note_parts(best: DataMeasured, found: Findings) -> None:
    """Where the time goes: the parts by themselves, and what they explain of the whole."""
    for spoken, count in (("alone in its packet", 1), ("with seven others", 8)):
        parts = data_parts.measure(count)
        for name, value in vars(parts).items():
            found.samples.setdefault(f"parts: {name}", []).append(round(value, 2))
        found.figures.append(
            Figure(
                name=f"SCTP, DTLS and system call of a message {spoken}",
                value=parts.relayed(count, CROWD - 1),
                unit="µs",
            )
        )
        packet = parts.seal + parts.send + (parts.open + parts.acknowledged) / 2
        found.notes.append(
            f"A message {spoken}: {parts.queue:.1f} µs of SCTP, and {packet / count:.1f} µs for "
            f"its packet (encrypted in {parts.seal:.1f}, sent in {parts.send:.1f}, acknowledged "
            f"in {parts.open + parts.acknowledged:.1f} once for two)."
        )
    found.notes.append(
        f"What sets the limit: at the most, the worker used {best.share:.0%} of its core and the "
        f"members {best.load_share:.0%} of theirs; a message took {best.micros:.1f} µs of the "
        "worker's. Once messages share packets SCTP in Python is the largest part of that; while "
        "each has a packet of its own, the packet is, and its acknowledgement."
    )


# ---- shared --------------------------------------------------------------------------------------


def _delivered(name: str, runs: Iterable[DataMeasured]) -> Figure:
    return Figure(
        name=f"{name}: delivered",
        value=min(run.delivered for run in runs),
        unit="%",
        bar=Bar(kind="at least", limit=100),
    )


def _percentile(run: DataMeasured, percent: float) -> float:
    return 1000 * run.latencies.percentile(percent) if len(run.latencies) else 0.0


def _disturbance(name: str, runs: list[DataMeasured]) -> str:
    waited = sum(run.cpu.waited for run in runs) / sum(run.seconds for run in runs) / 1e9
    disordered = sum(run.disordered for run in runs)
    late = f" {disordered} messages came after a later one." if disordered else ""
    return (
        f"{name}: other programs kept the worker from its core for {waited:.0%} of the time.{late}"
    )


def draw(record: Record, folder: Path) -> None:
    """Delay of the conversation; cost, share and delay of the crowd by its rate."""
    from benchmarks import plots  # matplotlib takes a second to load, which a listing need not

    samples = record.findings.samples
    drawn, axes = plots.sheet("Data channels through the SFU on one core", 4)
    rates = [one / 1000 for one in samples["crowd: per_second"]]
    for axis, name, title, unit in (
        (axes[0], "micros", "CPU per message, kernel included", "µs"),
        (axes[1], "share", "Share of the worker's core", ""),
        (axes[2], "per_packet", "Messages in a packet", ""),
    ):
        axis.plot(rates, samples[f"crowd: {name}"], "o-", color=plots.OURS)
        axis.set_ylim(bottom=0)
        axis.set(title=title, ylabel=unit, xlabel="thousand messages delivered a second")
    for percent, colour in ((50, plots.OURS), (99, plots.THEIRS)):
        times = samples[f"crowd: p{percent}_ms"]
        axes[3].plot(rates, times, "o-", color=colour, label=f"p{percent}")
    axes[3].set_yscale("log")
    axes[3].set(title="One way", ylabel="ms", xlabel="thousand messages delivered a second")
    axes[3].legend()
    plots.save(drawn, folder, record.question)
