"""What is in a room's router: transports, what is published on them, and whose it is.

A transport's id begins the id of everything that is on it, so that it can be told whose a consumer
is even after a restart, when the worker lists transports and producers only.
"""

from dataclasses import dataclass, field

import msgspec

from sfu.control.messages import Kind, RouterOpened, Source
from signaling.messages.attention import ActiveSpeakers
from signaling.messages.media import Direction
from signaling.messages.wire import ErrorCode, Refused


@dataclass(slots=True, eq=False)
class Transport:
    """A transport of one member, with what is on it.

    Attributes:
        direction: None when it was found at a worker, and its direction is not known any more.
        ready: The worker has answered that it is there.
        connected: Media may flow.
        consumers: The producers that its consumers receive, by consumer.
    """

    id: str
    member_id: str
    direction: Direction | None
    ready: bool = False
    connected: bool = False
    producers: "dict[str, Producer]" = field(default_factory=dict)
    data_producers: "dict[str, DataProducer]" = field(default_factory=dict)
    consumers: "dict[str, Producer]" = field(default_factory=dict)
    data_consumers: "dict[str, DataProducer]" = field(default_factory=dict)

    @property
    def found(self) -> bool:
        """Whether it is older than this process, and may hold consumers nobody here knows."""
        return self.direction is None


@dataclass(slots=True, eq=False)
class Producer:
    """Something published.

    Attributes:
        ready: The worker has it, and the others have been told.
        layers_wanted: How many of its spatial layers anybody may want; None while all of them are.
    """

    id: str
    transport: Transport
    kind: Kind
    source: Source
    paused: bool
    ready: bool = False
    layers_wanted: int | None = None
    consumers: dict[str, Transport] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class DataProducer:
    """A channel on which messages are published; ``ready`` as of a producer."""

    id: str
    transport: Transport
    label: str
    protocol: str
    ready: bool = False
    consumers: dict[str, Transport] = field(default_factory=dict)


@dataclass(slots=True)
class Removed:
    """What the others had been told of and is gone."""

    producers: list[Producer] = field(default_factory=list)
    data_producers: list[DataProducer] = field(default_factory=list)


