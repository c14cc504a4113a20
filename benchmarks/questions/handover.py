"""What does one notice of a hand-over between mesh and SFU, and does it always succeed?

Synthetic members, who follow the course of their room as pages do, for what needs many hand-overs
or exact times; real Chromium for what is seen and heard.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import uvloop

from benchmarks import metering, processes
from benchmarks.browser import crossing as chromium
from benchmarks.browser.meeting import FRAME_INTERVAL
from benchmarks.load import crossing as synthetic
from benchmarks.passage import Mode, Passage, from_samples, to_samples
from benchmarks.peers.synthetic.published import FRAMES_PER_SECOND
from benchmarks.progress import Steps
from benchmarks.record import Bar, Figure, Findings, Record
from benchmarks.stats import median, percentile

SEED: Final = 8445

_SFU: Final = {
    "CROSSOVER_WORKERS": "1",
    "CROSSOVER_SFU_HOST": "127.0.0.1",
    "CROSSOVER_SFU_PORT": "0",
    "CROSSOVER_ANNOUNCED_IPS": "127.0.0.1",
    "CROSSOVER_LIMITED_FROM": "0",
    "CROSSOVER_MESH_CAP": "8",
}
"""One worker; nobody's processor or uplink makes a room cross over."""

_WORDS: Final[dict[Mode, str]] = {"sfu": "to the SFU", "mesh": "back"}


def crossing_at(members: int, return_after: float) -> dict[str, str]:
    """Settings by which so many are a mesh, one more are not, and the rest follows from that."""
    return _SFU | {
        "CROSSOVER_MESH_LIMIT": str(members),
        "CROSSOVER_RETURN_AT": str(members),
        "CROSSOVER_RETURN_AFTER": f"{return_after:g}",
        "CROSSOVER_PREWARM_FROM": str(min(5, members)),
    }


@dataclass(frozen=True)
class Scale:
    """How often everything is done.

    Attributes:
        joins: of a seventh synthetic member, each of whom leaves again.
        scripts: of members who come, go, vanish and are moved.
        kills: of the SFU.
        joins_of_4: of a fourth Chromium tab.
        joins_of_7: of a seventh.
        joins_with_talk: of a fourth, while everybody sends messages.
    """

    joins: int = 20
    scripts: int = 100
    kills: int = 10
    joins_of_4: int = 20
    joins_of_7: int = 3
    joins_with_talk: int = 10


FULL: Final = Scale()
QUICK: Final = Scale(joins=4, scripts=12, kills=2, joins_of_4=3, joins_of_7=1, joins_with_talk=2)


def answer(quick: bool, steps: Steps) -> Findings:
    """Measures at full or quick scale."""
    return measure(QUICK if quick else FULL, steps)


def measure(scale: Scale, steps: Steps) -> Findings:
    """Measures at any scale; what is to be done no times is left out."""
    found = Findings(parameters=asdict(scale) | {"seed": SEED}, figures=[], samples={})
    with processes.pinned_to(metering.cores()[1]):
        uvloop.run(_synthetic(scale, found, steps))
    if scale.joins_of_4:
        _watch_4(scale.joins_of_4, found, steps)
    if scale.joins_of_7:
        _watch_7(scale.joins_of_7, found, steps)
    if scale.joins_with_talk:
        _talk(scale.joins_with_talk, found, steps)
    return found


# ---- synthetic members -------------------------------------------------------------------------


async def _synthetic(scale: Scale, found: Findings, steps: Steps) -> None:
    core = metering.cores()[0]
    if scale.joins:
        steps.begin("synthetic, 6 ⇄ 7", 2 * scale.joins)
        with processes.crossover(core, **crossing_at(6, 1)) as server:
            crossings = await synthetic.there_and_back(server.url, 6, scale.joins, steps)
        _note_crossings(crossings, found)
    if scale.scripts:
        steps.begin("scripts", scale.scripts)
        settings = crossing_at(synthetic.MESH, 0.3) | {"CROSSOVER_RESUME_GRACE": "0.5"}
        with processes.crossover(core, **settings) as server:
            outcomes = await synthetic.scripts(server.url, scale.scripts, SEED, steps)
        _note_scripts(outcomes, found)
    if scale.kills:
        steps.begin("the SFU is killed", scale.kills)
        with processes.crossover(core, **crossing_at(6, 3600)) as server:
            lost = await synthetic.losses(server, 6, scale.kills, steps)
        _note_losses(lost, found)


