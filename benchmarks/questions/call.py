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
from benchmarks.plots import OURS, distribution, save, sheet
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
QUICK = Scale(cuts=5, messages=100)


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
            cuts = [_cut(guest, host, cable, steps) for _ in range(scale.cuts)]
            steps.begin("chat", scale.messages)
            latencies = _chat(host, guest, scale.messages, steps)
        finally:
            browser.close()
            cable.close()
    samples = {
        "join ms": joins,
        "resume ms": [resumed for resumed, _ in cuts],
        "longest gap ms": [gap for _, gap in cuts],
        "chat ms": latencies,
    }
    return Findings(
        parameters={name: float(value) for name, value in asdict(scale).items()},
        figures=_figures(samples),
        samples=samples,
        notes=[
            "A join counts from the press of the button to the first picture of the other. The "
            "signaling connections of both are reset while the gap between pictures is watched; "
            "at 30 pictures a second the gap of an undisturbed call is about 40 to 60 ms.",
        ],
    )


def draw(record: Record, folder: Path) -> None:
    """Distributions of all samples."""
    samples = record.findings.samples
    drawn, axes = sheet("A call of two in Chromium", 4)
    titles = ("join ms", "resume ms", "longest gap ms", "chat ms")
    for axis, name in zip(axes, titles, strict=True):
        distribution(axis, samples[name], name, OURS)
        axis.set_xlabel(name)
    save(drawn, folder, record.question)


def _join(guest: Visitor, address: str, steps: Steps) -> float:
    guest.join(address)
    taken = float(guest.watch("pictured - __watch.joined"))
    guest.page.get_by_test_id("leave").click()
    guest.page.get_by_test_id("leave").wait_for(state="detached")
    guest.close()
    steps.advance()
    return taken


def _cut(guest: Visitor, host: Visitor, cable: Cable, steps: Steps) -> tuple[float, float]:
    """Milliseconds until resumed, and the longest wait for a picture until a second after."""
    before = len(guest.watch("greetings"))
    at = cable.cut()
    guest.wait(f"() => __watch.greetings.slice({before}).some((g) => g.resumed)")
    greetings = guest.watch("greetings")[before:]
    resumed = next(greeting["at"] for greeting in greetings if greeting["resumed"])
    guest.page.wait_for_timeout(1000)
    frames = guest.watch(f"frames.filter((f) => f > {at - 100})")
    gaps = [later - earlier for earlier, later in itertools.pairwise(frames)]
    host.wait(
        "() => document.querySelector('[data-testid=status-badge]').dataset.status === 'connected'"
    )
    steps.advance()
    return resumed - at, max(gaps)


def _chat(sender: Visitor, receiver: Visitor, count: int, steps: Steps) -> list[float]:
    for number in range(count):
        sender.say(f"message {number}")
        sender.page.wait_for_timeout(30)
        steps.advance()
    receiver.wait(f"() => Object.keys(__watch.heard).length >= {count}")
    sent, heard = sender.watch("sent"), receiver.watch("heard")
    return [heard[nonce] - sent[nonce] for nonce in heard if nonce in sent]


def _figures(samples: dict[str, list[float]]) -> list[Figure]:
    joins, resumes = samples["join ms"], samples["resume ms"]
    gaps, chat = samples["longest gap ms"], samples["chat ms"]
    return [
        Figure(
            name="join to the other's first picture, median",
            value=median(joins),
            unit="ms",
            bar=Bar(kind="below", limit=500),
        ),
        Figure(name="the slowest of them", value=max(joins), unit="ms"),
        Figure(
            name="signaling lost to resumed, slowest",
            value=max(resumes),
            unit="ms",
            bar=Bar(kind="below", limit=1000),
        ),
        Figure(
            name="longest gap between pictures meanwhile, median", value=median(gaps), unit="ms"
        ),
        Figure(
            name="chat over the data channel, one way, p50",
            value=percentile(chat, 50),
            unit="ms",
            bar=Bar(kind="below", limit=2),
        ),
        Figure(
            name="chat over the data channel, one way, p99",
            value=percentile(chat, 99),
            unit="ms",
            bar=Bar(kind="below", limit=10),
        ),
    ]
