"""One producer's media for one subscriber.

::

              connected, not paused on either side            key frame (audio: at once)
      idle ────────────────────────────────────────► waiting ───────────────────────────► served
       ▲                                                │                                    │
       └──────────── paused on either side ─────────────┴────────────────────────────────────┘

While it is served with one layer, it may wait for the key frame of another. Where the network of
its subscriber does not carry even the lowest, it is *held back*: it waits for nothing, and counts
nevertheless among those that want something, until the transport's budget allots it a layer.
"""

import random
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from sfu.congestion.allocator import Step
from sfu.control.messages import Limit
from sfu.media.allowance import Allowance
from sfu.media.layer_selector import STALLED, choose, keep_up
from sfu.routing.allotment import Allotment
from sfu.routing.consumer_reports import ConsumerReports
from sfu.routing.exact_repairs import repairs_for
from sfu.routing.feed import Feed
from sfu.routing.keyframe_gate import KeyFrameGate
from sfu.routing.producer import Producer
from sfu.routing.received_stream import ReceivedStream
from sfu.routing.shared import Shared
from sfu.transport.srtp import SrtpSession
from sfu.units import Seconds

if TYPE_CHECKING:
    from sfu.routing.outbound import Outbound

Layers: TypeAlias = tuple[int | None, int | None]
"""Spatial and temporal layer that are received; None when there is none."""

_NO_LAYERS: Final[Layers] = (None, None)


class Received(NamedTuple):
    """What a subscriber receives of a picture.

    Attributes:
        spatial, temporal: layers; None when there is none.
        limited: why it is not what was wished for; None when it is, or soon will be.
    """

    spatial: int | None
    temporal: int | None
    limited: Limit | None


_NOTHING_TOLD: Final = Received(None, None, None)

