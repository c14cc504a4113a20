"""An SFU worker that moves no media: what it is told it remembers, and answers as a worker does.

``FakeWorker`` is pure; ``FakeWorkerServer`` puts one behind a Unix socket; ``python -m
tests.support.fake_worker`` is a process with the flags of ``python -m sfu``.
"""

import argparse
import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from sfu.control import framing
from sfu.control import messages as control
from sfu.control.messages import Answer, Command, Done, FromWorker, Refusal

CAPABILITIES = {"codecs": [{"mimeType": "audio/opus"}], "headerExtensions": []}


def raw(value: object) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(value))


@dataclass
class FakeTransport:
    """A transport with what is on it, by id; ``paused``: data consumers not resumed yet."""

    id: str
    member_id: str
    fingerprint: object = None
    ice: int = 0
    producers: dict[str, control.HeldProducer] = field(default_factory=dict)
    data_producers: dict[str, control.HeldDataProducer] = field(default_factory=dict)
    consumers: dict[str, str] = field(default_factory=dict)
    data_consumers: dict[str, str] = field(default_factory=dict)
    paused: set[str] = field(default_factory=set)


@dataclass
class FakeRouter:
    """A router with its transports."""

    id: str
    room_id: str
    generation: int
    transports: dict[str, FakeTransport] = field(default_factory=dict)

    def producers(self) -> dict[str, control.HeldProducer]:
        return {k: v for t in self.transports.values() for k, v in t.producers.items()}

    def data_producers(self) -> dict[str, control.HeldDataProducer]:
        return {k: v for t in self.transports.values() for k, v in t.data_producers.items()}

    def consumers(self) -> dict[str, str]:
        return {k: v for t in self.transports.values() for k, v in t.consumers.items()}


