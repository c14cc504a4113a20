"""What a worker says of a room's transports when it is asked, for who diagnoses a call."""

from sfu.control.parts import Control, Id, Kind, Limit, Source


class EncodingStatistics(Control, kw_only=True):
    """One stream of a producer: a simulcast layer, or all there is. ``bitrate`` in bit/s."""

    spatial_layer: int
    alive: bool
    bitrate: float


class ProducerStatistics(Control, kw_only=True):
    """What comes of a producer."""

    id: Id
    transport_id: Id
    member_id: Id
    kind: Kind
    source: Source
    paused: bool
    encodings: list[EncodingStatistics]


class ConsumerStatistics(Control, kw_only=True):
    """What goes to a consumer.

    Attributes:
        spatial_layer, temporal_layer: that are sent; None when nothing is.
        limited: why they are not those that were wished for; None when they are.
        lost: share of packets that the peer's last report called lost, 0 to 1; None before one.
    """

    id: Id
    producer_id: Id
    paused: bool
    spatial_layer: int | None
    temporal_layer: int | None
    limited: Limit | None
    lost: float | None


class TransportStatistics(Control, kw_only=True):
    """What is known of the way to a peer; None where nothing is.

    Attributes:
        rtt: round-trip time, seconds.
        estimate: what the way carries, bit/s, by the worker's estimate or the peer's word (REMB).
        demand: the estimate with which every wish would be fulfilled, bit/s.
        next_step: the estimate with which somebody would get more; None when nobody lacks anything.
        consumers: what is sent on it.
    """

    id: Id
    member_id: Id
    rtt: float | None
    estimate: float | None
    demand: float
    next_step: float | None
    consumers: list[ConsumerStatistics]
