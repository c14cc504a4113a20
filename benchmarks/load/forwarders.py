"""One load on one forwarder: a worker, the probe, or the packet path alone."""

import re
import subprocess
import sys
from collections.abc import Callable

import msgspec
import uvloop

from benchmarks import metering, processes
from benchmarks.forwarding_load import Load
from benchmarks.load import media
from benchmarks.load.media import Joining, Measured
from benchmarks.peers.synthetic.crowd import Crowd
from benchmarks.peers.synthetic.worker_control import WorkerControl


def of_probe(load: Load, seconds: float) -> Measured:
    """A load on the probe."""
    crowd = Crowd(load.people * load.everyone)
    plan, transports = media.plan_probe(crowd, load)
    core = metering.cores()[0]
    with processes.forwarding_probe(core, msgspec.json.encode(plan)) as (pid, port):
        media.begin_plain(crowd, plan, transports, port)
        media.settle(crowd)
        measured = media.measure(crowd, load.people - 1, pid, seconds)
    crowd.close()
    return measured


def of_worker(
    load: Load, seconds: float, meanwhile: Callable[[int], None] | None = None
) -> tuple[Measured, Joining]:
    """A load on a worker of its own.

    Args:
        load: who publishes how much to whom.
        seconds: how long.
        meanwhile: called with the worker's process id when the measurement begins.
    """
    return uvloop.run(_of_worker(load, seconds, meanwhile))


async def _of_worker(
    load: Load, seconds: float, meanwhile: Callable[[int], None] | None
) -> tuple[Measured, Joining]:
    with processes.sfu_worker(metering.cores()[0]) as worker:
        async with WorkerControl.connected(worker.control) as control:
            crowd = Crowd(load.people * load.everyone)
            crowd.attach()
            peers, joining = await media.join(control, crowd, load, worker.pid)
            await media.publish(peers, crowd, load)
            crowd.detach()
            media.settle(crowd)
            if meanwhile is not None:
                meanwhile(worker.pid)
            measured = media.measure(crowd, load.people - 1, worker.pid, seconds)
            crowd.close()
            return measured, joining


def of_packet_path(load: str, gather: str, seconds: float) -> float:
    """µs per packet of ``benchmarks.fan_out``, which knows neither ICE nor RTCP.

    Args:
        load: its name.
        gather: milliseconds to let packets gather after a batch, or ``auto``.
        seconds: how long.
    """
    command = [sys.executable, "-m", "benchmarks.fan_out", load]
    command += ["--gather", gather, "--seconds", str(seconds)]
    # On the allowed cores again: it takes a core for itself and another for its load.
    with processes.unpinned():
        done = subprocess.run(
            command, cwd=processes.ROOT, capture_output=True, text=True, check=True
        )
    measured = re.search(r"([\d.]+) µs", done.stdout)
    return float(measured[1]) if measured else float("nan")
