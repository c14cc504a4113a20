"""What does a user of a room pay and wait for, in the mesh and through the SFU, and who wins when?

Synthetic members with the full stack for the sweep, in rooms pinned to either mode, in turns; the
same over emulated links; real Chromium as a cross-check.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

import uvloop

from benchmarks import comparison_points, comparison_table, metering, needs, processes
from benchmarks.browser import comparison as chromium
from benchmarks.comparison_points import Point, Points
from benchmarks.crossover_point import Crossover, crossover
from benchmarks.emulation.links import links
from benchmarks.formula import error
from benchmarks.load import comparison
from benchmarks.load.comparison import Measured
from benchmarks.load.gathering import CAMERA_BITS
from benchmarks.load.party import Stuck
from benchmarks.neighbours import Neighbours
from benchmarks.passage import Mode
from benchmarks.processes import Server
from benchmarks.progress import Steps
from benchmarks.record import Bar, Figure, Findings, Record

MESH_CAP: Final = 8
"""Most people in a mesh, pinned or not."""

PAIRED: Final = 6
"""People in the rooms whose latency is compared, round by round."""

FAR: Final = 0.03
"""Seconds one way: between any two people, and between everybody and the SFU."""

MIDDLE: Final = FAR / 2
"""Between everybody and an SFU that stands halfway."""

EQUAL: Final = 0.03
"""Share by which two values have to differ to count as different: the accuracy claimed here."""

_SPARE: Final = 3
"""Times as many wires as connections: on a busy machine some are attempted more than once."""

_MODES: Final[tuple[Mode, Mode]] = ("mesh", "sfu")

_SETTINGS: Final = {
    "CROSSOVER_WORKERS": "1",
    "CROSSOVER_SFU_HOST": "127.0.0.1",
    "CROSSOVER_SFU_PORT": "0",
    "CROSSOVER_ANNOUNCED_IPS": "127.0.0.1",
    "CROSSOVER_LIMITED_FROM": "0",
    "CROSSOVER_MESH_CAP": str(MESH_CAP),
    "CROSSOVER_EMPTY_ROOM_TTL": "60",
}


@dataclass(frozen=True)
class Scale:
    """How much is measured.

    Attributes:
        people: sizes of rooms; those above the mesh cap through the SFU only.
        seconds: of each room.
        paired: rounds of mesh and SFU in turns with ``PAIRED`` people.
        far: sizes of rooms over emulated links.
        calls: sizes of rooms in Chromium.
        call_seconds: of each of those.
    """

    people: tuple[int, ...] = tuple(range(2, 13))
    seconds: float = 6.0
    paired: int = 6
    far: tuple[int, ...] = (2, 4, 6)
    calls: tuple[int, ...] = (2, 4, 6)
    call_seconds: float = 10.0


FULL: Final = Scale()
QUICK: Final = Scale(people=(2, 4, 6, 8, 12), seconds=2.0, paired=3, far=(4, 6), call_seconds=3.0)


@dataclass
class Rooms:
    """What was measured.

    Attributes:
        near: on loopback.
        far: over links of ``FAR`` each, to each other or to the SFU.
        middle: through an SFU that is ``MIDDLE`` from everybody.
        called: in Chromium.
        notes: what went wrong.
    """

    near: list[Measured] = field(default_factory=list)
    far: list[Measured] = field(default_factory=list)
    middle: list[Measured] = field(default_factory=list)
    called: list[chromium.Called] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def answer(quick: bool, steps: Steps) -> Findings:
    """Measures at full or quick scale."""
    return measure(QUICK if quick else FULL, steps)


def measure(scale: Scale, steps: Steps) -> Findings:
    """Measures at any scale."""
    rooms, neighbours = Rooms(), Neighbours()
    with processes.crossover(metering.cores()[0], **_SETTINGS) as server:
        with processes.pinned_to(metering.cores()[1]):
            uvloop.run(_synthetic(server, scale, rooms, steps))
        # Before Chromium: its processes end with each call, and would count as somebody else's.
        rooms.notes.append(
            f"Programs that are no part of this used {neighbours.share:.0%} of the machine while "
            "synthetic users were measured."
        )
        _calls(server, scale, rooms, steps)
    return findings(scale, rooms)


# ---- measuring -----------------------------------------------------------------------------------


def modes_of(people: int) -> tuple[Mode, ...]:
    """In which modes a room of so many people can be."""
    return _MODES if people <= MESH_CAP else ("sfu",)


async def _synthetic(server: Server, scale: Scale, rooms: Rooms, steps: Steps) -> None:
    sizes = [*scale.people, *[PAIRED] * (scale.paired - 1)]
    steps.begin("synthetic, in turns", sum(len(modes_of(people)) for people in sizes))
    for people in sizes:
        for mode in modes_of(people):
            try:
                rooms.near.append(await comparison.measure(server, mode, people, scale.seconds))
            except (Stuck, TimeoutError) as failure:
                rooms.notes.append(f"{people} people, {mode}: left out, {failure}.")
            steps.advance()
    steps.begin("over emulated links", 3 * len(scale.far))
    for people in scale.far:
        for mode, delay, into in (
            ("mesh", FAR, rooms.far),
            ("sfu", FAR, rooms.far),
            ("sfu", MIDDLE, rooms.middle),
        ):
            await _at_a_distance(server, scale, people, mode, delay, into, rooms.notes)
            steps.advance()


async def _at_a_distance(  # noqa: PLR0913 - the room, and where what is found goes
    server: Server,
    scale: Scale,
    people: int,
    mode: Mode,
    delay: float,
    into: list[Measured],
    notes: list[str],
) -> None:
    count = people * (people - 1) // 2 if mode == "mesh" else 2 * people
    with links(metering.cores()[0], _SPARE * count, delay) as (wires, report):
        try:
            into.append(await comparison.measure(server, mode, people, scale.seconds, wires))
        except (Stuck, TimeoutError) as failure:
            notes.append(f"{people} people, {mode}, {1000 * delay:g} ms: left out, {failure}.")
    notes.append(
        f"Emulated links, {people} people, {mode}, {1000 * delay:g} ms: {report.carried:,} "
        f"datagrams, 99 % of them less than {1000 * report.late:.2g} ms later than that."
    )


def _calls(server: Server, scale: Scale, rooms: Rooms, steps: Steps) -> None:
    missing = needs.chromium_and_page()
    if missing is not None:
        rooms.notes.append(f"Nothing was measured in Chromium. {missing}")
        return
    steps.begin("Chromium", len(_MODES) * len(scale.calls))
    for people in scale.calls:
        for mode in _MODES:
            try:
                rooms.called.append(chromium.call(server, mode, people, scale.call_seconds))
            except chromium.Failed as failure:
                rooms.notes.append(f"Chromium, {people} people, {mode}: left out, {failure}.")
            steps.advance()


# ---- what follows from it ------------------------------------------------------------------------


def findings(scale: Scale, rooms: Rooms) -> Findings:
    """Figures, samples and notes of what was measured."""
    near, far = comparison_points.points(rooms.near), comparison_points.points(rooms.far)
    middle = comparison_points.points(rooms.middle)
    called = comparison_points.calls(rooms.called)
    told: dict[str, float | str] = {
        name: " ".join(map(str, value)) if isinstance(value, tuple) else value
        for name, value in asdict(scale).items()
    }
    found = Findings(
        parameters=told | {"camera": f"{CAMERA_BITS / 1000:g} kbit/s", "mesh cap": MESH_CAP},
        figures=[],
        samples={},
        peer="mesh",
    )
    found.figures += [*_errors(near), *_added(near), *_distances(far, middle)]
    found.figures += [*_crossovers(near, called), *_in_chromium(called)]
    for name, some in (("loopback", near), ("far", far), ("middle", middle), ("Chromium", called)):
        for mode, by_size in some.items():
            found.samples |= comparison_points.to_samples(f"{name}, {mode}", by_size)
    found.notes += [
        "The column *Crossover* is the SFU.",
        *_burdens(rooms.near + rooms.far + rooms.middle),
        *_kernel(rooms.near),
        *rooms.notes,
        *comparison_table.tables(near, called),
    ]
    return found


def _errors(near: Points) -> Iterable[Figure]:
    for mode, by_size in near.items():
        if not by_size:
            continue
        way = "mesh" if mode == "mesh" else "SFU"
        worst = max(max(map(abs, point.errors)) for point in by_size.values())
        yield Figure(
            name=f"{way}, {min(by_size)} … {max(by_size)} people: largest error of anybody's "
            "upload or download against the formula",
            value=worst,
            unit="%",
            bar=Bar(kind="at most", limit=3),
        )


def _added(near: Points) -> Iterable[Figure]:
    mesh, sfu = near["mesh"].get(PAIRED), near["sfu"].get(PAIRED)
    if mesh is None or sfu is None or mesh.media is None or sfu.media is None:
        return
    for share, before, after, limit in (
        ("p50", mesh.media.p50, sfu.media.p50, 1.0),
        ("p99", mesh.media.p99, sfu.media.p99, 5.0),
    ):
        yield Figure(
            name=f"loopback, {PAIRED} people: media one way, {share}",
            value=after,
            unit="ms",
            peer=before,
        )
        yield Figure(
            name=f"the SFU adds, {share}",
            value=after - before,
            unit="ms",
            bar=Bar(kind="below", limit=limit),
        )


def _distances(far: Points, middle: Points) -> Iterable[Figure]:
    for where, some in (
        (f"{1000 * FAR:g} ms between any two and to the SFU", far["sfu"]),
        (f"{1000 * FAR:g} ms between any two, the SFU halfway", middle["sfu"]),
    ):
        for people, point in some.items():
            mesh = far["mesh"].get(people)
            if mesh is None or mesh.media is None or point.media is None:
                continue
            yield Figure(
                name=f"{where}, {people} people: media one way, p50",
                value=point.media.p50,
                unit="ms",
                peer=mesh.media.p50,
            )


def crossovers(near: Points, called: Points) -> dict[str, Crossover | None]:
    """From how many people on the SFU is better, by what one looks at."""

    def of(points: Points, value: str) -> Crossover | None:
        mesh, sfu = (_values(points[mode], value) for mode in _MODES)
        return crossover(mesh, sfu, margin=EQUAL)

    return {
        "a user's upload": of(near, "upload"),
        "CPU of a user's device (synthetic)": of(near, "client_cpu"),
        "CPU of a user's device (Chromium)": of(called, "client_cpu"),
        "CPU of all devices and the server (synthetic)": of(near, "whole_cpu"),
        "CPU of all devices and the server (Chromium)": of(called, "whole_cpu"),
    }


def _values(points: Mapping[int, Point], value: str) -> dict[int, float]:
    return {people: float(getattr(point, value)) for people, point in points.items()}


def _crossovers(near: Points, called: Points) -> Iterable[Figure]:
    for what, found in crossovers(near, called).items():
        if found is not None:
            yield Figure(
                name=f"fewest people, of those measured, with whom the SFU needs less: {what}",
                value=found.first,
                unit="",
            )


def _in_chromium(called: Points) -> Iterable[Figure]:
    for people, sfu in called["sfu"].items():
        mesh = called["mesh"].get(people)
        if mesh is None:
            continue
        for what, value in (("upload per user", "upload"), ("download per user", "download")):
            yield Figure(
                name=f"Chromium, {people} people: {what}",
                value=getattr(sfu, value),
                unit="kbit/s",
                peer=getattr(mesh, value),
            )
        yield Figure(
            name=f"Chromium, {people} people: CPU per user",
            value=100 * sfu.client_cpu,
            unit="% of a core",
            peer=100 * mesh.client_cpu,
        )
    errors = [one for some in called.values() for point in some.values() for one in point.errors]
    if errors:
        yield Figure(
            name="Chromium: largest error of the mean upload against the formula, the rate being "
            "that of what is received",
            value=max(map(abs, errors)),
            unit="%",
        )


def _burdens(rooms: list[Measured]) -> Iterable[str]:
    if not rooms:
        return
    burdens = [one.burden for one in rooms]
    yield (
        f"The program that plays all synthetic users needed at most "
        f"{max(one.share for one in burdens):.0%} of its core, and was at most "
        f"{1000 * max(one.worst for one in burdens):.0f} ms late itself; other programs kept it "
        f"from its core for at most {max(one.waited for one in burdens):.0%} of the time. Of "
        f"{len(rooms)} rooms {sum(one.lost > 0 for one in rooms)} lost anything."
    )
    busy = [one for one in rooms if one.burden.too_much]
    if busy:
        named = ", ".join(f"{one.people} ({one.mode})" for one in busy)
        yield (
            f"Too busy or too often kept waiting for its delays to be told of: rooms of {named}; "
            "they count for bandwidth only."
        )


def _kernel(near: list[Measured]) -> Iterable[str]:
    ratios = [error(one.kernel, 1) for one in near if one.mode == "mesh"]
    if ratios:
        yield (
            "In the mesh on loopback the kernel's own count of received IP octets, signaling and "
            f"all other programs included, was {min(ratios):.2f} to {max(ratios):.2f} % above what "
            "the users' sockets had received."
        )


# ---- the picture ---------------------------------------------------------------------------------


def draw(record: Record, folder: Path) -> None:
    """Upload, download, latency and CPU per user by the number of people."""
    from benchmarks import comparison_plot  # matplotlib takes a second to load

    samples = record.findings.samples
    near, far, middle, called = (
        {mode: comparison_points.from_samples(f"{name}, {mode}", samples) for mode in _MODES}
        for name in ("loopback", "far", "middle", "Chromium")
    )
    comparison_plot.draw(
        comparison_plot.Drawing(near, far, middle, called, crossovers(near, called)),
        folder,
        record.question,
    )
