"""Does everybody get into the call, and back after a loss, and how soon?

Synthetic members with all that a page has: signaling over WebSocket, ICE, DTLS, SRTP; on one core,
the server with one SFU worker on the other. Media that arrives is what counts.
"""

import itertools
import random
import resource
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import uvloop

from benchmarks import metering, processes
from benchmarks.load import arrivals, reconnects
from benchmarks.load.arrivals import Join, Room
from benchmarks.load.reconnects import Cycle, Loss
from benchmarks.passage import Mode
from benchmarks.progress import Steps
from benchmarks.record import Bar, Figure, Findings, Record
from benchmarks.stats import median, percentile

SEED: Final = 8829

SOON: Final = 1000.0
"""Milliseconds within which 95 % are in the call who come one by one."""

MOST_LATE: Final = 0.1
"""Seconds by which members may be late themselves before their times say more of them than of the
server..."""

MOST_WAITED: Final = 0.1
"""...and the share of the time for which other programs may keep them from their core."""

_SERVER: Final = {
    "CROSSOVER_WORKERS": "1",
    "CROSSOVER_SFU_HOST": "127.0.0.1",
    "CROSSOVER_SFU_PORT": "0",
    "CROSSOVER_ANNOUNCED_IPS": "127.0.0.1",
    "CROSSOVER_LIMITED_FROM": "0",
}
"""One worker; nobody's processor or uplink moves a room."""

JOINED: Final = _SERVER | {"CROSSOVER_MESH_LIMIT": "6", "CROSSOVER_MESH_CAP": "8"}
LEFT_ALONE: Final = _SERVER | {"CROSSOVER_MESH_LIMIT": "5", "CROSSOVER_MESH_CAP": "5"}
"""So small a mesh that the room on the SFU cannot flee into one when the worker is killed."""

PEOPLE: Final[dict[Mode, int]] = {"sfu": 6, "mesh": 4}
"""In the two rooms of the losses; one more now and then."""

SIZES: Final[dict[Mode, int]] = {"sfu": 11, "mesh": 6}
"""People in the rooms that are joined, their creator included."""

_SPOKEN: Final[dict[Mode, str]] = {"sfu": "on the SFU", "mesh": "in a mesh"}

_PICTURES_GO_ON: Final = frozenset({Loss.SIGNALING_SFU, Loss.SIGNALING_MESH})
"""What nobody ought to notice in the pictures."""

_SHARES: Final = {
    Loss.SIGNALING_SFU: 0.3,
    Loss.SIGNALING_MESH: 0.2,
    Loss.ADDRESS: 0.15,
    Loss.PATH: 0.15,
    Loss.LINKS: 0.1,
    Loss.WORKER: 0.1,
}
"""Of all losses."""


@dataclass(frozen=True)
class Scale:
    """How much of everything.

    Attributes:
        sfu_singles: rooms on the SFU that people enter one by one.
        sfu_rushes: the same where all come in the same moment.
        mesh_singles: meshes that people enter one by one.
        mesh_rushes: the same where all come in the same moment.
        pause: seconds between one who has arrived on the SFU and the next: publishers are asked for
            a key frame once a second, after some in quick succession.
        losses: and recoveries.
    """

    sfu_singles: int = 13
    sfu_rushes: int = 12
    mesh_singles: int = 25
    mesh_rushes: int = 25
    pause: float = 1.0
    losses: int = 100

    @property
    def rooms(self) -> list[Room]:
        """Those that are filled, in order."""
        sfu, mesh = SIZES["sfu"] - 1, SIZES["mesh"] - 1
        return [
            *[Room("sfu", sfu, self.pause)] * self.sfu_singles,
            *[Room("sfu", sfu)] * self.sfu_rushes,
            *[Room("mesh", mesh, 0.0)] * self.mesh_singles,
            *[Room("mesh", mesh)] * self.mesh_rushes,
        ]


FULL: Final = Scale()
QUICK: Final = Scale(sfu_singles=2, sfu_rushes=3, mesh_singles=5, mesh_rushes=5, losses=20)


def answer(quick: bool, steps: Steps) -> Findings:
    """Measures at full or quick scale."""
    return measure(QUICK if quick else FULL, steps)


