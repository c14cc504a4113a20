"""What came out of comparing servers, as rows of a table: pure, from measurements to figures."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from benchmarks.load.contest import LATE, Capacity, Joins, Served
from benchmarks.peers.contestant import Absence
from benchmarks.record import Bar, Figure

COST_BARS: Final = {"Janus": 0.3, "Pion": 0.5, "mediasoup": 0.65}
"""CPU per packet, of theirs at most, under the main load."""

CAPACITY_BARS: Final = {"Janus": 3.0}
"""Capacity, times theirs at least."""

THEY_WIN: Final = " (**they win**)"
AT_LEAST: Final = " (at least: the load generator was full)"


@dataclass
class Standing:
    """One server's results.

    Attributes:
        name: of the server.
        absence: why there are none.
        served: every run of a load, by the load's name; rounds in the same order for all.
        joins: what joining costs.
        capacity: how large an audience may be.
    """

    name: str
    absence: Absence | None = None
    served: dict[str, list[Served]] = field(default_factory=dict)
    joins: Joins | None = None
    capacity: Capacity | None = None

    def costs(self, load: str) -> list[float]:
        """µs of CPU per forwarded packet, of every run."""
        return [one.measured.micros for one in self.served.get(load, [])]

    def latencies(self, load: str, percent: int) -> list[float]:
        """Milliseconds, of every run."""
        runs = self.served.get(load, [])
        return [1000 * one.measured.latencies.percentile(percent) for one in runs]

    def delivered(self, load: str) -> list[float]:
        """Per cent, of every run."""
        return [one.measured.delivered for one in self.served.get(load, [])]

    def crowded(self, load: str) -> bool:
        """Whether the load generator was the bottleneck of a run."""
        return any(one.crowded for one in self.served.get(load, []))


def figures(
    ours: Standing, others: Sequence[Standing], loads: Mapping[str, str], main: str
) -> list[Figure]:
    """All rows, those about one thing together.

    Args:
        ours: where everything is measured.
        others: beside whom.
        loads: what a load's name is in words.
        main: the load that has bars.
    """
    here = [one for one in others if one.absence is None]
    gone = [one for one in others if one.absence is not None]
    rows: list[Figure | None] = []
    for load, spoken in loads.items():
        beside = here + gone if load == main else here
        rows += [_cost(ours, one, load, spoken, load == main) for one in beside]
        rows += [_delivered(ours, one, load, spoken) for one in here]
        for percent in (50, 99):
            rows += [_latency(ours, one, load, spoken, percent) for one in here]
    for row in (_capacity, _memory, _join):
        rows += [row(ours, one) for one in here]
    return [row for row in rows if row is not None]


def samples(standings: Sequence[Standing]) -> dict[str, list[float]]:
    """Every measurement, by the load's and the server's name."""
    found: dict[str, list[float]] = {}
    for one in standings:
        for load in (load for load, runs in one.served.items() if runs):
            found[f"{load}, {one.name}: micros"] = _rounded(one.costs(load))
            found[f"{load}, {one.name}: delivered"] = _rounded(one.delivered(load))
            found[f"{load}, {one.name}: p50_ms"] = _rounded(one.latencies(load, 50))
            found[f"{load}, {one.name}: p99_ms"] = _rounded(one.latencies(load, 99))
        if one.joins is not None:
            found[f"{one.name}: join_ms"] = _rounded([1000 * join for join in one.joins.seconds])
            found[f"{one.name}: kib_per_subscriber"] = _rounded([one.joins.kib])
        if one.capacity is not None:
            steps = one.capacity.steps
            found[f"{one.name}: capacity"] = [one.capacity.subscribers]
            found[f"{one.name}: audiences"] = [step.subscribers for step in steps]
            found[f"{one.name}: audiences, delivered"] = _rounded(
                [step.measured.delivered for step in steps]
            )
            found[f"{one.name}: audiences, p99_ms"] = _rounded(
                [1000 * step.measured.latencies.percentile(99) for step in steps]
            )
            found[f"{one.name}: audiences, share"] = _rounded(
                [step.measured.share for step in steps]
            )
    return found


def notes(standings: Sequence[Standing], loads: Mapping[str, str]) -> list[str]:
    """Who was not there, what was left out, and how quiet the machine was."""
    lines = [f"{one.absence.advice}." for one in standings if one.absence is not None]
    for load, spoken in loads.items():
        lines += [
            f"{spoken}, {one.name}: left out, for the load generator was the bottleneck."
            for one in standings
            if one.crowded(load)
        ]
        runs = [served for one in standings for served in one.served.get(load, [])]
        if runs:
            everything = all(run.measured.delivered >= 100 for run in runs)
            lines.append(
                f"{spoken}: {'everything arrived, at every server; ' if everything else ''}"
                f"the crowd used at most {max(run.measured.load_share for run in runs):.0%} of its "
                f"core, and other programs kept it from it for at most "
                f"{max(run.waited for run in runs):.0%} of the time."
            )
    lines.append(
        f"Capacity: 99.9 % of the packets arrive, and 99 % of them within {1000 * LATE:.0f} ms; "
        "nothing is sent again. A join ends with the first packet, which Crossover and mediasoup "
        "send from a key frame on, Janus and Pion at once, decodable or not."
    )
    return lines


# ---- rows ----------------------------------------------------------------------------------------


def _cost(ours: Standing, other: Standing, load: str, spoken: str, with_bar: bool) -> Figure | None:
    """Our median, and what makes the ratio the median of the rounds' ratios."""
    if ours.crowded(load) or other.crowded(load):
        return None
    mine, theirs = ours.costs(load), [] if other.absence is not None else other.costs(load)
    value, peer = statistics.median(mine), None
    if theirs:
        ratios = [our / their for our, their in zip(mine, theirs, strict=True)]
        peer = value / statistics.median(ratios)
    limit = COST_BARS.get(other.name) if with_bar else None
    bar = None if limit is None else Bar(kind="at most", limit=limit, times_peer=True)
    return _row(f"{spoken}, CPU per forwarded packet", other, value, peer, "µs", bar)