SCREEN_PRIORITY: Final = 192
CAMERA_PRIORITY: Final = 64
"""Of pictures of which nobody has said what they matter."""

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
            packet of sound is sent again as it was, and one of a picture stays lost.
        outbound: the sending side of its transport.
        shared: the worker's.
        paused: whether it waits for ``resume``.
        now: monotonic.
        rng: for its first sequence numbers.

    Attributes:
        paused: whether its subscriber wants nothing for now.
        allotment: what it wishes for, and what its network lets it have.
        closed: whether it is over.
        reports: of its stream, ours and its subscriber's.
        repairs: sends lost packets again.
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
        self.allotment = Allotment(
            producer.offer,
            is_simulcast=len(producer.streams) > 1,
            priority=SCREEN_PRIORITY if producer.source == "screen" else CAMERA_PRIORITY,
        )
        given = producer.parameters
        self._outbound = outbound
        self._producer_paused = producer.paused
        self._running = False
        self._layers = [
            (max(place, inside.spatial - 1), inside.temporal - 1)
            for place, inside in enumerate(one.layers for one in given.encodings)
        ]
        self._told = _NOTHING_TOLD
        self._broke_off = False
        self._silent = False  # no layer is alive
        self._feed = Feed(ssrc, payload_type, rng.randrange(1, _FIRST_NUMBERS))
        self._feed.moved = lambda: outbound.layers_may_have_changed(self)
        self._gate = KeyFrameGate(self)
        self.reports = ConsumerReports(ssrc, given.cname, given.codec.clock_rate, self._feed)
        rtx = (rtx_ssrc, rtx_payload_type)
        self.repairs = repairs_for(self._feed, producer.streams, shared, ssrc, rtx, rng)
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
        """Prefer layers, 0 the lowest; None leaves a preference as it was."""
        self.allotment.prefer(spatial, temporal)
        self._limit(self._feed.stream)
        if self._running:
            self._outbound.wishes_changed()
            self._review(now)

    def set_priority(self, priority: int) -> None:
        """Say what it matters beside its transport's others, 0 to 255."""
        if priority != self.allotment.priority:
            self.allotment.priority = priority
            self._outbound.wishes_changed()

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
        return self._feed.within(*self._layers[stream.spatial_layer])

    @property
    def desired_layers(self) -> int:
        """How many spatial layers its subscriber would take; 0 while it wants nothing."""
        return 0 if self.paused or self.closed else self.allotment.wish[0] + 1

    @property
    def received(self) -> Received:
        """What it sends now, and why not more."""
        limited: Limit | None = None
        if not self._running:
            pass
        elif self.allotment.is_short:
            limited = "bandwidth"
        elif self.allotment.is_withheld or (self._silent and self._feed.stream is not None):
            limited = "publisher"
        return Received(*self.layers, limited)

    def take_layers_changed(self) -> Received | None:
        """What is received, if it is something else than told before.

        Where there is but one layer, only that it does not fit, and that it does again, is told.
        """
        if self._broke_off or self.excess():
            return None  # another layer is about to come
        received = self.received
        simple = self.producer.parameters.producer_type == "simple"
        if simple and received.limited == self._told.limited:
            return None
        if received == self._told:
            return None
        self._told = received
        return received

    def key_frame(self, stream: ReceivedStream) -> None:
        """A key frame that it waited for comes next: move to its stream."""
        self._gate.opened(stream)
        if not self._running:
            return
        began = self._feed.stream is None
        self._limit(stream)
        self._feed.join(stream)
        self._silent = self._broke_off = False
        self._review(stream.newest_arrival)
        if began:
            self._outbound.began(self, stream.newest_arrival)

    def reconsider(self, now: Seconds) -> bool:
        """See whether another layer should be sent, or a key frame be asked for again.

        Returns:
            Whether it should be asked again soon: it waits, or there is more than one layer.
        """
        if not self._running or self.allotment.is_held_back:
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

    # ---- what its network carries -----------------------------------------------------------

    def allot(self, step: Step | None, is_short: bool, now: Seconds) -> None:
        """Send no more than this, or (None) nothing.

        Args:
            step: one of those of the allotment's ``picture``.
            is_short: whether it would get more if the network carried more.
            now: monotonic.
        """
        moves = self.allotment.give(step, is_short, now)
        if moves:
            self._limit(self._feed.stream)
        if moves and self._running:
            self._review(now)
        else:
            self._outbound.layers_may_have_changed(self)

    def excess(self) -> float:
        """Bits per second that it sends beyond what it was allotted, until another layer comes."""
        stream = self._feed.stream
        return 0.0 if stream is None else self.allotment.excess(stream.spatial_layer)

    def break_off(self, now: Seconds) -> None:
        """Stop at once to send what is more than was allotted; the next key frame is waited for."""
        if self.excess():
            self._feed.leave()
            self._broke_off = True
            self._review(now)

    def _limit(self, stream: ReceivedStream | None) -> None:
        """Leave out layers of the stream that is sent, or is about to be."""
        layer = None if stream is None else stream.spatial_layer
        self._feed.limit(*self.allotment.within(layer))

    def _settle(self, now: Seconds) -> None:
        """Run or stop, as everybody wants it."""
        wanted = self._feed.connected and not (self.paused or self._producer_paused or self.closed)
        if not wanted:
            self._stop()
        elif not self._running:
            self._running = True
            # Where the network has bounds, the budget says what a picture gets as soon as this is
            # done; a voice has no choice of layers, and comes anyway.
            waits = self.producer.kind == "video" and self._outbound.estimate is not None
            self.allotment.begin(waits=waits)
            self._outbound.started(self, now)
            self._review(now)
            if self._feed.stream is not None:
                self._outbound.began(self, now)

    def _stop(self) -> None:
        if self._running:
            self._running = self._broke_off = False
            self._gate.wait_for(())
            self._feed.leave()
            self._outbound.stopped(self)

    def _review(self, now: Seconds) -> None:
        streams = self.producer.streams
        if self.allotment.is_held_back:
            self._gate.wait_for(())
            self._feed.leave()
        elif len(streams) == 1:
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
        self._broke_off = self._broke_off and not self._silent
        self.allotment.want(now)
        target, welcome = choose(self.allotment.target, alive, served)
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
