"""How a room's transports are, for who diagnoses a call. Asked now and then; nothing is counted."""

from sfu.control import messages
from sfu.control.messages import Answer
from sfu.control.statistics import (
    ConsumerStatistics,
    EncodingStatistics,
    ProducerStatistics,
    TransportStatistics,
)
from sfu.routing.consumer import Consumer
from sfu.routing.producer import Producer
from sfu.routing.router import Leg, RouterError
from sfu.units import Seconds
from sfu.worker.engine import Engine


def tell_statistics(engine: Engine, command: messages.TellStatistics, now: Seconds) -> Answer:
    """All of a room's."""
    router = engine.routers.get(command.router_id)
    if router is None:
        raise RouterError("router-not-found", "The room has no router here.")
    return messages.StatisticsTold(
        request=command.request,
        transports=[_transport(leg) for leg in router.legs.values()],
        producers=[_producer(one, now) for one in router.producers.values()],
    )


def _transport(leg: Leg) -> TransportStatistics:
    return TransportStatistics(
        id=leg.id,
        member_id=leg.member_id,
        rtt=leg.outbound.rtt,
        estimate=leg.outbound.estimate,
        demand=leg.outbound.demand,
        next_step=leg.outbound.next_step,
        consumers=[_consumer(one) for one in leg.consumers.values()],
    )


def _consumer(consumer: Consumer) -> ConsumerStatistics:
    received = consumer.received
    quality = consumer.reports.quality
    return ConsumerStatistics(
        id=consumer.id,
        producer_id=consumer.producer.id,
        paused=consumer.paused,
        spatial_layer=received.spatial,
        temporal_layer=received.temporal,
        limited=received.limited,
        lost=None if quality is None else quality.fraction_lost,
    )


def _producer(producer: Producer, now: Seconds) -> ProducerStatistics:
    return ProducerStatistics(
        id=producer.id,
        transport_id=producer.transport_id,
        member_id=producer.member_id,
        kind=producer.kind,
        source=producer.source,
        paused=producer.paused,
        encodings=[
            EncodingStatistics(
                spatial_layer=stream.spatial_layer,
                alive=stream.alive(now),
                bitrate=stream.bits_per_second(now),
            )
            for stream in producer.streams
        ],
    )
