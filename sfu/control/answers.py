"""What a worker answers to a command."""

from typing import TypeAlias

import msgspec

from sfu.control.parts import (
    ConsumerType,
    Control,
    HeldDataProducer,
    HeldProducer,
    HeldTransport,
    Kind,
    Label,
)
from sfu.control.statistics import ProducerStatistics, TransportStatistics


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
    transports: list[HeldTransport] = msgspec.field(default_factory=list)
    producers: list[HeldProducer] = msgspec.field(default_factory=list)
    data_producers: list[HeldDataProducer] = msgspec.field(default_factory=list)


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


class StatisticsTold(Reply, tag="statistics-told", kw_only=True):
    """How a room's transports and producers are."""

    transports: list[TransportStatistics]
    producers: list[ProducerStatistics]


Answer: TypeAlias = (
    Done
    | Refusal
    | RouterOpened
    | TransportOpened
    | IceRestarted
    | Consumed
    | DataConsumed
    | StatisticsTold
)