class FakeWorker:
    """Carries commands out on paper.

    Attributes:
        refusing: What to refuse commands of a type with, instead.
        told: Every command so far.
    """

    def __init__(self, name: str = "worker-0", process: int = 1) -> None:
        self.name = name
        self.process = process
        self.load = 0.0
        self.packets_out = 0
        self.drain_seconds: float | None = None
        self.routers: dict[str, FakeRouter] = {}
        self.refusing: dict[type[Command], str] = {}
        self.told: list[Command] = []

    # ---- what a worker says --------------------------------------------------------------

    def status(self, first: bool = False) -> control.WorkerStatus:
        return control.WorkerStatus(
            worker=self.name,
            process=self.process,
            load=self.load,
            routers=len(self.routers),
            transports=sum(len(router.transports) for router in self.routers.values()),
            router_ids=list(self.routers) if first else [],
            packets_out=self.packets_out,
            drain_seconds=self.drain_seconds,
        )

    def obey(self, command: Command) -> Answer:
        self.told.append(command)
        code = self.refusing.get(type(command))
        try:
            if code is not None:
                raise RefusedError(code)
            return self._carry_out(command)
        except RefusedError as refused:
            return Refusal(request=command.request, code=refused.code, reason="It cannot be.")

    def end_transport(self, transport_id: str) -> control.TransportClosed:
        """A transport ends by itself."""
        self._drop_transport(transport_id)
        return control.TransportClosed(transport_id=transport_id, reason="consent-expired")

    def end_data_producer(self, data_producer_id: str) -> control.DataProducerClosed:
        """A peer closes its channel."""
        self._drop_data_producer(data_producer_id)
        return control.DataProducerClosed(data_producer_id=data_producer_id)

    def end_data_consumer(self, data_consumer_id: str) -> control.DataConsumerClosed:
        """A peer reads too slowly."""
        for transport in self.transports().values():
            transport.data_consumers.pop(data_consumer_id, None)
        return control.DataConsumerClosed(data_consumer_id=data_consumer_id, reason="too-slow")

    # ---- look-ups ------------------------------------------------------------------------

    def transports(self) -> dict[str, FakeTransport]:
        return {k: v for router in self.routers.values() for k, v in router.transports.items()}

    def router_of(self, transport_id: str) -> FakeRouter:
        for router in self.routers.values():
            if transport_id in router.transports:
                return router
        raise RefusedError("transport-not-found")

    def _transport(self, transport_id: str) -> FakeTransport:
        return self.router_of(transport_id).transports[transport_id]

    # ---- what it is told -----------------------------------------------------------------

    def _carry_out(self, command: Command) -> Answer:
        match command:
            case control.OpenRouter():
                return self._open_router(command)
            case control.OpenTransport():
                return self._open_transport(command)
            case control.RestartIce():
                return self._restart_ice(command)
            case control.Consume():
                return self._consume(command)
            case control.ProduceData() | control.ConsumeData():
                return self._about_data(command)
            case _:
                self._close(command)
                self._change(command)
                return Done(request=command.request)

    def _close(self, command: Command) -> None:
        """What closes something; it does not matter whether that is there."""
        match command:
            case control.CloseRouter(router_id=it):
                self.routers.pop(it, None)
            case control.CloseMember():
                self._close_member(command)
            case control.CloseTransport(transport_id=it):
                self._drop_transport(it)
            case control.CloseProducer(producer_id=it):
                self._drop_producer(it)
            case control.CloseDataProducer(data_producer_id=it):
                self._drop_data_producer(it)
            case (
                control.CloseConsumer(consumer_id=it)
                | control.CloseDataConsumer(data_consumer_id=it)
            ):
                for transport in self.transports().values():
                    transport.consumers.pop(it, None)
                    transport.data_consumers.pop(it, None)
            case _:
                pass

    def _close_member(self, command: control.CloseMember) -> None:
        router = self.routers.get(command.router_id)
        for transport in list(router.transports.values()) if router is not None else []:
            if transport.member_id == command.member_id:
                self._drop_transport(transport.id)

    def _change(self, command: Command) -> None:
        """What changes something, or makes it without anything to tell."""
        match command:
            case control.ConnectTransport(transport_id=it, dtls_parameters=body):
                self._transport(it).fingerprint = msgspec.json.decode(body)
            case control.Produce():
                self._produce(command)
            case control.SetProducer(producer_id=it, paused=paused):
                for transport in self.transports().values():
                    if it in transport.producers:
                        held = transport.producers[it]
                        transport.producers[it] = msgspec.structs.replace(held, paused=paused)
                        return
                raise RefusedError("producer-not-found")
            case control.SetConsumer(consumer_id=it) | control.RequestKeyFrame(consumer_id=it):
                if not any(it in t.consumers for t in self.transports().values()):
                    raise RefusedError("consumer-not-found")
            case control.ResumeDataConsumer(data_consumer_id=it):
                self._resume(it)
            case _:
                pass

    def _resume(self, data_consumer_id: str) -> None:
        for transport in self.transports().values():
            if data_consumer_id in transport.data_consumers:
                transport.paused.discard(data_consumer_id)
                return
        raise RefusedError("consumer-not-found")

    def _open_router(self, command: control.OpenRouter) -> Answer:
        it = command.router_id
        router = self.routers.setdefault(it, FakeRouter(it, command.room_id, command.generation))
        return control.RouterOpened(
            request=command.request,
            rtp_capabilities=raw(CAPABILITIES),
            transports=[
                control.HeldTransport(id=one.id, member_id=one.member_id)
                for one in router.transports.values()
            ],
            producers=list(router.producers().values()),
            data_producers=list(router.data_producers().values()),
        )

    def _restart_ice(self, command: control.RestartIce) -> Answer:
        transport = self._transport(command.transport_id)
        transport.ice += 1
        return control.IceRestarted(request=command.request, ice_parameters=_ice(transport))

    def _open_transport(self, command: control.OpenTransport) -> Answer:
        router = self.routers.get(command.router_id)
        if router is None:
            raise RefusedError("router-not-found")
        assert command.transport_id not in self.transports(), "an id is used once"
        transport = FakeTransport(command.transport_id, command.member_id)
        router.transports[transport.id] = transport
        return control.TransportOpened(
            request=command.request,
            ice_parameters=_ice(transport),
            ice_candidates=raw([{"foundation": "1", "ip": "192.0.2.9", "port": 40000}]),
            dtls_parameters=raw({"role": "auto", "fingerprints": []}),
            sctp_parameters=raw({"port": 5000}) if command.data else msgspec.UNSET,
        )

    def _produce(self, command: control.Produce) -> None:
        transport, it = self._transport(command.transport_id), command.producer_id
        assert all(it not in router.producers() for router in self.routers.values())
        transport.producers[it] = control.HeldProducer(
            id=it,
            transport_id=transport.id,
            member_id=transport.member_id,
            kind=command.kind,
            source=command.source,
            paused=command.paused,
        )

    def _consume(self, command: control.Consume) -> Answer:
        transport = self._transport(command.transport_id)
        producer = self.router_of(transport.id).producers().get(command.producer_id)
        if producer is None:
            raise RefusedError("producer-not-found")
        transport.consumers[command.consumer_id] = producer.id
        return control.Consumed(
            request=command.request,
            kind=producer.kind,
            consumer_type="simple",
            rtp_parameters=raw({"codecs": [], "encodings": [{"ssrc": 1}]}),
            producer_paused=producer.paused,
        )

    def _about_data(self, command: control.ProduceData | control.ConsumeData) -> Answer:
        transport = self._transport(command.transport_id)
        if isinstance(command, control.ProduceData):
            it = command.data_producer_id
            transport.data_producers[it] = control.HeldDataProducer(
                id=it,
                transport_id=transport.id,
                member_id=transport.member_id,
                label=command.label,
                protocol=command.protocol,
            )
            return Done(request=command.request)
        producer = self.router_of(transport.id).data_producers().get(command.data_producer_id)
        if producer is None:
            raise RefusedError("producer-not-found")
        transport.data_consumers[command.data_consumer_id] = producer.id
        if command.paused:
            transport.paused.add(command.data_consumer_id)
        return control.DataConsumed(
            request=command.request,
            sctp_stream_parameters=raw({"streamId": len(transport.data_consumers)}),
            label=producer.label,
            protocol=producer.protocol,
        )

    # ---- ends ----------------------------------------------------------------------------

    def _drop_transport(self, transport_id: str) -> None:
        for router in self.routers.values():
            transport = router.transports.get(transport_id)
            if transport is not None:
                for producer_id in list(transport.producers):
                    self._drop_producer(producer_id)
                for producer_id in list(transport.data_producers):
                    self._drop_data_producer(producer_id)
                del router.transports[transport_id]
                return

    def _drop_producer(self, producer_id: str) -> None:
        for transport in self.transports().values():
            transport.producers.pop(producer_id, None)
            for consumer_id, received in list(transport.consumers.items()):
                if received == producer_id:
                    del transport.consumers[consumer_id]

    def _drop_data_producer(self, data_producer_id: str) -> None:
        for transport in self.transports().values():
            transport.data_producers.pop(data_producer_id, None)
            for consumer_id, received in list(transport.data_consumers.items()):
                if received == data_producer_id:
                    del transport.data_consumers[consumer_id]


