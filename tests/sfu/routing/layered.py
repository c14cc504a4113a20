"""Streams with layers, and subscribers who get some of them, for tests."""

import struct
from dataclasses import dataclass, field

from sfu.media.retransmission import Retransmissions
from sfu.ortc.encodings import Encoding
from sfu.routing.feed import Feed
from sfu.routing.producer import Producer
from sfu.routing.repairs import Repairs
from sfu.units import Seconds
from sfu.wire.rtp import RtpPacket, parse_rtp
from sfu.wire.vp8 import parse_vp8
from tests.sfu.routing.publishing import Peer, World, parameters
from tests.sfu.routing.subscribing import OUTGOING, OUTGOING_RTX, Audience, Sent, Subscriber

SSRC = 5000
PATTERN = (0, 2, 1, 2)
"""Temporal layers of libvpx with three of them."""


@dataclass
class Frame:
    """What a publisher sent.

    Attributes:
        timestamp: its.
        temporal: its layer.
        needs: timestamps of the frames without which it cannot be decoded.
        packets: how many.
    """

    timestamp: int
    temporal: int
    needs: frozenset[int]
    packets: int


@dataclass
class Vp8Publisher:
    """Sends VP8 in three temporal layers; every second pattern begins with layer syncs."""

    peer: Peer
    producer: Producer
    layer: int = 0
    picture: int = 0x7FF8
    base: int = 250
    number: int = 65_500
    syncs: bool = True
    frames: dict[int, Frame] = field(default_factory=dict)
    _place: int = 0
    _last: dict[int, int] = field(default_factory=dict)

    def next_frame(self, packets: int = 1, *, key: bool = False) -> list[bytes]:
        """The packets of the next frame, not yet protected."""
        if key:
            self._place = 0
            self._last = {}
        place, self._place = self._place, (self._place + 1) % (2 * len(PATTERN))
        temporal = PATTERN[place % len(PATTERN)]
        timestamp = 3000 * (len(self.frames) + 1)
        sync = self.syncs and temporal > 0 and place in (1, 2)
        below = {0} if sync or temporal == 0 else set(range(temporal + 1))
        needs = frozenset(self._last[one] for one in below if one in self._last)
        self._last[temporal] = timestamp
        self.frames[timestamp] = Frame(timestamp, temporal, needs, packets)
        self.picture = self.picture + 1 & 0x7FFF
        self.base = self.base + (temporal == 0) & 0xFF
        made = []
        for index in range(packets):
            head = 0x90 if index == 0 else 0x80
            layers = temporal << 6 | sync << 5
            payload = struct.pack("!BBHBB", head, 0xE0, 0x8000 | self.picture, self.base, layers)
            payload += bytes((0 if key else 1,)) + b"some picture" * 3
            made.append(
                self.peer.rtp(
                    self.number,
                    timestamp,
                    SSRC + self.layer,
                    payload,
                    marker=index == packets - 1,
                )
            )
            self.number += 1
        return made

    def send(self, packets: int = 1, *, key: bool = False) -> None:
        """Send the next frame in a batch of its own."""
        self.peer.send(*self.next_frame(packets, key=key))


