"""A million hostile datagrams at a worker's port while a call goes on: what does the call notice?

    python -m benchmarks.hostile_datagrams                       a million, 20,000 a second
    python -m benchmarks.hostile_datagrams --datagrams 50000     a taste

Noise, truncated and mutated datagrams of the call itself, replays, splices, false checks, alerts;
from addresses within 127.0.0.0/8, and from those of the callers themselves where the system lets us
forge them. The call has four people who all publish.
"""

import asyncio
import random
import time
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer
import uvloop
from rich.console import Console
from rich.table import Table

from benchmarks import metering, processes
from benchmarks.forwarding_load import Load
from benchmarks.load import media
from benchmarks.load.hostile import count_exceptions
from benchmarks.load.hostile_datagrams import Attackers, Malice, browser_captures
from benchmarks.peers.synthetic.crowd import Crowd
from benchmarks.peers.synthetic.crowd_peer import CrowdPeer
from benchmarks.peers.synthetic.latency import Latencies
from benchmarks.peers.synthetic.worker_control import WorkerControl
from benchmarks.progress import ProgressBar, Steps, progress_display
from sfu.control.messages import TransportClosed

CALL: Final = Load("call", 1, 4, 600)
CAPTURED: Final = 2000
"""Datagrams of the call that serve as models."""

WARM_UP: Final = 0.02
"""Share of the datagrams after which memory is weighed first: buffers and caches are there."""


class Siege(msgspec.Struct, frozen=True, kw_only=True):
    """How the call fared.

    Attributes:
        datagrams: hostile ones that were sent.
        forged: of them, those under the address of a caller.
        seconds: how long it took.
        expected: packets of the call that should have been forwarded.
        lost: of them, those that did not arrive.
        faults: packets that were not what had been sent, or came twice.
        dropped: datagrams of any kind that the kernel dropped before the worker: it was kept from
            its core for too long.
        waited: share of the time for which other programs kept it from its core.
        closed: connections that the worker gave up.
        exceptions: tracebacks and errors in the worker's log.
        log_lines: lines in the worker's log.
        memory_kib: of the worker (resident), before and after.
        micros: µs of the worker's CPU per hostile datagram, the call included.
        latency_p99_ms: of the call, before and during the siege.
    """

    datagrams: int
    forged: int
    seconds: float
    expected: int
    lost: int
    faults: int
    dropped: int
    waited: float
    closed: int
    exceptions: int
    log_lines: int
    memory_kib: tuple[int, int]
    micros: float
    latency_p99_ms: tuple[float, float]

    @property
    def growth(self) -> float:
        """Of the worker's memory, in per cent."""
        before, after = self.memory_kib
        return 100 * (after - before) / before

    @property
    def unharmed(self) -> bool:
        """Whether the call noticed nothing, and the worker neither."""
        return not (self.lost or self.faults or self.closed or self.exceptions) and self.growth < 5


def run(datagrams: int, per_second: int, seed: int, steps: Steps) -> Siege:
    """Besiege a worker of its own."""
    with processes.pinned_to(metering.cores()[1]):
        return uvloop.run(_run(datagrams, per_second, seed, steps))


async def _run(datagrams: int, per_second: int, seed: int, steps: Steps) -> Siege:
    with processes.sfu_worker(metering.cores()[0]) as worker:
        async with WorkerControl.connected(worker.control) as control:
            crowd = Crowd(CALL.people * CALL.people)
            captures: list[bytes] = []
            crowd.wiretap = captures.append
            crowd.attach()
            steps.begin("call", 1)
            peers, _ = await media.join(control, crowd, CALL, worker.pid)
            await media.publish(peers, crowd, CALL)
            crowd.detach()
            media.settle(crowd)
            crowd.wiretap = None
            media.fill_store(crowd)
            ordinary = media.measure(crowd, CALL.people - 1, worker.pid, 2.0)
            rng = random.Random(seed)
            malice = Malice(models_from(captures, rng), rng)
            attackers = attackers_of(peers, rng)
            steps.begin("siege", datagrams)
            siege = _besiege(crowd, worker.pid, attackers, malice, (datagrams, per_second), steps)
            attackers.close()
            crowd.attach()
            await asyncio.sleep(0.2)
            closed = len(control.reports_of(TransportClosed))
            crowd.close()
            log = worker.log.read_text()
            return msgspec.structs.replace(
                siege,
                closed=closed,
                exceptions=count_exceptions(log),
                log_lines=len(log.splitlines()),
                latency_p99_ms=(_p99(ordinary.latencies), siege.latency_p99_ms[1]),
            )


def models_from(captures: list[bytes], rng: random.Random) -> list[bytes]:
    """Some of everything that the call has sent, handshakes surely, and of a browser's."""
    cold = [one for one in captures if one[0] < 64]
    hot = [one for one in captures if one[0] >= 64]
    some = rng.sample(hot, min(len(hot), CAPTURED))
    return cold[:CAPTURED] + some + browser_captures()


def attackers_of(peers: list[CrowdPeer], rng: random.Random) -> Attackers:
    """Who attack the worker that these people publish to, some of them in their names."""
    transports = [peer.legs["send"].transport for peer in peers]
    victims = [("127.0.0.1", transport.port) for transport in transports]
    return Attackers(transports[0].address, victims, rng)