class RefusedError(Exception):
    """A command cannot be carried out."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def _ice(transport: FakeTransport) -> msgspec.Raw:
    return raw({"usernameFragment": f"{transport.id}-{transport.ice}", "iceLite": True})


class FakeWorkerServer:
    """A fake worker behind a Unix socket; one connection at a time, the newest."""

    def __init__(
        self, worker: FakeWorker, path: Path, on_change: Callable[[], None] = lambda: None
    ) -> None:
        self.worker = worker
        self.connected = asyncio.Event()
        self._path = path
        self._on_change = on_change
        self._server: asyncio.Server | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def start(self) -> None:
        self._path.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._serve, str(self._path))

    async def close(self) -> None:
        self.cut()
        server, self._server = self._server, None
        if server is not None:
            server.close()
            await server.wait_closed()
            self._path.unlink(missing_ok=True)

    def cut(self) -> None:
        """Ends the connection."""
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.transport.abort()

    def say(self, message: FromWorker) -> None:
        if self._writer is not None:
            self._writer.write(framing.encode(message))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.cut()
        self._writer = writer
        self.say(self.worker.status(first=True))
        self.connected.set()
        self._on_change()
        stream = framing.commands()
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(1 << 16):
                for command in stream.feed(data):
                    self.say(self.worker.obey(command))
        writer.close()
        if self._writer is writer:
            self._writer = None
            self.connected.clear()
            self._on_change()


async def _run(arguments: argparse.Namespace) -> None:
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    worker = FakeWorker(arguments.name, os.getpid())
    server = FakeWorkerServer(worker, Path(arguments.control))
    await server.start()
    sys.stderr.write(f"INFO {arguments.name} listens\n")
    while not ended.is_set():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(ended.wait(), 1.0)
        server.say(worker.status())
    await server.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--control", required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--host", default="")
    parser.add_argument("--port", type=int, default=40000)
    parser.add_argument("--port-fallback", action="store_true")
    parser.add_argument("--announce", action="append", default=[])
    parser.add_argument("--drain-seconds", type=float, default=30.0)
    parser.add_argument("--loudest", type=int, default=4)
    parser.add_argument("--log-level", default="info")
    parser.add_argument("--dies", action="store_true", help="at once, as a broken one does")
    given = parser.parse_args()
    if given.dies:
        sys.exit("ERROR broken")
    asyncio.run(_run(given))