def _note_crossings(crossings: synthetic.Crossings, found: Findings) -> None:
    joined = _milliseconds(crossings.joined)
    found.samples["synthetic: 7th join until all receive it ms"] = joined
    gaps: list[float] = []
    for mode, spoken in _WORDS.items():
        some = [one for one in crossings.passages if one.mode == mode]
        found.samples |= _durations(f"synthetic, {spoken}", some)
        both = _milliseconds([gap for one in some for gap in one.gaps])
        found.samples[f"synthetic, {spoken}: gaps ms"] = both
        gaps += both
        found.samples |= to_samples(f"timeline, synthetic, {spoken}", _typical(some))
    late = _milliseconds(crossings.late)
    found.samples["synthetic: members late ms"] = late
    found.notes.append(
        f"Synthetic members were late themselves by {median(late):.0f} ms at worst in a hand-over "
        f"(median; {max(late):.0f} ms in one), which their gaps contain; other programs kept them "
        f"from their core for {crossings.waited:.0%} of the time."
    )
    limit = 1000 / FRAMES_PER_SECOND + 20
    found.figures += [
        Figure(
            name="synthetic, 6 ⇄ 7: longest gap between received frames, per pair, p95",
            value=percentile(gaps, 95),
            unit="ms",
            bar=Bar(kind="at most", limit=round(limit, 1)),
        ),
        Figure(name="the same, worst", value=max(gaps), unit="ms"),
        Figure(
            name="synthetic: 7th join until all receive the 7th, median",
            value=median(joined),
            unit="ms",
            bar=Bar(kind="below", limit=1500),
        ),
        Figure(name="the same, slowest", value=max(joined), unit="ms"),
    ]


def _note_scripts(outcomes: Sequence[synthetic.Outcome], found: Findings) -> None:
    good = [outcome for outcome in outcomes if not outcome.fault]
    found.samples["scripts: until all see all, exactly once, s"] = [
        round(outcome.seconds, 3) for outcome in good
    ]
    found.figures.append(
        Figure(
            name=f"of {len(outcomes)} scripts of joins, leaves and hand-overs, those after which "
            "all pairs were connected, exactly once",
            value=len(good),
            unit="",
            bar=Bar(kind="exactly", limit=len(outcomes)),
        )
    )
    committed = sum(outcome.committed for outcome in outcomes)
    aborted = sum(outcome.aborted for outcome in outcomes)
    found.notes.append(
        f"During the scripts {committed} changes of mode were committed and {aborted} hand-overs "
        "aborted."
    )
    found.notes += [f"Script {one.script}: {one.fault}." for one in outcomes if one.fault]


def _note_losses(lost: list[float], found: Findings) -> None:
    found.samples["SFU killed until mesh media flows, s"] = [round(one, 4) for one in lost]
    name = "synthetic: SFU killed with 6 in the room, until all have mesh media"
    found.figures += [
        Figure(name=f"{name}, median", value=median(lost), unit="s", bar=_below(3)),
        Figure(name=f"{name}, slowest", value=max(lost), unit="s", bar=_below(5)),
    ]


# ---- Chromium ----------------------------------------------------------------------------------


def _watch_4(rounds: int, found: Findings, steps: Steps) -> None:
    steps.begin("Chromium, 3 ⇄ 4", 2 * rounds)
    with processes.crossover(metering.cores()[0], **crossing_at(3, 2)) as server:
        watched = chromium.watch(server.url, 3, rounds, True, steps)
    name = "Chromium, 3 ⇄ 4"
    found.figures.append(_done(name, watched, found))
    for mode, spoken in _WORDS.items():
        some = [one for one in watched.passages if one.mode == mode]
        if not some:
            continue
        excesses = _milliseconds([gap for one in some for gap in one.excesses])
        found.samples[f"{name}, {spoken}: excess ms"] = excesses
        found.samples |= _durations(f"{name}, {spoken}", some)
        found.samples |= to_samples(f"timeline, Chromium, {spoken}", _typical(some))
        found.figures += [
            Figure(
                name=f"{name}, {spoken}: longest gap between shown frames beyond the one before, "
                "per pair, p95",
                value=percentile(excesses, 95),
                unit="ms",
                bar=Bar(kind="at most", limit=50),
            ),
            Figure(name="the same, median", value=median(excesses), unit="ms"),
        ]
    if watched.concealed:
        concealed = _milliseconds(watched.concealed)
        found.samples[f"{name}: concealed ms"] = concealed
        found.figures += [
            Figure(
                name=f"{name}: sound made up during a hand-over beyond that before, per pair, p95",
                value=percentile(concealed, 95),
                unit="ms",
                bar=Bar(kind="at most", limit=60),
            ),
            Figure(name="the same, worst", value=max(concealed), unit="ms"),
        ]


def _watch_7(rounds: int, found: Findings, steps: Steps) -> None:
    steps.begin("Chromium, 6 ⇄ 7", 2 * rounds)
    with processes.crossover(metering.cores()[0], **crossing_at(6, 2)) as server:
        watched = chromium.watch(server.url, 6, rounds, False, steps)
    name = "Chromium, 6 ⇄ 7"
    found.figures.append(_done(name, watched, found))
    gaps = _milliseconds([gap for one in watched.passages for gap in one.gaps])
    found.samples[f"{name}: gaps ms"] = gaps
    if gaps:
        found.figures.append(
            Figure(
                name=f"{name}: longest gap between shown frames, worst of all pairs",
                value=max(gaps),
                unit="ms",
                bar=Bar(kind="at most", limit=500),
            )
        )


