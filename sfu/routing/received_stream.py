"""One encoding of a producer: an audio stream, a simulcast layer, or an SVC stream with all layers.

Hot path.

What leaves a stream has numbers of its own, in which nothing is missing but what was lost on the
way: packets of padding only and probes vanish, and when the publisher goes on under another SSRC,
or begins anew, numbers and timestamps carry on where they were. So those who receive the stream
need not know; ``resets`` tells who wants to.
"""

from collections.abc import Callable
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from sfu.media.key_frame_requests import KeyFrameRequests
from sfu.media.key_frames import KeyFrameDetector
from sfu.media.layer_reader import LayerReader
from sfu.media.missing_packets import MissingPackets
from sfu.media.packet_store import PacketMemory, PacketStore
from sfu.media.receive_log import NOTHING, ReceiveLog
from sfu.media.sender_clock import SenderClock
from sfu.media.sequence_map import SequenceMap
from sfu.ortc.scalability import Layers
from sfu.routing.fan_out import FanOut
from sfu.routing.layer_rates import LayerRates
from sfu.routing.layering import Layering, Table
from sfu.units import BitsPerSecond, Seconds

ALIVE: Final = Seconds(2.0)
"""A stream without packets for so long has stopped: a still screen sends a frame a second."""

REPEATED_AT_START: Final = 64
"""Packets from before the first one that may still come, because they were overtaken."""

MOST_PAUSE: Final = 1 << 30
"""How far timestamps may advance at once: half of what tells forwards from backwards."""

RATE_WINDOW: Final = Seconds(1.0)

_NEVER: Final = -8
_LONG_AGO: Final = Seconds(-1e9)
_TIMESTAMP_MASK: Final = 0xFFFFFFFF


class KeyFrameWaiter(Protocol):
    """Somebody who can begin to receive a stream at a key frame only."""

    def key_frame(self, stream: "ReceivedStream") -> None:
        """Called just before the first packet of a key frame is forwarded."""


