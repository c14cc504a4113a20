"""What a member publishes: one or more encodings of one track."""

from typing import Final, Protocol

from sfu.control.messages import Kind, Source
from sfu.media.key_frames import DETECTORS
from sfu.media.missing_packets import MissingPackets
from sfu.ortc.normalise import ProducerParameters
from sfu.routing.fan_out import FanOut
from sfu.routing.offer import Offer
from sfu.routing.received_stream import ReceivedStream
from sfu.routing.shared import Shared
from sfu.units import Seconds
from sfu.wire.picture_numbers import PICTURE_READERS

STORED_VIDEO: Final = 512
STORED_AUDIO: Final = 128
"""Packets of a stream that can be found again: two seconds of either."""


class ConsumerOfProducer(Protocol):
    """What is asked of a producer's consumers."""

    def producer_paused(self, paused: bool, now: Seconds) -> None:
        """The producer has paused or goes on."""


class Producer:
    """A published track.

    Args:
        id: its name.
        transport_id: of the transport on which it comes.
        member_id: who publishes it.
        kind: audio or video.
        source: what it shows.
        parameters: what the publisher said about it.
        group: the room's number.
        shared: what all rooms share.
        paused: whether nothing is forwarded at first.
        now: monotonic.

    Attributes:
        streams: its encodings, lowest layer first.
        offer: which of them can be had, and what they take.
        consumers: by id; they enter and leave by themselves.
    """

    def __init__(  # noqa: PLR0913 - all by name
        self,
        *,
        id: str,
        transport_id: str,
        member_id: str,
        kind: Kind,
        source: Source,
        parameters: ProducerParameters,
        group: int,
        shared: Shared,
        paused: bool,
        now: Seconds,
    ) -> None:
        self.id = id
        self.transport_id = transport_id
        self.member_id = member_id
        self.kind = kind
        self.source = source
        self.parameters = parameters
        self.paused = paused
        self.opened_at = now
        self.consumers: dict[str, ConsumerOfProducer] = {}
        codec = parameters.codec
        self.streams = [
            ReceivedStream(
                fan_out=FanOut(
                    shared.new_source(),
                    group,
                    codec.payload_type,
                    shared.ring,
                    shared.destinations,
                    PICTURE_READERS.get(codec.name.lower()),
                ),
                memory=shared.memory,
                stored=STORED_VIDEO if kind == "video" else STORED_AUDIO,
                payload_type=codec.payload_type,
                clock_rate=codec.clock_rate,
                spatial_layer=layer,
                codec=codec.name.lower(),
                layers=encoding.layers,
                detect=DETECTORS.get(codec.name.lower()) if kind == "video" else None,
                missing=MissingPackets() if parameters.nack else None,
                paused=paused,
            )
            for layer, encoding in enumerate(parameters.encodings)
        ]
        self.offer = Offer(self.streams, parameters.encodings, sharp=source == "screen")

    def set_paused(self, paused: bool, now: Seconds) -> None:
        """Forward nothing for a while, or forward again; packets are received all the time."""
        self.paused = paused
        for stream in self.streams:
            stream.set_paused(paused, now)

    def close(self) -> None:
        """Nobody waits for its key frames any more."""
        for stream in self.streams:
            stream.waiting.clear()
