"""One member's camera and microphone: made once, sent on every connection that there is."""

import asyncio
import random
import time
from collections.abc import Callable
from typing import Final

from benchmarks.peers.synthetic.published import (
    AudioTrack,
    Kind,
    PublishedStream,
    TakeNumber,
    Track,
    VideoTrack,
)

_NEVER: Final = float("inf")


class Outlet:
    """A ``Track`` on one transport: passes on what has been made of another.

    Args:
        track: what it passes on.
        wake: has the transport look at what is due.
    """

    def __init__(self, track: Track, wake: Callable[[], None]) -> None:
        self.kind: Kind = track.kind
        self.mid = track.mid
        self.streams: list[PublishedStream] = track.streams
        self.due = _NEVER
        self._track = track
        self._wake = wake
        self._waiting: list[bytes] = []

    def give(self, packets: list[bytes], now: float) -> None:
        """Send these at once."""
        self._waiting += packets
        self.due = now
        self._wake()

    def frame(self, _now: float, _take_number: TakeNumber) -> list[bytes]:
        """What has been given since."""
        waiting, self._waiting = self._waiting, []
        self.due = _NEVER
        return waiting

    def want_key_frame(self, ssrc: int) -> None:
        """The next frame stands alone, for everybody."""
        self._track.want_key_frame(ssrc)


class Broadcast:
    """Makes the frames of one member, from the first outlet on.

    Args:
        rng: draws ids.
        bits_per_second: of the picture.

    Attributes:
        tracks: by source.
    """

    def __init__(self, rng: random.Random, bits_per_second: float = 150_000) -> None:
        now = time.monotonic()
        self.tracks: dict[str, Track] = {
            "camera": VideoTrack("0", rng, now, bits_per_second, key_frame_weight=1),
            "microphone": AudioTrack("1", rng, now),
        }
        self._loop = asyncio.get_running_loop()
        self._outlets: dict[str, list[Outlet]] = {source: [] for source in self.tracks}
        self._timer: asyncio.TimerHandle | None = None
        self._number = 0

    def outlet(self, source: str, wake: Callable[[], None]) -> Outlet:
        """For one transport; ``add`` it as soon as the transport publishes it."""
        return Outlet(self.tracks[source], wake)

    def add(self, source: str, outlet: Outlet) -> None:
        """Send on it from a frame on that stands alone."""
        self._outlets[source].append(outlet)
        for stream in outlet.streams:
            outlet.want_key_frame(stream.ssrc)
        if self._timer is None:
            now = time.monotonic()
            for track in self.tracks.values():
                track.due = now
            self._make()

    def remove(self, source: str, outlet: Outlet) -> None:
        """Send on it no longer; harmless when done twice."""
        if outlet in self._outlets[source]:
            self._outlets[source].remove(outlet)

    def close(self) -> None:
        """Make no more frames."""
        if self._timer is not None:
            self._timer.cancel()
        self._outlets = {source: [] for source in self.tracks}

    def _make(self) -> None:
        now = time.monotonic()
        for source, track in self.tracks.items():
            packets: list[bytes] = []
            while track.due <= now:
                packets += track.frame(now, self._take_number)
            if packets:
                for outlet in list(self._outlets[source]):
                    outlet.give(packets, now)
        due = min(track.due for track in self.tracks.values())
        self._timer = self._loop.call_later(max(0.0, due - time.monotonic()), self._make)

    def _take_number(self) -> int:
        number = self._number
        self._number = number + 1 & 0xFFFF
        return number
