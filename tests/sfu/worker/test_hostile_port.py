"""Thousands of hostile datagrams at the port of a worker, while a call goes on there.

The worker lives in this process, so that its tables can be looked into. What is sent is drawn with
a seed, and no faster than the worker takes it: a slow machine makes the test longer, not different.
"""

import asyncio
import logging
import os
import random
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Final

import pytest

from benchmarks import metering
from benchmarks.forwarding_load import Load
from benchmarks.hostile_datagrams import attackers_of, faults_of, models_from
from benchmarks.load import media
from benchmarks.load.hostile_datagrams import Attackers, Malice
from benchmarks.peers.synthetic.crowd import Crowd
from benchmarks.peers.synthetic.worker_control import WorkerControl
from sfu.config import WorkerConfig
from sfu.control.messages import TransportClosed
from sfu.worker.app import Worker

CALL: Final = Load("call", 1, 3, 900)
HOSTILE: Final = 5000
"""Datagrams."""

TALK: Final = 300
"""Packets that the call publishes meanwhile, at least."""

UNDER_WAY: Final = 64
"""Datagrams that the worker has not taken yet: there is room for so many in any socket."""

PATIENCE: Final = 60.0


@pytest.fixture(params=["batched", "portable"])
async def worker(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Worker]:
    config = WorkerConfig(
        control=tmp_path / "w.sock",
        port=0,
        announced=("127.0.0.1",),
        portable=request.param == "portable",
    )
    running = Worker(config, lambda: None)
    await running.start()
    yield running
    await running.close()


async def until(condition: Callable[[], bool]) -> bool:
    """Whether something has become so, after some time at the most."""
    try:
        async with asyncio.timeout(PATIENCE):
            while not condition():  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.005)
    except TimeoutError:
        return False
    return True


def tables(worker: Worker) -> dict[str, int]:
    """How much the worker keeps of whom it knows."""
    engine = worker.engine
    demux, transports = engine._demux, engine.transports.values()
    inbounds = [one.inbound for one in transports]
    return {
        "routers": len(engine.routers),
        "transports": len(engine.transports),
        "owners": len(engine._owners),
        "senders": len(engine.datagrams.senders),
        "addresses": len(demux.by_address),
        "addresses of owners": sum(map(len, demux._addresses.values())),
        "fragments": len(demux._by_fragment),
        "fragments of owners": sum(map(len, demux._fragments.values())),
        "checked addresses": sum(len(one.ice.addresses) for one in transports),
        "valid fragments": sum(len(one.ice.username_fragments) for one in transports),
        "what is due": len(engine._timetable._due),
        "destinations": len(engine.shared.destinations._free),
        "routes": sum(len(one.routes) for one in inbounds),
        "streams without a place": sum(len(one._unplaced) for one in inbounds),
        "streams that ended": sum(len(one._retired) for one in inbounds),
        "consumers": sum(len(one.outbound._consumers) for one in transports),
    }


def drops(worker: Worker, crowd: Crowd) -> int:
    """Datagrams that the kernel had no room for, at the worker and at the callers."""
    ports = [one.port for one in crowd.transports]
    return sum(map(metering.udp_drops, [worker.udp_port, *ports]))


class Siege:
    """Hostile datagrams, as fast as the worker takes them."""

    def __init__(self, worker: Worker, crowd: Crowd, attackers: Attackers, malice: Malice) -> None:
        self._counts, self._port = worker.port.counts, worker.udp_port
        self._attackers = attackers
        self._malice = malice
        self._of_the_call = 0
        self._gone_before = self._gone()
        crowd.wiretap = self._count

    def _count(self, _datagram: bytes) -> None:
        self._of_the_call += 1

    def _gone(self) -> int:
        return self._counts.received + metering.udp_drops(self._port)

    def _under_way(self) -> int:
        return self._attackers.sent + self._of_the_call - (self._gone() - self._gone_before)

    async def send(self, datagrams: int) -> None:
        """Send so many, in handfuls."""
        end = self._attackers.sent + datagrams
        while self._attackers.sent < end:
            for _ in range(UNDER_WAY // 2):
                self._attackers.send(self._malice.draw())
            await asyncio.sleep(0)
            assert await until(lambda: self._under_way() < UNDER_WAY // 2), (
                f"the worker does not take {self._under_way()} datagrams"
            )


async def test_a_call_goes_on_under_fire(
    worker: Worker, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    rng = random.Random(7983)
    async with WorkerControl.connected(tmp_path / "w.sock") as control:
        crowd = Crowd(CALL.people * CALL.people, random.Random(7983))
        captures: list[bytes] = []
        crowd.wiretap = captures.append
        crowd.attach()
        peers, _ = await media.join(control, crowd, CALL, os.getpid())
        await media.publish(peers, crowd, CALL)
        tally, table = crowd.tally, crowd.table
        receivers = CALL.people - 1

        def missing() -> int:
            return receivers * tally.published - int(table.received.sum())

        async def all_arrived() -> bool:
            """Once the call is silent; what the kernel drops at the worker is missed by all."""
            crowd.hold()
            return await until(lambda: missing() <= receivers * drops(worker, crowd))

        crowd.resume()
        assert await until(lambda: tally.published > TALK)
        assert await all_arrived()
        before, known, faults = tally.published, tables(worker), faults_of(crowd)

        attackers = attackers_of(peers, rng)
        siege = Siege(worker, crowd, attackers, Malice(models_from(captures, rng), rng))
        crowd.resume()
        while attackers.sent < HOSTILE or tally.published < before + TALK:
            await siege.send(100)
        assert await all_arrived(), f"{missing()} lost, {drops(worker, crowd)} by the kernel"
        attackers.close()

        if not drops(worker, crowd):
            assert not table.lost().any()
            assert faults_of(crowd) == faults
        assert tally.refused == tally.corrupt == 0
        assert control.reports_of(TransportClosed) == []
        assert worker.engine.datagrams.strange > HOSTILE // 10, "they did arrive"
        assert tables(worker) == known
        crowd.close()
    assert [record.getMessage() for record in caplog.records] == []
