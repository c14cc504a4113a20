"""What signaling asks of a worker."""

from typing import TypeAlias

import msgspec

from sfu.control.parts import Control, Id, Kind, Label, Layer, Priority, Source, Verbosity


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
    """Pause or resume a consumer, prefer layers, or say what it matters; None: as it was.

    Layers beyond those the producer sends mean its highest. Without a word of its ``priority`` a
    screen comes before a camera.
    """

    consumer_id: Id
    paused: bool | None = None
    spatial_layer: Layer | None = None
    temporal_layer: Layer | None = None
    priority: Priority | None = None


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


class TellStatistics(Request, tag="tell-statistics", kw_only=True):
    """Say how a room's transports, producers and consumers are."""

    router_id: Id


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
    | TellStatistics
    | SetLogLevel
)
