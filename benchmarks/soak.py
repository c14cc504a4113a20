"""Half an hour at half capacity: does memory grow, does delay drift, is anything lost?

    python -m benchmarks.soak                          30 minutes, 5 rooms of 20 who all publish
    python -m benchmarks.soak --minutes 2 --light      for a machine that has more to do

A sample every five seconds; the first tenth is warm-up. The first quarter of the rest is compared
with the last.
"""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer
import uvloop
from rich.console import Console
from rich.table import Table

from benchmarks import metering, processes
from benchmarks.forwarding_load import LOADS, Load
from benchmarks.load import media
from benchmarks.load.hostile import count_exceptions
from benchmarks.peers.synthetic.crowd import Crowd
from benchmarks.peers.synthetic.latency import Latencies
from benchmarks.peers.synthetic.worker_control import WorkerControl
from benchmarks.progress import ProgressBar, Steps, progress_display
from benchmarks.record import RESULTS
from benchmarks.stats import median

INTERVAL: Final = 5.0
"""Seconds per sample."""

HALF: Final = LOADS["5x20"]
LIGHT: Final = Load("1x10", 1, 10, 600)

MOST_GROWTH: Final = 5.0
"""Per cent by which memory may differ between the beginning and the end."""

MOST_DRIFT: Final = 1.5
"""Times by which the median delay may grow, once it is above SMALL_DELAY."""

SMALL_DELAY: Final = 1.0
"""Milliseconds of difference that are no drift."""


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """Five seconds.

    Attributes:
        at: seconds since the beginning, at the end of the sample.
        memory_kib: of the worker, resident.
        p50_ms: median delay.
        p99_ms: 99th percentile.
        share: of a core that the worker used.
        packets: that arrived.
    """

    at: float
    memory_kib: int
    p50_ms: float
    p99_ms: float
    share: float
    packets: int


class Soaked(msgspec.Struct, frozen=True, kw_only=True):
    """The whole run.

    Attributes:
        load: who published how much to whom.
        expected: packets that should have been forwarded.
        lost: of them, those that did not arrive.
        faults: checked packets that were not what had been sent.
        exceptions: tracebacks and errors in the worker's log.
        samples: every five seconds.
        dropped: packets that may be missing because the kernel had no room for them, at the worker
            (then everybody misses them) or at the crowd: the machine had too much to do.
    """

    load: str
    expected: int
    lost: int
    faults: int
    exceptions: int
    samples: list[Sample]
    dropped: int = 0

    @property
    def growth(self) -> float:
        """Of memory from the first quarter to the last, per cent."""
        first, last = quarters([sample.memory_kib for sample in self.samples])
        return 100 * (last - first) / first

    @property
    def drift(self) -> tuple[float, float]:
        """Median delay of the first and the last quarter, ms."""
        return quarters([sample.p50_ms for sample in self.samples])

    @property
    def sound(self) -> bool:
        """Whether the worker did nothing wrong, however busy its machine was."""
        flat = abs(self.growth) <= MOST_GROWTH
        return flat and self.lost <= self.dropped and not (self.faults or self.exceptions)

    @property
    def steady(self) -> bool:
        """Whether memory was flat, delay did not drift and nothing was lost."""
        first, last = self.drift
        drifted = last > MOST_DRIFT * first and last - first > SMALL_DELAY
        return self.sound and not (drifted or self.lost)