def _talk(rounds: int, found: Findings, steps: Steps) -> None:
    steps.begin("messages across hand-overs", 2 * rounds)
    with processes.crossover(metering.cores()[0], **crossing_at(3, 2)) as server:
        talk = chromium.talk(server.url, 3, rounds, steps)
    none = Bar(kind="exactly", limit=0)
    found.figures += [
        Figure(
            name="reliable messages: hand-overs under way of 100 messages/s per member",
            value=talk.crossed,
            unit="",
            bar=Bar(kind="exactly", limit=talk.wanted),
        ),
        Figure(name="reliable messages sent", value=talk.sent, unit=""),
        Figure(name="lost", value=talk.lost + talk.gaps, unit="", bar=none),
        Figure(name="doubled", value=talk.doubled, unit="", bar=none),
        Figure(name="out of order", value=talk.disordered, unit="", bar=none),
    ]
    if talk.fault:
        found.notes.append(f"Messages: {talk.fault}.")


# ---- figures -----------------------------------------------------------------------------------


def _done(name: str, watched: chromium.Watched, found: Findings) -> Figure:
    found.notes.append(f"{name}: other programs used {watched.others:.0%} of the machine.")
    if watched.fault:
        found.notes.append(f"{name}: {watched.fault}.")
    return Figure(
        name=f"{name}: hand-overs after which every pair was alive",
        value=len(watched.passages),
        unit="",
        bar=Bar(kind="exactly", limit=watched.wanted),
    )


def _durations(name: str, passages: Sequence[Passage]) -> dict[str, list[float]]:
    return {
        f"{name}: until the change ms": _milliseconds(
            [one.committed - one.begun for one in passages]
        )
    }


def _typical(passages: Sequence[Passage]) -> Passage:
    """The one whose longest gap is in the middle, to be drawn."""
    ordered = sorted(passages, key=lambda one: max(one.gaps, default=0.0))
    return ordered[(len(ordered) - 1) // 2]


def _below(limit: float) -> Bar:
    return Bar(kind="below", limit=limit)


def _milliseconds(seconds: Sequence[float]) -> list[float]:
    return [round(1000 * one, 2) for one in seconds]


# ---- plots -------------------------------------------------------------------------------------


def draw(record: Record, folder: Path) -> None:
    """Distributions, and a timeline of a typical hand-over each way."""
    from benchmarks import plots  # matplotlib takes a second to load, which a listing need not

    samples = record.findings.samples
    panels = {
        "longest gap between received frames, synthetic, ms": [
            f"synthetic, {spoken}: gaps ms" for spoken in _WORDS.values()
        ],
        "longest gap beyond the one before, Chromium 3 ⇄ 4, ms": [
            f"Chromium, 3 ⇄ 4, {spoken}: excess ms" for spoken in _WORDS.values()
        ],
        "7th join until all receive it, synthetic, ms": [
            "synthetic: 7th join until all receive it ms"
        ],
        "SFU killed until mesh media flows, s": ["SFU killed until mesh media flows, s"],
    }
    told = {
        title: {name: samples[name] for name in names if samples.get(name)}
        for title, names in panels.items()
    }
    told = {title: series for title, series in told.items() if series}
    if not told:
        return
    drawn, axes = plots.sheet("Hand-overs", len(told))
    for axis, (title, series) in zip(axes, told.items(), strict=True):
        for (name, values), colour in zip(series.items(), (plots.OURS, plots.THEIRS), strict=False):
            plots.distribution(axis, values, name.rpartition(":")[0] or name, colour)
        if min(min(values) for values in series.values()) <= 0:
            axis.set_xscale("linear")
        axis.set_xlabel(title)
        if len(series) > 1:
            axis.legend(loc="lower right", fontsize=8)
    plots.save(drawn, folder, record.question)
    _draw_timelines(record, folder)


def _draw_timelines(record: Record, folder: Path) -> None:
    from benchmarks import plots, timeline

    gaps = {"synthetic": 1.5 / FRAMES_PER_SECOND, "Chromium": 1.8 * FRAME_INTERVAL}
    for who, longest in gaps.items():
        named = [
            from_samples(f"timeline, {who}, {one}", record.findings.samples)
            for one in _WORDS.values()
        ]
        passages = [one for one in named if one is not None]
        if not passages:
            continue
        drawn, axes = plots.column(f"A hand-over and the way back, {who} members", len(passages))
        for axis, passage in zip(axes, passages, strict=True):
            timeline.draw_passage(axis, passage, longest)
        timeline.legend(axes[-1])
        plots.save(drawn, folder, f"{record.question}-timeline-{who.lower()}")
