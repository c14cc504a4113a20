"""What does the SFU pay per forwarded packet, and what becomes of the packets?

The worker has one core, a crowd of synthetic people the other: real ICE, DTLS and SRTP for all.
It takes turns with the probe, which forwards the same packets of the same crowd with keys set
directly and does nothing else.
"""

import resource
import statistics
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

from benchmarks import capacity, capacity_curve, instructions, metering, processes
from benchmarks.forwarding_load import LOADS, Load
from benchmarks.load import transcoding
from benchmarks.load.forwarders import of_packet_path, of_probe, of_worker
from benchmarks.load.media import Measured
from benchmarks.load.saturation import Carried, carry, unnamed
from benchmarks.progress import Steps
from benchmarks.record import Bar, Figure, Findings, Record

HALF_LOADED: Final = "10x10"
"""The load that takes half a core: where delay is judged."""

TIMED: Final = (HALF_LOADED, "5x20", "1x10")
"""Loads whose delay is shown: with one publisher it is the time that one frame takes to send."""

LARGEST: Final = "1-to-1000"
COUNTED: Final = "1-to-200"
"""The load whose instructions are counted, where the machine can."""

BARS: Final = {
    "1-to-500": 1.3,
    "5x20": 1.3,
    "10x10": 1.3,
    "1x10": 1.4,
}
"""Times the probe, by load."""

_SPOKEN: Final = {
    "1-to-200": "1 to 200 at 1 Mbit/s",
    "1-to-500": "1 to 500 at 1.2 Mbit/s",
    "1-to-1000": "1 to 1,000 at 1.2 Mbit/s",
    "5x20": "5 rooms of 20 at 600 kbit/s",
    "10x10": "10 rooms of 10 at 600 kbit/s",
    "1x10": "1 room of 10 at 600 kbit/s",
}


@dataclass(frozen=True)
class Scale:
    """How much of everything.

    Attributes:
        seconds: of each measurement.
        rounds: of each load, worker and probe in turn.
        loads: by name.
        joiners: people who join a worker, as fast as it lets them.
        relayed: subscribers of the transcoding relay; 0 leaves it out.
        coalescing: whether to measure what letting packets gather brings.
        sixty: whether to look for loss at 60 % of a core.
        audiences: subscribers of one stream, rising until a core is full, as with the next two.
        rooms: of ten who all publish.
        bitrates: kbit/s of one stream with 200 subscribers.
        workers: among which the rooms of the load that takes half a core are divided, beside one;
            1 leaves it out.
    """

    seconds: float = 8.0
    rounds: int = 3
    loads: tuple[str, ...] = tuple(LOADS)
    joiners: int = 500
    relayed: int = 3
    coalescing: bool = True
    sixty: bool = True
    audiences: tuple[int, ...] = (100, 250, 500, 1000, 1400, 1700, 2000, 2300, 2600)
    rooms: tuple[int, ...] = (1, 2, 5, 10, 13, 16, 19, 22)
    bitrates: tuple[int, ...] = (150, 300, 600, 1000, 2500, 5000, 7500, 10_000, 12_500)
    workers: int = 2


FULL = Scale()
QUICK = Scale(
    seconds=2.0,
    rounds=1,
    joiners=200,
    sixty=False,
    audiences=(500, 1000, 1700),
    rooms=(1, 10, 14),
    bitrates=(1000, 5000),
)


def answer(quick: bool, steps: Steps) -> Findings:
    """Measures at full or quick scale."""
    return measure(QUICK if quick else FULL, steps)


