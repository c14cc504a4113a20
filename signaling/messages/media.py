"""The room dialect's messages about media that travels through an SFU.

They follow what an ORTC client asks of a server: enter the room's router, open transports, produce,
consume. Bodies in ORTC are passed on unread to the worker that holds the router.
"""

from typing import Annotated, Literal, TypeAlias

import msgspec

from signaling.messages.attention import ActiveSpeakers, LayersWanted
from signaling.messages.notices import AnswerFromServer, FromServer
from signaling.messages.requests import FromClient
from signaling.messages.wire import Identifier, Wire

Direction: TypeAlias = Literal["send", "recv"]
Kind: TypeAlias = Literal["audio", "video"]
Source: TypeAlias = Literal["microphone", "camera", "screen", "screen-audio"]
Label: TypeAlias = Annotated[str, msgspec.Meta(max_length=256)]
Layer: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=7)]
Priority: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=255)]
Limit: TypeAlias = Literal["bandwidth", "publisher"]


# ---- nouns ---------------------------------------------------------------------------------------


class Producer(Wire, omit_defaults=False, kw_only=True):
    """Something that a member publishes."""

    id: str
    member_id: str
    kind: Kind
    source: Source
    paused: bool


class DataProducer(Wire, omit_defaults=False, kw_only=True):
    """A channel on which a member publishes messages."""

    id: str
    member_id: str
    label: str
    protocol: str


class Transport(Wire, kw_only=True):
    """What the page needs to connect a transport."""

    id: str
    ice_parameters: msgspec.Raw
    ice_candidates: msgspec.Raw
    dtls_parameters: msgspec.Raw
    sctp_parameters: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


class Consumer(Wire, omit_defaults=False, kw_only=True):
    """A producer's media on its way to the one who asked."""

    id: str
    producer_id: str
    kind: Kind
    type: Literal["simple", "simulcast", "svc"]
    rtp_parameters: msgspec.Raw
    producer_paused: bool


class DataConsumer(Wire, omit_defaults=False, kw_only=True):
    """A data producer's messages on their way to the one who asked."""

    id: str
    data_producer_id: str
    sctp_stream_parameters: msgspec.Raw
    label: str
    protocol: str


# ---- client to server ----------------------------------------------------------------------------


class InRoom(FromClient, kw_only=True):
    """A request of a member about media of a room that is in ``sfu`` mode."""

    room_id: Identifier


class EnterSfu(InRoom, tag="enter-sfu", kw_only=True):
    """Ask for the room's router and what is published there; from now on, be told of changes."""


class OpenTransport(InRoom, tag="open-transport", kw_only=True):
    """Make ready for a WebRTC connection to the SFU."""

    direction: Direction


class ConnectTransport(InRoom, tag="connect-transport", kw_only=True):
    """Our DTLS fingerprints and role."""

    transport_id: Identifier
    dtls_parameters: msgspec.Raw


class RestartIce(InRoom, tag="restart-ice", kw_only=True):
    """Ask for new ICE credentials of a transport, whose media goes on."""

    transport_id: Identifier


class CloseTransport(InRoom, tag="close-transport", kw_only=True):
    """Close a transport and all that is on it."""

    transport_id: Identifier


class Produce(InRoom, tag="produce", kw_only=True):
    """Publish media on a transport of direction ``send``."""

    transport_id: Identifier
    kind: Kind
    source: Source
    rtp_parameters: msgspec.Raw
    paused: bool = False


class SetProducer(InRoom, tag="set-producer", kw_only=True):
    """Pause or resume what we publish."""

    producer_id: Identifier
    paused: bool


class CloseProducer(InRoom, tag="close-producer", kw_only=True):
    """Publish it no longer."""

    producer_id: Identifier


class Consume(InRoom, tag="consume", kw_only=True):
    """Receive a producer's media on a transport of direction ``recv``; it begins paused."""

    transport_id: Identifier
    producer_id: Identifier
    rtp_capabilities: msgspec.Raw
    paused: bool = True


class SetConsumer(InRoom, tag="set-consumer", kw_only=True):
    """Pause, resume, prefer layers, say what it matters; what is left out stays as it was."""

    consumer_id: Identifier
    paused: bool | None = None
    spatial_layer: Layer | None = None
    temporal_layer: Layer | None = None
    priority: Priority | None = None


class RequestKeyFrame(InRoom, tag="request-key-frame", kw_only=True):
    """Ask for a picture that stands alone."""

    consumer_id: Identifier


class CloseConsumer(InRoom, tag="close-consumer", kw_only=True):
    """Receive it no longer."""

    consumer_id: Identifier


class ProduceData(InRoom, tag="produce-data", kw_only=True):
    """Publish messages on an SCTP stream of a transport of direction ``send``."""

    transport_id: Identifier
    sctp_stream_parameters: msgspec.Raw
    label: Label = ""
    protocol: Label = ""


class CloseDataProducer(InRoom, tag="close-data-producer", kw_only=True):
    """Publish messages no longer."""

    data_producer_id: Identifier


class ConsumeData(InRoom, tag="consume-data", kw_only=True):
    """Receive a data producer's messages on a transport of direction ``recv``.

    ``paused``: messages wait on the server until ``resume-data-consumer``, because a browser drops
    those for a channel it does not know yet.
    """

    transport_id: Identifier
    data_producer_id: Identifier
    paused: bool = False


