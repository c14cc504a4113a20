"""A room's data channels: whose messages on which stream go to whom.

A data producer is one SCTP stream of one transport; a data consumer is a stream of another, on
which the producer's messages go out. Streams of consumers are given from the top down, because
clients number the channels they open themselves from 0 up.

A data producer of protocol ``crossover`` can speak to one member alone: a message that begins with
an at sign is for the member whose id follows up to the first line feed, and for nobody else. It
goes out as it came. What names nobody who receives it goes nowhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from sfu.control.messages import HeldDataProducer
from sfu.ortc.parameters import SctpStreamParameters
from sfu.routing.data_backlog import DataBacklog

MOST_STREAMS: Final = 1024
"""Streams of an association in each direction."""

ADDRESSABLE: Final = "crossover"
"""The protocol of those data producers whose messages may name a member."""

_LONGEST_ADDRESS: Final = 4 * 64
"""Bytes of a member's id: 64 characters of UTF-8."""


@dataclass(eq=False, slots=True)
class DataConsumer:
    """A data producer's messages on their way to one transport.

    Attributes:
        member_id: whose transport it is.
        backlog: what waits while it is paused; None while messages flow.
        lossy: whether its stream may lose messages: so may we.
    """

    id: str
    transport_id: str
    member_id: str
    producer: "DataProducer"
    stream: SctpStreamParameters
    backlog: DataBacklog | None
    lossy: bool


@dataclass(eq=False, slots=True)
class DataProducer:
    """A stream of messages from one transport.

    Attributes:
        consumers: all of them, by id.
        audience: the same, to be walked through; made anew when they change.
        members: the same, by the id of the member they are for, in UTF-8.
    """

    held: HeldDataProducer
    stream: SctpStreamParameters
    consumers: dict[str, DataConsumer] = field(default_factory=dict)
    audience: Sequence[DataConsumer] = ()
    members: dict[bytes, list[DataConsumer]] = field(default_factory=dict)

    def receivers(self, data: bytes) -> Sequence[DataConsumer]:
        """Who gets a message; not to be changed, and unchanged by what becomes of the consumers."""
        if data[:1] != b"@" or self.held.protocol != ADDRESSABLE:
            return self.audience
        end = data.find(b"\n", 1, _LONGEST_ADDRESS + 2)
        return tuple(self.members.get(data[1:end], ())) if end > 0 else ()

    def _note_change(self) -> None:
        self.audience = tuple(self.consumers.values())
        self.members = {}
        for consumer in self.audience:
            self.members.setdefault(consumer.member_id.encode(), []).append(consumer)

    def add(self, consumer: DataConsumer) -> None:
        """One consumer more."""
        self.consumers[consumer.id] = consumer
        self._note_change()

    def remove(self, consumer: DataConsumer) -> None:
        """One consumer less."""
        if self.consumers.pop(consumer.id, None) is not None:
            self._note_change()


class DataRelayError(ValueError):
    """A stream cannot be had; the message says why."""