def measure(scale: Scale, steps: Steps) -> Findings:
    """Measures at any scale."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    parameters = {
        name: _as_parameter(value) for name, value in asdict(scale).items() if name != "loads"
    }
    found = Findings(parameters=parameters, figures=[], samples={}, peer="probe")
    try:
        with processes.pinned_to(metering.cores()[1]):
            _measure(scale, found, steps)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return found


def _as_parameter(value: object) -> float | str:
    match value:
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return value
        case tuple():
            return ", ".join(map(str, value))
        case _:
            return str(value)


def _measure(scale: Scale, found: Findings, steps: Steps) -> None:
    ours: dict[str, list[Measured]] = {}
    known: dict[Load, Carried] = {}
    for name in scale.loads:
        steps.begin(_SPOKEN.get(name, name), 2 * scale.rounds)
        theirs: list[Measured] = []
        for _ in range(scale.rounds):
            theirs.append(of_probe(LOADS[name], scale.seconds))
            steps.advance()
            carried = known[unnamed(LOADS[name])] = carry(LOADS[name], scale.seconds)
            ours.setdefault(name, []).append(carried.measured)
            steps.advance()
        _note_load(name, ours[name], theirs, found)
    _note_capacity(ours, found)
    if scale.sixty and LARGEST in ours:
        steps.begin("60 % of a core", 1)
        _note_sixty(ours[LARGEST], scale.seconds, found)
    curves = (
        capacity_curve.audience(*scale.audiences),
        capacity_curve.rooms(*scale.rooms),
        capacity_curve.bitrate(*scale.bitrates),
    )
    capacity.note_curves(curves, scale.seconds, known, found, steps)
    if scale.workers > 1:
        load, spoken = LOADS[HALF_LOADED], _SPOKEN[HALF_LOADED]
        times = capacity.Repeated(scale.rounds, scale.seconds)
        capacity.note_workers(load, spoken, scale.workers, times, found, steps)
    steps.begin("joins", 1)
    _note_joins(scale.joiners, found)
    if scale.coalescing:
        steps.begin("coalescing", 2)
        _note_coalescing(scale.seconds, found, steps)
    if scale.relayed:
        steps.begin("beside a relay that decodes and encodes", 2)
        _note_relay(scale, found, steps)
    steps.begin("instructions", 1)
    _note_instructions(scale.seconds, found)


# ---- figures -------------------------------------------------------------------------------------


def _note_load(name: str, ours: list[Measured], theirs: list[Measured], found: Findings) -> None:
    spoken = _SPOKEN.get(name, name)
    for who, runs in (("ours", ours), ("peer", theirs)):
        found.samples[f"{name}, {who}: micros"] = [round(run.micros, 3) for run in runs]
        found.samples[f"{name}, {who}: share"] = [round(run.share, 4) for run in runs]
        found.samples[f"{name}, {who}: delivered"] = [round(run.delivered, 4) for run in runs]
        for percent in (50, 99):
            found.samples[f"{name}, {who}: p{percent}_ms"] = [
                round(1000 * run.latencies.percentile(percent), 3) for run in runs
            ]
    limit = BARS.get(name)
    bar = None if limit is None else Bar(kind="at most", limit=limit, times_peer=True)
    found.figures.append(_of_cost(f"{spoken}: CPU per forwarded packet", ours, theirs, bar))
    found.figures.append(
        Figure(
            name=f"{spoken}: share of a core",
            value=100 * statistics.median(run.share for run in ours),
            unit="%",
            peer=100 * statistics.median(run.share for run in theirs),
        )
    )
    found.figures.append(
        Figure(
            name=f"{spoken}: delivered",
            value=min(run.delivered for run in ours),
            unit="%",
            peer=min(run.delivered for run in theirs),
            bar=Bar(kind="at least", limit=99.9 if name == LARGEST else 100),
        )
    )
    if name in TIMED:
        for percent, limit in ((50, 1), (99, 5)):
            below = Bar(kind="below", limit=limit) if name == HALF_LOADED else None
            found.figures.append(
                _of_latency(f"{spoken}: added latency p{percent}", percent, ours, theirs, below)
            )
    faults = sum(run.faults + run.duplicates for run in ours)
    if faults:
        found.notes.append(f"{spoken}: {faults} packets came twice, or were not what was sent.")
    found.notes.append(_disturbance(spoken, ours + theirs))


def _of_cost(name: str, ours: list[Measured], theirs: list[Measured], bar: Bar | None) -> Figure:
    """Our median, and the peer's figure that makes the ratio the median of the rounds' ratios."""
    value = statistics.median(run.micros for run in ours)
    ratio = statistics.median(
        our.micros / their.micros for our, their in zip(ours, theirs, strict=True)
    )
    return Figure(name=name, value=value, unit="µs", peer=value / ratio, bar=bar)


def _of_latency(
    name: str, percent: int, ours: list[Measured], theirs: list[Measured], bar: Bar | None
) -> Figure:
    value, peer = (
        1000 * statistics.median(run.latencies.percentile(percent) for run in runs)
        for runs in (ours, theirs)
    )
    return Figure(name=name, value=value, unit="ms", peer=peer, bar=bar)


def _disturbance(spoken: str, runs: list[Measured]) -> str:
    waited = sum(run.cpu.waited for run in runs) / sum(run.seconds for run in runs) / 1e9
    busiest = max(run.load_share for run in runs)
    return (
        f"{spoken}: other programs kept the forwarders from their core for {waited:.0%} of the "
        f"time; the crowd used at most {busiest:.0%} of its own."
    )


def _note_capacity(ours: dict[str, list[Measured]], found: Findings) -> None:
    """The largest audience that was served whole."""
    served = [
        LOADS[name].people - 1
        for name, runs in ours.items()
        if LOADS[name].one_publisher and min(run.delivered for run in runs) >= 99.9
    ]
    if LARGEST in ours:
        found.figures.append(
            Figure(
                name="subscribers of one 1.2 Mbit/s stream with at least 99.9 % delivered",
                value=max(served, default=0),
                unit="",
                bar=Bar(kind="at least", limit=1000),
            )
        )


def _note_sixty(runs: list[Measured], seconds: float, found: Findings) -> None:
    """As many subscribers as should take 60 % of a core."""
    base = LOADS[LARGEST]
    share = statistics.median(run.share for run in runs)
    people = max(2, round((base.people - 1) * 0.6 / share) + 1)
    measured, _ = of_worker(replace(base, people=people), seconds)
    found.figures += [
        Figure(
            name=f"1 to {people - 1:,} at 1.2 Mbit/s: share of a core",
            value=100 * measured.share,
            unit="%",
        ),
        Figure(
            name=f"1 to {people - 1:,} at 1.2 Mbit/s: delivered",
            value=measured.delivered,
            unit="%",
            bar=Bar(kind="at least", limit=100),
        ),
    ]


def _note_joins(joiners: int, found: Findings) -> None:
    load = Load("joins", 1, joiners, 100, one_publisher=True)
    _, joining = of_worker(load, 0.1)
    found.figures += [
        Figure(
            name="joins per second, DTLS connected",
            value=joining.people / joining.seconds,
            unit="",
            bar=Bar(kind="at least", limit=100),
        ),
        Figure(name="CPU per join", value=joining.cpu.ran / 1e6 / joining.people, unit="ms"),
    ]


def _note_coalescing(seconds: float, found: Findings, steps: Steps) -> None:
    """The packet path alone, sending at once and letting packets gather when it is busy."""
    costs = []
    for gather in ("0", "auto"):
        costs.append(of_packet_path("10x10", gather, seconds))
        steps.advance()
    found.figures.append(
        Figure(
            name="10 rooms of 10, packet path alone: CPU per packet, gathering when busy",
            value=costs[1],
            unit="µs",
        )
    )
    found.figures.append(
        Figure(
            name="10 rooms of 10, packet path alone: CPU per packet, sending at once",
            value=costs[0],
            unit="µs",
        )
    )


def _note_relay(scale: Scale, found: Findings, steps: Steps) -> None:
    try:
        relayed = transcoding.of_relay(scale.relayed, scale.seconds)
    except transcoding.NotHere as missing:
        found.notes.append(f"Without aiortc's MediaRelay: {missing}")
        return
    steps.advance()
    forwarded = transcoding.of_worker(scale.relayed, scale.seconds)
    steps.advance()
    spoken = f"1 to {scale.relayed}, 720p VP8, beside aiortc's MediaRelay: CPU per"
    found.figures += [
        Figure(
            name=f"{spoken} forwarded packet",
            value=forwarded.micros,
            unit="µs",
            peer=relayed.micros,
            bar=Bar(kind="at most", limit=1 / 50, times_peer=True),
        ),
        Figure(
            name=f"{spoken} subscriber and second",
            value=forwarded.micros_per_subscriber_second / 1000,
            unit="ms",
            peer=relayed.micros_per_subscriber_second / 1000,
        ),
    ]
    found.notes.append(
        "In the rows about MediaRelay the column of the probe is MediaRelay, which decodes and "
        f"encodes: {relayed.packets:,} packets of its own making in {relayed.seconds:.0f} s, "
        f"{forwarded.packets:,} forwarded ones of ours."
    )


def _note_instructions(seconds: float, found: Findings) -> None:
    if not instructions.can_be_counted():
        found.notes.append(
            "Instructions per packet: not available here; the machine has no hardware counters."
        )
        return
    counting = instructions.Counting(seconds)
    measured, _ = of_worker(LOADS[COUNTED], seconds, counting.begin)
    found.figures.append(
        Figure(
            name=f"{_SPOKEN[COUNTED]}: instructions per packet, user and kernel",
            value=counting.end() / max(1, measured.received),
            unit="",
            bar=Bar(kind="at most", limit=18_000),
        )
    )


# ---- plots ---------------------------------------------------------------------------------------


def draw(record: Record, folder: Path) -> None:
    """CPU per packet, share of the core, latencies."""
    from benchmarks import plots  # matplotlib takes a second to load, which a listing need not

    samples = record.findings.samples
    capacity_curve.draw(samples, folder, f"{record.question}-curves")
    loads = [name.partition(", ours: ")[0] for name in samples if name.endswith("ours: micros")]
    drawn, axes = plots.sheet("Forwarding on one core", 4)
    titles = {
        "micros": ("CPU per forwarded packet, kernel included", "µs"),
        "share": ("Share of the core", ""),
        "p50_ms": ("Added latency, median", "ms"),
        "p99_ms": ("Added latency, 99th percentile", "ms"),
    }
    for axis, (sample, (title, unit)) in zip(axes, titles.items(), strict=True):
        plots.pairs(
            axis,
            {
                load: (samples[f"{load}, ours: {sample}"], samples[f"{load}, peer: {sample}"])
                for load in loads
            },
        )
        axis.set(title=title, ylabel=unit)
    plots.save(drawn, folder, record.question)