def quarters(values: Sequence[float]) -> tuple[float, float]:
    """Medians of the first and the last quarter, the first tenth of all left out.

    Raises:
        ValueError: there are no values.
    """
    kept = values[len(values) // 10 :]
    size = max(1, len(kept) // 4)
    return median(kept[:size]), median(kept[-size:])


def run(load: Load, seconds: float, steps: Steps) -> Soaked:
    """Soak a worker of its own."""
    with processes.pinned_to(metering.cores()[1]):
        return uvloop.run(_run(load, seconds, steps))


async def _run(load: Load, seconds: float, steps: Steps) -> Soaked:
    with processes.sfu_worker(metering.cores()[0]) as worker:
        async with WorkerControl.connected(worker.control) as control:
            crowd = Crowd(load.people * load.everyone)
            crowd.attach()
            steps.begin("joining", 1)
            peers, _ = await media.join(control, crowd, load, worker.pid)
            await media.publish(peers, crowd, load)
            crowd.detach()
            media.settle(crowd)
            media.fill_store(crowd)
            receivers = load.people - 1
            _wait_for_the_last(crowd, receivers)
            tally, table = crowd.tally, crowd.table
            dropped = _dropped(crowd, receivers)
            published, received = tally.published, int(table.received.sum())
            faults = tally.refused + tally.corrupt + tally.strays
            steps.begin("soaking", round(seconds / INTERVAL))
            samples = await _sample(crowd, worker.pid, seconds, steps)
            crowd.hold()
            media.drain(crowd)
            _wait_for_the_last(crowd, receivers)
            expected = (tally.published - published) * receivers
            dropped = _dropped(crowd, receivers) - dropped
            crowd.close()
            return Soaked(
                load=load.name,
                expected=expected,
                lost=expected - (int(table.received.sum()) - received),
                faults=tally.refused + tally.corrupt + tally.strays - faults,
                exceptions=count_exceptions(worker.log.read_text()),
                samples=samples,
                dropped=dropped,
            )


def _wait_for_the_last(crowd: Crowd, receivers: int) -> None:
    """A worker that is kept from its core may send after what looked like the end."""
    end = time.monotonic() + media.LONGEST_DRAIN
    while crowd.table.received.sum() < crowd.tally.published * receivers:
        if time.monotonic() > end:
            return
        crowd.run(media.DRAIN)


def _dropped(crowd: Crowd, receivers: int) -> int:
    """Packets that people may miss because the kernel dropped some so far."""
    worker = metering.udp_drops(crowd.transports[0].address[1])
    return receivers * worker + sum(metering.udp_drops(one.port) for one in crowd.transports)


async def _sample(crowd: Crowd, pid: int, seconds: float, steps: Steps) -> list[Sample]:
    samples: list[Sample] = []
    begun = time.monotonic()
    crowd.resume()
    for number in range(1, round(seconds / INTERVAL) + 1):
        crowd.tally.latencies = Latencies()
        then, cpu = time.monotonic(), metering.cpu_time(pid)
        received = int(crowd.table.received.sum())
        crowd.run(begun + number * INTERVAL - then)
        spent, now = metering.cpu_time(pid) - cpu, time.monotonic()
        delays = crowd.tally.latencies
        samples.append(
            Sample(
                at=round(now - begun, 2),
                memory_kib=metering.memory(pid).rss,
                p50_ms=round(1000 * delays.percentile(50), 3) if len(delays) else 0.0,
                p99_ms=round(1000 * delays.percentile(99), 3) if len(delays) else 0.0,
                share=round(spent.ran / 1e9 / (now - then), 4),
                packets=int(crowd.table.received.sum()) - received,
            )
        )
        steps.advance()
        await asyncio.sleep(0.001)  # what the worker has reported is read
    return samples


def table_of(soaked: Soaked) -> Table:
    """For the eyes of who ran it."""
    table = Table(show_header=False)
    table.add_column()
    table.add_column(justify="right")
    first, last = soaked.drift
    samples = soaked.samples
    for name, value in (
        ("minutes", f"{samples[-1].at / 60:.1f}"),
        ("packets forwarded", f"{sum(one.packets for one in samples):,}"),
        ("packets lost", f"{soaked.lost:,} of {soaked.expected:,}"),
        ("dropped by the kernel", f"{soaked.dropped:,}"),
        ("packets not as sent", f"{soaked.faults:,}"),
        ("exceptions and errors logged", f"{soaked.exceptions:,}"),
        ("worker memory", f"{samples[0].memory_kib:,} KiB, {soaked.growth:+.2f} %"),
        ("median delay", f"{first:.2f} ms at first, {last:.2f} at last"),
        ("share of a core", f"{median([one.share for one in samples]):.0%}"),
    ):
        table.add_row(name, value)
    return table


def draw(soaked: Soaked, folder: Path) -> None:
    """Memory and delay over time."""
    from benchmarks import plots  # matplotlib takes a second to load

    drawn, (memory, delay) = plots.sheet(f"Soak: {soaked.load}", 2)
    minutes = [one.at / 60 for one in soaked.samples]
    memory.plot(minutes, [one.memory_kib / 1024 for one in soaked.samples], color=plots.OURS)
    memory.set(title="Worker memory", xlabel="minutes", ylabel="MiB (resident)", ylim=(0, None))
    delay.plot(minutes, [one.p50_ms for one in soaked.samples], color=plots.OURS, label="p50")
    delay.plot(minutes, [one.p99_ms for one in soaked.samples], color=plots.THEIRS, label="p99")
    delay.set(title="Added latency", xlabel="minutes", ylabel="ms", ylim=(0, None))
    delay.legend()
    plots.save(drawn, folder, "soak")


def main(
    minutes: Annotated[float, typer.Option(min=0.2, help="How long.")] = 30.0,
    light: Annotated[
        bool, typer.Option("--light/--half", help="One room of ten, not half a core's load.")
    ] = False,
    json: Annotated[Path | None, typer.Option(help="Where the figures go.", dir_okay=False)] = None,
    plot: Annotated[Path | None, typer.Option(help="Folder for the plot.", file_okay=False)] = None,
) -> None:
    """Soak a worker; the exit status is 1 if it was not steady."""
    with progress_display() as display:
        soaked = run(LIGHT if light else HALF, 60 * minutes, ProgressBar(display))
    console = Console(highlight=False)
    console.print(table_of(soaked))
    target = json or RESULTS / "soak.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(msgspec.json.format(msgspec.json.encode(soaked), indent=1))
    draw(soaked, plot or RESULTS)
    if not soaked.steady:
        console.print("[red]Not steady.[/red]")
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
