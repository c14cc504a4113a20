"""One producer's media for one subscriber.

::

              connected, not paused on either side            key frame (audio: at once)
      idle ────────────────────────────────────────► waiting ───────────────────────────► served
       ▲                                                │                                    │
       └──────────── paused on either side ─────────────┴────────────────────────────────────┘

While it is served with one layer, it may wait for the key frame of another.
"""

import random
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, TypeAlias

from sfu.media.allowance import Allowance
from sfu.media.layer_selector import HIGHEST, STALLED, choose, keep_up
from sfu.media.retransmission import Retransmissions
from sfu.routing.consumer_reports import ConsumerReports
from sfu.routing.feed import Feed
from sfu.routing.keyframe_gate import KeyFrameGate
from sfu.routing.producer import Producer
from sfu.routing.received_stream import ReceivedStream
from sfu.routing.repairs import Repairs
from sfu.routing.shared import Shared
from sfu.transport.srtp import SrtpSession
from sfu.units import BitsPerSecond, Seconds

if TYPE_CHECKING:
    from sfu.routing.outbound import Outbound

Layers: TypeAlias = tuple[int | None, int | None]
"""Spatial and temporal layer that are received; None when there is none."""

_NO_LAYERS: Final[Layers] = (None, None)

_FIRST_NUMBERS: Final = 1 << 15
"""Sequence numbers begin in the lower half: a receiver that loses the first packets before a wrap
would guess the wrong number of wraps (RFC 3711 §3.3.1)."""

_FRESH: Final = Seconds(STALLED / 2)
"""A stream whose newest packet is not older than that has certainly not stopped."""

_KEY_FRAMES_PER_SECOND: Final = 1.0
_MOST_KEY_FRAMES: Final = 2


