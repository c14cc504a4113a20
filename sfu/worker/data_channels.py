"""Data channel messages from one transport to others.

What becomes of a message, for each data consumer::

    consumer   stream     there is room                 there is none
    paused     lossy      waits                         the oldest that wait are given up for it
    paused     reliable   waits                         the consumer is closed: too slow
    flowing    lossy      is sent, unless 64 KiB wait   is given up
                          for the peer already
    flowing    reliable   is sent                       the consumer is closed: too slow

A peer that reads slowly holds up nobody but itself, and learns of every reliable message that it
will not get: its channel ends, and signaling is told why.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from sfu.control.messages import AnyReport, DataConsumerClosed, DataProducerClosed
from sfu.routing.data_backlog import DataBacklog, Message
from sfu.routing.data_relay import DataConsumer, DataProducer
from sfu.routing.router import Router
from sfu.units import Seconds
from sfu.worker.data_association import DataAssociation

MOST_LOSSY_WAITING: Final = 64 * 1024
"""Bytes that may wait for a peer before lossy messages to it are given up: they would come late."""


GATHERED: Final = Seconds(0.004)
"""How long messages gather on a worker that is busy with them: so that twenty who speak fill
packets for each other, and nobody notices."""

MANY: Final = 5000.0
"""Messages relayed a second, from which they gather: a fifth of a core, if each has a packet."""

_WINDOW: Final = 0.1
"""Seconds over which they are counted."""


class DataTransport(Protocol):
    """A transport, as far as its messages go."""

    @property
    def id(self) -> str:
        """Its name."""

    @property
    def router_id(self) -> str:
        """Of its room's router."""

    @property
    def sctp(self) -> DataAssociation | None:
        """Its association; None for a transport without data."""


@dataclass(slots=True)
class DataCounts:
    """What became of messages.

    Attributes:
        received: messages that came on a stream of a data producer, or of nobody.
        relayed: messages handed to a consumer's association, one for each consumer.
        kept: messages that have waited, or wait, for a paused consumer.
        dropped: messages given up because a lossy consumer does not keep up.
        too_slow: reliable consumers closed because they did not keep up.
    """

    received: int = 0
    relayed: int = 0
    kept: int = 0
    dropped: int = 0
    too_slow: int = 0


