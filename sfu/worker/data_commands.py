"""What signaling commands about channels of messages; as ``media_commands`` about media."""

from msgspec import Raw
from msgspec.json import encode

from sfu.control import messages
from sfu.control.messages import Answer, Done, HeldDataProducer
from sfu.ortc.parameters import decode_sctp_stream_parameters
from sfu.routing.router import RouterError
from sfu.units import Seconds
from sfu.worker.engine import Engine
from sfu.worker.named import leg_named, transport_named
from sfu.worker.webrtc_transport import WebRtcTransport


def produce_data(engine: Engine, command: messages.ProduceData, now: Seconds) -> Answer:
    """A member publishes messages."""
    router, leg = leg_named(engine, command.transport_id)
    transport = _with_data(engine, leg.id)
    if command.data_producer_id in router.data.producers:
        raise RouterError("id-taken", "There is a data producer of this id.")
    held = HeldDataProducer(
        id=command.data_producer_id,
        transport_id=leg.id,
        member_id=leg.member_id,
        label=command.label,
        protocol=command.protocol,
    )
    stream = decode_sctp_stream_parameters(command.sctp_stream_parameters)
    engine.data.open(transport, router.data.produce(held, stream))
    return Done(request=command.request)


def close_data_producer(
    engine: Engine, command: messages.CloseDataProducer, now: Seconds
) -> Answer:
    """A member publishes messages no longer; who received them is told."""
    for router in engine.routers.values():
        producer = router.data.producers.get(command.data_producer_id)
        if producer is not None:
            ended = router.data.close_producer(command.data_producer_id)
            engine.data.close_streams(ended)
            transport = engine.transports.get(producer.held.transport_id)
            if transport is not None and transport.sctp is not None:
                transport.sctp.close_stream(producer.stream.stream_id)
    return Done(request=command.request)


def consume_data(engine: Engine, command: messages.ConsumeData, now: Seconds) -> Answer:
    """A member receives another's messages."""
    router, leg = leg_named(engine, command.transport_id)
    transport = _with_data(engine, leg.id)
    producer = router.data.producers.get(command.data_producer_id)
    if producer is None:
        raise RouterError("producer-not-found", "What was asked for is not published.")
    if command.data_consumer_id in router.data.consumers:
        raise RouterError("id-taken", "There is a data consumer of this id.")
    consumer = router.data.consume(
        command.data_consumer_id, leg.id, leg.member_id, producer, paused=command.paused
    )
    engine.data.open(transport, consumer)
    return messages.DataConsumed(
        request=command.request,
        sctp_stream_parameters=Raw(encode(consumer.stream)),
        label=producer.held.label,
        protocol=producer.held.protocol,
    )


def resume_data_consumer(
    engine: Engine, command: messages.ResumeDataConsumer, now: Seconds
) -> Answer:
    """What has waited for a member is sent, and what comes from now on."""
    for router in engine.routers.values():
        consumer = router.data.consumers.get(command.data_consumer_id)
        if consumer is not None:
            engine.data.resume(router, consumer)
            return Done(request=command.request)
    raise RouterError("consumer-not-found", "The data consumer is gone.")


def close_data_consumer(
    engine: Engine, command: messages.CloseDataConsumer, now: Seconds
) -> Answer:
    """A member receives messages no longer."""
    for router in engine.routers.values():
        consumer = router.data.close_consumer(command.data_consumer_id)
        if consumer is not None:
            engine.data.close_streams([consumer])
    return Done(request=command.request)


def _with_data(engine: Engine, transport_id: str) -> WebRtcTransport:
    transport = transport_named(engine, transport_id)
    if transport.sctp is None:
        raise RouterError("invalid-parameters", "The transport was opened without data.")
    return transport
