"""Calls over emulated links, run to their end: what people saw, what links and server did."""

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.browser.link_report import Watcher
from benchmarks.browser.linked_call import Call, NotConnected, Person, linked_call
from benchmarks.emulation.link_process import LinkReport as Carried
from benchmarks.emulation.plan import Plan
from benchmarks.neighbours import Neighbours
from benchmarks.passage import Mode
from benchmarks.progress import Steps
from benchmarks.relay_server import Transport
from sfu.control.messages import StatisticsTold

PUBLISHER, SUBSCRIBER, OTHER = "Publisher", "Subscriber", "Other"

WIDTH, HEIGHT, RATE = 960, 540, 15
"""Of the picture."""

_WARM_UP: Final = 8.0
"""Seconds after the best picture is there in which encoders and estimates come to rest."""

_SECONDS_OF_FILM: Final = 2


@dataclass
class Run:
    """One plan, carried out; all times in seconds since it began.

    Attributes:
        plan: that was followed, by whose link.
        watchers: what each page saw.
        links: what each link carried.
        estimates: of the subscriber's link, by the server: when, bit/s.
        server_cpu: of a core.
        others: share of the machine that other programs used.
        moments: that something was done at, by name.
        fault: why there is nothing more; empty if all is there.
    """

    plan: Plan
    watchers: dict[str, Watcher] = field(default_factory=dict)
    links: dict[str, Carried] = field(default_factory=dict)
    estimates: list[tuple[float, float]] = field(default_factory=list)
    server_cpu: float = 0.0
    others: float = 0.0
    moments: dict[str, float] = field(default_factory=dict)
    fault: str = ""


def follow(
    plan: Plan, clean: Plan, whose: str, steps: Steps, *, other: bool = False, moves: bool = False
) -> Run:
    """One publisher and one subscriber, a plan for the link of one of them.

    Args:
        plan: of the one.
        clean: of the other.
        whose: the one.
        steps: told of each second.
        other: whether there is another subscriber, on the server's machine.
        moves: whether the one gets another address in the middle.
    """
    run = Run(plan)
    neighbours = Neighbours()
    with _film() as film:
        people = [
            Person(PUBLISHER, plan if whose == PUBLISHER else clean, film=film),
            Person(SUBSCRIBER, plan if whose == SUBSCRIBER else clean),
        ]
        people += [Person(OTHER)] if other else []
        call: Call | None = None
        try:
            with linked_call(people) as call:
                _meet(call, [one.name for one in people])
                call.begin()
                _pass(call, plan, steps, whose if moves else None, run)
                call.collect()
                run.others = neighbours.share
        except NotConnected as error:
            run.fault = str(error)
    if call is not None:
        _gather(run, call)
    return run


@dataclass(frozen=True)
class Connection:
    """How somebody came to see somebody else.

    Attributes:
        seconds: from the press of Join to the first picture; None if there was none.
        ways: of all connections: what carries them, and whether by a relay.
        fault: why there was no picture.
    """

    seconds: float | None
    ways: tuple[str, ...] = ()
    fault: str = ""


def connect(
    plan: Plan, clean: Plan, mode: Mode = "sfu", relay: Transport | None = None
) -> Connection:
    """A subscriber comes over a link.

    Args:
        plan: of that link.
        clean: of the publisher's.
        mode: how the room's media travels.
        relay: what carries the TURN connections, by which alone both may go; None: any way.
    """
    query = "&ice=relay" if relay else ""
    with _film() as film:
        people = [Person(PUBLISHER, clean, film, query), Person(SUBSCRIBER, plan, None, query)]
        with linked_call(people, mode, relay) as call:
            call.join(PUBLISHER)
            call.wait(3)
            call.join(SUBSCRIBER)
            try:
                seen = call.until_seen(SUBSCRIBER, patience=30)
            except NotConnected as error:
                return Connection(None, fault=str(error))
            call.wait(1)
            call.collect()
            samples = call.reports[SUBSCRIBER].samples
            pairs = samples[-1].pairs if samples else []
            ways = {
                f"{one.protocol} by relay" if one.kind == "relay" else one.protocol for one in pairs
            }
            return Connection(seen - call.joined_at[SUBSCRIBER], tuple(sorted(ways)))


def _meet(call: Call, names: list[str]) -> None:
    for name in names:
        call.join(name)
    for name in names[1:]:
        call.until_seen(name)
    with contextlib.suppress(NotConnected):  # what is not fit for the link is told by the figures
        call.until_seen(SUBSCRIBER, HEIGHT, 15)
    call.wait(_WARM_UP)


def _pass(call: Call, plan: Plan, steps: Steps, who_moves: str | None, run: Run) -> None:
    steps.begin(plan.name, round(plan.seconds))
    for second in range(round(plan.seconds)):
        if who_moves is not None and second == round(plan.seconds / 2):
            run.moments["moved"] = call.since()
            call.networks[who_moves].change_address()
        call.wait(max(0.0, second + 1 - call.since()))
        steps.advance()


def _gather(run: Run, call: Call) -> None:
    run.estimates = [
        (at - call.begun, estimate)
        for at, told in call.tap.answered(StatisticsTold)
        for one in told.transports
        if one.member_id == call.members.get(SUBSCRIBER) and (estimate := one.estimate) is not None
    ]
    run.server_cpu = call.cpu
    for name, report in call.reports.items():
        run.watchers[name] = Watcher(report, call.begun)
    for name, one in call.networks.items():
        if one.report is not None:
            run.links[name] = one.report


# ---- the picture ---------------------------------------------------------------------------------


@contextlib.contextmanager
def _film() -> Iterator[Path]:
    """A picture worth its bits, as a file that Chromium's camera plays."""
    with tempfile.TemporaryDirectory(prefix="crossover-film-") as folder:
        path = Path(folder) / "film.y4m"
        write_film(path)
        yield path


def write_film(path: Path) -> None:
    """Soft noise that drifts: an encoder needs what it may have for it, as for a lively room.

    Chromium's own test picture is so plain that its largest size fits into 500 kbit/s.
    """
    draw = np.random.default_rng(1)
    ground = draw.integers(0, 256, (HEIGHT // 6, WIDTH // 6), np.uint8)
    large = np.kron(ground, np.ones((6, 6), np.uint8)).astype(np.int16)
    chroma = np.full(HEIGHT * WIDTH // 2, 128, np.uint8).tobytes()
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{RATE}:1 Ip A1:1 C420jpeg\n".encode())
        for number in range(RATE * _SECONDS_OF_FILM):
            turned = np.roll(large, (4 * number, 8 * number), (0, 1))
            grain = draw.integers(-12, 13, (HEIGHT, WIDTH), np.int16)
            picture = np.clip(turned // 2 + 64 + grain, 0, 255).astype(np.uint8)
            file.write(b"FRAME\n" + picture.tobytes() + chroma)
