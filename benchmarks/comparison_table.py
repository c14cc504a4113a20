"""Points as tables, one row for each size and mode, for documents and eyes."""

from collections.abc import Iterable, Sequence

from benchmarks import formula
from benchmarks.comparison_points import Delays, Point, Points
from benchmarks.passage import Mode
from benchmarks.stats import significant

_HEAD = (
    "people",
    "mode",
    "upload",
    "formula",
    "error",
    "download",
    "formula",
    "error",
    "beside, up / down",
    "packets/s, up / down",
    "connections",
    "CPU, device",
    "CPU, server",
    "media p50 / p99",
    "message p50 / p99",
    "join",
)
_CHROMIUM = (*_HEAD[:3], _HEAD[5], *_HEAD[8:13])


def tables(near: Points, called: Points) -> list[str]:
    """Markdown: of synthetic users on loopback, and of Chromium; where anything was measured."""
    found: list[str] = []
    rows = [_row(people, mode, point) for people, mode, point in _ordered(near)]
    if rows:
        found.append(
            "\nPer user, on average, on loopback; kbit/s with all headers; CPU of a core; ms.\n\n"
            + _table(_HEAD, rows)
        )
    rows = [_call(people, mode, point) for people, mode, point in _ordered(called)]
    if rows:
        found.append("\nThe same in Chromium, by getStats.\n\n" + _table(_CHROMIUM, rows))
    return found


def _ordered(points: Points) -> Iterable[tuple[int, Mode, Point]]:
    found = [
        (people, mode, point) for mode, some in points.items() for people, point in some.items()
    ]
    return sorted(found, key=lambda one: one[:2])


def _row(people: int, mode: Mode, point: Point) -> list[str]:
    up, down = formula.upload(mode, people, point.rate), formula.download(people, point.rate)
    return [
        *_who(people, mode),
        f"{point.upload:,.0f}",
        f"{up:,.0f}",
        f"{formula.error(point.upload, up):+.2f} %",
        f"{point.download:,.0f}",
        f"{down:,.0f}",
        f"{formula.error(point.download, down):+.2f} %",
        *_costs(point),
        _spoken(point.media),
        _spoken(point.messages),
        "" if point.joined is None else f"{point.joined:.0f}",
    ]


def _call(people: int, mode: Mode, point: Point) -> list[str]:
    return [*_who(people, mode), f"{point.upload:,.0f}", f"{point.download:,.0f}", *_costs(point)]


def _who(people: int, mode: Mode) -> list[str]:
    return [str(people), "mesh" if mode == "mesh" else "SFU"]


def _costs(point: Point) -> list[str]:
    return [
        f"{point.beside_up:.0f} / {point.beside_down:.0f}",
        f"{point.packets_up:,.0f} / {point.packets_down:,.0f}",
        str(point.connections),
        f"{100 * point.client_cpu:.1f} %",
        f"{100 * point.server_cpu:.1f} %",
    ]


def _spoken(delays: Delays | None) -> str:
    """Two numbers, or that they cannot be told."""
    if delays is None:
        return "not told"
    return f"{significant(delays.p50, 2)} / {significant(delays.p99, 2)}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---:"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
