"""What a producer has to offer: the layers that can be had, and what they take.

One for all of its consumers, looked at a few times a second: what is the same for all is found out
once.
"""

from collections.abc import Sequence
from typing import Final

from sfu.congestion.allocator import Step
from sfu.congestion.ladder import AUDIO_OVERHEAD, RateMemory
from sfu.ortc.encodings import Encoding
from sfu.routing.received_stream import ReceivedStream
from sfu.units import BitsPerSecond, Seconds

LOOKED_AT_EVERY: Final = Seconds(0.25)

PATIENCE: Final = Seconds(3.0)
"""Somebody wants a layer, and it does not come for so long: then it cannot be had."""

WANTED_FOR: Final = Seconds(2.0)
"""A wish that is not repeated for so long is over: consumers are reviewed twice a second."""

_LONG_AGO: Final = Seconds(-1e9)


class Offer:
    """A producer's layers.

    Args:
        streams: its encodings, lowest layer first.
        encodings: what the publisher said of each.
        sharp: whether sharpness comes before smoothness, as with screens.
    """

    __slots__ = (
        "_by_wish",
        "_closely_until",
        "_layers",
        "_looked_at",
        "_memory",
        "_sharp",
        "_sound",
        "_streams",
        "_there",
        "_wanted_at",
        "_wanted_since",
    )

    def __init__(
        self, streams: Sequence[ReceivedStream], encodings: Sequence[Encoding], *, sharp: bool
    ) -> None:
        inside = [one.layers for one in encodings]
        self._streams = streams
        self._sharp = sharp
        # Either every stream is a spatial layer, or the only one holds all of them.
        self._layers = inside[0].spatial if len(streams) == 1 else len(streams)
        self._memory = RateMemory(
            self._layers,
            max(one.temporal for one in inside),
            [one.max_bitrate for one in encodings] if self._layers == len(streams) else (),
        )
        self._closely_until = _LONG_AGO
        self._there = list(range(self._layers))
        self._wanted_since = [_LONG_AGO] * len(streams)
        self._wanted_at = [_LONG_AGO] * len(streams)
        self._looked_at = _LONG_AGO
        self._by_wish: dict[tuple[int, int], tuple[Step, ...]] = {}
        self._sound = 0.0

    def steps(self, wish: tuple[int, int], now: Seconds) -> tuple[Step, ...]:
        """The steps up to the layers wished for, or to the lowest that there is."""
        if now - self._looked_at >= LOOKED_AT_EVERY:
            self._look(now)
        steps = self._by_wish.get(wish)
        if steps is None:
            steps = self._by_wish[wish] = self._steps_up_to(*wish)
        return steps

    def rate(self, layer: int, temporal: int) -> float:
        """Bits per second that layers take, as of the last look; those within what is declared."""
        return self._memory.rate(layer, temporal)

    def look_closely(self, now: Seconds) -> None:
        """Somebody has to do with less: it matters what each layer takes. To be repeated.

        Otherwise it is not found out, which would cost half a millisecond a second for each stream.
        """
        self._closely_until = Seconds(now + WANTED_FOR)

    def sound(self, now: Seconds) -> BitsPerSecond:
        """What a voice takes now, headers included; 0 while nothing comes of it."""
        if now - self._looked_at >= LOOKED_AT_EVERY:
            self._looked_at = now
            rate = self._streams[0].bits_per_second(now)
            self._sound = rate + AUDIO_OVERHEAD if rate > 0 else 0.0
        return BitsPerSecond(self._sound)

    def want(self, layer: int, now: Seconds) -> None:
        """Somebody would have this spatial layer; to be repeated as long as it is so."""
        layer = min(layer, len(self._streams) - 1)
        if now - self._wanted_at[layer] > WANTED_FOR:
            self._wanted_since[layer] = now
        self._wanted_at[layer] = now

    def withheld(self, layer: int, now: Seconds) -> bool:
        """Whether a layer does not come for all that it is wanted, while others do."""
        layer = min(layer, len(self._streams) - 1)
        if self._streams[layer].alive(now) or now - self._wanted_at[layer] > WANTED_FOR:
            return False
        lasts = now - max(self._wanted_since[layer], self._streams[layer].newest_arrival)
        return lasts > PATIENCE and any(one.alive(now) for one in self._streams)

    def _look(self, now: Seconds) -> None:
        self._looked_at = now
        self._by_wish.clear()
        for place, stream in enumerate(self._streams):
            rate = stream.bits_per_second(now)
            if rate > 0:
                self._measure(place, stream, rate, now)
        self._there = [one for one in range(self._layers) if not self.withheld(one, now)]

    def _measure(self, place: int, stream: ReceivedStream, rate: float, now: Seconds) -> None:
        memory = self._memory
        inside = range(self._layers) if len(self._streams) == 1 else (place,)
        if now < self._closely_until:
            needed = stream.layer_rates(now)
            if needed.shape[1] >= memory.temporal and needed[0, 0] > 0:
                for row, layer in enumerate(inside):
                    below = needed[row, : memory.temporal - 1].tolist()
                    memory.measure(layer, [*below, float(needed[row, -1])])
                return
        whole = memory.rate(inside[-1])
        for layer in inside:
            memory.scale(layer, rate * memory.rate(layer) / whole)

    def _steps_up_to(self, spatial: int, temporal: int) -> tuple[Step, ...]:
        wished = [one for one in self._there if one <= spatial] or self._there[:1]
        steps = self._memory.steps(wished, sharp=self._sharp)
        return tuple(one for one in steps if one.temporal <= temporal)
