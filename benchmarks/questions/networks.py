"""What does one notice of a bad network?

Calls in real Chromium, each person behind an emulated link that follows a plan.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks import needs, network_figures, network_plots, relay_server, simulated_estimates
from benchmarks.browser import large_room, network_runs
from benchmarks.browser.large_room import Crowded
from benchmarks.browser.link_report import per_second
from benchmarks.browser.network_runs import PUBLISHER, SUBSCRIBER, Connection, Run
from benchmarks.emulation import network
from benchmarks.emulation.plan import Plan
from benchmarks.emulation.plans import named
from benchmarks.gaps import Window
from benchmarks.passage import Mode
from benchmarks.progress import Steps
from benchmarks.record import Bar, Figure, Findings, Record

FRAMES: Final = network_runs.RATE

SHOWN: Final = 9
LOUDEST: Final = 4
"""Pictures and voices that one of a large room needs at a time."""


@dataclass(frozen=True)
class Trial:
    """A plan to be followed, and what is looked at.

    Attributes:
        whose: link follows it.
        figures: of its run.
        other: whether somebody else looks on, without a link.
        moves: whether the one gets another address in the middle.
    """

    plan: Plan
    whose: str
    figures: Callable[[Run], list[Figure]]
    other: bool = False
    moves: bool = False


TRIALS: Final = (
    Trial(named("downlink-dip"), SUBSCRIBER, network_figures.dip, other=True),
    Trial(named("downlink-loss"), SUBSCRIBER, network_figures.downlink_loss),
    Trial(named("uplink-bursts"), PUBLISHER, network_figures.uplink_bursts),
    Trial(named("uplink-narrow"), PUBLISHER, network_figures.uplink_narrow),
    Trial(named("another-address"), SUBSCRIBER, network_figures.moved, moves=True),
)


@dataclass(frozen=True)
class Scale:
    """How long everything takes.

    Attributes:
        pace: of the plans' time.
        trials: names of plans; others are left out.
        relays: whether TURN is tried.
        others: of the one who looks on in the large room; 0: it is left out.
    """

    pace: float = 1.0
    trials: tuple[str, ...] = tuple(one.plan.name for one in TRIALS)
    relays: bool = True
    others: int = 24


FULL: Final = Scale()
QUICK: Final = Scale(pace=0.5)


def missing() -> str | None:
    """What is needed first, as a sentence; None if all is there."""
    return needs.chromium_and_page() or network.missing()


def answer(quick: bool, steps: Steps) -> Findings:
    """Measures at full or quick scale."""
    return measure(QUICK if quick else FULL, steps)


def measure(scale: Scale, steps: Steps) -> Findings:
    """Measures at any scale."""
    parameters: dict[str, float | str] = {
        "pace": scale.pace,
        "picture": f"{network_runs.WIDTH}x{network_runs.HEIGHT}@{FRAMES}",
        "seeds": ", ".join(f"{one.plan.seed}" for one in TRIALS),
    }
    found = Findings(parameters=parameters, figures=[], samples={})
    _simulate(found, steps)
    clean = named("clean")
    for one in TRIALS:
        if one.plan.name in scale.trials:
            plan = one.plan.scaled(scale.pace)
            run = network_runs.follow(
                plan, clean, one.whose, steps, other=one.other, moves=one.moves
            )
            note(run, one, found)
    steps.begin("udp-blocked", 1)
    note_connection("udp-blocked", network_runs.connect(named("udp-blocked"), clean), found)
    steps.advance()
    if scale.relays:
        _relay(found, steps)
    if scale.others:
        steps.begin(f"a room of {scale.others + 1}", 1)
        crowd = large_room.crowded(clean, scale.others, SHOWN, LOUDEST, 15)
        note_crowd(scale.others + 1, crowd, found)
        steps.advance()
    return found


def _simulate(found: Findings, steps: Steps) -> None:
    steps.begin("the estimator alone", len(simulated_estimates.CASES))
    for case in simulated_estimates.CASES:
        course = simulated_estimates.simulate(case)
        found.figures += simulated_estimates.figures(case, course)
        found.samples |= simulated_estimates.samples(case, course)
        steps.advance()


# ---- what follows from a run ---------------------------------------------------------------------


def note(run: Run, trial: Trial, found: Findings) -> None:
    """Adds a run's figures, samples and notes."""
    if run.fault:
        found.figures.append(_connected(run.plan.name, False))
        found.notes.append(f"{run.plan.name}: {run.fault}.")
        return
    found.figures += trial.figures(run)
    found.samples |= network_plots.samples(run, trial.whose)
    found.notes.append(f"{run.plan.name}: {in_words(run)}")


