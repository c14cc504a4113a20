"""Publishers who send layers all the time, and one subscriber whose network has bounds."""

import struct
from collections.abc import Callable

from sfu.control.messages import Source
from sfu.ortc.encodings import Encoding
from sfu.routing.consumer import Consumer, Received
from sfu.routing.producer import Producer
from sfu.units import BitsPerSecond, Seconds
from tests.sfu.routing.layered import PATTERN
from tests.sfu.routing.publishing import World, parameters
from tests.sfu.routing.subscribing import Audience, Subscriber

FRAMES = 30
CAMERA = (40e3, 120e3, 300e3)
"""Bits per second of the layers, of which a frame fits into a packet."""

_KEY, _DELTA = b"\x10\x00", b"\x10\x01"


class Frames:
    """The heads of one layer's frames in VP8 with three temporal layers, each a layer sync."""

    def __init__(self) -> None:
        self._place = self._picture = self._base = 0

    def next(self, key: bool) -> bytes:
        """Payload descriptor (RFC 7741 §4.2) and first byte of a frame."""
        place = self._place = 0 if key else (self._place + 1) % len(PATTERN)
        temporal = PATTERN[place]
        self._picture = self._picture + 1 & 0x7FFF
        self._base = self._base + (temporal == 0) & 0xFF
        layers = temporal << 6 | (temporal > 0) << 5
        number = 0x8000 | self._picture
        return struct.pack("!BBHBBB", 0x90, 0xE0, number, self._base, layers, not key)


class Publisher:
    """Sends every layer's frames, and key frames when it is asked."""

    def __init__(
        self, world: World, source: Source, *rates: float, mode: str | None = None
    ) -> None:
        self.world = world
        self.peer = world.peer()
        audio = source == "microphone"
        given = parameters(
            *(
                Encoding(rid=f"r{n}", ssrc=10 + n, max_bitrate=int(rate), scalability_mode=mode)
                for n, rate in enumerate(rates)
            ),
            kind="audio" if audio else "video",
            codec="opus" if audio else "vp8",
            transport_cc=False,
        )
        self.producer: Producer = self.peer.produce(given)
        self.producer.source = source
        self.rates = list(rates)
        self.key_frames = 0
        self._numbers = [1000] * len(rates)
        self._frames = [Frames() for _ in rates] if mode == "L1T3" else []

    def send(self) -> None:
        """One frame of each layer; a layer of rate 0 is silent."""
        now = self.world.now
        for layer, rate in enumerate(self.rates):
            stream = self.producer.streams[layer]
            key = stream.requests.take(now, bool(stream.waiting))
            if not rate:
                continue
            self.key_frames += key
            head = self._frames[layer].next(key) if self._frames else _KEY if key else _DELTA
            payload = head.ljust(round(rate / 8 / FRAMES), b"\0")
            timestamp = round(now * stream.clock_rate) & 0xFFFFFFFF
            packet = self.peer.rtp(self._numbers[layer], timestamp, 10 + layer, payload)
            self.peer.send(packet)
            self._numbers[layer] += 1


class Broadcast:
    """A room on virtual time: every frame is sent, and what is due is done, as a worker does it."""

    def __init__(self, *, connect: bool = True) -> None:
        self.world = World()
        self.audience = Audience(self.world)
        self.publishers: list[Publisher] = []
        self.subscriber: Subscriber = self.audience.join(connect=connect)
        self.told: list[tuple[str, Received]] = []
        self.estimates = 0
        self._frames = 0

    def publish(
        self, *rates: float, source: Source = "camera", mode: str | None = None
    ) -> tuple[Publisher, Consumer]:
        """Somebody publishes, and the subscriber receives it."""
        publisher = Publisher(self.world, source, *(rates or CAMERA), mode=mode)
        self.publishers.append(publisher)
        name = f"c{len(self.publishers)}"
        return publisher, self.subscriber.consume(publisher.producer, name=name)

    def run(self, seconds: float, estimate: float | Callable[[float], float] | None = None) -> None:
        """Let time pass, with an estimate ten times a second."""
        outbound = self.subscriber.outbound
        for _ in range(round(seconds * FRAMES)):
            self.world.now = Seconds(self.world.now + 1 / FRAMES)
            now = self.world.now
            for publisher in self.publishers:
                publisher.send()
            self._frames += 1
            if estimate is not None and self._frames % 3 == 0:
                rate = estimate(now) if callable(estimate) else estimate
                outbound.set_estimate(BitsPerSecond(rate), now)
                self.estimates += 1
            due = outbound.next_deadline()
            if outbound in self.world.shared.urgent or (due is not None and due <= now):
                self.world.shared.urgent.pop(outbound, None)
                outbound.take_rtcp(now)
            self.told += outbound.take_layers_changed()
            self.audience.flush()

    def rate(
        self, consumer: Consumer, seconds: float = 1.0, estimate: float | None = None
    ) -> float:
        """Bits per second that come of a consumer, from now on, of payload."""
        sent = self.subscriber.sent(consumer)
        before = len(sent.packets)
        self.run(seconds, estimate)
        some = [packet.payload for _, packet in sent.parsed()[before:]]
        return sum(map(len, some)) * 8 / seconds

    def layers(self) -> list[int | None]:
        """What each consumer gets now, as the streams have it."""
        return [consumer.layers[0] for consumer in self.consumers]

    def needs(self) -> tuple[float, float]:
        """The estimates for the next step, 0 when there is none, and for all that is wished for."""
        outbound = self.subscriber.outbound
        return outbound.next_step or 0.0, outbound.demand

    @property
    def consumers(self) -> list[Consumer]:
        return list(self.subscriber.outbound._consumers.values())
