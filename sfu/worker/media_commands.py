"""What signaling commands about sound and pictures; one function per command."""

from msgspec import Raw
from msgspec.json import encode

from sfu.control import messages
from sfu.control.messages import Answer, Done
from sfu.ortc.normalise import normalise
from sfu.ortc.parameters import decode_rtp_capabilities, decode_rtp_parameters
from sfu.routing.router import RouterError
from sfu.units import Seconds
from sfu.worker.engine import Engine
from sfu.worker.named import consumer_named, leg_named, producer_named


def produce(engine: Engine, command: messages.Produce, now: Seconds) -> Answer:
    """A member publishes."""
    router, leg = leg_named(engine, command.transport_id)
    if command.producer_id in router.producers:
        raise RouterError("id-taken", "There is a producer of this id.")
    parameters = normalise(command.kind, decode_rtp_parameters(command.rtp_parameters))
    router.produce(leg, command.producer_id, command.source, parameters, command.paused, now)
    return Done(request=command.request)


def set_producer(engine: Engine, command: messages.SetProducer, now: Seconds) -> Answer:
    """Pauses or resumes what a member publishes."""
    router, producer = producer_named(engine, command.producer_id)
    router.pause_producer(producer, command.paused, now)
    return Done(request=command.request)


def close_producer(engine: Engine, command: messages.CloseProducer, now: Seconds) -> Answer:
    """A member publishes something no longer."""
    for router in engine.routers.values():
        if command.producer_id in router.producers:
            router.close_producer(command.producer_id, now)
    return Done(request=command.request)


def consume(engine: Engine, command: messages.Consume, now: Seconds) -> Answer:
    """A member receives what another publishes."""
    router, leg = leg_named(engine, command.transport_id)
    producer = router.producers.get(command.producer_id)
    if producer is None:
        raise RouterError("producer-not-found", "What was asked for is not published.")
    if command.consumer_id in router.consumers:
        raise RouterError("id-taken", "There is a consumer of this id.")
    parameters = router.consume(
        leg,
        producer,
        command.consumer_id,
        decode_rtp_capabilities(command.rtp_capabilities),
        command.paused,
        now,
    )
    return messages.Consumed(
        request=command.request,
        kind=producer.kind,
        consumer_type=producer.parameters.producer_type,
        rtp_parameters=Raw(encode(parameters)),
        producer_paused=producer.paused,
    )


def set_consumer(engine: Engine, command: messages.SetConsumer, now: Seconds) -> Answer:
    """Pauses or resumes what a member receives, prefers layers of it, or says what it matters."""
    router, consumer = consumer_named(engine, command.consumer_id)
    if command.spatial_layer is not None or command.temporal_layer is not None:
        consumer.prefer(command.spatial_layer, command.temporal_layer, now)
    if command.priority is not None:
        consumer.set_priority(command.priority)
    if command.paused is not None:
        if command.paused:
            consumer.pause(now)
        else:
            consumer.resume(now)
    router.wishes_changed(consumer, now)
    return Done(request=command.request)


def request_key_frame(engine: Engine, command: messages.RequestKeyFrame, now: Seconds) -> Answer:
    """A member needs a picture that stands alone."""
    _, consumer = consumer_named(engine, command.consumer_id)
    consumer.request_key_frame(now)
    return Done(request=command.request)


def close_consumer(engine: Engine, command: messages.CloseConsumer, now: Seconds) -> Answer:
    """A member receives something no longer."""
    for router in engine.routers.values():
        router.close_consumer(command.consumer_id, now)
    return Done(request=command.request)
