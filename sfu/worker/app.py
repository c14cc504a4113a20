"""A worker process: one port, one event loop, one control socket."""

import asyncio
import gc
import logging
import os
import random
import signal
import socket
import time
from collections.abc import Callable
from typing import Final

from sfu.config import WorkerConfig
from sfu.control.messages import (
    Answer,
    Command,
    Done,
    OpenRouter,
    Refusal,
    SetLogLevel,
    WorkerStatus,
)
from sfu.media.packet_store import PacketMemory
from sfu.routing.shared import Crowds, Shared
from sfu.transport.destinations import Destinations
from sfu.transport.transmit_ring import TransmitRing
from sfu.units import Seconds
from sfu.worker import commands
from sfu.worker.addresses import announced_addresses, candidates
from sfu.worker.control_server import ControlServer
from sfu.worker.drain import Drain
from sfu.worker.engine import PACKETS_KEPT, Engine
from sfu.worker.figures import gather
from sfu.worker.loop_lag import LoopLag
from sfu.worker.opening import WorkerError, announced_tcp_port, open_udp, peer_port
from sfu.worker.pulse import Pulse

log = logging.getLogger(__name__)

STATUS_INTERVAL: Final = Seconds(1.0)


class Worker:
    """Puts the parts together and gives them time.

    Args:
        config: the worker's place in the world.
        on_end: called when it has been without signaling for too long.
    """

    def __init__(self, config: WorkerConfig, on_end: Callable[[], None]) -> None:
        self._config = config
        self._on_end = on_end
        self._loop = asyncio.get_running_loop()
        try:
            addresses = announced_addresses(config.announced, config.host)
        except ValueError as error:
            raise WorkerError(str(error)) from None
        self._socket = open_udp(config)
        shared = Shared(
            TransmitRing(),
            Destinations(config.most_transports),
            PacketMemory(PACKETS_KEPT),
            Crowds(loudest=config.loudest),
        )
        self.port = peer_port(config, self._socket, shared)
        self.udp_port: int = self._socket.getsockname()[1]
        families = [6, 4] if self._socket.family == socket.AF_INET6 else [4]
        self.engine = Engine(
            self.port,
            shared,
            candidates(addresses, self.udp_port, families, announced_tcp_port(config, self.port)),
            config.most_transports,
            random.SystemRandom(),
        )
        self._control = ControlServer(config.control, self, self._orphaned_or_not)
        self._pulse: Pulse | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = float("inf")
        self._status_timer: asyncio.TimerHandle | None = None
        self._writing = False
        self._alone_since: float | None = time.monotonic()
        self._measured = (time.monotonic(), time.process_time())
        self._load = 0.0
        self._lag = LoopLag(self._loop)
        self._drain = Drain()
        self._drain_timer: asyncio.TimerHandle | None = None

    async def start(self) -> None:
        """Begin to serve.

        Raises:
            OSError: the control socket cannot be made.
        """
        await self._control.start()
        if self.port.tcp is not None:
            self.port.tcp.open(self._receive_stream, self._lose)
        udp = self.port.udp
        self._pulse = Pulse(self._loop, udp.fileno(), udp.received.capacity, self._receive)
        self._status_timer = self._loop.call_later(STATUS_INTERVAL, self._every_second)

    async def close(self) -> None:
        """Say goodbye to the peers and end; harmless when done twice."""
        if self._pulse is not None:
            self._pulse.close()
            self._pulse = None
            now = _now()
            for transport_id in list(self.engine.transports):
                self.engine.close_transport(transport_id, now)
            self._loop.remove_writer(self.port.udp.fileno())
            self.port.close()
        for timer in (self._timer, self._status_timer, self._drain_timer):
            if timer is not None:
                timer.cancel()
        self._lag.close()
        await self._control.close()

    def drain(self, seconds: float) -> None:
        """Take no new room; end when the last transport is gone, or after so many seconds."""
        begun = self._drain.begun
        self._drain.begin(seconds, _now())
        if not begun:
            open_now = len(self.engine.transports)
            log.info("draining: %d transports, %g seconds at most", open_now, seconds)
        if self._drain_timer is not None:
            self._drain_timer.cancel()
        remaining = self._drain.remaining(_now()) or 0.0
        self._drain_timer = self._loop.call_later(remaining, self._end_if_drained)
        self._control.report(self.introduction())
        self._end_if_drained()

    @property
    def draining(self) -> bool:
        """Whether it is about to end."""
        return self._drain.begun

    def _end_if_drained(self) -> None:
        if self._drain.is_over(len(self.engine.transports), _now()):
            self._on_end()

    # ---- datagrams and time ----------------------------------------------------------------

    def _receive(self, now: Seconds) -> int:
        self.engine.busy = self._pulse is not None and self._pulse.gathering
        count = self.engine.receive(now)
        self._after()
        return count

    def _receive_stream(self, source: bytes, count: int, now: Seconds) -> None:
        self.engine.receive_stream(source, count, now)
        self._after()

    def _lose(self, address: bytes, now: Seconds) -> None:
        self.engine.lose(address, now)
        self._after()

    def _tick(self) -> None:
        self._timer = None
        self._timer_at = float("inf")
        self.engine.tick(_now())
        self._after()

    def _after(self) -> None:
        """What follows from anything: reports, the next deadline, datagrams that wait."""
        for report in self.engine.take_reports():
            self._control.report(report)
        due = self.engine.next_deadline()
        if due is not None and due < self._timer_at:
            if self._timer is not None:
                self._timer.cancel()
            self._timer_at = due
            # uvloop's timers are up to a millisecond early, and a tick that is early does nothing.
            self._timer = self._loop.call_later(max(0.0, due - _now()) + 0.001, self._tick)
        if self.port.udp.waiting and not self._writing:
            self._writing = True
            self._loop.add_writer(self.port.udp.fileno(), self._write)

    def _write(self) -> None:
        if not self.port.udp.send_waiting():
            self._writing = False
            self._loop.remove_writer(self.port.udp.fileno())

    # ---- signaling -------------------------------------------------------------------------

    def carry_out(self, command: Command) -> Answer:
        """Carry out a command from signaling; see ``Servant``."""
        if isinstance(command, SetLogLevel):
            logging.getLogger().setLevel(command.level.upper())
            log.warning("%s: logs from now on: %s and above", self._config.name, command.level)
            return Done(request=command.request)
        if isinstance(command, OpenRouter) and self._refuses(command):
            reason = "This worker is about to end, and takes no new room."
            return Refusal(request=command.request, code="draining", reason=reason)
        now = _now()
        answer = commands.carry_out(self.engine, command, now)
        self.engine.finish(now)
        self._after()
        return answer

    def _refuses(self, command: OpenRouter) -> bool:
        return self._drain.begun and command.router_id not in self.engine.routers

    def introduction(self) -> WorkerStatus:
        """What this worker is and does; see ``Servant``."""
        engine = self.engine
        return WorkerStatus(
            worker=self._config.name,
            process=os.getpid(),
            load=self._load,
            routers=len(engine.routers),
            router_ids=list(engine.routers),
            transports=len(engine.transports),
            packets_out=engine.shared.ring.protected,
            drain_seconds=self._drain.remaining(_now()),
            figures=gather(engine, self._lag, self._socket),
        )

    def _orphaned_or_not(self) -> None:
        self._alone_since = None if self._control.connected else time.monotonic()

    def _every_second(self) -> None:
        self._status_timer = self._loop.call_later(STATUS_INTERVAL, self._every_second)
        now, worked = time.monotonic(), time.process_time()
        then, before = self._measured
        self._measured = (now, worked)
        self._load = min(1.0, (worked - before) / max(now - then, 1e-3))
        self._control.report(self.introduction())
        self._end_if_drained()
        if self._alone_since is not None:
            alone = now - self._alone_since
            config = self._config
            limit = config.orphan_limit if self.engine.transports else config.orphan_grace
            if alone > limit:
                log.warning("no signaling service for %.0f seconds: this worker ends", alone)
                self._alone_since = None
                self._on_end()


