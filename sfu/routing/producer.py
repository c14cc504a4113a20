"""What a member publishes: one or more encodings of one track."""

from typing import Final, Protocol

from sfu.control.messages import Kind, Source
from sfu.media.audio_levels import AudioLevels
from sfu.media.key_frames import DETECTORS
from sfu.media.layer_demand import LayerDemand
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

    @property
    def desired_layers(self) -> int:
        """How many spatial layers its subscriber would take; 0 while it wants nothing."""

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
        levels: how loud it is, if it is a microphone; None for all others.
        demand: how many of its layers anybody wants, if it is a picture; None for a sound.
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
        given = parameters.encodings
        self.paused = paused
        self.opened_at = now
        self.consumers: dict[str, ConsumerOfProducer] = {}
        self.levels = AudioLevels() if source == "microphone" and kind == "audio" else None
        self._spatial = max(len(given), given[0].layers.spatial)
        self.demand = LayerDemand(self._spatial, now) if kind == "video" else None
        self._held = False
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
        self._settle(now)

    def hold(self, held: bool, now: Seconds) -> None:
        """Forward nothing while others are louder; nobody is told, and no number is missing."""
        if held != self._held:
            self._held = held
            self._settle(now)

    def desired_layers(self) -> int:
        """How many spatial layers somebody would take; the lowest one while nobody could."""
        if not self.consumers:
            return 1
        return max(map(self.layers_for, self.consumers.values()))

    def layers_for(self, consumer: ConsumerOfProducer) -> int:
        """How many of its spatial layers one of them would take."""
        return min(consumer.desired_layers, self._spatial)

    def _settle(self, now: Seconds) -> None:
        for stream in self.streams:
            stream.set_paused(self.paused or self._held, now)

    def close(self) -> None:
        """Nobody waits for its key frames any more."""
        for stream in self.streams:
            stream.waiting.clear()
