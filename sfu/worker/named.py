"""What commands name: it is found, or the command is refused."""

from sfu.routing.consumer import Consumer
from sfu.routing.producer import Producer
from sfu.routing.router import Leg, Router, RouterError
from sfu.worker.engine import Engine
from sfu.worker.webrtc_transport import WebRtcTransport


def transport_named(engine: Engine, transport_id: str) -> WebRtcTransport:
    """A transport; raises ``RouterError``."""
    transport = engine.transports.get(transport_id)
    if transport is None:
        raise RouterError("transport-not-found", "The transport is gone.")
    return transport


def leg_named(engine: Engine, transport_id: str) -> tuple[Router, Leg]:
    """A transport as its room sees it, and the room's router; raises ``RouterError``."""
    transport = transport_named(engine, transport_id)
    return engine.routers[transport.router_id], transport.leg


def producer_named(engine: Engine, producer_id: str) -> tuple[Router, Producer]:
    """A producer and its router; raises ``RouterError``."""
    for router in engine.routers.values():
        producer = router.producers.get(producer_id)
        if producer is not None:
            return router, producer
    raise RouterError("producer-not-found", "The producer is gone.")


def consumer_named(engine: Engine, consumer_id: str) -> tuple[Router, Consumer]:
    """A consumer and its router; raises ``RouterError``."""
    for router in engine.routers.values():
        consumer = router.consumers.get(consumer_id)
        if consumer is not None:
            return router, consumer
    raise RouterError("consumer-not-found", "The consumer is gone.")
