"""A load on one worker or more: what becomes of it, what it costs, and in what portions it travels.

More is looked at than ``forwarders.of_worker`` does: whether the crowd, and not the worker, was at
its end (``Served``), and the sizes of receive batches and of messages, which the worker counts.
"""

import asyncio
import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import uvloop

from benchmarks import metering, processes
from benchmarks.forwarding_load import Load
from benchmarks.load import media
from benchmarks.load.contest import Served
from benchmarks.load.media import Measured
from benchmarks.metering import CpuTime
from benchmarks.peers.synthetic.crowd import Crowd
from benchmarks.peers.synthetic.worker_control import WorkerControl
from benchmarks.processes import Worker
from sfu.control.figures import PortFigures, Spread
from sfu.control.messages import AnyReport, WorkerStatus

PATIENCE: Final = 20.0
"""Seconds for a worker's sign of life, of which there is one a second."""


@dataclass(frozen=True)
class Carried:
    """A load, and how it was carried.

    Attributes:
        load: of all workers together.
        workers: among which its rooms were divided.
        served: what became of the packets, and whether the crowd was at its end.
        batch: datagrams received by a call, on average; None where workers do not tell.
        run: datagrams sent in a message, the same.
    """

    load: Load
    workers: int
    served: Served
    batch: float | None
    run: float | None

    @property
    def measured(self) -> Measured:
        """What became of the packets."""
        return self.served.measured

    @property
    def full(self) -> bool:
        """Whether more of it would be of no use: not all was carried, or the crowd was full."""
        return not self.served.well or self.served.crowded


def carry(load: Load, seconds: float, workers: int = 1) -> Carried:
    """A load on workers of its own, which share one core.

    Args:
        load: who publishes how much to whom.
        seconds: how long.
        workers: each gets as many of the rooms.

    Raises:
        ValueError: the rooms cannot be divided among them.
    """
    if load.rooms % workers:
        raise ValueError(f"{load.rooms} rooms are not to be divided among {workers} workers")
    return uvloop.run(_carry(load, seconds, workers))


def climb(
    loads: Iterable[Load], seconds: float, known: Mapping[Load, Carried]
) -> Iterator[Carried]:
    """Ever larger loads, until one is not carried, or the crowd is full; each told when done.

    Args:
        loads: in order.
        seconds: how long each.
        known: what need not be done again, by loads without names.
    """
    for load in loads:
        carried = known.get(unnamed(load)) or carry(load, seconds)
        if carried.full:  # once may be chance
            carried = carry(load, seconds)
        yield carried
        if carried.full:
            return


def unnamed(load: Load) -> Load:
    """The same, whatever it is called."""
    return replace(load, name="")


async def _carry(load: Load, seconds: float, workers: int) -> Carried:
    async with contextlib.AsyncExitStack() as running:
        core = metering.cores()[0]
        started = [running.enter_context(processes.sfu_worker(core)) for _ in range(workers)]
        controls = [
            await running.enter_async_context(WorkerControl.connected(one.control))
            for one in started
        ]
        crowd = Crowd(load.people * load.everyone)
        crowd.attach()
        part = replace(load, rooms=load.rooms // workers)
        for worker, control in zip(started, controls, strict=True):
            peers, _ = await media.join(control, crowd, part, worker.pid)
            await media.publish(peers, crowd, part)
        before = [await _port(control, stale=False) for control in controls]
        crowd.detach()
        media.settle(crowd)
        served = _serve(crowd, load.people - 1, started, seconds)
        after = [await _port(control, stale=True) for control in controls]
        crowd.close()
    return Carried(load, workers, served, *portions(before, after))


def _serve(crowd: Crowd, receivers: int, workers: Sequence[Worker], seconds: float) -> Served:
    ports = [one.port for one in crowd.transports if one.socket is not None]
    others = [worker.pid for worker in workers[1:]]
    dropped, waited = metering.udp_drops(*ports), metering.own_wait()
    cpu = [metering.cpu_time(pid) for pid in others]
    measured = media.measure(crowd, receivers, workers[0].pid, seconds)
    more = [metering.cpu_time(pid) - then for pid, then in zip(others, cpu, strict=True)]
    together = CpuTime(
        measured.cpu.ran + sum(one.ran for one in more),
        measured.cpu.waited + sum(one.waited for one in more),
    )
    waited, dropped = metering.own_wait() - waited, metering.udp_drops(*ports) - dropped
    measured = replace(measured, cpu=together)
    return Served(receivers, measured, dropped, waited / 1e9 / measured.seconds)


async def _port(control: WorkerControl, *, stale: bool) -> PortFigures | None:
    """What a worker's port has done until now; None if it does not tell.

    Args:
        control: of the worker.
        stale: whether what it has told meanwhile waits to be read, for this thread ran the crowd.
    """
    told: asyncio.Queue[WorkerStatus] = asyncio.Queue()

    def take(report: AnyReport) -> None:
        if isinstance(report, WorkerStatus):
            told.put_nowait(report)

    control.on_report = take
    async with asyncio.timeout(PATIENCE):
        status = await told.get()
        if stale:
            while not told.empty():  # what has waited is read in one go
                told.get_nowait()
            status = await told.get()
    control.on_report = None
    return None if status.figures is None else status.figures.port


def portions(
    before: Sequence[PortFigures | None], after: Sequence[PortFigures | None]
) -> tuple[float | None, float | None]:
    """Datagrams of a receive batch and of a message, on average over all workers.

    Args:
        before: what their ports had done at first; None for one that does not tell.
        after: the same in the end.
    """
    batches, messages = [], []
    for then, now in zip(before, after, strict=True):
        if then is None or now is None:
            return None, None
        batches.append(_grown(then.batches, now.batches))
        messages.append(_grown(then.messages, now.messages))
    return _mean(batches), _mean(messages)


def _grown(then: Spread, now: Spread) -> tuple[float, int]:
    return now.total - then.total, sum(now.counts) - sum(then.counts)


def _mean(parts: Sequence[tuple[float, int]]) -> float | None:
    count = sum(number for _, number in parts)
    return sum(total for total, _ in parts) / count if count else None
