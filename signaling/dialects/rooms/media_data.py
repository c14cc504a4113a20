"""What members ask of the SFU about channels of messages; as ``media`` does about media."""

from sfu.control import messages as control
from signaling.dialects.rooms import media_notices
from signaling.dialects.rooms.media_visitor import body_of, visitor_of, within
from signaling.events import Event
from signaling.exchange import Exchange
from signaling.media.sfu_room import DataProducer, Removed
from signaling.messages import media as wire
from signaling.peer_session import Connection


def produce_data(
    exchange: Exchange, connection: Connection, message: wire.ProduceData, now: float
) -> list[Event]:
    """Publishes messages; answered, and told to the others, when the worker takes them."""
    visitor = visitor_of(exchange, connection, message, now, message.transport_id)
    visitor.admission.require("data")
    transport = visitor.room.transport_of(visitor.id, message.transport_id, "send")
    published = sum(len(one.data_producers) for one in visitor.transports)
    within(published, exchange.config.limits.producers_per_member, "data producers")
    body, producer_id = body_of(message.sctp_stream_parameters), visitor.new_part(transport)
    visitor.room.publish(DataProducer(producer_id, transport, message.label, message.protocol))
    return visitor.ask(
        control.ProduceData(
            request=visitor.number(),
            transport_id=transport.id,
            data_producer_id=producer_id,
            sctp_stream_parameters=body,
            label=message.label,
            protocol=message.protocol,
        )
    )


def close_data_producer(
    exchange: Exchange, connection: Connection, message: wire.CloseDataProducer, now: float
) -> list[Event]:
    """Publishes messages no longer; the others hear of it at once."""
    visitor = visitor_of(exchange, connection, message, now, message.data_producer_id)
    producer = visitor.room.data_producer_of(visitor.id, message.data_producer_id)
    visitor.room.drop_producer(producer)
    media_notices.tell_removed(exchange, visitor.room, Removed(data_producers=[producer]))
    number = visitor.number()
    return visitor.ask(control.CloseDataProducer(request=number, data_producer_id=producer.id))


def consume_data(
    exchange: Exchange, connection: Connection, message: wire.ConsumeData, now: float
) -> list[Event]:
    """Receives a data producer's messages; answered when the worker has a stream for them."""
    visitor = visitor_of(exchange, connection, message, now, message.transport_id)
    transport = visitor.room.transport_of(visitor.id, message.transport_id, "recv")
    producer = visitor.room.data_producer(message.data_producer_id)
    received = sum(len(one.data_consumers) for one in visitor.transports)
    within(received, exchange.config.limits.consumers_per_member, "data consumers")
    consumer_id = visitor.new_part(transport)
    visitor.room.receive(transport, consumer_id, producer)
    return visitor.ask(
        control.ConsumeData(
            request=visitor.number(),
            transport_id=transport.id,
            data_producer_id=producer.id,
            data_consumer_id=consumer_id,
            paused=message.paused,
        )
    )


def resume_data_consumer(
    exchange: Exchange, connection: Connection, message: wire.ResumeDataConsumer, now: float
) -> list[Event]:
    """Has what waited at the worker sent, and what comes from now on."""
    consumer_id = message.data_consumer_id
    visitor = visitor_of(exchange, connection, message, now, consumer_id)
    visitor.room.transport_with_consumer(visitor.id, consumer_id)
    number = visitor.number()
    return visitor.ask(control.ResumeDataConsumer(request=number, data_consumer_id=consumer_id))


def close_data_consumer(
    exchange: Exchange, connection: Connection, message: wire.CloseDataConsumer, now: float
) -> list[Event]:
    """Receives messages no longer."""
    consumer_id = message.data_consumer_id
    visitor = visitor_of(exchange, connection, message, now, consumer_id)
    transport = visitor.room.transport_with_consumer(visitor.id, consumer_id)
    visitor.room.drop_consumer(transport, consumer_id)
    number = visitor.number()
    return visitor.ask(control.CloseDataConsumer(request=number, data_consumer_id=consumer_id))