class ResumeDataConsumer(InRoom, tag="resume-data-consumer", kw_only=True):
    """Begin to receive: the channel stands on our side, and what waited for it may come."""

    data_consumer_id: Identifier


class CloseDataConsumer(InRoom, tag="close-data-consumer", kw_only=True):
    """Receive its messages no longer."""

    data_consumer_id: Identifier


MediaRequest: TypeAlias = (
    EnterSfu
    | OpenTransport
    | ConnectTransport
    | RestartIce
    | CloseTransport
    | Produce
    | SetProducer
    | CloseProducer
    | Consume
    | SetConsumer
    | RequestKeyFrame
    | CloseConsumer
    | ProduceData
    | CloseDataProducer
    | ConsumeData
    | ResumeDataConsumer
    | CloseDataConsumer
)


# ---- answers -------------------------------------------------------------------------------------


class SfuEntered(AnswerFromServer, tag="sfu-entered", omit_defaults=False, kw_only=True):
    """The room's router. ``transports``: those of ours that are still open; keep only these.

    ``producers`` and ``data_producers`` are everybody's, our own included.
    """

    room_id: str
    router_id: str
    rtp_capabilities: msgspec.Raw
    transports: list[str]
    producers: list[Producer]
    data_producers: list[DataProducer]


class TransportOpened(AnswerFromServer, tag="transport-opened", kw_only=True):
    """The SFU is ready to be connected to."""

    room_id: str
    transport: Transport


class IceRestarted(AnswerFromServer, tag="ice-restarted", kw_only=True):
    """New credentials for the transport."""

    room_id: str
    transport_id: str
    ice_parameters: msgspec.Raw


class Produced(AnswerFromServer, tag="produced", kw_only=True):
    """Published; the others hear of it at the same time."""

    room_id: str
    producer_id: str


class Consumed(AnswerFromServer, tag="consumed", kw_only=True):
    """Ready to be received."""

    room_id: str
    consumer: Consumer


class DataProduced(AnswerFromServer, tag="data-produced", kw_only=True):
    """Published; the others hear of it at the same time."""

    room_id: str
    data_producer_id: str


class DataConsumed(AnswerFromServer, tag="data-consumed", kw_only=True):
    """Ready to be received."""

    room_id: str
    data_consumer: DataConsumer


# ---- notices, to members who have entered --------------------------------------------------------


class ProducerAdded(FromServer, tag="producer-added", kw_only=True):
    """Another member publishes something."""

    room_id: str
    producer: Producer


class ProducerChanged(FromServer, tag="producer-changed", omit_defaults=False, kw_only=True):
    """A producer was paused or resumed."""

    room_id: str
    producer_id: str
    paused: bool


class ProducerRemoved(FromServer, tag="producer-removed", kw_only=True):
    """A producer is gone; so are its consumers."""

    room_id: str
    producer_id: str


class DataProducerAdded(FromServer, tag="data-producer-added", kw_only=True):
    """Another member publishes messages."""

    room_id: str
    data_producer: DataProducer


class DataProducerRemoved(FromServer, tag="data-producer-removed", kw_only=True):
    """A data producer is gone; so are its data consumers."""

    room_id: str
    data_producer_id: str


class DataConsumerRemoved(FromServer, tag="data-consumer-removed", kw_only=True):
    """We no longer receive a data producer's messages; ``reason``: ``too-slow`` to read them."""

    room_id: str
    data_consumer_id: str
    reason: str


class LayersChanged(FromServer, tag="layers-changed", omit_defaults=False, kw_only=True):
    """The layers that one of our consumers receives now; null when none is to be had.

    ``limited``: why there are not as many as we wished for; null when there are, or soon will be.
    """

    room_id: str
    consumer_id: str
    spatial_layer: int | None
    temporal_layer: int | None
    limited: Limit | None


class TransportClosed(FromServer, tag="transport-closed", kw_only=True):
    """One of our transports ended, with all that was on it; open another."""

    room_id: str
    transport_id: str
    reason: str


class RouterLost(FromServer, tag="router-lost", kw_only=True):
    """The SFU process is gone with everything in it; ``enter-sfu`` again for the next router."""

    room_id: str
    router_id: str


class RouterMoved(FromServer, tag="router-moved", omit_defaults=False, kw_only=True):
    """The room moves to another SFU process: ``enter-sfu`` again, beside the router of before.

    That one goes on until everybody has closed the transport it receives on there, or for so many
    ``seconds``; ``router-lost`` with its id ends it.
    """

    room_id: str
    router_id: str
    seconds: float


MediaNotice: TypeAlias = (
    SfuEntered
    | TransportOpened
    | IceRestarted
    | Produced
    | Consumed
    | DataProduced
    | DataConsumed
    | ProducerAdded
    | ProducerChanged
    | ProducerRemoved
    | DataProducerAdded
    | DataProducerRemoved
    | DataConsumerRemoved
    | LayersChanged
    | ActiveSpeakers
    | LayersWanted
    | TransportClosed
    | RouterLost
    | RouterMoved
)
