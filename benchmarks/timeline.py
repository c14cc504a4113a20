"""A hand-over drawn: who saw whom by which way, and when nobody saw anything."""

from collections.abc import Sequence
from typing import Final

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from benchmarks.gaps import Window
from benchmarks.passage import Frame, Mode, Passage, Sight

MESH, SERVER, BOTH, GAP = "#2563eb", "#f59e0b", "#e5e7eb", "#111827"
"""By which way a tile is shown; while both ways are being built or taken down; nothing came."""

_HIGH: Final = 0.8
"""Of a member's band, how much its tiles take."""

_NAMES: Final[dict[Mode, str]] = {"mesh": "the mesh", "sfu": "the server"}


def stretches(frames: Sequence[Frame], end: float) -> list[tuple[Mode, float, float]]:
    """A tile's sources: way, from its first frame, to the next way's first frame or the end."""
    found: list[tuple[Mode, float, float]] = []
    for at, way in frames:
        if found and found[-1][0] == way:
            found[-1] = (way, found[-1][1], at)
            continue
        if found:
            found[-1] = (found[-1][0], found[-1][1], at)
        found.append((way, at, at))
    if found:
        found[-1] = (found[-1][0], found[-1][1], end)
    return found


def draw_passage(axis: Axes, passage: Passage, longest: float) -> None:
    """One hand-over: a band for each member, in it a line for each tile it looks at.

    Args:
        axis: to draw on.
        passage: its beginning at 0.
        longest: seconds between two frames beyond which there is a gap.
    """
    window = passage.window
    start, end = window.start - window.length / 2, window.end
    viewers = sorted({sight.viewer for sight in passage.sights})
    for row, viewer in enumerate(viewers):
        sights = [sight for sight in passage.sights if sight.viewer == viewer]
        axis.broken_barh([(0.0, passage.over)], (row - 0.5, 1.0), color=BOTH, zorder=0)
        for place, sight in enumerate(sorted(sights, key=lambda one: one.member)):
            height = _HIGH / len(sights)
            bottom = row - _HIGH / 2 + place * height
            _draw_tile(axis, sight, (bottom, 0.8 * height), end)
            gaps = passage.stalls(longest)[sight.viewer, sight.member]
            _draw_gaps(axis, gaps, (bottom, 0.8 * height))
        if viewer in passage.ready:
            axis.plot(passage.ready[viewer], row + 0.46, "v", color=GAP, markersize=5, zorder=4)
    for at, word in ((0.0, "PREPARE"), (passage.committed, "COMMIT"), (passage.over, "let go")):
        axis.axvline(at, color=GAP, linewidth=0.8, zorder=3)
        axis.annotate(
            f" {word}", (at, 1.0), xycoords=("data", "axes fraction"), va="bottom", fontsize=8
        )
    axis.set_yticks(range(len(viewers)), viewers)
    axis.set_ylim(len(viewers) - 0.4, -0.6)
    axis.set_xlim(start, end)
    axis.set_xlabel(f"seconds since the hand-over to {_NAMES[passage.mode]} began")


def legend(axis: Axes) -> None:
    """What the colours and marks mean."""
    axis.legend(
        handles=[
            Patch(color=MESH, label="tile shown by the mesh"),
            Patch(color=SERVER, label="tile shown by the server"),
            Patch(color=BOTH, label="both ways stand, or are being built"),
            Patch(color=GAP, label="gap between frames"),
            Line2D([], [], color=GAP, marker="v", linestyle="", label="ready"),
        ],
        loc="upper center",
        bbox_to_anchor=(0.5, -0.2),
        ncols=5,
        fontsize=8,
        frameon=False,
    )


def _draw_tile(axis: Axes, sight: Sight, place: tuple[float, float], end: float) -> None:
    for way, since, until in stretches(sight.frames, end):
        colour = MESH if way == "mesh" else SERVER
        axis.broken_barh([(since, until - since)], place, color=colour, zorder=1)


def _draw_gaps(axis: Axes, gaps: Sequence[Window], place: tuple[float, float]) -> None:
    for gap in gaps:
        axis.broken_barh([(gap.start, gap.length)], place, color=GAP, zorder=2)
