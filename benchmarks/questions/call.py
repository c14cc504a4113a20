"""How soon does one see, how soon is one back, how fast is a message, in real Chromium?

Two tabs on one machine, with the capture resolution that people get. Times are taken inside the
pages, on one clock.
"""

import itertools
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import sync_playwright

from benchmarks import processes
from benchmarks.browser.cable import Cable
from benchmarks.browser.visitor import Visitor, launch
from benchmarks.plots import OURS, THEIRS, distribution, save, sheet
from benchmarks.progress import Steps
from benchmarks.record import Bar, Figure, Findings, Record
from benchmarks.stats import median, percentile


@dataclass(frozen=True)
class Scale:
    """How often everything is done."""

    joins: int = 10
    cuts: int = 10
    messages: int = 300


FULL = Scale()
QUICK = Scale(cuts=5, messages=200)

LASTING = 6000
"""Milliseconds between two cuts: a connection that breaks sooner counts as a failed attempt, and
the next one is made later."""


def answer(quick: bool, steps: Steps) -> Findings:
    """Measures joins, signaling cuts and chat."""
    scale = QUICK if quick else FULL
    with processes.crossover(core=0) as server, sync_playwright() as playwright:
        cable = Cable(urlsplit(server.url).port or 0)
        browser = launch(playwright)
        try:
            host = Visitor(browser, "Host")
            address = host.open_room(cable.url)
            steps.begin("joins", scale.joins)
            joins = [_join(Visitor(browser, "Guest"), address, steps) for _ in range(scale.joins)]
            guest = Visitor(browser, "Guest")
            guest.join(address)
            steps.begin("signaling cuts", scale.cuts)
            cuts = [_cut(guest, cable, steps) for _ in range(scale.cuts)]
            steps.begin("chat with pictures", scale.messages)
            busy = _chat(host, guest, scale.messages, steps)
            for one in (host, guest):
                one.page.get_by_test_id("toggle-camera").click()
            steps.begin("chat without pictures", scale.messages)
            calm = _chat(host, guest, scale.messages, steps)
        finally:
            browser.close()
            cable.close()
    samples = {
        "join ms": joins,
        "resume ms": [cut.resumed for cut in cuts],
        "gap before ms": [cut.gap_before for cut in cuts],
        "gap after ms": [cut.gap_after for cut in cuts],
        "chat with pictures ms": busy,
        "chat without pictures ms": calm,
    }
    return Findings(
        parameters={name: float(value) for name, value in asdict(scale).items()},
        figures=_figures(samples),
        samples=samples,
        notes=[
            "A join counts from the press of the button to the first picture of the other. A cut "
            "resets the signaling connections of both; gaps are taken over two seconds on either "
            "side of it. Two 720p pictures, encoded and decoded in software, fill both cores.",
        ],
    )


def draw(record: Record, folder: Path) -> None:
    """Distributions of all samples."""
    samples = record.findings.samples
    drawn, axes = sheet("A call of two in Chromium", 4)
    panels: dict[str, tuple[str, ...]] = {
        "join to first picture, ms": ("join ms",),
        "signaling lost to resumed, ms": ("resume ms",),
        "longest gap between pictures, ms": ("gap before ms", "gap after ms"),
        "chat, one way, ms": ("chat with pictures ms", "chat without pictures ms"),
    }
    for axis, (title, names) in zip(axes, panels.items(), strict=True):
        for name, colour in zip(names, (OURS, THEIRS), strict=False):
            distribution(axis, samples[name], name.removesuffix(" ms"), colour)
        axis.set_xlabel(title)
        axis.legend(loc="lower right")
    save(drawn, folder, record.question)


def _join(guest: Visitor, address: str, steps: Steps) -> float:
    guest.join(address)
    taken = float(guest.watch("pictured - __watch.joined"))
    guest.leave()
    guest.close()
    steps.advance()
    return taken


@dataclass(frozen=True)
class CutSample:
    """Milliseconds until resumed; longest waits for a picture before and after the cut."""

    resumed: float
    gap_before: float
    gap_after: float


def _cut(guest: Visitor, cable: Cable, steps: Steps) -> CutSample:
    guest.page.wait_for_timeout(LASTING)
    before = len(guest.watch("greetings"))
    at = cable.cut()
    guest.wait(f"() => __watch.greetings.slice({before}).some((g) => g.resumed)")
    greetings = guest.watch("greetings")[before:]
    resumed = next(greeting["at"] for greeting in greetings if greeting["resumed"])
    guest.page.wait_for_timeout(2000)
    frames = guest.watch(f"frames.filter((f) => f > {at} - 2000 && f < {at} + 2000)")
    gaps = [(later, later - earlier) for earlier, later in itertools.pairwise(frames)]
    steps.advance()
    return CutSample(
        resumed=resumed - at,
        gap_before=max(gap for end, gap in gaps if end <= at),
        gap_after=max(gap for end, gap in gaps if end > at),
    )


def _chat(sender: Visitor, receiver: Visitor, count: int, steps: Steps) -> list[float]:
    known = set(receiver.watch("heard"))
    for number in range(count):
        sender.say(f"message {number}")
        sender.page.wait_for_timeout(50)
        steps.advance()
    receiver.wait(f"() => Object.keys(__watch.heard).length >= {len(known) + count}")
    sent, heard = sender.watch("sent"), receiver.watch("heard")
    return [heard[nonce] - sent[nonce] for nonce in heard if nonce not in known]


def _figures(samples: dict[str, list[float]]) -> list[Figure]:
    joins, resumes = samples["join ms"], samples["resume ms"]
    busy, calm = samples["chat with pictures ms"], samples["chat without pictures ms"]
    return [
        _figure("join to the other's first picture, median", median(joins), below=500),
        _figure("join to the other's first picture, slowest", max(joins)),
        _figure("signaling lost to resumed, median", median(resumes)),
        _figure("signaling lost to resumed, slowest", max(resumes), below=1000),
        _figure(
            "longest gap between pictures before a cut, median", median(samples["gap before ms"])
        ),
        _figure(
            "longest gap between pictures after a cut, median", median(samples["gap after ms"])
        ),
        _figure("chat over the data channel, one way, p50", percentile(calm, 50), below=2),
        _figure("chat over the data channel, one way, p99", percentile(calm, 99), below=10),
        _figure("the same beside two 720p pictures, p50", percentile(busy, 50), below=2),
        _figure("the same beside two 720p pictures, p99", percentile(busy, 99)),
    ]


def _figure(name: str, value: float, below: float | None = None) -> Figure:
    bar = None if below is None else Bar(kind="below", limit=below)
    return Figure(name=name, value=value, unit="ms", bar=bar)