async def run(config: WorkerConfig) -> None:
    """Serve until SIGINT, or until nobody needs the worker.

    After SIGTERM it drains; a second SIGTERM ends it at once.

    Raises:
        WorkerError: the port or the control socket cannot be had.
    """
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, ended.set)
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    worker = Worker(config, ended.set)

    def terminate() -> None:
        if worker.draining:
            ended.set()
        else:
            worker.drain(config.drain_seconds)

    try:
        try:
            await worker.start()
        except OSError as error:
            raise WorkerError(
                f"The control socket {config.control} cannot be made ({error.strerror}); "
                "choose another with --control."
            ) from None
        _collect_seldom()
        told = {candidate.address: None for candidate in worker.engine.candidates}
        announced = ", ".join(told)
        log.info(
            "%s: UDP port %d and %s, announced as %s",
            config.name,
            worker.udp_port,
            f"TCP port {worker.port.tcp.number}" if worker.port.tcp else "no TCP port",
            announced,
        )
        loop.add_signal_handler(signal.SIGTERM, terminate)
        await ended.wait()
    finally:
        await worker.close()


def _now() -> Seconds:
    return Seconds(time.monotonic())


def _collect_seldom() -> None:
    """Suits the garbage collector to a worker: what is there stays, packets leave no cycles."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
