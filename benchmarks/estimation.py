"""What estimating costs: CPU of a worker whose peers give transport-wide feedback, and without.

A worker with one core of its own, in front of a crowd of synthetic people: real ICE, DTLS and SRTP.
The same packets are forwarded once without a word from those who receive them, and once with
feedback as browsers give it, which is received, decrypted and read, and from which the network of
each is estimated. The two take turns, because the speed of a shared machine drifts.

    python -m benchmarks.estimation                      both loads, three rounds each
    python -m benchmarks.estimation 10x10 --interval 100 one load, feedback ten times a second
    python -m benchmarks.estimation --json found.json --plots folder
"""

import argparse
import random
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import msgspec
import uvloop

from benchmarks import metering, plots, processes
from benchmarks.forwarding_load import LOADS, Load
from benchmarks.load import media
from benchmarks.load.media import Measured
from benchmarks.peers.synthetic.answering import Answers
from benchmarks.peers.synthetic.crowd import Crowd
from benchmarks.peers.synthetic.worker_control import WorkerControl

ASKED: Final = ("1-to-500", "10x10")

CHROMIUM: Final = 50
"""Milliseconds between two feedbacks of one who only receives, in Chromium: libwebrtc spends 5 %
of what it believes it can send on feedback, and 300 kbit/s is what it believes at first."""

SETTLING: Final = 3.0
"""Seconds for estimates to rise above what is sent."""

BAR: Final = 0.15
"""Of the CPU that forwarding takes."""


@dataclass(frozen=True)
class Cost:
    """One measurement.

    Attributes:
        micros: µs of CPU per forwarded packet, kernel included.
        share: of a core.
        delivered: per cent.
        feedbacks: given per second.
    """

    micros: float
    share: float
    delivered: float
    feedbacks: float


@dataclass(frozen=True)
class Found:
    """What a load costs without feedback and with it.

    Attributes:
        load: its name.
        interval: milliseconds between two feedbacks of one person.
        without: a measurement per round.
        with_feedback: likewise.
    """

    load: str
    interval: float
    without: list[Cost]
    with_feedback: list[Cost]

    @property
    def more(self) -> float:
        """By what share feedback makes forwarding dearer: the median of the rounds."""
        pairs = zip(self.without, self.with_feedback, strict=True)
        return statistics.median(after.micros / before.micros - 1 for before, after in pairs)


def measure(load: Load, seconds: float, interval: float | None) -> Cost:
    """Let a load run.

    Args:
        load: who publishes how much to whom.
        seconds: how long.
        interval: seconds between two feedbacks of one person; None for none at all.
    """
    measured, feedbacks = uvloop.run(_measure(load, seconds, interval))
    return Cost(measured.micros, measured.share, measured.delivered, feedbacks / measured.seconds)


async def _measure(load: Load, seconds: float, interval: float | None) -> tuple[Measured, int]:
    with processes.sfu_worker(metering.cores()[0]) as worker:
        async with WorkerControl.connected(worker.control) as control:
            crowd = Crowd(load.people * load.everyone)
            answers = None
            if interval is not None:
                answers = crowd.answers = Answers(interval, random.Random(3))
            crowd.attach()
            peers, _ = await media.join(control, crowd, load, worker.pid)
            await media.publish(peers, crowd, load)
            crowd.detach()
            crowd.resume()
            crowd.run(SETTLING)
            media.settle(crowd)
            before = answers.sent if answers is not None else 0
            measured = media.measure(crowd, load.people - 1, worker.pid, seconds)
            given = answers.sent - before if answers is not None else 0
            crowd.close()
            return measured, given


def table(found: Sequence[Found]) -> str:
    """For people."""
    lines = [
        f"{'load':10} {'interval':>8}  {'without':>9}  {'with':>9}  {'more':>6}  "
        f"{'core':>6}  {'delivered':>9}  {'feedbacks':>10}"
    ]
    for one in found:
        before = statistics.median(cost.micros for cost in one.without)
        after = statistics.median(cost.micros for cost in one.with_feedback)
        core = statistics.median(cost.share for cost in one.with_feedback)
        delivered = min(cost.delivered for cost in (*one.without, *one.with_feedback))
        feedbacks = statistics.median(cost.feedbacks for cost in one.with_feedback)
        lines.append(
            f"{one.load:10} {one.interval:5.0f} ms  {before:6.2f} µs  {after:6.2f} µs  "
            f"{one.more:6.1%}  {core:6.1%}  {delivered:7.2f} %  {feedbacks:8.0f}/s"
        )
    return "\n".join(lines)


def plot(found: Sequence[Found], folder: Path) -> None:
    """Both costs of each load, side by side: with feedback, and without."""
    drawn, (axis,) = plots.column("What estimating costs", 1)
    groups = {
        one.load: (
            [cost.micros for cost in one.with_feedback],
            [cost.micros for cost in one.without],
        )
        for one in found
    }
    plots.pairs(axis, groups)
    axis.set_ylabel("µs of CPU per forwarded packet; grey: without feedback")
    plots.save(drawn, folder, "estimation")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the loads named on the command line, or both."""
    parser = argparse.ArgumentParser(description="CPU of estimation")
    parser.add_argument("loads", nargs="*", help=", ".join(LOADS))
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--interval", type=float, default=CHROMIUM, help="milliseconds")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--plots", type=Path, help="folder")
    asked = parser.parse_args(arguments)
    found = []
    for name in asked.loads or ASKED:
        one = Found(name, asked.interval, [], [])
        for _ in range(asked.rounds):
            one.without.append(measure(LOADS[name], asked.seconds, None))
            one.with_feedback.append(measure(LOADS[name], asked.seconds, asked.interval / 1000))
        found.append(one)
        print(table([one]), flush=True)
    if asked.json is not None:
        body = [{**asdict(one), "more": one.more, "bar": BAR} for one in found]
        asked.json.write_bytes(msgspec.json.format(msgspec.json.encode(body)))
    if asked.plots is not None:
        plot(found, asked.plots)


if __name__ == "__main__":
    main()
