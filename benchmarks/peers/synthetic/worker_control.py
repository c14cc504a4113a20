"""The control socket of an SFU worker, from signaling's side."""

import asyncio
import contextlib
import itertools
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec

from benchmarks.peers.synthetic.signaling import (
    Consumption,
    DataConsumption,
    Direction,
    Json,
    OpenedTransport,
    Refused,
)
from sfu.control import messages
from sfu.control.framing import encode, from_worker
from sfu.control.messages import Answer, AnyReport, FromWorker, Refusal, Request

_CHUNK = 1 << 18
PATIENCE = 60.0

A = TypeVar("A", bound=Answer)


class WorkerControl:
    """One connection. Ids are chosen here; any number of rooms and members may share it.

    Attributes:
        reports: what the worker has told by itself, newest last (the newest 10 000).
        on_report: called with each.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._numbers = itertools.count(1)
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Answer]] = {}
        self.reports: list[AnyReport] = []
        self.on_report: Callable[[AnyReport], None] | None = None
        self._reading = asyncio.create_task(self._read())

    @classmethod
    @contextlib.asynccontextmanager
    async def connected(cls, path: Path | str) -> AsyncIterator["WorkerControl"]:
        """Connect to a worker's socket.

        Raises:
            OSError: nobody listens there.
        """
        reader, writer = await asyncio.open_unix_connection(str(path))
        control = cls(reader, writer)
        try:
            yield control
        finally:
            await control.close()

    async def close(self) -> None:
        """Hang up."""
        self._reading.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._reading
        self._writer.close()

    def new_id(self, kind: str) -> str:
        """An id that this connection has not used."""
        return f"{kind}-{next(self._ids)}"

    async def ask(self, make: Callable[[int], Request], kind: type[A]) -> A:
        """Send a command and wait for its answer.

        Args:
            make: makes the command with its request number.
            kind: of the answer.

        Raises:
            Refused: the worker does not want to.
            ConnectionError: the worker is gone.
        """
        number = next(self._numbers)
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        self._writer.write(encode(make(number)))
        async with asyncio.timeout(PATIENCE):
            answer = await future
        if isinstance(answer, Refusal):
            raise Refused(answer.code, answer.reason)
        if not isinstance(answer, kind):
            raise TypeError(f"{type(answer).__name__} in answer to a command")
        return answer

    async def open_router(
        self, room_id: str, router_id: str | None = None, generation: int = 1
    ) -> "Router":
        """Open a room's router, or find it open."""
        chosen = router_id or self.new_id("router")
        opened = await self.ask(
            lambda request: messages.OpenRouter(
                request=request, room_id=room_id, router_id=chosen, generation=generation
            ),
            messages.RouterOpened,
        )
        return Router(self, chosen, msgspec.json.decode(opened.rtp_capabilities))

    def reports_of(self, kind: type[messages.Report]) -> Sequence[AnyReport]:
        """Those of one kind."""
        return [report for report in self.reports if isinstance(report, kind)]

    async def _read(self) -> None:
        stream = from_worker()
        try:
            while data := await self._reader.read(_CHUNK):
                for message in stream.feed(data):
                    self._take(message)
        finally:
            for future in self._waiting.values():
                if not future.done():
                    future.set_exception(ConnectionResetError("the worker is gone"))
                    future.exception()  # whoever waits gets it; nobody else has to

    def _take(self, message: FromWorker) -> None:
        if isinstance(message, messages.Reply):
            future = self._waiting.pop(message.request, None)
            if future is not None and not future.done():
                future.set_result(message)
        elif isinstance(message, messages.Report):
            self.reports.append(message)
            del self.reports[:-10_000]
            if self.on_report is not None:
                self.on_report(message)


class Router:
    """A router that is open.

    Attributes:
        capabilities: its RTP capabilities, ORTC.
    """

    def __init__(self, control: WorkerControl, router_id: str, capabilities: Json) -> None:
        self.control = control
        self.id = router_id
        self.capabilities = capabilities

    def member(self, member_id: str) -> "ControlSignaling":
        """Signaling of one member of this router's room."""
        return ControlSignaling(self, member_id)

    async def close(self) -> None:
        """Close it with all that is in it."""
        await self.control.ask(
            lambda request: messages.CloseRouter(request=request, router_id=self.id), messages.Done
        )


def _raw(body: Json) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(body))