class SfuRoom:
    """One room's router.

    Attributes:
        id: The room's, and the router's: one that was found again is known by it.
        worker: Who carries it; None while nobody does.
        rtp_capabilities: The router's; None until it is open.
        entered: Members who are told of changes, with the era of their session: who begins anew
            enters anew.
        waiting: Numbers of the requests that wait for the router.
        told_of_the_end: Whether members know that it ends with its worker, before they can leave.
        speakers: What was told last of who speaks.
        closed: Members whose transports were closed while the router was being opened: what its
            answer lists of them is gone.
    """

    def __init__(self, room_id: str) -> None:
        self.id = room_id
        self.worker: str | None = None
        self.rtp_capabilities: msgspec.Raw | None = None
        self.transports: dict[str, Transport] = {}
        self.producers: dict[str, Producer] = {}
        self.data_producers: dict[str, DataProducer] = {}
        self.entered: dict[str, int] = {}
        self.waiting: list[int] = []
        self.told_of_the_end = False
        self.speakers: ActiveSpeakers | None = None
        self.closed: set[str] = set()
        self._of_member: dict[str, dict[str, Transport]] = {}

    @property
    def router_id(self) -> str:
        """As members know it: another at each worker."""
        return f"{self.id}@{self.worker}"

    @property
    def is_received(self) -> bool:
        """Whether anybody may still receive anything here."""
        return any(one.direction != "send" for one in self.transports.values())

    # ---- whose is it? --------------------------------------------------------------------

    def transports_of(self, member_id: str) -> list[Transport]:
        """A member's transports, oldest first."""
        return list(self._of_member.get(member_id, {}).values())

    def owners(self) -> list[str]:
        """Members with transports."""
        return list(self._of_member)

    def transport_of(
        self, member_id: str, transport_id: str, direction: Direction | None = None
    ) -> Transport:
        """A member's own transport; raises ``Refused``."""
        transport = self._of_member.get(member_id, {}).get(transport_id)
        if transport is None or not transport.ready:
            raise Refused(ErrorCode.TRANSPORT_NOT_FOUND, "You have no such transport (any more).")
        if direction is not None and transport.direction not in {None, direction}:
            message = f"This transport is not of direction {direction}."
            raise Refused(ErrorCode.TRANSPORT_NOT_FOUND, message)
        return transport

    def producer(self, producer_id: str) -> Producer:
        """Anybody's producer; raises ``Refused``."""
        producer = self.producers.get(producer_id)
        if producer is None or not producer.ready:
            raise Refused(ErrorCode.PRODUCER_NOT_FOUND, "This is not published (any more).")
        return producer

    def data_producer(self, data_producer_id: str) -> DataProducer:
        """Anybody's data producer; raises ``Refused``."""
        producer = self.data_producers.get(data_producer_id)
        if producer is None or not producer.ready:
            raise Refused(ErrorCode.PRODUCER_NOT_FOUND, "This is not published (any more).")
        return producer

    def producer_of(self, member_id: str, producer_id: str) -> Producer:
        """A member's own producer; raises ``Refused``."""
        producer = self.producers.get(producer_id)
        if producer is None or not producer.ready or producer.transport.member_id != member_id:
            raise Refused(ErrorCode.PRODUCER_NOT_FOUND, "You publish nothing by this id.")
        return producer

    def data_producer_of(self, member_id: str, data_producer_id: str) -> DataProducer:
        """A member's own data producer; raises ``Refused``."""
        producer = self.data_producers.get(data_producer_id)
        if producer is None or not producer.ready or producer.transport.member_id != member_id:
            raise Refused(ErrorCode.PRODUCER_NOT_FOUND, "You publish nothing by this id.")
        return producer

    def transport_with_consumer(self, member_id: str, consumer_id: str) -> Transport:
        """The member's own transport that a consumer (of media or data) is on; raises ``Refused``.

        On a transport that was found, consumers are not known; the worker knows them.
        """
        transport = self._of_member.get(member_id, {}).get(holder_of(consumer_id))
        known = transport is not None and (
            consumer_id in transport.consumers
            or consumer_id in transport.data_consumers
            or transport.found
        )
        if transport is None or not known:
            raise Refused(ErrorCode.CONSUMER_NOT_FOUND, "You receive nothing by this id.")
        return transport

    # ---- changes -------------------------------------------------------------------------

    def add(self, transport: Transport) -> None:
        """Takes up a transport."""
        self.transports[transport.id] = transport
        self._of_member.setdefault(transport.member_id, {})[transport.id] = transport

    def publish(self, producer: Producer | DataProducer) -> None:
        """Takes up something that is about to be published on its transport."""
        if isinstance(producer, Producer):
            self.producers[producer.id] = producer.transport.producers[producer.id] = producer
        else:
            self.data_producers[producer.id] = producer
            producer.transport.data_producers[producer.id] = producer

    def receive(
        self, transport: Transport, consumer_id: str, producer: Producer | DataProducer
    ) -> None:
        """Notes that something is received on a transport."""
        if isinstance(producer, Producer):
            transport.consumers[consumer_id] = producer
        else:
            transport.data_consumers[consumer_id] = producer
        producer.consumers[consumer_id] = transport

    def drop_consumer(self, transport: Transport, consumer_id: str) -> None:
        """Forgets a consumer, of media or data; harmless when it is not known."""
        producer = transport.consumers.pop(consumer_id, None)
        source = producer or transport.data_consumers.pop(consumer_id, None)
        if source is not None:
            source.consumers.pop(consumer_id, None)

    def drop_producer(self, producer: Producer | DataProducer) -> None:
        """Forgets what was published, with its consumers."""
        if isinstance(producer, Producer):
            del self.producers[producer.id], producer.transport.producers[producer.id]
            for consumer_id, transport in producer.consumers.items():
                del transport.consumers[consumer_id]
        else:
            del self.data_producers[producer.id], producer.transport.data_producers[producer.id]
            for consumer_id, transport in producer.consumers.items():
                del transport.data_consumers[consumer_id]
        producer.consumers.clear()

    def drop_transport(self, transport: Transport) -> Removed:
        """Forgets a transport with all that is on it; what the others will miss."""
        removed = Removed()
        for producer in list(transport.producers.values()):
            self.drop_producer(producer)
            if producer.ready:
                removed.producers.append(producer)
        for data_producer in list(transport.data_producers.values()):
            self.drop_producer(data_producer)
            if data_producer.ready:
                removed.data_producers.append(data_producer)
        for consumer_id in [*transport.consumers, *transport.data_consumers]:
            self.drop_consumer(transport, consumer_id)
        del self.transports[transport.id]
        theirs = self._of_member[transport.member_id]
        del theirs[transport.id]
        if not theirs:
            del self._of_member[transport.member_id]
        return removed

    def fill(self, opened: RouterOpened) -> None:
        """Takes up what a router that was found is holding."""
        for held in opened.transports:
            if held.member_id not in self.closed:
                self.add(Transport(held.id, held.member_id, None, ready=True, connected=True))
        self.closed.clear()
        for it in opened.producers:
            if (on := self.transports.get(it.transport_id)) is not None:
                made = Producer(it.id, on, it.kind, it.source, it.paused, ready=True)
                made.layers_wanted = it.layers_wanted
                self.publish(made)
        for data in opened.data_producers:
            if (on := self.transports.get(data.transport_id)) is not None:
                channel = DataProducer(data.id, on, data.label, data.protocol, ready=True)
                self.publish(channel)


def part_of(transport_id: str, suffix: str) -> str:
    """The id of something on a transport."""
    return f"{transport_id}-{suffix}"


def holder_of(part_id: str) -> str:
    """The id of the transport that something is on; empty where the id tells of none."""
    return part_id.rpartition("-")[0]
