"""What a worker tells without being asked."""

from typing import Literal, TypeAlias

import msgspec

from sfu.control.figures import Ending, Figures
from sfu.control.parts import Control, Id, Limit


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
    router_ids: list[Id] = msgspec.field(default_factory=list)
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
    """The layers that a consumer receives now; None when none is to be had.

    ``limited``: why there are not as many as were wished for; None when there are, or soon will be.
    """

    consumer_id: Id
    spatial_layer: int | None
    temporal_layer: int | None
    limited: Limit | None = None


class ActiveSpeakers(Report, tag="active-speakers", kw_only=True):
    """Who speaks in a room, when that has changed.

    Attributes:
        dominant: the member who has the floor, or had it last; None before anybody spoke, or when
            that member publishes no voice any more.
        speakers: members by when they had the floor last, the latest first.
        loudest_only: whether only the loudest voices are forwarded: nothing comes of the others.
    """

    router_id: Id
    dominant: Id | None
    speakers: list[Id]
    loudest_only: bool = False


class LayersWanted(Report, tag="layers-wanted", kw_only=True):
    """How many spatial layers of a producer anybody may want, the lowest first; 0: none."""

    producer_id: Id
    spatial_layers: int


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
    | ActiveSpeakers
    | LayersWanted
    | DataProducerClosed
    | DataConsumerClosed
)