class DataRelay:
    """The data producers and data consumers of one room."""

    def __init__(self) -> None:
        self.producers: dict[str, DataProducer] = {}
        self.consumers: dict[str, DataConsumer] = {}
        self._by_stream: dict[tuple[str, int], DataProducer] = {}
        self._consumers_by_stream: dict[tuple[str, int], DataConsumer] = {}
        self._taken: dict[str, set[int]] = {}

    def produce(self, held: HeldDataProducer, stream: SctpStreamParameters) -> DataProducer:
        """Take messages from a transport's stream.

        Raises:
            DataRelayError: the stream is in use, or beyond those the association has.
        """
        taken = self._taken.setdefault(held.transport_id, set())
        if stream.stream_id in taken:
            raise DataRelayError(f"SCTP stream {stream.stream_id} is in use")
        if not 0 <= stream.stream_id < MOST_STREAMS:
            raise DataRelayError(f"SCTP stream {stream.stream_id} is beyond {MOST_STREAMS - 1}")
        taken.add(stream.stream_id)
        producer = DataProducer(held, stream)
        self.producers[held.id] = producer
        self._by_stream[held.transport_id, stream.stream_id] = producer
        return producer

    def consume(
        self,
        consumer_id: str,
        transport_id: str,
        member_id: str,
        producer: DataProducer,
        *,
        paused: bool = False,
    ) -> DataConsumer:
        """Send a producer's messages to a transport, on a free stream.

        Args:
            consumer_id: its name.
            transport_id: where they go.
            member_id: whose transport that is.
            producer: whose messages.
            paused: whether they wait until ``resume``.

        Raises:
            DataRelayError: the transport has no stream left.
        """
        taken = self._taken.setdefault(transport_id, set())
        stream = next((n for n in range(MOST_STREAMS - 1, -1, -1) if n not in taken), None)
        if stream is None:
            raise DataRelayError("the transport has no SCTP stream left")
        taken.add(stream)
        theirs = producer.stream
        ours = SctpStreamParameters(
            stream_id=stream,
            ordered=theirs.ordered,
            max_packet_life_time=theirs.max_packet_life_time,
            max_retransmits=theirs.max_retransmits,
        )
        consumer = DataConsumer(
            consumer_id,
            transport_id,
            member_id,
            producer,
            ours,
            backlog=DataBacklog() if paused else None,
            lossy=theirs.max_packet_life_time is not None or theirs.max_retransmits is not None,
        )
        self.consumers[consumer_id] = consumer
        self._consumers_by_stream[transport_id, stream] = consumer
        producer.add(consumer)
        return consumer

    def receivers(self, transport_id: str, stream: int, data: bytes) -> Sequence[DataConsumer]:
        """Who gets a message that came on a transport's stream."""
        producer = self._by_stream.get((transport_id, stream))
        return producer.receivers(data) if producer is not None else ()

    def producer_on(self, transport_id: str, stream: int) -> DataProducer | None:
        """The data producer of a transport's stream."""
        return self._by_stream.get((transport_id, stream))

    def consumer_on(self, transport_id: str, stream: int) -> DataConsumer | None:
        """The data consumer that has a transport's stream."""
        return self._consumers_by_stream.get((transport_id, stream))

    def close_producer(self, producer_id: str) -> list[DataConsumer]:
        """End a data producer; its data consumers, which have ended with it."""
        producer = self.producers.pop(producer_id, None)
        if producer is None:
            return []
        held, stream = producer.held, producer.stream.stream_id
        self._by_stream.pop((held.transport_id, stream), None)
        self._release(held.transport_id, stream)
        ended = list(producer.consumers.values())
        for consumer in ended:
            self.close_consumer(consumer.id)
        return ended

    def close_consumer(self, consumer_id: str) -> DataConsumer | None:
        """End a data consumer, and return it if it was there."""
        consumer = self.consumers.pop(consumer_id, None)
        if consumer is not None:
            stream = consumer.stream.stream_id
            consumer.producer.remove(consumer)
            self._consumers_by_stream.pop((consumer.transport_id, stream), None)
            self._release(consumer.transport_id, stream)
        return consumer

    def close_transport(self, transport_id: str) -> list[DataConsumer]:
        """End all that is on a transport; the data consumers elsewhere that ended with it."""
        ended: list[DataConsumer] = []
        for producer in list(self.producers.values()):
            if producer.held.transport_id == transport_id:
                ended += self.close_producer(producer.held.id)
        for consumer in list(self.consumers.values()):
            if consumer.transport_id == transport_id:
                self.close_consumer(consumer.id)
        self._taken.pop(transport_id, None)
        return [consumer for consumer in ended if consumer.transport_id != transport_id]

    def _release(self, transport_id: str, stream: int) -> None:
        taken = self._taken.get(transport_id)
        if taken is not None:
            taken.discard(stream)