def measure(scale: Scale, steps: Steps) -> Findings:
    """Measures at any scale; what is to be done no times is left out."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    found = Findings(parameters=asdict(scale) | {"seed": SEED}, figures=[], samples={})
    try:
        with processes.pinned_to(metering.cores()[1]):
            uvloop.run(_measure(scale, found, steps))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return found


async def _measure(scale: Scale, found: Findings, steps: Steps) -> None:
    core, rooms = metering.cores()[0], scale.rooms
    if rooms:
        steps.begin("joins", sum(room.joins for room in rooms))
        with processes.crossover(core, **JOINED) as server:
            arrived = await arrivals.fill(server.url, rooms, steps)
        note_joins(arrived.joins, found)
        found.samples["joins: members late ms"] = _milliseconds(arrived.late)
        found.notes.append(_disturbance("joins", arrived.late, arrived.waited))
    if scale.losses:
        steps.begin("losses", scale.losses)
        with processes.crossover(core, **LEFT_ALONE) as server:
            lost = plan(scale.losses, random.Random(SEED))
            back = await reconnects.cycles(server, lost, PEOPLE, SEED, steps)
        note_cycles(back.cycles, found)
        found.notes.append(_disturbance("losses", [back.late], back.waited))


def plan(count: int, rng: random.Random) -> list[Loss]:
    """So many losses of all kinds in their shares, the kills of the worker evenly among them."""
    wanted = {loss: int(share * count) for loss, share in _SHARES.items()}
    for loss in itertools.islice(_SHARES, count - sum(wanted.values())):
        wanted[loss] += 1
    kills = wanted.pop(Loss.WORKER)
    losses = [loss for loss, times in wanted.items() for _ in range(times)]
    rng.shuffle(losses)
    for kill in range(kills):
        losses.insert((kill + 1) * count // kills - 1, Loss.WORKER)
    return losses


# ---- figures -----------------------------------------------------------------------------------


def note_joins(joins: Sequence[Join], found: Findings) -> None:
    """Who has arrived, and how soon."""
    found.figures.append(
        Figure(
            name=f"of {len(joins)} joins, those after which both sides had media",
            value=sum(not join.fault for join in joins),
            unit="",
            bar=Bar(kind="exactly", limit=len(joins)),
        )
    )
    for mode, spoken in _SPOKEN.items():
        for single in (True, False):
            some = [one for one in joins if one.room.mode == mode and single is _is_single(one)]
            if some:
                manner = "one by one" if single else "all at once"
                _note_times(f"join {spoken}, {manner}", some, single, found)
    faults = Counter(f"{_SPOKEN[one.room.mode]}: {one.fault}" for one in joins if one.fault)
    found.notes += [f"{times} joins failed {fault}." for fault, times in faults.items()]


def _is_single(join: Join) -> bool:
    return join.room.pause is not None


def _note_times(name: str, joins: Sequence[Join], single: bool, found: Findings) -> None:
    seconds = [join.seconds for join in joins if join.seconds is not None]
    if not seconds:
        return
    times = found.samples[f"{name}: ms"] = _milliseconds(seconds)
    found.samples[f"{name}: sees ms"] = _milliseconds([one.sees for one in joins if one.sees])
    found.samples[f"{name}: is seen ms"] = _milliseconds([one.seen for one in joins if one.seen])
    bar = Bar(kind="below", limit=SOON) if single else None
    found.figures += [
        Figure(
            name=f"{name}: until everybody sees everybody, median", value=median(times), unit="ms"
        ),
        Figure(name="the same, p95", value=percentile(times, 95), unit="ms", bar=bar),
        Figure(name="the same, slowest", value=max(times), unit="ms"),
    ]


def note_cycles(cycles: Sequence[Cycle], found: Findings) -> None:
    """Which losses were recovered from, how soon, and what was missed meanwhile."""
    good = [cycle for cycle in cycles if not cycle.fault]
    found.figures.append(
        Figure(
            name=f"of {len(cycles)} losses, those after which everybody saw everybody again",
            value=len(good),
            unit="",
            bar=Bar(kind="exactly", limit=len(cycles)),
        )
    )
    for loss in Loss:
        some = [cycle for cycle in good if cycle.loss is loss]
        if not some:
            continue
        times = _milliseconds([cycle.seconds for cycle in some if cycle.seconds is not None])
        gaps = _milliseconds([cycle.gap for cycle in some if cycle.gap is not None])
        found.samples[f"{loss.value}: recovered ms"] = times
        found.samples[f"{loss.value}: gap ms"] = gaps
        name = f"{loss.value}, {len(some)} times"
        found.figures += [
            Figure(name=f"{name}: recovered, median", value=median(times), unit="ms"),
            Figure(name="the same, slowest", value=max(times), unit="ms"),
        ]
        if loss in _PICTURES_GO_ON:
            found.figures.append(
                Figure(name="meanwhile, longest gap between pictures", value=max(gaps), unit="ms")
            )
    found.notes += [f"{one.loss.value}: not recovered: {one.fault}." for one in cycles if one.fault]


def _disturbance(what: str, late: Sequence[float], waited: float) -> str:
    """How much the times are the load generator's own."""
    worst = max(late, default=0.0)
    verdict = (
        "; the load generator was a bottleneck, and times are upper bounds"
        if worst > MOST_LATE or waited > MOST_WAITED
        else ""
    )
    return (
        f"During the {what} the members themselves were late by {1000 * worst:.0f} ms at worst, "
        f"and other programs kept them from their core for {waited:.0%} of the time{verdict}."
    )


def _milliseconds(seconds: Iterable[float]) -> list[float]:
    return [round(1000 * one, 2) for one in seconds]


# ---- plots -------------------------------------------------------------------------------------


def draw(record: Record, folder: Path) -> None:
    """Distributions of joins by mode and manner, and of recoveries by what was lost."""
    from benchmarks import plots  # matplotlib takes a second to load, which a listing need not

    samples = record.findings.samples
    joins = {
        name.removesuffix(": ms"): values
        for name, values in samples.items()
        if name.startswith("join ") and name.endswith(": ms")
    }
    losses = {loss.value: samples.get(f"{loss.value}: recovered ms", []) for loss in Loss}
    losses = {name: values for name, values in losses.items() if values}
    panels = {"From the first word to the server until everybody sees everybody, ms": joins}
    panels |= {"From when it could come back until everybody sees everybody again, ms": losses}
    panels = {title: series for title, series in panels.items() if series}
    drawn, axes = plots.column("Joins and losses", len(panels))
    for axis, (title, series) in zip(axes, panels.items(), strict=True):
        for place, (name, values) in enumerate(series.items()):
            plots.distribution(axis, values, name, f"C{place}")
        axis.set_xlabel(title)
        axis.legend(loc="lower right", fontsize=8)
    plots.save(drawn, folder, record.question)
