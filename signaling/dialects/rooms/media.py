"""What members ask of the SFU: checked, given an id, and passed to the worker that has the router.

Ids are chosen here, so that what is asked for can be named, and undone, before it is answered.
What is closed is forgotten at once: a worker carries its commands out in order.
"""

from sfu.control import messages as control
from signaling.dialects.rooms import media_notices
from signaling.dialects.rooms.media_upkeep import asker_of, drop_transport, place, wait
from signaling.dialects.rooms.media_visitor import body_of, require_open, visitor_of, within
from signaling.events import Event
from signaling.exchange import Exchange
from signaling.media.sfu_room import Producer, Removed, Transport
from signaling.messages import media as wire
from signaling.peer_session import Connection


def enter_sfu(
    exchange: Exchange, connection: Connection, message: wire.EnterSfu, now: float
) -> list[Event]:
    """Answers with the router's contents, as soon as there is a router."""
    member_id = connection.holder.member_id
    room = exchange.registry.index.room_with(message.room_id, member_id)
    require_open(room)
    routed = exchange.sfu.room(room.id)
    if routed.rtp_capabilities is not None:
        routed.entered[member_id] = connection.holder.era
        exchange.reply(connection, media_notices.entered(routed, member_id, message.id))
        media_notices.tell_newcomer(exchange, routed, member_id)
        return []
    wait(exchange, routed, asker_of(connection, message.id), now)
    if routed.worker is None:
        place(exchange, routed, room.course.generation, now)
    return []


# ---- transports --------------------------------------------------------------------------


def open_transport(
    exchange: Exchange, connection: Connection, message: wire.OpenTransport, now: float
) -> list[Event]:
    """Opens a transport; answered when the worker has it."""
    visitor = visitor_of(exchange, connection, message, now)
    most = exchange.config.limits.transports_per_member
    within(len(visitor.transports), most, "transports")
    transport = Transport(exchange.sfu.new_id(), visitor.id, message.direction)
    exchange.sfu.add(visitor.room, transport)
    return visitor.ask(
        control.OpenTransport(
            request=visitor.number(),
            router_id=visitor.room.id,
            member_id=visitor.id,
            transport_id=transport.id,
        )
    )


def connect_transport(
    exchange: Exchange, connection: Connection, message: wire.ConnectTransport, now: float
) -> list[Event]:
    """Passes on the peer's DTLS parameters."""
    visitor = visitor_of(exchange, connection, message, now, message.transport_id)
    transport = visitor.room.transport_of(visitor.id, message.transport_id)
    body = body_of(message.dtls_parameters)
    number = visitor.number()
    return visitor.ask(
        control.ConnectTransport(request=number, transport_id=transport.id, dtls_parameters=body)
    )


def restart_ice(
    exchange: Exchange, connection: Connection, message: wire.RestartIce, now: float
) -> list[Event]:
    """Asks for new ICE credentials."""
    visitor = visitor_of(exchange, connection, message, now, message.transport_id)
    transport = visitor.room.transport_of(visitor.id, message.transport_id)
    number = visitor.number()
    return visitor.ask(control.RestartIce(request=number, transport_id=transport.id))


def close_transport(
    exchange: Exchange, connection: Connection, message: wire.CloseTransport, now: float
) -> list[Event]:
    """Closes a transport; the others hear at once of what was published on it."""
    visitor = visitor_of(exchange, connection, message, now, message.transport_id)
    transport = visitor.room.transport_of(visitor.id, message.transport_id)
    drop_transport(exchange, visitor.room, transport)
    number = visitor.number()
    return visitor.ask(control.CloseTransport(request=number, transport_id=transport.id))


# ---- media -------------------------------------------------------------------------------


