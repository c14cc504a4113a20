"""Typed control messages between signaling and an SFU worker.

Signaling sends a ``Command`` and a worker answers each with one ``Answer`` that carries the
command's ``request`` number (0 where nobody waits for it); what happens on its own a worker tells
as a ``Report``. Answers come in the order of the commands. Signaling chooses every id, so a command
can be repeated and undone before its answer is known. ORTC bodies (RTP capabilities and parameters,
ICE, DTLS and SCTP parameters) are JSON that signaling does not read: ``sfu.ortc`` gives them types.
"""

from typing import Annotated, Literal, TypeAlias

import msgspec

from sfu.control.figures import Ending, Figures

Id: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
"""Of a room, member, router, transport, producer, consumer, data producer or data consumer."""

Kind: TypeAlias = Literal["audio", "video"]
Source: TypeAlias = Literal["microphone", "camera", "screen", "screen-audio"]
"""What a producer shows; carried for the other members, without meaning to the SFU."""

Label: TypeAlias = Annotated[str, msgspec.Meta(max_length=256)]
Layer: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=7)]
"""A spatial or temporal layer; 0 is the lowest."""

Verbosity: TypeAlias = Literal["debug", "info", "warning", "error"]
ConsumerType: TypeAlias = Literal["simple", "simulcast", "svc"]


class Control(msgspec.Struct, kw_only=True, rename="camel", omit_defaults=True):
    """Configuration shared by all control messages and their parts."""


# ---- what a router holds -------------------------------------------------------------------------


class HeldTransport(Control, kw_only=True):
    """A transport that exists."""

    id: Id
    member_id: Id


class HeldProducer(Control, kw_only=True):
    """A producer that exists."""

    id: Id
    transport_id: Id
    member_id: Id
    kind: Kind
    source: Source
    paused: bool = False


class HeldDataProducer(Control, kw_only=True):
    """A data producer that exists."""

    id: Id
    transport_id: Id
    member_id: Id
    label: Label
    protocol: Label


# ---- commands ------------------------------------------------------------------------------------


class Request(Control, tag_field="type", kw_only=True):
    """A command; ``request`` grows by one with each and comes back in the answer."""

    request: int


class OpenRouter(Request, tag="open-router", kw_only=True):
    """Carry a room's media. A router that exists stays as it is, and its answer says what is there.

    So a signaling service that was restarted finds the media that went on without it.
    """

    room_id: Id
    router_id: Id
    generation: int


class CloseRouter(Request, tag="close-router", kw_only=True):
    """Stop carrying a room's media and forget it, with all that is in it."""

    router_id: Id


class CloseMember(Request, tag="close-member", kw_only=True):
    """Close all transports of a member, with all that is on them."""

    router_id: Id
    member_id: Id


class OpenTransport(Request, tag="open-transport", kw_only=True):
    """Make ready for a WebRTC connection of one member. ``data``: with SCTP."""

    router_id: Id
    member_id: Id
    transport_id: Id
    data: bool = True


class ConnectTransport(Request, tag="connect-transport", kw_only=True):
    """The peer's DTLS fingerprints and role: its certificate is held to them."""

    transport_id: Id
    dtls_parameters: msgspec.Raw


class RestartIce(Request, tag="restart-ice", kw_only=True):
    """New ICE credentials for a transport that goes on as it is."""

    transport_id: Id


class CloseTransport(Request, tag="close-transport", kw_only=True):
    """Close a transport with its producers, consumers, data producers and data consumers."""

    transport_id: Id


class Produce(Request, tag="produce", kw_only=True):
    """Take media from a transport's peer."""

    transport_id: Id
    producer_id: Id
    kind: Kind
    source: Source
    rtp_parameters: msgspec.Raw
    paused: bool = False


class SetProducer(Request, tag="set-producer", kw_only=True):
    """Forward a producer's packets, or none while it is paused."""

    producer_id: Id
    paused: bool


class CloseProducer(Request, tag="close-producer", kw_only=True):
    """Close a producer and all of its consumers."""

    producer_id: Id


class Consume(Request, tag="consume", kw_only=True):
    """Send a producer's media to a transport's peer. It begins paused unless told otherwise."""

    transport_id: Id
    producer_id: Id
    consumer_id: Id
    rtp_capabilities: msgspec.Raw
    paused: bool = True


class SetConsumer(Request, tag="set-consumer", kw_only=True):
    """Pause or resume a consumer, prefer layers, or both; None leaves a wish as it was.

    Layers beyond those the producer sends mean its highest.
    """

    consumer_id: Id
    paused: bool | None = None
    spatial_layer: Layer | None = None
    temporal_layer: Layer | None = None


class RequestKeyFrame(Request, tag="request-key-frame", kw_only=True):
    """The consumer's peer needs a picture that stands alone."""

    consumer_id: Id


class CloseConsumer(Request, tag="close-consumer", kw_only=True):
    """Close a consumer."""

    consumer_id: Id


class ProduceData(Request, tag="produce-data", kw_only=True):
    """Take messages from one SCTP stream of a transport's peer."""

    transport_id: Id
    data_producer_id: Id
    sctp_stream_parameters: msgspec.Raw
    label: Label = ""
    protocol: Label = ""


