"""The picture of mesh and SFU: what a user sends, receives, waits for and computes, by company."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Sheet

from benchmarks import formula, plots
from benchmarks.comparison_points import Point, Points
from benchmarks.crossover_point import Crossover
from benchmarks.passage import Mode
from benchmarks.timeline import MESH, SERVER

_COLOURS: Final[dict[Mode, str]] = {"mesh": MESH, "sfu": SERVER}
_NAMES: Final[dict[Mode, str]] = {"mesh": "mesh", "sfu": "SFU"}
_MODES: Final[tuple[Mode, Mode]] = ("mesh", "sfu")
_INK, _FAINT, _GRID = "#1f2937", "#6b7280", "#e5e7eb"
_TIMES, _MINUS = "\N{MULTIPLICATION SIGN}", "\N{MINUS SIGN}"
_MEGA: Final = 1000
"""Rates are in kbit/s, and drawn in Mbit/s."""

_Style: TypeAlias = Literal["-", "--", ":"]


@dataclass(frozen=True)
class Drawing:
    """What is drawn.

    Attributes:
        near: on loopback.
        far: over long links to each other, or to the SFU.
        middle: through an SFU that is halfway.
        called: in Chromium.
        crossovers: by what one looks at.
    """

    near: Points
    far: Points
    middle: Points
    called: Points
    crossovers: Mapping[str, Crossover | None]


def draw(drawing: Drawing, folder: Path, name: str) -> None:
    """As SVG and PNG, on white, so that it can be read on any page."""
    if not any(drawing.near.values()):
        return
    sheet = Sheet(figsize=(12, 8.6), facecolor="white")
    sheet.set_layout_engine("constrained", w_pad=0.14, h_pad=0.12)
    rate = next(point.rate for some in drawing.near.values() for point in some.values())
    sheet.suptitle(
        f"What a call costs each of its people, who send {rate:.0f} kbit/s each",
        fontsize=16,
        fontweight="bold",
        color=_INK,
    )
    grid = sheet.add_gridspec(2, 2, height_ratios=[1.2, 1])
    upload, download, latency, cpu = (
        sheet.add_subplot(grid[row, place]) for row in (0, 1) for place in (0, 1)
    )
    _bandwidth(upload, drawing, "upload", rate)
    _bandwidth(download, drawing, "download", rate)
    _latency(latency, drawing)
    _cpu(cpu, drawing)
    plots.save(sheet, folder, name)


def _prepare(axis: Axes, title: str, unit: str, drawing: Drawing) -> None:
    axis.set_title(title, loc="left", fontsize=12.5, fontweight="bold", color=_INK)
    axis.set_xlabel("people in the room", color=_FAINT)
    axis.set_ylabel(unit, color=_FAINT)
    axis.spines[["top", "right"]].set_visible(False)
    axis.spines[["left", "bottom"]].set_color("#9ca3af")
    axis.tick_params(colors=_FAINT)
    axis.grid(axis="y", color=_GRID, linewidth=0.8)
    axis.set_axisbelow(True)
    sizes = [people for some in drawing.near.values() for people in some]
    axis.set_xlim(min(sizes) - 0.4, max(sizes) + 0.6)
    axis.set_xticks(range(min(sizes), max(sizes) + 1))


def _line(axis: Axes, some: Mapping[int, float], mode: Mode, style: _Style, label: str) -> None:
    """Measured dots, and a line through them."""
    if some:
        axis.plot(
            list(some),
            list(some.values()),
            marker="o",
            markersize=8,
            markeredgecolor="white",
            color=_COLOURS[mode],
            linestyle=style,
            linewidth=2,
            label=label,
            zorder=4 if mode == "mesh" else 3,
        )


def _legend(axis: Axes) -> None:
    axis.legend(loc="upper left", frameon=False, fontsize=9.5, labelcolor=_INK)


# ---- bandwidth -----------------------------------------------------------------------------------


def _bandwidth(axis: Axes, drawing: Drawing, what: str, rate: float) -> None:
    is_upload = what == "upload"
    _prepare(axis, f"{what.capitalize()} per person", "Mbit/s", drawing)
    for mode in _MODES:
        some = drawing.near[mode]
        if not some:
            continue
        sizes = list(range(min(some), max(some) + 1))
        expected = [
            formula.upload(mode, people, rate) if is_upload else formula.download(people, rate)
            for people in sizes
        ]
        times = "1" if is_upload and mode == "sfu" else f"(N {_MINUS} 1)"
        # Downloads have one formula: dashes over the other line let both be seen.
        over = mode == "mesh" and not is_upload
        axis.plot(
            sizes,
            [one / _MEGA for one in expected],
            color=_COLOURS[mode],
            linestyle="--" if over else "-",
            linewidth=2.2,
            label=f"{_NAMES[mode]}: {times} {_TIMES} rate",
            zorder=3 if mode == "mesh" else 2,
        )
        axis.plot(
            list(some),
            [getattr(one, what) / _MEGA for one in some.values()],
            marker="o",
            linestyle="",
            color=_COLOURS[mode],
            markersize=7 if over else 10,
            markeredgecolor="white",
            zorder=5 if mode == "mesh" else 4,
        )
    axis.plot([], [], marker="o", linestyle="", color=_FAINT, label="measured at the sockets")
    axis.set_ylim(bottom=0)
    _legend(axis)
    if is_upload:
        _mark_crossover(axis, drawing)


def _mark_crossover(axis: Axes, drawing: Drawing) -> None:
    """Where the SFU begins to need less upload, and how much less it is in the end."""
    found = drawing.crossovers.get("a user's upload")
    if found is None:
        return
    axis.axvline(found.at, color=_FAINT, linewidth=1.2, linestyle=":", zorder=1)
    axis.text(
        found.at + 0.12,
        0.6,
        f"{found.at:.0f} people: equal;\nbeyond, the SFU\nneeds less",
        transform=axis.get_xaxis_transform(),
        fontsize=9.5,
        color=_INK,
        va="center",
    )
    people = max(drawing.near["mesh"].keys() & drawing.near["sfu"].keys())
    mesh, sfu = (drawing.near[mode][people].upload / _MEGA for mode in _MODES)
    axis.annotate(
        "",
        (people + 0.3, sfu),
        (people + 0.3, mesh),
        arrowprops={"arrowstyle": "<->", "color": _FAINT, "linewidth": 1.2},
    )
    axis.text(
        people + 0.5,
        (mesh + sfu) / 2,
        f"{mesh / sfu:.1f} {_TIMES}",
        color=_INK,
        fontsize=13,
        fontweight="bold",
        va="center",
    )


# ---- latency -------------------------------------------------------------------------------------


def _latency(axis: Axes, drawing: Drawing) -> None:
    _prepare(axis, "Sound and picture, one way", "ms, median", drawing)
    for text, some, mode, style in _delays(drawing):
        _line(axis, some, mode, style, "")
        if some:
            last = max(some)
            axis.text(last + 0.35, some[last], text, color=_INK, fontsize=9.5, va="center")
    axis.set_ylim(0, max(10.0, 1.12 * axis.get_ylim()[1]))
    near = {mode: medians(drawing.near[mode]) for mode in _MODES}
    both = near["mesh"].keys() & near["sfu"].keys()
    if both:
        people = min(both, key=lambda one: (abs(one - 6), one))
        added = near["sfu"][people] - near["mesh"][people]
        axis.annotate(
            f"on one machine the SFU adds {added:.2f} ms ({people} people)",
            (people, near["sfu"][people]),
            (0.98, 0.16),
            textcoords="axes fraction",
            ha="right",
            fontsize=9.5,
            color=_INK,
        )


def _delays(drawing: Drawing) -> list[tuple[str, dict[int, float], Mode, _Style]]:
    return [
        ("SFU, 30 ms from everybody", medians(drawing.far["sfu"]), "sfu", "-"),
        ("mesh, 30 ms apart", medians(drawing.far["mesh"]), "mesh", "-"),
        ("", medians(drawing.near["sfu"]), "sfu", "-"),
        ("", medians(drawing.near["mesh"]), "mesh", "-"),
        ("\n\n\nSFU halfway, 15 ms away", medians(drawing.middle["sfu"]), "sfu", ":"),
    ]


def medians(some: Mapping[int, Point]) -> dict[int, float]:
    """Of the delay of media, where it can be told; milliseconds by the number of people."""
    return {people: one.media.p50 for people, one in some.items() if one.media is not None}


# ---- CPU -----------------------------------------------------------------------------------------


def _cpu(axis: Axes, drawing: Drawing) -> None:
    is_real = any(drawing.called.values())
    points, who = (drawing.called, "Chromium") if is_real else (drawing.near, "synthetic")
    _prepare(axis, "CPU", "% of a core", drawing)
    for mode in _MODES:
        of_device = {people: 100 * one.client_cpu for people, one in points[mode].items()}
        _line(axis, of_device, mode, "-", f"each person's device, {_NAMES[mode]} ({who})")
    of_server = {people: 100 * one.server_cpu for people, one in drawing.near["sfu"].items()}
    _line(axis, of_server, "sfu", ":", "the server, SFU, for the whole room")
    axis.set_ylim(0, 1.4 * axis.get_ylim()[1])
    _legend(axis)