def produce(
    exchange: Exchange, connection: Connection, message: wire.Produce, now: float
) -> list[Event]:
    """Publishes; answered, and told to the others, when the worker has it."""
    visitor = visitor_of(exchange, connection, message, now, message.transport_id)
    visitor.admission.require("publish")
    transport = visitor.room.transport_of(visitor.id, message.transport_id, "send")
    published = sum(len(one.producers) for one in visitor.transports)
    within(published, exchange.config.limits.producers_per_member, "producers")
    body, producer_id = body_of(message.rtp_parameters), visitor.new_part(transport)
    producer = Producer(producer_id, transport, message.kind, message.source, message.paused)
    visitor.room.publish(producer)
    return visitor.ask(
        control.Produce(
            request=visitor.number(),
            transport_id=transport.id,
            producer_id=producer_id,
            kind=message.kind,
            source=message.source,
            rtp_parameters=body,
            paused=message.paused,
        )
    )


def set_producer(
    exchange: Exchange, connection: Connection, message: wire.SetProducer, now: float
) -> list[Event]:
    """Pauses or resumes what the sender publishes."""
    visitor = visitor_of(exchange, connection, message, now, message.producer_id)
    producer = visitor.room.producer_of(visitor.id, message.producer_id)
    number = visitor.number()
    return visitor.ask(
        control.SetProducer(request=number, producer_id=producer.id, paused=message.paused)
    )


def close_producer(
    exchange: Exchange, connection: Connection, message: wire.CloseProducer, now: float
) -> list[Event]:
    """Ends something published; the others hear of it at once."""
    visitor = visitor_of(exchange, connection, message, now, message.producer_id)
    producer = visitor.room.producer_of(visitor.id, message.producer_id)
    visitor.room.drop_producer(producer)
    media_notices.tell_removed(exchange, visitor.room, Removed(producers=[producer]))
    number = visitor.number()
    return visitor.ask(control.CloseProducer(request=number, producer_id=producer.id))


def consume(
    exchange: Exchange, connection: Connection, message: wire.Consume, now: float
) -> list[Event]:
    """Receives a producer's media; answered when the worker is ready to send it."""
    visitor = visitor_of(exchange, connection, message, now, message.transport_id)
    visitor.admission.require("subscribe")
    transport = visitor.room.transport_of(visitor.id, message.transport_id, "recv")
    producer = visitor.room.producer(message.producer_id)
    received = sum(len(one.consumers) for one in visitor.transports)
    within(received, exchange.config.limits.consumers_per_member, "consumers")
    body, consumer_id = body_of(message.rtp_capabilities), visitor.new_part(transport)
    visitor.room.receive(transport, consumer_id, producer)
    return visitor.ask(
        control.Consume(
            request=visitor.number(),
            transport_id=transport.id,
            producer_id=producer.id,
            consumer_id=consumer_id,
            rtp_capabilities=body,
            paused=message.paused,
        )
    )


def set_consumer(
    exchange: Exchange, connection: Connection, message: wire.SetConsumer, now: float
) -> list[Event]:
    """Pauses or resumes what the sender receives, prefers layers of it, or says what it matters."""
    visitor = visitor_of(exchange, connection, message, now, message.consumer_id)
    visitor.room.transport_with_consumer(visitor.id, message.consumer_id)
    return visitor.ask(
        control.SetConsumer(
            request=visitor.number(),
            consumer_id=message.consumer_id,
            paused=message.paused,
            spatial_layer=message.spatial_layer,
            temporal_layer=message.temporal_layer,
            priority=message.priority,
        )
    )


def request_key_frame(
    exchange: Exchange, connection: Connection, message: wire.RequestKeyFrame, now: float
) -> list[Event]:
    """Asks for a picture that stands alone."""
    visitor = visitor_of(exchange, connection, message, now, message.consumer_id)
    visitor.room.transport_with_consumer(visitor.id, message.consumer_id)
    number = visitor.number()
    return visitor.ask(control.RequestKeyFrame(request=number, consumer_id=message.consumer_id))


def close_consumer(
    exchange: Exchange, connection: Connection, message: wire.CloseConsumer, now: float
) -> list[Event]:
    """Receives something no longer."""
    consumer_id = message.consumer_id
    visitor = visitor_of(exchange, connection, message, now, consumer_id)
    transport = visitor.room.transport_with_consumer(visitor.id, consumer_id)
    visitor.room.drop_consumer(transport, consumer_id)
    number = visitor.number()
    return visitor.ask(control.CloseConsumer(request=number, consumer_id=consumer_id))
