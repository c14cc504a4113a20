"""Loads of one worker that grow in one respect, as rows, samples and plots."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.forwarding_load import Load
from benchmarks.load.saturation import Carried
from benchmarks.peers.standings import AT_LEAST
from benchmarks.record import Figure
from benchmarks.stats import significant


@dataclass(frozen=True)
class Curve:
    """Loads that grow in one respect.

    Attributes:
        name: in samples.
        spoken: what its end is the largest number of.
        loads: in order; those whose names are known from elsewhere are the same loads.
    """

    name: str
    spoken: str
    loads: tuple[Load, ...]

    def size(self, load: Load) -> int:
        """In what the loads differ."""
        if self.name == "audience":
            return load.people - 1
        return load.rooms if self.name == "rooms" else load.kbps


def audience(*sizes: int) -> Curve:
    """Of one stream."""
    loads = (Load(f"1-to-{size}", 1, size + 1, 1200, one_publisher=True) for size in sizes)
    return Curve("audience", "subscribers of one 1.2 Mbit/s stream", tuple(loads))


def rooms(*counts: int) -> Curve:
    """Of ten people, who all publish."""
    loads = (Load(f"{count}x10", count, 10, 600) for count in counts)
    return Curve("rooms", "rooms of 10 at 600 kbit/s", tuple(loads))


def bitrate(*kbps: int) -> Curve:
    """Of one stream with 200 subscribers."""
    loads = (Load(f"1-to-200 at {one}", 1, 201, one, one_publisher=True) for one in kbps)
    return Curve("bitrate", "kbit/s of one stream to 200 subscribers", tuple(loads))


_SIZES: Final = {
    "audience": ("people", "subscribers of one 1.2 Mbit/s stream"),
    "rooms": ("rooms", "rooms of 10 at 600 kbit/s"),
    "bitrate": ("kbps", "kbit/s of one stream to 200"),
}
"""The column in which each curve grows, and what it is called."""

_LINES: Final = {
    "share": "the worker's",
    "crowd_share": "the crowd's, of its own",
    "p50_ms": "p50",
    "p95_ms": "p95",
    "p99_ms": "p99",
    "batch": "in a receive batch",
    "run": "in a message",
}

COLUMNS: Final = (
    "rooms", "people", "kbps", "in_per_second", "out_per_second", "share", "micros", "delivered",
    "p50_ms", "p95_ms", "p99_ms", "batch", "run", "crowd_share", "crowd_waited", "well", "crowded",
)  # fmt: skip
"""Of every load: samples ``curve, NAME: COLUMN``, all of one length. What a worker does not tell is
0; ``well`` and ``crowded`` are 0 or 1 (see ``contest.Served``)."""


def row(carried: Carried) -> dict[str, float]:
    """One load, by column."""
    measured, load = carried.measured, carried.load
    times = measured.latencies
    values = {
        "rooms": load.rooms,
        "people": load.people,
        "kbps": load.kbps,
        "in_per_second": measured.sent / measured.seconds,
        "out_per_second": measured.received / measured.seconds,
        "share": measured.share,
        "micros": measured.micros,
        "delivered": measured.delivered,
        **{f"p{one}_ms": 1000 * times.percentile(one) if len(times) else 0 for one in (50, 95, 99)},
        "batch": carried.batch or 0,
        "run": carried.run or 0,
        "crowd_share": measured.load_share,
        "crowd_waited": carried.served.waited,
        "well": carried.served.well,
        "crowded": carried.served.crowded,
    }
    return {name: round(float(value), 4) for name, value in values.items()}


def samples(curve: Curve, steps: Sequence[Carried]) -> dict[str, list[float]]:
    """All loads of a curve."""
    rows = [row(step) for step in steps]
    return {f"curve, {curve.name}: {name}": [one[name] for one in rows] for name in COLUMNS}


def figures(curve: Curve, steps: Sequence[Carried]) -> list[Figure]:
    """The largest load that was carried whole, and what it was like."""
    carried = [step for step in steps if step.served.well and not step.served.crowded]
    if not carried:
        return []
    best = max(carried, key=lambda step: curve.size(step.load))
    limited = any(not step.served.well and not step.served.crowded for step in steps)
    at = f"{_spoken(best)}, the most"
    found = [
        Figure(
            name=f"{curve.spoken}, at least 99.9 % in time{'' if limited else AT_LEAST}",
            value=curve.size(best.load),
            unit="",
        ),
        Figure(name=f"{at}: CPU per forwarded packet", value=best.measured.micros, unit="µs"),
    ]
    for name, value in (("receive batch", best.batch), ("message (GSO run)", best.run)):
        if value is not None:
            found.append(Figure(name=f"{at}: datagrams in a {name}", value=value, unit=""))
    return found


def table(curves: Sequence[tuple[Curve, Sequence[Carried]]]) -> str:
    """Every load of all curves, as a table in Markdown."""
    lines = [
        "",
        "| load | of a core | µs per packet | delivered | p50 / p95 / p99 ms | in a batch "
        "| in a message | crowd's core |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |",
    ]
    for _, steps in curves:
        lines += [_line(step) for step in steps]
    return "\n".join([*lines, ""])


def _line(step: Carried) -> str:
    values = row(step)
    times = " / ".join(significant(values[f"p{one}_ms"], 2) for one in (50, 95, 99))
    crowd = f"{values['crowd_share']:.0%}"
    if step.served.crowded:
        crowd += ", **full**: not the worker's limit"
    portions = [significant(one, 2) if one else "" for one in (values["batch"], values["run"])]
    cells = [
        _spoken(step),
        f"{values['share']:.0%}",
        significant(values["micros"]),
        f"{values['delivered']:.6g} %",
        times,
        *portions,
        crowd,
    ]
    return f"| {' | '.join(cells)} |"


def _spoken(step: Carried) -> str:
    load = step.load
    if load.one_publisher:
        return f"1 to {load.people - 1:,} at {load.kbps:,} kbit/s"
    return f"{load.rooms} room{'s'[: load.rooms > 1]} of {load.people} at {load.kbps:,} kbit/s"


def draw(found: Mapping[str, Sequence[float]], folder: Path, name: str) -> None:
    """What becomes of a load as it grows: one row of panels for each curve in the samples."""
    from benchmarks import plots  # matplotlib takes a second to load, which a listing need not

    known = [one for one in _SIZES if f"curve, {one}: share" in found]
    if not known:
        return
    drawn, axes = plots.sheet("One core, loads that grow", 4 * len(known))
    for place, curve in enumerate(known):
        of = {column: found[f"curve, {curve}: {column}"] for column in COLUMNS}
        column, title = _SIZES[curve]
        sizes = [size - (column == "people") for size in of[column]]
        for axis, lines, label in zip(
            axes[4 * place : 4 * place + 4],
            (
                ("share", "crowd_share"),
                ("micros",),
                ("p50_ms", "p95_ms", "p99_ms"),
                ("batch", "run"),
            ),
            ("share of a core", "µs of CPU per forwarded packet", "ms", "datagrams"),
            strict=True,
        ):
            for colour, line in enumerate(lines):
                axis.plot(sizes, of[line], "o-", color=f"C{colour}", label=_LINES.get(line, line))
            axis.set(xlabel=title, ylabel=label)
            axis.set_ylim(bottom=0)
            if len(lines) > 1:
                axis.legend(fontsize=8)
    plots.save(drawn, folder, name)
