"""What do others pay for the same work: Janus, Pion, mediasoup, aiortc's MediaRelay?

Every server has one core, the same crowd of synthetic people the other. Loads are offered to all of
them in turns, again and again; whoever is not installed is named in the table.
"""

import contextlib
import resource
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from benchmarks import metering, processes
from benchmarks.forwarding_load import LOADS
from benchmarks.load import contest, transcoding
from benchmarks.load.contest import Search
from benchmarks.load.transcoding import Fanned, NotHere
from benchmarks.peers import standings
from benchmarks.peers.contestant import Absence, Contestant, RefusedByServer, machine_address
from benchmarks.peers.janus.contestant import Janus
from benchmarks.peers.mediasoup.contestant import Mediasoup
from benchmarks.peers.ours import Crossover
from benchmarks.peers.pion.contestant import Pion
from benchmarks.peers.standings import Standing
from benchmarks.peers.synthetic.transports import ConnectFailed
from benchmarks.processes import StartFailed
from benchmarks.progress import Steps
from benchmarks.record import Bar, Figure, Findings, Record

MAIN: Final = "1-to-200"
"""The load that has bars, and whose stream capacity is searched with."""

SPOKEN: Final = {
    MAIN: "1 to 200 at 1 Mbit/s",
    "1x10": "a room of 10 at 600 kbit/s",
}

RELAY_BAR: Final = 1 / 50
"""CPU per packet, of MediaRelay's at most."""

_FIRST_GUESS: Final = 0.6
"""Of the audience that would fill the core if cost per packet stayed what it is: where the search
begins."""


@dataclass(frozen=True)
class Scale:
    """How much of everything.

    Attributes:
        seconds: of each measurement.
        rounds: of each load, all servers in turn.
        loads: by name; the main one among them.
        joiners: people who join one after the other; 0 leaves joining and memory out.
        growth: of the audience between two steps of the search for capacity; 0 leaves it out.
        step_seconds: of each of them.
        most: subscribers that the crowd can be.
        relayed: subscribers of MediaRelay; 0 leaves it out.
    """

    seconds: float = 8.0
    rounds: int = 3
    loads: tuple[str, ...] = tuple(SPOKEN)
    joiners: int = 20
    growth: float = 1.12
    step_seconds: float = 4.0
    most: int = 3000
    relayed: int = 3


FULL = Scale()
QUICK = Scale(seconds=2.0, rounds=1, joiners=5, growth=1.3, step_seconds=1.5)


def contestants() -> tuple[Contestant, ...]:
    """We come first."""
    return Crossover(), Janus(), Janus(event_loops=0), Pion(), Mediasoup()


def answer(quick: bool, steps: Steps) -> Findings:
    """Measures at full or quick scale."""
    return measure(QUICK if quick else FULL, contestants(), steps)


def measure(scale: Scale, everybody: Sequence[Contestant], steps: Steps) -> Findings:
    """Measures at any scale; the first of everybody is beside whom the others stand."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    parameters: dict[str, float | str] = {
        name: value for name, value in asdict(scale).items() if name != "loads"
    }
    parameters["address"] = machine_address()
    found = Findings(parameters=parameters, figures=[], samples={}, peer="theirs")
    try:
        with processes.pinned_to(metering.cores()[1]):
            _measure(scale, everybody, found, steps)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return found


def _measure(scale: Scale, everybody: Sequence[Contestant], found: Findings, steps: Steps) -> None:
    table = {one.name: Standing(one.name, one.absence()) for one in everybody}
    present = [one for one in everybody if table[one.name].absence is None]
    found.notes += [f"{one.name}: {one.settings()}." for one in present]
    spoken = {load: SPOKEN.get(load, load) for load in scale.loads}
    for load in scale.loads:
        steps.begin(spoken[load], scale.rounds * len(present))
        for _ in range(scale.rounds):
            for one in present:
                with _excused(table[one.name]) as standing:
                    runs = standing.served.setdefault(load, [])
                    runs.append(contest.run(one, LOADS[load], scale.seconds))
                steps.advance()
    present = [one for one in present if table[one.name].absence is None]
    if scale.joiners:
        steps.begin("joins and memory", len(present))
        for one in present:
            with _excused(table[one.name]) as standing:
                standing.joins = contest.join(one, LOADS[MAIN], scale.joiners)
            steps.advance()
    if scale.growth:
        steps.begin("capacity", len(present))
        for one in present:
            with _excused(table[one.name]) as standing:
                search = _search(scale, standing)
                standing.capacity = contest.capacity(one, LOADS[MAIN], search)
            steps.advance()
    ours, *others = table.values()
    found.figures += standings.figures(ours, others, spoken, MAIN)
    found.samples.update(standings.samples(list(table.values())))
    found.notes += standings.notes(list(table.values()), spoken)
    if scale.relayed:
        steps.begin("beside MediaRelay, which decodes and encodes", 2 * scale.rounds)
        _note_relay(scale, found, steps)


@contextlib.contextmanager
def _excused(standing: Standing) -> Iterator[Standing]:
    """Note of another's server that it did not do what it was asked for; ours has to."""
    try:
        yield standing
    except (ConnectFailed, RefusedByServer, StartFailed, TimeoutError) as error:
        if standing.name == Crossover.name:
            raise
        what = f"{standing.name} could not be run: {error}"
        standing.absence = standing.absence or Absence("could not be run", what)


