"""What all plots share: a sheet of panels, and the few shapes drawn on them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Sheet

from benchmarks.stats import median

OURS, THEIRS = "#2563eb", "#9ca3af"
"""Crossover, and whoever stands beside it."""


def sheet(title: str, panels: int) -> tuple[Sheet, list[Axes]]:
    """Panels two abreast."""
    rows = (panels + 1) // 2
    drawn = Sheet(figsize=(11, 3.6 * rows), layout="constrained")
    drawn.suptitle(title)
    axes = [drawn.add_subplot(rows, 2, index + 1) for index in range(panels)]
    for axis in axes:
        axis.spines[["top", "right"]].set_visible(False)
    return drawn, axes


def column(title: str, panels: int) -> tuple[Sheet, list[Axes]]:
    """Panels one below the other, over the whole width."""
    drawn = Sheet(figsize=(11, 4.2 * panels), layout="constrained")
    drawn.suptitle(title)
    axes = [drawn.add_subplot(panels, 1, index + 1) for index in range(panels)]
    for axis in axes:
        axis.spines[["top", "right"]].set_visible(False)
    return drawn, axes


def save(drawn: Sheet, folder: Path, name: str) -> None:
    """As SVG, the same bytes for the same figures, and PNG; on white, to be read on any page."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn.set_facecolor("white")
    with mpl.rc_context({"svg.hashsalt": name}):
        drawn.savefig(folder / f"{name}.svg", metadata={"Date": None})
    drawn.savefig(folder / f"{name}.png", dpi=120)


def distribution(axis: Axes, samples: Sequence[float], label: str, colour: str) -> None:
    """Which share of the samples stays below a value."""
    ordered = sorted(samples)
    shares = [100 * (index + 1) / len(ordered) for index in range(len(ordered))]
    axis.step(ordered, shares, where="post", label=label, color=colour)
    axis.set_xscale("log")
    axis.set_ylabel("% of samples")


def pairs(axis: Axes, groups: Mapping[str, tuple[Sequence[float], Sequence[float]]]) -> None:
    """For each group ours beside theirs: the median as a bar, every repetition as a dot."""
    for place, (ours, theirs) in enumerate(groups.values()):
        for side, samples, colour in ((-0.2, ours, OURS), (0.2, theirs, THEIRS)):
            if samples:
                axis.bar(place + side, median(samples), 0.36, color=colour)
                axis.plot([place + side] * len(samples), samples, "k.", markersize=4)
    axis.set_xticks(range(len(groups)), list(groups))
    axis.set_ylim(bottom=0)


def bars(axis: Axes, groups: Mapping[str, Sequence[float]]) -> None:
    """The median of each group as a bar, the first one ours, every repetition as a dot."""
    for place, samples in enumerate(groups.values()):
        axis.bar(place, median(samples), 0.6, color=THEIRS if place else OURS)
        axis.plot([place] * len(samples), samples, "k.", markersize=4)
    axis.set_xticks(range(len(groups)), list(groups))
    axis.set_ylim(bottom=0)