def _besiege(
    crowd: Crowd,
    pid: int,
    attackers: Attackers,
    malice: Malice,
    amount: tuple[int, int],
    steps: Steps,
) -> Siege:
    datagrams, per_second = amount
    _attack(crowd, attackers, malice, (round(datagrams * WARM_UP), per_second), steps)
    crowd.hold()
    media.drain(crowd)
    before, cpu = metering.memory(pid).rss, metering.cpu_time(pid)
    tally, table = crowd.tally, crowd.table
    tally.latencies = Latencies()
    published, received = tally.published, int(table.received.sum())
    faults, dropped = faults_of(crowd), metering.udp_drops(attackers.port)
    begun, sent = time.monotonic(), attackers.sent
    crowd.resume()
    left = datagrams - attackers.sent
    _attack(crowd, attackers, malice, (left, per_second), steps)
    crowd.hold()
    seconds = time.monotonic() - begun
    media.drain(crowd)
    spent = metering.cpu_time(pid) - cpu
    expected = (tally.published - published) * (CALL.people - 1)
    return Siege(
        datagrams=attackers.sent,
        forged=attackers.forged,
        seconds=round(seconds, 1),
        expected=expected,
        lost=expected - (int(table.received.sum()) - received),
        faults=faults_of(crowd) - faults,
        dropped=metering.udp_drops(attackers.port) - dropped,
        waited=round(spent.waited / 1e9 / seconds, 3),
        closed=0,
        exceptions=0,
        log_lines=0,
        memory_kib=(before, metering.memory(pid).rss),
        micros=round(spent.ran / 1000 / max(1, attackers.sent - sent), 2),
        latency_p99_ms=(0.0, _p99(tally.latencies)),
    )


def faults_of(crowd: Crowd) -> int:
    """Packets that were not what had been sent, or came twice."""
    tally = crowd.tally
    repeated = int(crowd.table.duplicates.sum())
    return tally.refused + tally.corrupt + tally.strays + repeated


def _p99(latencies: Latencies) -> float:
    return round(1000 * latencies.percentile(99), 3) if len(latencies) else 0.0


def _attack(
    crowd: Crowd, attackers: Attackers, malice: Malice, amount: tuple[int, int], steps: Steps
) -> None:
    """Send so many at a steady pace, between what the crowd has to do."""
    datagrams, per_second = amount
    begun, sent, told = time.monotonic(), 0, 0
    while sent < datagrams:
        now = time.monotonic()
        due = min(datagrams, int((now - begun) * per_second), sent + per_second // 100)
        for _ in range(due - sent):
            attackers.send(malice.draw())
        sent = due
        crowd.act(now)
        crowd.collect(0.001)
        if sent - told >= per_second // 2:
            steps.advance(sent - told)
            told = sent
    steps.advance(sent - told)


def table_of(siege: Siege) -> Table:
    """For the eyes of who ran it."""
    table = Table(show_header=False)
    table.add_column()
    table.add_column(justify="right")
    rate = siege.datagrams / max(siege.seconds, 1e-3)
    before, after = siege.memory_kib
    for name, value in (
        ("hostile datagrams", f"{siege.datagrams:,}, {rate:,.0f} a second"),
        ("under the address of a caller", f"{siege.forged:,}"),
        ("packets of the call lost", f"{siege.lost:,} of {siege.expected:,}"),
        ("packets twice, or not as sent", f"{siege.faults:,}"),
        ("dropped by the kernel", f"{siege.dropped:,}"),
        ("worker kept from its core", f"{siege.waited:.0%} of the time"),
        ("connections that broke", f"{siege.closed:,}"),
        ("exceptions and errors logged", f"{siege.exceptions:,}"),
        ("lines logged", f"{siege.log_lines:,}"),
        ("worker memory", f"{before:,} KiB before, {after:,} after ({siege.growth:+.2f} %)"),
        ("worker CPU per datagram", f"{siege.micros:.1f} µs"),
        ("latency of the call, p99", "{:.2f} ms before, {:.2f} during".format(
            *siege.latency_p99_ms)),
    ):  # fmt: skip
        table.add_row(name, value)
    return table


def main(
    datagrams: Annotated[int, typer.Option(min=100, help="How many.")] = 1_000_000,
    rate: Annotated[int, typer.Option(min=100, help="A second.")] = 20_000,
    seed: Annotated[int, typer.Option(help="The same datagrams for the same seed.")] = 7983,
    json: Annotated[Path | None, typer.Option(help="Where the figures go.", dir_okay=False)] = None,
) -> None:
    """Besiege a worker; the exit status is 1 if the call noticed."""
    with progress_display() as display:
        siege = run(datagrams, rate, seed, ProgressBar(display))
    console = Console(highlight=False)
    console.print(table_of(siege))
    if json is not None:
        json.write_bytes(msgspec.json.format(msgspec.json.encode(siege), indent=1))
    if not siege.unharmed:
        console.print("[red]The call, or the worker, was harmed.[/red]")
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
