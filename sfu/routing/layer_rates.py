"""How many bits per second each layer of a stream needs.

Nothing is counted as packets come. Who wants to know has the newest packets looked at where they
are kept, at most once a second, and what they say is taken for what the stream is like.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from sfu.media.layer_reader import EVERYTHING, Layer, LayerReader
from sfu.media.packet_store import PacketStore
from sfu.units import BitsPerSecond, Seconds

INTERVAL: Final = Seconds(1.0)
MOST_PACKETS: Final = 256
"""Looked at each time: half a millisecond."""

_KEPT: Final = 0.5
"""What earlier looks count for at the next."""


class LayerRates:
    """Of one stream.

    Args:
        reader: of its packets.
        store: where they are kept.
        declared: the highest layers that the publisher named.
    """

    __slots__ = ("_bytes", "_looked_at", "_newest", "_reader", "_store")

    def __init__(self, reader: LayerReader, store: PacketStore, declared: Layer) -> None:
        self._reader = reader
        self._store = store
        self._bytes = np.zeros((declared[0] + 1, declared[1] + 1))
        self._newest = -1
        self._looked_at = Seconds(-1e9)

    def of(self, total: BitsPerSecond, descriptor: bytes, now: Seconds) -> npt.NDArray[np.float64]:
        """See ``ReceivedStream.layer_rates``.

        Args:
            total: the stream's own rate.
            descriptor: dependency descriptor of its newest key frame.
            now: monotonic.
        """
        if now - self._looked_at >= INTERVAL:
            self._looked_at = now
            self._reader.learn(descriptor)
            self._look()
        needed = self._bytes.cumsum(0).cumsum(1)
        needed *= total / needed[-1, -1] if needed[-1, -1] else 0.0
        needed[-1, -1] = total
        return needed

    def _look(self) -> None:
        newest = self._store.newest
        first = max(self._newest + 1, newest - MOST_PACKETS + 1, 0)
        if first > newest:
            return
        self._newest = newest
        self._bytes *= _KEPT
        for number in range(first, newest + 1):
            packet = self._store.packet(number)
            if packet is None:
                continue
            one = self._reader.read(packet.tobytes())
            self._reach(one.spatial, one.temporal)
            self._bytes[one.spatial, one.temporal] += len(packet)

    def _reach(self, spatial: int, temporal: int) -> None:
        spatial_layers, temporal_layers = self._bytes.shape
        if spatial >= spatial_layers or temporal >= temporal_layers:
            more = (
                (0, max(0, min(spatial, EVERYTHING[0]) + 1 - spatial_layers)),
                (0, max(0, min(temporal, EVERYTHING[1]) + 1 - temporal_layers)),
            )
            self._bytes = np.pad(self._bytes, more)