def _delivered(ours: Standing, other: Standing, load: str, spoken: str) -> Figure | None:
    """A row only where something was lost."""
    if ours.crowded(load) or other.crowded(load):
        return None
    value, peer = min(ours.delivered(load)), min(other.delivered(load))
    if value >= 100 and peer >= 100:
        return None
    return _row(f"{spoken}, delivered", other, value, peer, "%", more=True)


def _latency(
    ours: Standing, other: Standing, load: str, spoken: str, percent: int
) -> Figure | None:
    if ours.crowded(load) or other.crowded(load):
        return None
    value = statistics.median(ours.latencies(load, percent))
    peer = _median(other.latencies(load, percent))
    return _row(f"{spoken}, added latency p{percent}", other, value, peer, "ms")


def _capacity(ours: Standing, other: Standing) -> Figure | None:
    if ours.capacity is None:
        return None
    limit = CAPACITY_BARS.get(other.name)
    bar = None if limit is None else Bar(kind="at least", limit=limit, times_peer=True)
    theirs = other.capacity
    name = "subscribers of one 1 Mbit/s stream on one core"
    if not ours.capacity.limited or (theirs is not None and not theirs.limited):
        name += AT_LEAST
    peer = None if theirs is None else float(theirs.subscribers)
    return _row(name, other, ours.capacity.subscribers, peer, "", bar, more=True)


def _memory(ours: Standing, other: Standing) -> Figure | None:
    if ours.joins is None:
        return None
    peer = None if other.joins is None else other.joins.kib
    return _row("memory per subscriber", other, ours.joins.kib, peer, "KiB")


def _join(ours: Standing, other: Standing) -> Figure | None:
    if ours.joins is None:
        return None
    theirs = () if other.joins is None else other.joins.seconds
    value = 1000 * statistics.median(ours.joins.seconds)
    peer = _median([1000 * seconds for seconds in theirs])
    return _row("join: signaling, ICE, DTLS, to the first packet, median", other, value, peer, "ms")


def _row(  # noqa: PLR0913 - the columns of a row
    name: str,
    other: Standing,
    value: float,
    peer: float | None,
    unit: str,
    bar: Bar | None = None,
    *,
    more: bool = False,
) -> Figure:
    """A row; ``more``: whether more is better."""
    who = other.name if other.absence is None else f"{other.name} ({other.absence.word})"
    win = peer is not None and (peer > value if more else peer < value)
    return Figure(
        name=f"{name}: {who}{THEY_WIN if win else ''}", value=value, unit=unit, peer=peer, bar=bar
    )


def _median(values: Sequence[float]) -> float | None:
    return statistics.median(values) if values else None


def _rounded(values: Sequence[float]) -> list[float]:
    return [round(value, 3) for value in values]
