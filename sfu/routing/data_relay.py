"""A room's data channels: whose messages on which stream go to whom.

A data producer is one SCTP stream of one transport; a data consumer is a stream of another, on
which the producer's messages go out. Streams of consumers are given from the top down, because
clients number the channels they open themselves from 0 up.
"""

from dataclasses import dataclass, field
from typing import Final

from sfu.control.messages import HeldDataProducer
from sfu.ortc.parameters import SctpStreamParameters

MOST_STREAMS: Final = 1024
"""Streams of an association in each direction."""


@dataclass(eq=False)
class DataConsumer:
    """A data producer's messages on their way to one transport."""

    id: str
    transport_id: str
    producer: "DataProducer"
    stream: SctpStreamParameters


@dataclass(eq=False)
class DataProducer:
    """A stream of messages from one transport."""

    held: HeldDataProducer
    stream: SctpStreamParameters
    consumers: dict[str, DataConsumer] = field(default_factory=dict)


class DataRelayError(ValueError):
    """A stream cannot be had; the message says why."""


class DataRelay:
    """The data producers and data consumers of one room."""

    def __init__(self) -> None:
        self.producers: dict[str, DataProducer] = {}
        self.consumers: dict[str, DataConsumer] = {}
        self._by_stream: dict[tuple[str, int], DataProducer] = {}
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

    def consume(self, consumer_id: str, transport_id: str, producer: DataProducer) -> DataConsumer:
        """Send a producer's messages to a transport, on a free stream.

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
        consumer = DataConsumer(consumer_id, transport_id, producer, ours)
        producer.consumers[consumer_id] = self.consumers[consumer_id] = consumer
        return consumer

    def receivers(self, transport_id: str, stream: int) -> list[DataConsumer]:
        """Who gets a message that came on a transport's stream."""
        producer = self._by_stream.get((transport_id, stream))
        return list(producer.consumers.values()) if producer is not None else []

    def producer_on(self, transport_id: str, stream: int) -> DataProducer | None:
        """The data producer of a transport's stream."""
        return self._by_stream.get((transport_id, stream))

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
            consumer.producer.consumers.pop(consumer_id, None)
            self._release(consumer.transport_id, consumer.stream.stream_id)
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
