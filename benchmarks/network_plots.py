"""A call over an emulated link drawn: rates, layers and freezes, the queue, over time."""

from pathlib import Path
from typing import Final

import numpy as np
from matplotlib.axes import Axes

from benchmarks import plots
from benchmarks.browser.network_runs import PUBLISHER, SUBSCRIBER, Run
from benchmarks.emulation.plan import Direction
from benchmarks.gaps import Window
from benchmarks.record import Record

SLICE: Final = 0.5
"""Seconds that are one point of a line."""

FREEZE: Final = 0.3
"""Seconds without a frame that are drawn."""

_LINK, _CARRIED, _ESTIMATE, _QUEUE = "#9ca3af", "#2563eb", "#f59e0b", "#7c3aed"
_FREEZE: Final = "#fecaca"

Samples = dict[str, list[float]]


# ---- from a run to samples -----------------------------------------------------------------------


def samples(run: Run, whose: str) -> Samples:
    """What is drawn of a run, by name; seconds since the plan began, kbit/s, ms, lines."""
    name, end = run.plan.name, run.plan.seconds
    direction: Direction = "up" if whose == PUBLISHER else "down"
    changes = run.plan.changes(direction)
    packets = run.links[whose].directions[direction]
    slices = np.arange(0.0, end, SLICE) + SLICE / 2
    subscriber = run.watchers[SUBSCRIBER]
    estimates = _estimates(run, whose)
    heights = subscriber.heights()
    frames = [at for at, _ in subscriber.frames() if 0 <= at <= end]
    freezes = subscriber.freezes(Window(0, end), FREEZE)
    lines: dict[str, list[float]] = {
        "link, s": [at for at, _ in changes],
        "link, kbit/s": [(held.rate or 0.0) / 1000 for _, held in changes],
        "carried, s": slices.tolist(),
        "carried, kbit/s": (packets.rates(0, end, SLICE) / 1000).tolist(),
        "queue, s": slices.tolist(),
        "queue, ms": (packets.worst_delays(0, end, SLICE) * 1000).tolist(),
        "estimate, s": [at for at, _ in estimates],
        "estimate, kbit/s": [rate / 1000 for _, rate in estimates],
        "lines shown, s": [at for at, _ in heights],
        "lines shown": [float(height) for _, height in heights],
        "freezes, s": [one.start for one in freezes],
        "freezes, length s": [one.length for one in freezes],
        "frame intervals, ms": [1000 * gap for gap in np.diff(frames).tolist()],
    }
    return {
        f"{name}: {what}": [round(float(one), 3) for one in values]
        for what, values in lines.items()
    }


def _estimates(run: Run, whose: str) -> list[tuple[float, float]]:
    """Whoever sends over the link estimates it: the server, or the publisher's browser."""
    if whose != PUBLISHER:
        return run.estimates
    watcher = run.watchers[PUBLISHER]
    told = watcher.readings(lambda one: max((pair.available for pair in one.pairs), default=0.0))
    return [(one.at, one.value) for one in told if one.value]


# ---- from samples to pictures --------------------------------------------------------------------


def draw(record: Record, folder: Path) -> None:
    """One picture of all plans, and one of each by itself."""
    found = record.findings.samples
    draw_simulations(record, folder)
    names = [key.removesuffix(": carried, s") for key in found if key.endswith(": carried, s")]
    if not names:
        return
    drawn, axes = plots.sheet("Calls over bad networks", 2 * len(names))
    for place, name in enumerate(names):
        draw_rates(axes[2 * place], found, name)
        draw_picture(axes[2 * place + 1], found, name)
    plots.save(drawn, folder, record.question)
    for name in names:
        alone, (rates, picture, queue) = plots.column(name, 3)
        draw_rates(rates, found, name)
        draw_picture(picture, found, name)
        draw_queue(queue, found, name)
        plots.save(alone, folder, f"{record.question}_{name}")


def draw_simulations(record: Record, folder: Path) -> None:
    """The estimator alone, a panel for each case."""
    found = record.findings.samples
    names = [key.removesuffix(": s") for key in found if key.endswith(": s")]
    if not names:
        return
    drawn, axes = plots.sheet("The estimator alone, simulated", len(names))
    for axis, name in zip(axes, names, strict=True):
        times = found[f"{name}: s"]
        axis.step(times, found[f"{name}: link, kbit/s"], color=_LINK, label="link")
        axis.plot(times, found[f"{name}: estimate, kbit/s"], color=_ESTIMATE, label="estimate")
        axis.set_ylim(bottom=0)
        axis.set_title(name.partition(", ")[2], fontsize=10)
        axis.set_ylabel("kbit/s")
        axis.legend(fontsize=8, frameon=False)
    plots.save(drawn, folder, f"{record.question}_simulated")


def draw_rates(axis: Axes, found: Samples, name: str) -> None:
    """The link's rate, what it carried, and what was thought of it."""
    times, carried = found[f"{name}: carried, s"], found[f"{name}: carried, kbit/s"]
    end = times[-1] + SLICE / 2
    since, rate = found[f"{name}: link, s"], found[f"{name}: link, kbit/s"]
    highest = max([*carried, *found[f"{name}: estimate, kbit/s"], 500.0])
    if min(rate) <= 2 * highest:
        axis.step([*since, end], [*rate, rate[-1]], where="post", color=_LINK, label="link")
    axis.plot(times, carried, color=_CARRIED, linewidth=1, label="carried")
    estimated = found[f"{name}: estimate, s"]
    if estimated:
        rates = found[f"{name}: estimate, kbit/s"]
        axis.plot(estimated, rates, color=_ESTIMATE, linewidth=1, label="estimate")
    axis.set_xlim(0, end)
    axis.set_ylim(0, 1.15 * highest)
    axis.set_ylabel("kbit/s")
    axis.set_title(name, fontsize=10)
    axis.legend(fontsize=8, frameon=False, loc="upper right")


def draw_picture(axis: Axes, found: Samples, name: str) -> None:
    """How many lines were shown, and when nothing new was."""
    end = found[f"{name}: carried, s"][-1] + SLICE / 2
    since, lines = found[f"{name}: lines shown, s"], found[f"{name}: lines shown"]
    starts, lengths = found[f"{name}: freezes, s"], found[f"{name}: freezes, length s"]
    for start, length in zip(starts, lengths, strict=True):
        axis.axvspan(start, start + length, color=_FREEZE)
    if lines:
        axis.step([*since, end], [*lines, lines[-1]], where="post", color=_CARRIED)
        axis.set_ylim(0, 1.15 * max(lines))
    axis.set_xlim(0, end)
    axis.set_ylabel("lines shown; red: frozen")
    axis.set_title(name, fontsize=10)


def draw_queue(axis: Axes, found: Samples, name: str) -> None:
    """How long packets waited before the link."""
    times, delays = found[f"{name}: queue, s"], found[f"{name}: queue, ms"]
    axis.plot(times, delays, color=_QUEUE, linewidth=1)
    axis.set_xlim(0, times[-1] + SLICE / 2)
    axis.set_ylim(bottom=0)
    axis.set_ylabel("longest wait in the queue, ms")
    axis.set_xlabel("seconds")