def _search(scale: Scale, standing: Standing) -> Search:
    """Begins well below the audience that should fill the core."""
    load = LOADS[MAIN]
    share = statistics.median(one.measured.share for one in standing.served[MAIN])
    start = round(_FIRST_GUESS * (load.people - 1) / max(share, 0.01))
    return Search(min(start, scale.most), scale.growth, scale.most, scale.step_seconds)


# ---- MediaRelay ----------------------------------------------------------------------------------


def _note_relay(scale: Scale, found: Findings, steps: Steps) -> None:
    """It needs pictures that can be decoded, and cannot encode two hundred of them."""
    name = f"1 to {scale.relayed}, 720p VP8, CPU per forwarded packet: MediaRelay"
    bar = Bar(kind="at most", limit=RELAY_BAR, times_peer=True)
    ours: list[Fanned] = []
    theirs: list[Fanned] = []
    for _ in range(scale.rounds):
        ours.append(transcoding.of_worker(scale.relayed, scale.seconds))
        steps.advance()
        try:
            theirs.append(transcoding.of_relay(scale.relayed, scale.seconds))
        except NotHere as error:
            found.notes.append(f"MediaRelay of aiortc cannot be measured here: {error}.")
            name += " (cannot run here)"
            break
        steps.advance()
    value = statistics.median(one.micros for one in ours)
    ratios = [our.micros / their.micros for our, their in zip(ours, theirs, strict=False)]
    peer = value / statistics.median(ratios) if ratios else None
    found.figures.append(Figure(name=name, value=value, unit="µs", peer=peer, bar=bar))
    found.samples["relay, Crossover: micros"] = [round(one.micros, 3) for one in ours]
    found.samples["relay, MediaRelay: micros"] = [round(one.micros, 3) for one in theirs]
    found.notes.append(
        "MediaRelay of aiortc, as its manual builds a server (benchmarks/peers/media_relay.py), "
        "decodes once and encodes for every subscriber; it is beside us with a stream that can be "
        "decoded and a few subscribers, for more do not fit its core."
    )


# ---- plots ---------------------------------------------------------------------------------------


def draw(record: Record, folder: Path) -> None:
    """A bar per server: CPU per packet, capacity, latencies, memory, joins."""
    from benchmarks import plots  # matplotlib takes a second to load, which a listing need not

    samples = record.findings.samples
    panels = {
        f"CPU per forwarded packet, {SPOKEN[MAIN]}": (f"{MAIN}, ", "micros", "µs"),
        "Subscribers of 1 Mbit/s on one core": ("", "capacity", ""),
        "Added latency, a room of 10, median": ("1x10, ", "p50_ms", "ms"),
        "Added latency, a room of 10, 99th percentile": ("1x10, ", "p99_ms", "ms"),
        "Memory per subscriber": ("", "kib_per_subscriber", "KiB"),
        "Join, to the first packet": ("", "join_ms", "ms"),
    }
    drawn, axes = plots.sheet("The same load on other servers", len(panels))
    names = [one.name for one in contestants()]
    for axis, (title, (load, sample, unit)) in zip(axes, panels.items(), strict=True):
        bars = {
            name: samples[f"{load}{name}: {sample}"]
            for name in names
            if f"{load}{name}: {sample}" in samples
        }
        plots.bars(axis, bars)
        axis.set(title=title, ylabel=unit)
    plots.save(drawn, folder, record.question)