class Consumer:
    """What one subscriber gets of one producer.

    It is of both lists, ``producer.consumers`` and its transport's, until it is closed.

    Args:
        id: by which signaling names it.
        producer: whose media it gets.
        ssrc: of the stream that it sends, never used before on its transport.
        rtx_ssrc: of its retransmissions.
        payload_type: of the stream.
        rtx_payload_type: of its retransmissions; None when they were not negotiated: then a lost
            packet stays lost, because no packet may be protected twice under one number.
        outbound: the sending side of its transport.
        shared: the worker's.
        paused: whether it waits for ``resume``.
        now: monotonic.
        rng: for its first sequence numbers.

    Attributes:
        paused: whether its subscriber wants nothing for now.
        closed: whether it is over.
        reports: of its stream, ours and its subscriber's.
        repairs: sends lost packets again; None without retransmissions.
    """

    def __init__(  # noqa: PLR0913 - a consumer is where two transports meet
        self,
        *,
        id: str,
        producer: Producer,
        ssrc: int,
        rtx_ssrc: int | None,
        payload_type: int,
        rtx_payload_type: int | None,
        outbound: "Outbound",
        shared: Shared,
        paused: bool,
        now: Seconds,
        rng: random.Random,
    ) -> None:
        self.id = id
        self.producer = producer
        self.ssrc = ssrc
        self.paused = paused
        self.closed = False
        given = producer.parameters
        self._outbound = outbound
        self._producer_paused = producer.paused
        self._running = False
        self._wish = (HIGHEST, HIGHEST)
        self._layers: list[Layers] = [
            (max(place, inside.spatial - 1), inside.temporal - 1)
            for place, inside in enumerate(one.layers for one in given.encodings)
        ]
        self._told: Layers = _NO_LAYERS
        self._silent = False  # no layer is alive
        self._feed = Feed(ssrc, payload_type, rng.randrange(1, _FIRST_NUMBERS))
        self._gate = KeyFrameGate(self)
        self.reports = ConsumerReports(ssrc, given.cname, given.codec.clock_rate, self._feed)
        self.repairs: Repairs | None = None
        if rtx_ssrc is not None and rtx_payload_type is not None:
            first = rng.randrange(1, _FIRST_NUMBERS)
            resent = Retransmissions(rtx_ssrc, rtx_payload_type, first)
            self.repairs = Repairs(self._feed, producer.streams, resent, shared)
        self._key_frames = Allowance(_KEY_FRAMES_PER_SECOND, _MOST_KEY_FRAMES)
        producer.consumers[id] = self
        outbound.add(self, now)

    # ---- what its subscriber and its producer want ------------------------------------------

    def connected(self, slot: int, session: SrtpSession, now: Seconds) -> None:
        """Its transport can send."""
        if not self.closed and not self._feed.connected:
            self._feed.connect(slot, session)
            self._settle(now)

    def pause(self, now: Seconds) -> None:
        """Send nothing until ``resume``."""
        self.paused = True
        self._settle(now)

    def resume(self, now: Seconds) -> None:
        """Send again: video from the next key frame on, which is asked for."""
        self.paused = False
        self._settle(now)

    def producer_paused(self, paused: bool, now: Seconds) -> None:
        """Its producer paused, or goes on."""
        self._producer_paused = paused
        self._settle(now)

    def prefer(self, spatial: int | None, temporal: int | None, now: Seconds) -> None:
        """Prefer layers, 0 the lowest; None leaves a preference as it was.

        Temporal layers, and spatial layers within one stream (SVC), are remembered, but all are
        forwarded.
        """
        before_spatial, before_temporal = self._wish
        self._wish = (
            before_spatial if spatial is None else max(spatial, 0),
            before_temporal if temporal is None else max(temporal, 0),
        )
        if self._running:
            self._review(now)

    def request_key_frame(self, now: Seconds) -> None:
        """Its subscriber needs a picture that stands alone; too many requests are passed over."""
        stream = self._feed.stream
        if stream is not None and self._key_frames.take(now):
            stream.request_key_frame(now)

    def close(self) -> None:
        """Send nothing any more; harmless when it is closed."""
        if self.closed:
            return
        self.closed = True
        self._stop()
        self._outbound.remove(self)
        if self.producer.consumers.get(self.id) is self:
            del self.producer.consumers[self.id]

    # ---- which stream it gets ---------------------------------------------------------------

    @property
    def layers(self) -> Layers:
        """The layers that it sends now; none while the publisher is silent."""
        stream = self._feed.stream
        if stream is None or self._silent:
            return _NO_LAYERS
        return self._layers[stream.spatial_layer]

    @property
    def demand(self) -> BitsPerSecond:
        """The rate of the layers that are wished for, as far as the publisher sends them."""
        streams = self.producer.streams[: self._wish[0] + 1]
        rates = [stream.bits_per_second(stream.newest_arrival) for stream in streams]
        return BitsPerSecond(next((rate for rate in reversed(rates) if rate), 0.0))

    def take_layers_changed(self) -> Layers | None:
        """The layers, if they are others than told before; None if not, or if there is but one."""
        if self.producer.parameters.producer_type == "simple":
            return None
        layers = self.layers
        if layers == self._told:
            return None
        self._told = layers
        return layers

    def key_frame(self, stream: ReceivedStream) -> None:
        """A key frame that it waited for comes next: move to its stream."""
        self._gate.opened(stream)
        if not self._running:
            return
        began = self._feed.stream is None
        self._feed.join(stream)
        self._silent = False
        self._review(stream.newest_arrival)
        if began:
            self._outbound.began(self, stream.newest_arrival)

    def reconsider(self, now: Seconds) -> bool:
        """See whether another layer should be sent, or a key frame be asked for again.

        Returns:
            Whether it should be asked again soon: it waits, or there is more than one layer.
        """
        if not self._running:
            return False
        several = len(self.producer.streams) > 1
        stream = self._feed.stream
        # Usually nothing better is to be had, and packets come: 0.4 in place of 4 µs.
        if (
            not several
            or stream is None
            or len(self._gate)
            or now - stream.newest_arrival > _FRESH
            or self._silent
        ):
            self._review(now)
        return several or self._feed.stream is None

    def _settle(self, now: Seconds) -> None:
        """Run or stop, as everybody wants it."""
        wanted = self._feed.connected and not (self.paused or self._producer_paused or self.closed)
        if not wanted:
            self._stop()
        elif not self._running:
            self._running = True
            self._outbound.started(self, now)
            self._review(now)
            if self._feed.stream is not None:
                self._outbound.began(self, now)

    def _stop(self) -> None:
        if self._running:
            self._running = False
            self._gate.wait_for(())
            self._feed.leave()
            self._outbound.stopped(self)

    def _review(self, now: Seconds) -> None:
        streams = self.producer.streams
        if len(streams) == 1:
            self._review_only(streams[0], now)
        else:
            self._review_layers(streams, now)
        self._outbound.layers_may_have_changed(self)

    def _review_only(self, stream: ReceivedStream, now: Seconds) -> None:
        if self._feed.stream is stream:
            self._silent = not stream.alive(now)
        elif stream.detect is None:  # it can be begun anywhere: audio
            self._feed.join(stream)
        else:
            self._gate.wait_for((stream,))
            stream.request_key_frame(now)

    def _review_layers(self, streams: Sequence[ReceivedStream], now: Seconds) -> None:
        """Wait for the key frames of better layers; ask for that of the best that is alive."""
        kept_up = keep_up([stream.newest_arrival for stream in streams])
        alive = tuple(map(lambda one, up: up and one.alive(now), streams, kept_up))
        current = self._feed.stream
        served = current.spatial_layer if current is not None else None
        self._silent = True not in alive
        target, welcome = choose(self._wish[0], alive, served)
        self._gate.wait_for([streams[layer] for layer in welcome])
        if target is not None:
            for layer in welcome:
                if not alive[layer]:
                    # A request that was not answered would be repeated as long as one waits, and
                    # encoders answer with key frames of all layers.
                    streams[layer].requests.forget()
            if target != served:
                streams[target].request_key_frame(now)
        elif served is None:
            for stream in streams:
                stream.request_key_frame(now)