class Viewer:
    """A subscriber's feed, joined at the next key frame, and what came of it."""

    def __init__(
        self, subscriber: Subscriber, producer: Producer, ssrc: int, layer: int = 0
    ) -> None:
        self.feed = Feed(ssrc, OUTGOING, 65_530)
        self.subscriber = subscriber
        self.ssrc = ssrc
        resent = Retransmissions(ssrc + 1, OUTGOING_RTX, 7)
        self.repairs = Repairs(self.feed, producer.streams, resent, subscriber.world.shared)
        assert subscriber.outbound.destination is not None
        self.feed.connect(*subscriber.outbound.destination)
        producer.streams[layer].waiting.append(self)

    def key_frame(self, stream: object) -> None:
        self.feed.join(stream)  # type: ignore[arg-type]

    @property
    def sent(self) -> Sent:
        return self.subscriber.by_ssrc.setdefault(self.ssrc, Sent())

    def pictures(self) -> list[tuple[int, RtpPacket]]:
        """What came, but for empty packets."""
        return [(number, one) for number, one in self.sent.parsed() if one.payload]

    def timestamps(self) -> dict[int, int]:
        """How many packets came of each frame."""
        counts: dict[int, int] = {}
        for _, one in self.pictures():
            counts[one.timestamp] = counts.get(one.timestamp, 0) + 1
        return counts

    def picture_ids(self) -> list[int]:
        """Of the frames that came, in the order of their numbers."""
        ids: list[int] = []
        for _, one in self.pictures():
            picture = parse_vp8(one.payload).picture_id
            assert picture is not None
            if ids[-1:] != [picture]:
                ids.append(picture)
        return ids

    def recover(self, now: Seconds) -> None:
        """Ask for what is missing, and take it."""
        have = self.sent.packets
        missing = [number for number in range(min(have), max(have)) if number not in have]
        for one in self.ask_again(missing, now):
            number = parse_rtp(one).sequence_number
            have.update({gap: one for gap in missing if gap & 0xFFFF == number})

    def ask_again(self, numbers: list[int], now: Seconds) -> list[bytes]:
        """Lose packets on the last leg: what is sent again, as it was first sent."""
        assert self.subscriber.outbound.destination is not None
        wire = [number & 0xFFFF for number in numbers]
        before = len(self.subscriber.repeated_of(self.ssrc))
        self.repairs.send(wire, self.subscriber.outbound.destination, None, now)
        self.subscriber.audience.flush()
        return self.subscriber.repeated_of(self.ssrc)[before:]


def stage(
    codec: str = "vp8", mode: str | None = None, streams: int = 1
) -> tuple[World, Audience, Peer, Producer]:
    """A world with one publisher of one stream, or more."""
    world = World()
    audience = Audience(world)
    peer = world.peer()
    encodings = [Encoding(ssrc=SSRC + layer, scalability_mode=mode) for layer in range(streams)]
    producer = peer.produce(parameters(*encodings, codec=codec))
    return world, audience, peer, producer


@dataclass
class Vp9Publisher:
    """Sends VP9 in two spatial and three temporal layers as Chromium does (L2T3_KEY)."""

    peer: Peer
    picture: int = 0x7FF8
    number: int = 65_500
    pictures: int = 0

    def send(self, *, key: bool = False) -> int:
        """Send the two layer frames of the next picture, of two packets each; its timestamp."""
        temporal = 0 if key else PATTERN[self.pictures % len(PATTERN)]
        self.pictures = 1 if key else self.pictures + 1
        self.picture = self.picture + 1 & 0x7FFF
        timestamp = 3000 * (self.number + 1)
        made = []
        for spatial in (0, 1):
            for index in (0, 1):
                predicted = 0 if key else 0x40
                flags = 0xB0 | predicted | (0x08 if index == 0 else 0x04)
                between = key and spatial == 1
                layers = temporal << 5 | 0x10 | spatial << 1 | between
                head = struct.pack("!BHB", flags, 0x8000 | self.picture, layers)
                payload = head + (b"\x02" if predicted else b"") + bytes(40)
                last = spatial == 1 and index == 1
                made.append(self.peer.rtp(self.number, timestamp, SSRC, payload, marker=last))
                self.number += 1
        self.peer.send(*made)
        return timestamp


@dataclass
class Av1Publisher:
    """Sends AV1 in two spatial and two temporal layers, as described by Chromium's structure."""

    peer: Peer
    key_frame: bytes
    frame: int = 0
    number: int = 100

    def send(self, *templates: int, key: bool = False) -> None:
        """Send a picture whose frames have these templates; a key frame comes before them."""
        timestamp = 3000 * (self.number + 1)
        descriptors = [self.key_frame] if key else []
        for template in templates:
            self.frame += 1
            head = struct.pack("!BH", 0xC0 | template, self.frame & 0xFFFF)
            descriptors.append(head)
        made = []
        for index, descriptor in enumerate(descriptors):
            last = index == len(descriptors) - 1
            said = {"dependency_descriptor": descriptor}
            made.append(
                self.peer.rtp(self.number, timestamp, SSRC, b"\x10\x30 obu", marker=last, said=said)
            )
            self.number += 1
        self.peer.send(*made)
