"""What control messages are made of: ids, kinds, and what a router holds."""

from typing import Annotated, Literal, TypeAlias

import msgspec

Id: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
"""Of a room, member, router, transport, producer, consumer, data producer or data consumer."""

Kind: TypeAlias = Literal["audio", "video"]
Source: TypeAlias = Literal["microphone", "camera", "screen", "screen-audio"]
"""What a producer shows; carried for the other members, without meaning to the SFU."""

Label: TypeAlias = Annotated[str, msgspec.Meta(max_length=256)]
Layer: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=7)]
"""A spatial or temporal layer; 0 is the lowest."""

Priority: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=255)]
"""Who gets more where there is not enough for all; 255 comes first."""

Limit: TypeAlias = Literal["bandwidth", "publisher"]
"""Why a consumer receives less than was wished for: its subscriber's network carries no more, or
the publisher does not send it."""

Verbosity: TypeAlias = Literal["debug", "info", "warning", "error"]
ConsumerType: TypeAlias = Literal["simple", "simulcast", "svc"]


class Control(msgspec.Struct, kw_only=True, rename="camel", omit_defaults=True):
    """Configuration shared by all control messages and their parts."""


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
    layers_wanted: int | None = None  # as in ``LayersWanted``; None while nothing was said


class HeldDataProducer(Control, kw_only=True):
    """A data producer that exists."""

    id: Id
    transport_id: Id
    member_id: Id
    label: Label
    protocol: Label
