"""A room's media: its transports, and what is produced and consumed on them.

Nothing here knows how a transport is connected: a *leg* is what packets of a transport come in by
and go out by, whether it is connected yet or not.
"""

import dataclasses
import random
from dataclasses import dataclass, field
from typing import Final

from sfu.control.messages import HeldDataProducer, HeldProducer, HeldTransport, Source
from sfu.ortc.consume import consume
from sfu.ortc.normalise import ProducerParameters
from sfu.ortc.parameters import RtpCapabilities, RtpParameters
from sfu.routing.consumer import Consumer
from sfu.routing.data_relay import DataConsumer, DataRelay
from sfu.routing.inbound import Inbound
from sfu.routing.outbound import Outbound
from sfu.routing.producer import Producer
from sfu.routing.shared import Shared
from sfu.units import Seconds

MOST_PER_TRANSPORT: Final = 4096
"""Producers and consumers of one transport."""


class RouterError(Exception):
    """What was asked cannot be done.

    Args:
        code: what a program acts on.
        reason: one sentence for a person.
    """

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@dataclass(eq=False)
class Leg:
    """One member's transport, seen from the room.

    Attributes:
        inbound: takes what its peer sends.
        outbound: sends to its peer.
        next_mid: number of the next consumer's media description.
    """

    id: str
    member_id: str
    inbound: Inbound
    outbound: Outbound
    producers: dict[str, Producer] = field(default_factory=dict)
    consumers: dict[str, Consumer] = field(default_factory=dict)
    next_mid: int = 0


class Router:
    """One room on this worker.

    Args:
        router_id: its name.
        room_id: the room's.
        shared: what all rooms of the worker share.
        rng: for SSRCs and first numbers.
    """

    def __init__(self, router_id: str, room_id: str, shared: Shared, rng: random.Random) -> None:
        self.id = router_id
        self.room_id = room_id
        self.legs: dict[str, Leg] = {}
        self.producers: dict[str, Producer] = {}
        self.consumers: dict[str, Consumer] = {}
        self.data = DataRelay()
        self._receivers: dict[str, Leg] = {}  # whose consumer it is
        self._shared = shared
        self._group = shared.new_group()
        self._rng = rng

    # ---- what is there ---------------------------------------------------------------------

    def held_transports(self) -> list[HeldTransport]:
        """Its transports, for whoever has forgotten them."""
        return [HeldTransport(id=leg.id, member_id=leg.member_id) for leg in self.legs.values()]

    def held_producers(self) -> list[HeldProducer]:
        """Its producers, likewise."""
        return [
            HeldProducer(
                id=one.id,
                transport_id=one.transport_id,
                member_id=one.member_id,
                kind=one.kind,
                source=one.source,
                paused=one.paused,
            )
            for one in self.producers.values()
        ]

    def held_data_producers(self) -> list[HeldDataProducer]:
        """Its data producers, likewise."""
        return [one.held for one in self.data.producers.values()]

    # ---- transports ------------------------------------------------------------------------

    def add(self, leg: Leg) -> None:
        """A transport of this room."""
        self.legs[leg.id] = leg

    def close_leg(self, transport_id: str, now: Seconds) -> list[DataConsumer]:
        """End a transport and all that is on it; the data consumers elsewhere that ended."""
        leg = self.legs.pop(transport_id, None)
        if leg is None:
            return []
        for consumer_id in list(leg.consumers):
            self.close_consumer(consumer_id)
        for producer_id in list(leg.producers):
            self.close_producer(producer_id, now)
        return self.data.close_transport(transport_id)

    # ---- media -----------------------------------------------------------------------------

    def produce(
        self,
        leg: Leg,
        producer_id: str,
        source: Source,
        parameters: ProducerParameters,
        paused: bool,
        now: Seconds,
    ) -> Producer:
        """Take media from a transport's peer.

        Raises:
            RouterError: too many, or another producer of the transport has its SSRC or mid.
        """
        if len(leg.producers) >= MOST_PER_TRANSPORT:
            raise RouterError("too-many", "The transport carries too many producers.")
        if not parameters.cname:
            # One name for all that a member sends keeps sound and picture together.
            parameters = dataclasses.replace(parameters, cname=leg.id)
        producer = Producer(
            id=producer_id,
            transport_id=leg.id,
            member_id=leg.member_id,
            kind=parameters.kind,
            source=source,
            parameters=parameters,
            group=self._group,
            shared=self._shared,
            paused=paused,
            now=now,
        )
        try:
            leg.inbound.add(producer)
        except ValueError as error:
            raise RouterError("invalid-parameters", str(error)) from None
        self.producers[producer_id] = leg.producers[producer_id] = producer
        return producer

    def close_producer(self, producer_id: str, now: Seconds) -> None:
        """End a producer and all of its consumers."""
        producer = self.producers.pop(producer_id, None)
        if producer is None:
            return
        for consumer_id in list(producer.consumers):
            self.close_consumer(consumer_id)
        leg = self.legs.get(producer.transport_id)
        if leg is not None:
            leg.producers.pop(producer_id, None)
            leg.inbound.remove(producer)
        producer.close()

    def pause_producer(self, producer: Producer, paused: bool, now: Seconds) -> None:
        """Forward nothing of a producer for a while, or forward again."""
        producer.set_paused(paused, now)
        for consumer in list(producer.consumers.values()):
            consumer.producer_paused(paused, now)

    def consume(
        self,
        leg: Leg,
        producer: Producer,
        consumer_id: str,
        capabilities: RtpCapabilities,
        paused: bool,
        now: Seconds,
    ) -> RtpParameters:
        """Send a producer's media to a transport's peer; what the peer has to know of it.

        Raises:
            RouterError: too many.
            OrtcError: the peer cannot receive it.
        """
        if len(leg.consumers) >= MOST_PER_TRANSPORT:
            raise RouterError("too-many", "The transport carries too many consumers.")
        ssrc, rtx_ssrc = self._rng.sample(range(1, 1 << 32), 2)
        parameters = consume(
            producer.parameters,
            capabilities,
            ssrc=ssrc,
            rtx_ssrc=rtx_ssrc,
            mid=str(leg.next_mid),
            cname=producer.parameters.cname,
            transport_cc=True,
        )
        leg.next_mid += 1
        consumer = Consumer(
            id=consumer_id,
            producer=producer,
            ssrc=ssrc,
            rtx_ssrc=rtx_ssrc,
            payload_type=parameters.payload_type,
            rtx_payload_type=parameters.rtx_payload_type,
            outbound=leg.outbound,
            shared=self._shared,
            paused=paused,
            now=now,
            rng=self._rng,
        )
        self.consumers[consumer_id] = leg.consumers[consumer_id] = consumer
        self._receivers[consumer_id] = leg
        return parameters.rtp_parameters

    def close_consumer(self, consumer_id: str) -> None:
        """End a consumer."""
        consumer = self.consumers.pop(consumer_id, None)
        if consumer is None:
            return
        self._receivers.pop(consumer_id).consumers.pop(consumer_id, None)
        consumer.close()