class ReceivedStream:
    """What comes of one encoding, and where it goes.

    Args:
        fan_out: its subscribers.
        memory: where its newest packets are kept.
        stored: how many of them can be found, a power of two.
        payload_type: canonical.
        clock_rate: of its timestamps, per second.
        spatial_layer: its place among the producer's streams, 0 for the lowest.
        codec: its name in lower case.
        layers: that the publisher named.
        detect: tells where a key frame begins; None when one can begin anywhere, as with audio.
        missing: for lost packets to be asked for; None when the publisher sends nothing again.
        paused: whether nothing is forwarded at first.

    Attributes:
        store: its newest packets, by the numbers under which they are forwarded.
        log: of the SSRC it comes from now; None before that is known.
        expected: the extended number, as the publisher counts, that continues the stream; below 0
            while none does, because nothing was forwarded since a pause or a reset.
        shift: what is added to the publisher's extended numbers.
        timestamp_shift: what is added to its timestamps, modulo 2^32.
        frame_timestamp: of the newest packet forwarded, as the publisher counts; -1 before it.
        key_frame_timestamp: of the newest key frame, likewise.
        declared: its highest layers, as the publisher named them.
        descriptor: dependency descriptor of the newest key frame's first packet; b"" without one.
        layering: forwards its packets while some subscriber does not get all layers; else None.
        newest_arrival: when the newest packet came, forwarded or not.
        bytes: of payload received.
        unheard: the highest number under which a packet would have been forwarded while the stream
            had no subscribers; -1 before it.
        waiting: who can begin only at a key frame; emptied when one comes.
        requests: for key frames.
        resets: how often the publisher has begun anew.
        mark_urgent: called when its transport has feedback to send soon.
    """

    __slots__ = (
        "_codec",
        "_ended_at",
        "_epoch",
        "_followed_epoch",
        "_layer_rates",
        "_layering",
        "_left_at",
        "_map",
        "_newest",
        "_paused",
        "_rate",
        "_rate_at",
        "_rate_bytes",
        "_sender_report",
        "_stored",
        "bytes",
        "clock_rate",
        "declared",
        "descriptor",
        "detect",
        "expected",
        "fan_out",
        "frame_timestamp",
        "key_frame_timestamp",
        "layering",
        "log",
        "mark_urgent",
        "missing",
        "newest_arrival",
        "payload_type",
        "requests",
        "resets",
        "shift",
        "spatial_layer",
        "store",
        "timestamp_shift",
        "unheard",
        "waiting",
    )

    picture_shift: Final = 0
    """What is added to the publisher's picture ids; see ``LayerTable``."""

    def __init__(  # noqa: PLR0913 - it is where the parts meet
        self,
        *,
        fan_out: FanOut,
        memory: PacketMemory,
        stored: int,
        payload_type: int,
        clock_rate: int,
        spatial_layer: int,
        codec: str,
        layers: Layers,
        detect: KeyFrameDetector | None,
        missing: MissingPackets | None,
        paused: bool,
    ) -> None:
        self.fan_out = fan_out
        self.store = PacketStore(memory, stored)
        self.payload_type = payload_type
        self.clock_rate = clock_rate
        self.spatial_layer = spatial_layer
        self.detect = detect
        self.missing = missing
        self.descriptor = b""
        self.layering: Layering | None = None
        self.log: ReceiveLog | None = None
        self.expected = _NEVER
        self.shift = 0
        self.timestamp_shift = 0
        self.frame_timestamp = -1
        self.key_frame_timestamp = -1
        self.newest_arrival = _LONG_AGO
        self.bytes = 0
        self.unheard = -1
        self.waiting: list[KeyFrameWaiter] = []
        self.requests = KeyFrameRequests()
        self.resets = 0
        self.mark_urgent: Callable[[], None] = _ignore
        self._codec = codec
        self.declared = layers.spatial - 1, layers.temporal - 1
        self._layering: Layering | None = None
        self._layer_rates: LayerRates | None = None
        self._paused = paused
        self._map: SequenceMap | None = None
        self._epoch = 0
        self._followed_epoch = -1  # none was yet
        self._sender_report: tuple[int, int, Seconds] | None = None
        self._ended_at = _LONG_AGO
        self._newest = -1
        self._left_at = _LONG_AGO
        self._rate = 0.0
        self._rate_at = _LONG_AGO
        self._rate_bytes = 0
        self._stored = stored

    # ---- for those who receive it ----------------------------------------------------------

    @property
    def source(self) -> int:
        """The stream's number, by which ``SequenceMap`` tells sources apart."""
        return self.fan_out.source

    @property
    def newest(self) -> int:
        """The highest number forwarded; -1 when nothing was."""
        return self._newest if self.expected < 0 else self.expected - 1 + self.shift

    @property
    def newest_timestamp(self) -> int:
        """Of the newest packet, as forwarded; 0 when nothing was."""
        if self.frame_timestamp < 0:
            return 0
        return (self.frame_timestamp + self.timestamp_shift) & _TIMESTAMP_MASK

    @property
    def sender_clock(self) -> SenderClock | None:
        """From the newest sender report; None when that, or what is forwarded, is still to come."""
        if self._sender_report is None or self._followed_epoch != self._epoch:
            return None
        ntp, timestamp, arrival = self._sender_report
        return SenderClock(ntp, (timestamp + self.timestamp_shift) & _TIMESTAMP_MASK, arrival)

    def bits_per_second(self, now: Seconds) -> BitsPerSecond:
        """What came in the last second or so; 0 when the stream has stopped."""
        self.measure(now)
        if not self.alive(now):
            return BitsPerSecond(0.0)
        if self._rate == 0 and now > self._rate_at:
            elapsed = max(now - self._rate_at, RATE_WINDOW / 4)
            return BitsPerSecond((self.bytes - self._rate_bytes) * 8 / elapsed)
        return BitsPerSecond(self._rate)

    def layer_rates(self, now: Seconds) -> npt.NDArray[np.float64]:
        """Bits per second of each layer with all those that it needs.

        Returns:
            float64, shape (spatial layers within the stream, temporal layers); 0 where it is not
            known. The last entry is that of the whole stream.
        """
        if self._layer_rates is None:
            reader = LayerReader(self._codec)
            self._layer_rates = LayerRates(reader, self.store, self.declared)
        return self._layer_rates.of(self.bits_per_second(now), self.descriptor, now)

    def alive(self, now: Seconds) -> bool:
        """Whether packets come."""
        return now - self.newest_arrival < ALIVE and self.newest_arrival > self._ended_at

    @property
    def tables(self) -> list[Table]:
        """All under whose numbers its packets were or are forwarded: itself first."""
        return [self, *(self._layering.tables.values() if self._layering is not None else ())]

    def layered(self) -> Layering:
        """Its tables for those who do not get all layers."""
        if self._layering is None:
            self._layering = Layering(self, self._codec, self.declared)
        return self._layering

    def packet(self, number: int) -> bytes | None:
        """A packet as it was forwarded; None when it is not kept."""
        packet = self.store.packet(number)
        return None if packet is None else packet.tobytes()

    def newest_packet(self) -> bytes | None:
        """The newest packet that was forwarded."""
        return self.packet(self.store.newest)

    def request_key_frame(self, now: Seconds) -> None:
        """Ask the publisher for a key frame, unless it has just been asked."""
        if self.detect is not None and self.requests.want(now):
            self.mark_urgent()

    # ---- for its transport -----------------------------------------------------------------

    def measure(self, now: Seconds) -> None:
        """End the window over which the rate is measured, if it is long enough."""
        elapsed = now - self._rate_at
        if elapsed >= RATE_WINDOW:
            # The window in which the first packet comes has no beginning.
            self._rate = 0.0 if self._rate_at < 0 else (self.bytes - self._rate_bytes) * 8 / elapsed
            self._rate_at = now
            self._rate_bytes = self.bytes

    def come_from(self, log: ReceiveLog, now: Seconds) -> None:
        """Take what another SSRC sends for the stream from now on."""
        if self.log is not None and self.log.highest >= 0:
            self._begin_anew(now)
        self.log = log

    def set_paused(self, paused: bool, now: Seconds) -> None:
        """Forward nothing for a while, or forward again."""
        if paused == self._paused:
            return
        self._paused = paused
        if paused:
            self._leave(now)
        elif self.waiting:
            self.request_key_frame(now)

    def note_sender_report(self, ntp: int, timestamp: int, now: Seconds) -> None:
        """A sender report about the stream's SSRC came."""
        self._sender_report = (ntp, timestamp, now)

    def note_end(self, now: Seconds) -> None:
        """The publisher said that nothing more comes."""
        self._ended_at = now

    # ---- for packets -----------------------------------------------------------------------

    def advance(self, number: int, timestamp: int, now: Seconds) -> int:
        """The number under which the newest packet so far is forwarded, when it is not the next.

        Args:
            number: extended, as the publisher counts.
            timestamp: as the publisher counts.
            now: monotonic.

        Returns:
            NOTHING when it is not forwarded.
        """
        if self.log is not None and self.log.restarted:
            self.log.restarted = False
            self._begin_anew(now)
        if self._paused:
            return NOTHING
        if self.expected < 0:
            self._follow(number, timestamp, now)
        elif self.missing is not None and (self.fan_out or self.layering is not None):
            if self.missing.add(self.expected, number, now):
                self.mark_urgent()
            else:
                self.request_key_frame(now)
        self.expected = number + 1
        return number + self.shift

    def place(self, number: int) -> int:
        """The number under which a late packet is forwarded.

        Returns:
            NOTHING when it is not: it has come already, is too old, or was left out.
        """
        if self._map is None:
            return NOTHING
        forwarded = self._map.outgoing(number)
        if forwarded is None or forwarded <= self.unheard or forwarded in self.store:
            return NOTHING
        if forwarded <= self.store.newest - self._stored:
            return NOTHING
        return forwarded

    def skip(self, number: int) -> None:
        """Leave out the newest packet, which ``advance`` or ``expected`` has just counted."""
        if self._map is not None and self.expected == number + 1:
            self.shift = self._map.skip(number).sequence

    def key_frame_came(self, timestamp: int) -> None:
        """A key frame begins with the packet that is forwarded next."""
        self.key_frame_timestamp = timestamp
        self.requests.answered()
        if self.waiting:
            waiting = list(self.waiting)
            self.waiting.clear()
            for one in waiting:
                one.key_frame(self)

    def _follow(self, number: int, timestamp: int, now: Seconds) -> None:
        numbers = self._map
        first = number
        if numbers is None:
            first = max(0, number - REPEATED_AT_START)
            numbers = self._map = SequenceMap(first)
            self._rate_at, self._rate_bytes = now, self.bytes
        pause = min(max(1, round((now - self._left_at) * self.clock_rate)), MOST_PAUSE)
        shift = numbers.follow(self._epoch, first, timestamp, pause)
        self.shift = shift.sequence
        self.timestamp_shift = shift.timestamp
        self._followed_epoch = self._epoch

    def _leave(self, now: Seconds) -> None:
        if self._map is not None and self.expected >= 0:
            self._newest = self.newest
            timestamp = self.newest_timestamp - self.timestamp_shift
            self._map.leave(self.expected - 1, timestamp & _TIMESTAMP_MASK)
            self._left_at = min(self.newest_arrival, now)
        self.expected = _NEVER
        if self.missing is not None:
            self.missing.clear()

    def _begin_anew(self, now: Seconds) -> None:
        self._leave(now)
        self._epoch += 1
        self.resets += 1
        self._sender_report = None
        self.key_frame_timestamp = -1
        self.request_key_frame(now)


def _ignore() -> None:
    """Nobody is told."""