class DataChannels:
    """Carries out what the rooms' data relays say.

    Args:
        routers: by id.
        transports: by id.
        reports: what signaling will be told.

    Attributes:
        counts: of messages.
        due: when what was relayed has gathered for long enough; None when nothing gathers.
    """

    def __init__(
        self,
        routers: Mapping[str, Router],
        transports: Mapping[str, DataTransport],
        reports: list[AnyReport],
    ) -> None:
        self.counts = DataCounts()
        self.due: Seconds | None = None
        self._many = False
        self._counted = 0
        self._counted_at = Seconds(0.0)
        self._routers = routers
        self._transports = transports
        self._reports = reports
        self._unsent: dict[DataAssociation, None] = {}

    # ---- messages --------------------------------------------------------------------------

    def relay(self, source: DataTransport, stream: int, kind: int, data: bytes) -> None:
        """A message came on a stream of a transport; it leaves with a ``flush``."""
        router = self._routers.get(source.router_id)
        if router is None:
            return
        self.counts.received += 1
        for consumer in router.data.receivers(source.id, stream, data):
            backlog = consumer.backlog
            if backlog is not None:
                taken = self._keep(consumer, backlog, kind, data)
            else:
                taken = self._send(consumer, kind, data)
            if not taken:
                self._close_too_slow(router, consumer)

    def resume(self, router: Router, consumer: DataConsumer) -> None:
        """Send a consumer what has waited for it, and what comes from now on; harmless again."""
        backlog, consumer.backlog = consumer.backlog, None
        for message in backlog.take_all() if backlog is not None else ():
            if not self._send(consumer, message.kind, message.data, however_late=True):
                self._close_too_slow(router, consumer)
                return

    def flush(self, now: Seconds, busy: bool) -> None:
        """Send what was relayed; if the worker is busy, and with that, let it gather for a while.

        One packet holds ten short messages to a peer and costs little more than with one in it:
        to encrypt it, to send it, to be told that it has arrived.
        """
        if not self._unsent:
            return
        if self._relays_many(now) and busy:
            if self.due is None:
                self.due = Seconds(now + GATHERED)
            if now < self.due:
                return
        self.due = None
        unsent, self._unsent = self._unsent, {}
        for association in unsent:
            association.flush()

    def _relays_many(self, now: Seconds) -> bool:
        """Whether so much was relayed of late that it pays to let it gather."""
        elapsed = now - self._counted_at
        if elapsed >= _WINDOW:
            relayed = self.counts.relayed
            self._many = relayed - self._counted > MANY * elapsed
            self._counted, self._counted_at = relayed, now
        return self._many

    def _keep(self, consumer: DataConsumer, backlog: DataBacklog, kind: int, data: bytes) -> bool:
        """Let a message wait; False when a message that must not be lost finds no room."""
        if consumer.lossy:
            self.counts.dropped += backlog.make_room(data)
        if backlog.put(Message(kind, data)):
            self.counts.kept += 1
            return True
        if consumer.lossy:
            self.counts.dropped += 1
        return consumer.lossy

    def _send(
        self, consumer: DataConsumer, kind: int, data: bytes, however_late: bool = False
    ) -> bool:
        """Send a message; False when a message that must not be lost finds no room."""
        association, lossy = self._association(consumer), consumer.lossy
        if association is not None:
            in_time = not lossy or however_late or association.buffered <= MOST_LOSSY_WAITING
            if in_time and association.queue_message(consumer.stream.stream_id, kind, data):
                self._unsent[association] = None
                self.counts.relayed += 1
                return True
        if lossy:
            self.counts.dropped += 1
        return lossy

    def _association(self, consumer: DataConsumer) -> DataAssociation | None:
        transport = self._transports.get(consumer.transport_id)
        return transport.sctp if transport is not None else None

    def _close_too_slow(self, router: Router, consumer: DataConsumer) -> None:
        """End a consumer that has missed a message, after those that it has not missed."""
        if router.data.close_consumer(consumer.id) is not None:
            self.counts.too_slow += 1
            self.close_streams([consumer])
            report = DataConsumerClosed(data_consumer_id=consumer.id, reason="too-slow")
            self._reports.append(report)

    # ---- streams ---------------------------------------------------------------------------

    def open(self, transport: DataTransport, channel: DataConsumer | DataProducer) -> None:
        """Make a transport's SCTP ready for a channel's stream."""
        assert transport.sctp is not None, "only transports with data have channels"
        held = channel.producer.held if isinstance(channel, DataConsumer) else channel.held
        stream = channel.stream
        transport.sctp.open_stream(
            stream.stream_id,
            ordered=stream.ordered,
            max_retransmits=stream.max_retransmits,
            max_packet_life_time=stream.max_packet_life_time,
            label=held.label,
            protocol=held.protocol,
        )

    def close_streams(self, consumers: Iterable[DataConsumer]) -> None:
        """End the streams of data consumers that are no more."""
        for consumer in consumers:
            association = self._association(consumer)
            if association is not None:
                association.close_stream(consumer.stream.stream_id)

    def stream_closed(self, source: DataTransport, stream: int) -> None:
        """A peer closed one of its channels."""
        router = self._routers.get(source.router_id)
        if router is None:
            return
        producer = router.data.producer_on(source.id, stream)
        consumer = router.data.consumer_on(source.id, stream)
        if producer is not None:
            self.close_streams(router.data.close_producer(producer.held.id))
            self._reports.append(DataProducerClosed(data_producer_id=producer.held.id))
        elif consumer is not None:
            router.data.close_consumer(consumer.id)  # it will not be missed, so nobody is told
