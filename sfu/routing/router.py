"""A room's media: its transports, and what is produced and consumed on them.

Nothing here knows how a transport is connected: a *leg* is what packets of a transport come in by
and go out by, whether it is connected yet or not.
"""

import dataclasses
import random
from dataclasses import dataclass, field
from typing import Final

from sfu.control.messages import (
    ActiveSpeakers,
    AnyReport,
    HeldDataProducer,
    HeldProducer,
    HeldTransport,
    LayersWanted,
    Source,
)
from sfu.ortc.consume import consume
from sfu.ortc.normalise import ProducerParameters
from sfu.ortc.parameters import RtpCapabilities, RtpParameters
from sfu.routing.consumer import Consumer
from sfu.routing.data_relay import DataConsumer, DataRelay
from sfu.routing.inbound import Inbound
from sfu.routing.outbound import Outbound
from sfu.routing.producer import Producer
from sfu.routing.shared import Shared
from sfu.routing.speakers import Speakers
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
        self.speakers = Speakers(shared.crowds.loudest)
        self._receivers: dict[str, Leg] = {}  # whose consumer it is
        self._reports: list[AnyReport] = []
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
                layers_wanted=None if one.demand is None else one.demand.wanted,
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
            self.close_consumer(consumer_id, now)
        for producer_id in list(leg.producers):
            self.close_producer(producer_id, now)
        if all(one.member_id != leg.member_id for one in self.legs.values()):
            self.speakers.forget(leg.member_id)
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
        self.speakers.add(producer, now)
        self._stir()
        return producer

    def close_producer(self, producer_id: str, now: Seconds) -> None:
        """End a producer and all of its consumers."""
        producer = self.producers.pop(producer_id, None)
        if producer is None:
            return
        for consumer_id in list(producer.consumers):
            self.close_consumer(consumer_id, now)
        self.speakers.remove(producer)
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
        if producer.levels is not None:
            self.speakers.wake(now)
            self._stir()

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
        self.wishes_changed(consumer, now)
        return parameters.rtp_parameters

    def close_consumer(self, consumer_id: str, now: Seconds) -> None:
        """End a consumer."""
        consumer = self.consumers.pop(consumer_id, None)
        if consumer is None:
            return
        self._receivers.pop(consumer_id).consumers.pop(consumer_id, None)
        consumer.close()
        self.wishes_changed(consumer, now)

    # ---- who speaks, and what is wanted --------------------------------------------------------

    def wishes_changed(self, consumer: Consumer, now: Seconds) -> None:
        """A subscriber wants other layers, or nothing, or something again."""
        producer = consumer.producer
        demand = producer.demand
        if demand is None or producer.id not in self.producers:
            return
        if demand.wish(producer.layers_for(consumer), now):
            self._say_wanted(producer, demand.wanted)
        demand.reconsider(now)
        self._stir()

    def next_deadline(self) -> Seconds | None:
        """When ``tend`` has something to do; None while nothing is under way."""
        due = [self.speakers.next_deadline()]
        due += [one.demand.next_deadline() for one in self.producers.values() if one.demand]
        return min((at for at in due if at is not None), default=None)

    def tend(self, now: Seconds) -> None:
        """Do what is due: listen to who speaks, and see which layers nobody wants any more."""
        beat_at = self.speakers.next_deadline()
        if beat_at is not None and now >= beat_at:
            speaking = self.speakers.beat(now)
            if speaking is not None:
                self._reports.append(
                    ActiveSpeakers(
                        router_id=self.id,
                        dominant=speaking.dominant,
                        speakers=list(speaking.speakers),
                        loudest_only=speaking.loudest_only,
                    )
                )
        for producer in self.producers.values():
            demand = producer.demand
            due = demand.next_deadline() if demand is not None else None
            if demand is None or due is None or now < due:
                continue
            if demand.review(producer.desired_layers(), now):
                self._say_wanted(producer, demand.wanted)

    def take_reports(self) -> list[AnyReport]:
        """What signaling has not been told yet."""
        reports = self._reports
        if reports:
            self._reports = []
        return reports

    def _say_wanted(self, producer: Producer, layers: int) -> None:
        self._reports.append(LayersWanted(producer_id=producer.id, spatial_layers=layers))

    def _stir(self) -> None:
        self._shared.restless[self] = None