class CloseDataProducer(Request, tag="close-data-producer", kw_only=True):
    """Close a data producer and all of its data consumers."""

    data_producer_id: Id


class ConsumeData(Request, tag="consume-data", kw_only=True):
    """Send a data producer's messages to a peer, on a stream that the worker chooses.

    While it is paused messages wait, as far as there is room for them.
    """

    transport_id: Id
    data_producer_id: Id
    data_consumer_id: Id
    paused: bool = False


class ResumeDataConsumer(Request, tag="resume-data-consumer", kw_only=True):
    """Send what has waited and go on: the peer knows the stream now."""

    data_consumer_id: Id


class CloseDataConsumer(Request, tag="close-data-consumer", kw_only=True):
    """Close a data consumer."""

    data_consumer_id: Id


class SetLogLevel(Request, tag="set-log-level", kw_only=True):
    """Log this much from now on."""

    level: Verbosity


Command: TypeAlias = (
    OpenRouter
    | CloseRouter
    | CloseMember
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
    | SetLogLevel
)


# ---- answers -------------------------------------------------------------------------------------


class Reply(Control, tag_field="type", kw_only=True):
    """The answer to the command with this ``request`` number."""

    request: int


class Done(Reply, tag="done", kw_only=True):
    """Carried out, and there is nothing more to say. Closing what is gone already is done too."""


class Refusal(Reply, tag="refused", kw_only=True):
    """Not carried out, and nothing has changed. ``reason`` is a sentence for a person."""

    code: str
    reason: str


class RouterOpened(Reply, tag="router-opened", kw_only=True):
    """The room's router is ready; what is in it, if it was there already."""

    rtp_capabilities: msgspec.Raw
    transports: list[HeldTransport] = []
    producers: list[HeldProducer] = []
    data_producers: list[HeldDataProducer] = []


class TransportOpened(Reply, tag="transport-opened", kw_only=True):
    """What the peer needs to connect; ``sctp_parameters`` only with data."""

    ice_parameters: msgspec.Raw
    ice_candidates: msgspec.Raw
    dtls_parameters: msgspec.Raw
    sctp_parameters: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


class IceRestarted(Reply, tag="ice-restarted", kw_only=True):
    """The transport's new ICE parameters; the old ones hold until these are used."""

    ice_parameters: msgspec.Raw


class Consumed(Reply, tag="consumed", kw_only=True):
    """How the consumer sends."""

    kind: Kind
    consumer_type: ConsumerType
    rtp_parameters: msgspec.Raw
    producer_paused: bool


class DataConsumed(Reply, tag="data-consumed", kw_only=True):
    """The stream on which the data consumer sends."""

    sctp_stream_parameters: msgspec.Raw
    label: Label
    protocol: Label


Answer: TypeAlias = (
    Done | Refusal | RouterOpened | TransportOpened | IceRestarted | Consumed | DataConsumed
)


# ---- reports -------------------------------------------------------------------------------------


class Report(Control, tag_field="type", kw_only=True):
    """Something that happened without being asked for."""


class WorkerStatus(Report, tag="worker-status", kw_only=True):
    """A worker's sign of life, the first right after the connection, then one a second.

    Attributes:
        worker: its name.
        process: its process id.
        load: share of its core in use, 0 to 1.
        routers: rooms it carries.
        transports: open transports.
        packets_out: RTP packets sent since it started.
        router_ids: the routers it has; told with the first sign of life only, so that a signaling
            service that was restarted knows whom to ask for a room.
        drain_seconds: until it ends in any case, while it drains: it opens no new router then, and
            ends when its last transport is gone; None while it serves.
        figures: what it has counted; None from one that does not count.
    """

    worker: str
    process: int
    load: float
    routers: int
    transports: int
    packets_out: int = 0
    router_ids: list[Id] = []
    drain_seconds: float | None = None
    figures: Figures | None = None


class TransportConnected(Report, tag="transport-connected", kw_only=True):
    """ICE and DTLS are done; media may flow."""

    transport_id: Id


class TransportClosed(Report, tag="transport-closed", kw_only=True):
    """A transport ended by itself, with all that was on it."""

    transport_id: Id
    reason: Ending


class LayersChanged(Report, tag="layers-changed", kw_only=True):
    """The layers that a consumer receives now; None when none is to be had."""

    consumer_id: Id
    spatial_layer: int | None
    temporal_layer: int | None


class DataProducerClosed(Report, tag="data-producer-closed", kw_only=True):
    """The peer closed its channel."""

    data_producer_id: Id


class DataConsumerClosed(Report, tag="data-consumer-closed", kw_only=True):
    """A data consumer ended: its peer reads more slowly than reliable messages come."""

    data_consumer_id: Id
    reason: Literal["too-slow"]


AnyReport: TypeAlias = (
    WorkerStatus
    | TransportConnected
    | TransportClosed
    | LayersChanged
    | DataProducerClosed
    | DataConsumerClosed
)

FromWorker: TypeAlias = Answer | AnyReport
"""Everything a worker says."""