def in_words(run: Run) -> str:
    """Whether it was the machine that set the limit."""
    window = Window(0, run.plan.seconds)
    publisher = run.watchers[PUBLISHER]
    frames = max(
        (per_second(publisher.sent("video", "frames", rid), window) for rid in publisher.rids()),
        default=0.0,
    )
    limited = publisher.limited_by("cpu", window)
    late = max((link.late for link in run.links.values()), default=0.0)
    words = (
        f"the publisher sent {frames:.1f} of {FRAMES} frames a second, and called its processor "
        f"the limit {limited:.0%} of the time; the server took {run.server_cpu:.0%} of a core, "
        f"other programs {run.others:.0%} of the machine; 99 % of the packets left the links less "
        f"than {1000 * late:.1f} ms late."
    )
    if frames < 0.95 * FRAMES or limited > 0.05 or run.others > 0.1 or late > 0.01:
        words += " The machine was too slow or too busy for this: the figures are those of both."
    return words


def note_connection(name: str, one: Connection, found: Findings) -> None:
    """Adds how long it took to connect, by which way, or why it did not happen."""
    found.figures.append(_connected(name, one.seconds is not None))
    if one.seconds is None:
        found.notes.append(f"{name}: {one.fault}.")
        return
    found.samples[f"{name}: until the first picture, s"] = [round(one.seconds, 3)]
    found.figures.append(
        Figure(
            name=f"{name}: from Join to the first picture, by {', '.join(one.ways)}",
            value=round(one.seconds, 3),
            unit="s",
            bar=Bar(kind="below", limit=3),
        )
    )


def note_crowd(people: int, crowd: Crowded, found: Findings) -> None:
    """Adds what one of a large room received."""
    name = f"room of {people}"
    if crowd.fault:
        found.figures.append(_connected(name, False))
        found.notes.append(f"{name}: {crowd.fault}.")
        return
    found.figures += [
        Figure(name=f"{name}: pictures that come", value=crowd.shown, unit=""),
        Figure(name=f"{name}: voices that come", value=crowd.voices, unit=""),
        Figure(
            name=f"{name}: downlink, of what {SHOWN} small pictures and {LOUDEST} voices need",
            value=round(crowd.received / crowd.needed, 3) if crowd.needed else 0.0,
            unit="",
            bar=Bar(kind="at most", limit=1.3),
        ),
    ]


def _relay(found: Findings, steps: Steps) -> None:
    if reason := relay_server.missing():
        found.notes.append(f"TURN was left out. {reason}")
        return
    modes: tuple[Mode, ...] = ("mesh", "sfu")
    ways = [(mode, transport) for mode in modes for transport in relay_server.TRANSPORTS]
    steps.begin("TURN only", len(ways))
    outcomes = []
    for mode, transport in ways:
        # Who may only speak TCP is the one who needs TURN over it.
        plan = named("clean" if transport == "udp" else "udp-blocked")
        outcomes.append(network_runs.connect(plan, plan, mode, transport))
        steps.advance()
    note_relays([f"{mode}, {transport}" for mode, transport in ways], outcomes, found)


def note_relays(names: list[str], outcomes: list[Connection], found: Findings) -> None:
    """Adds how many of the ways by a relay alone led to a picture."""
    well = [
        one.seconds is not None and all("relay" in way for way in one.ways) and bool(one.ways)
        for one in outcomes
    ]
    for name, one, good in zip(names, outcomes, well, strict=True):
        if one.seconds is not None:
            found.samples[f"TURN only, {name}: until the first picture, s"] = [one.seconds]
        if not good:
            found.notes.append(f"TURN only, {name}: {one.fault or ', '.join(one.ways)}.")
    found.figures.append(
        Figure(
            name="TURN only (mesh and SFU; UDP, TCP, TLS): ways with moving pictures",
            value=sum(well),
            unit="",
            bar=Bar(kind="exactly", limit=len(names)),
        )
    )


def _connected(name: str, is_so: bool) -> Figure:
    bar = Bar(kind="exactly", limit=1)
    return Figure(name=f"{name}: calls that came about, of 1", value=float(is_so), unit="", bar=bar)


def draw(record: Record, folder: Path) -> None:
    """The plots of a record."""
    network_plots.draw(record, folder)