class ControlSignaling:
    """``Signaling`` straight to the worker; one transport sends and receives."""

    directions = False

    def __init__(self, router: Router, member_id: str) -> None:
        self.router = router
        self.member_id = member_id
        self._control = router.control

    async def capabilities(self) -> Json:
        """See ``Signaling``, as of all that follows."""
        return self.router.capabilities

    async def open_transport(self, direction: Direction, data: bool) -> OpenedTransport:
        """As above."""
        chosen = self._control.new_id("transport")
        opened = await self._control.ask(
            lambda request: messages.OpenTransport(
                request=request,
                router_id=self.router.id,
                member_id=self.member_id,
                transport_id=chosen,
                data=data,
            ),
            messages.TransportOpened,
        )
        sctp = opened.sctp_parameters
        return OpenedTransport(
            chosen,
            msgspec.json.decode(opened.ice_parameters),
            msgspec.json.decode(opened.ice_candidates),
            msgspec.json.decode(opened.dtls_parameters),
            msgspec.json.decode(sctp) if isinstance(sctp, msgspec.Raw) else None,
        )

    async def connect_transport(self, transport_id: str, dtls_parameters: Json) -> None:
        """As above."""
        await self._done(
            lambda request: messages.ConnectTransport(
                request=request, transport_id=transport_id, dtls_parameters=_raw(dtls_parameters)
            )
        )

    async def restart_ice(self, transport_id: str) -> Json:
        """As above."""
        restarted = await self._control.ask(
            lambda request: messages.RestartIce(request=request, transport_id=transport_id),
            messages.IceRestarted,
        )
        parameters: Json = msgspec.json.decode(restarted.ice_parameters)
        return parameters

    async def close_transport(self, transport_id: str) -> None:
        """Have a transport closed by command."""
        await self._done(
            lambda request: messages.CloseTransport(request=request, transport_id=transport_id)
        )

    async def produce(
        self, transport_id: str, kind: str, source: str, rtp_parameters: Json, paused: bool
    ) -> str:
        """As above."""
        chosen = self._control.new_id("producer")
        await self._done(
            lambda request: messages.Produce(
                request=request,
                transport_id=transport_id,
                producer_id=chosen,
                kind=kind,  # type: ignore[arg-type]
                source=source,  # type: ignore[arg-type]
                rtp_parameters=_raw(rtp_parameters),
                paused=paused,
            )
        )
        return chosen

    async def set_producer(self, producer_id: str, paused: bool) -> None:
        """As above."""
        await self._done(
            lambda request: messages.SetProducer(
                request=request, producer_id=producer_id, paused=paused
            )
        )

    async def close_producer(self, producer_id: str) -> None:
        """As above."""
        await self._done(
            lambda request: messages.CloseProducer(request=request, producer_id=producer_id)
        )

    async def consume(
        self, transport_id: str, producer_id: str, rtp_capabilities: Json, paused: bool
    ) -> Consumption:
        """As above."""
        chosen = self._control.new_id("consumer")
        consumed = await self._control.ask(
            lambda request: messages.Consume(
                request=request,
                transport_id=transport_id,
                producer_id=producer_id,
                consumer_id=chosen,
                rtp_capabilities=_raw(rtp_capabilities),
                paused=paused,
            ),
            messages.Consumed,
        )
        return Consumption(
            chosen,
            producer_id,
            consumed.kind,
            consumed.consumer_type,
            msgspec.json.decode(consumed.rtp_parameters),
            consumed.producer_paused,
        )

    async def set_consumer(
        self,
        consumer_id: str,
        paused: bool | None = None,
        spatial_layer: int | None = None,
        temporal_layer: int | None = None,
    ) -> None:
        """As above."""
        await self._done(
            lambda request: messages.SetConsumer(
                request=request,
                consumer_id=consumer_id,
                paused=paused,
                spatial_layer=spatial_layer,
                temporal_layer=temporal_layer,
            )
        )

    async def close_consumer(self, consumer_id: str) -> None:
        """As above."""
        await self._done(
            lambda request: messages.CloseConsumer(request=request, consumer_id=consumer_id)
        )

    async def request_key_frame(self, consumer_id: str) -> None:
        """Ask for a picture that stands alone, by signaling."""
        await self._done(
            lambda request: messages.RequestKeyFrame(request=request, consumer_id=consumer_id)
        )

    async def produce_data(
        self, transport_id: str, sctp_stream_parameters: Json, label: str, protocol: str
    ) -> str:
        """As above."""
        chosen = self._control.new_id("data-producer")
        await self._done(
            lambda request: messages.ProduceData(
                request=request,
                transport_id=transport_id,
                data_producer_id=chosen,
                sctp_stream_parameters=_raw(sctp_stream_parameters),
                label=label,
                protocol=protocol,
            )
        )
        return chosen

    async def close_data_producer(self, data_producer_id: str) -> None:
        """As above."""
        await self._done(
            lambda request: messages.CloseDataProducer(
                request=request, data_producer_id=data_producer_id
            )
        )

    async def consume_data(
        self, transport_id: str, data_producer_id: str, paused: bool = False
    ) -> DataConsumption:
        """As above."""
        chosen = self._control.new_id("data-consumer")
        consumed = await self._control.ask(
            lambda request: messages.ConsumeData(
                request=request,
                transport_id=transport_id,
                data_producer_id=data_producer_id,
                data_consumer_id=chosen,
                paused=paused,
            ),
            messages.DataConsumed,
        )
        stream = msgspec.json.decode(consumed.sctp_stream_parameters)
        return DataConsumption(chosen, data_producer_id, stream, consumed.label, consumed.protocol)

    async def resume_data_consumer(self, data_consumer_id: str) -> None:
        """As above."""
        await self._done(
            lambda request: messages.ResumeDataConsumer(
                request=request, data_consumer_id=data_consumer_id
            )
        )

    async def close_data_consumer(self, data_consumer_id: str) -> None:
        """As above."""
        await self._done(
            lambda request: messages.CloseDataConsumer(
                request=request, data_consumer_id=data_consumer_id
            )
        )

    async def _done(self, make: Callable[[int], Request]) -> None:
        await self._control.ask(make, messages.Done)


async def listening(path: Path, timeout: float = 20.0) -> None:  # noqa: ASYNC109
    """Wait until a worker listens at its control socket.

    Raises:
        TimeoutError: none does.
    """
    async with asyncio.timeout(timeout):
        while True:
            try:
                with socket.socket(socket.AF_UNIX) as probe:
                    probe.connect(str(path))
                return
            except OSError:
                await asyncio.sleep(0.02)
