"""In which steps a published picture can be sent, and what each of them takes.

Rates are remembered: a layer that is switched off because nobody wanted it, or has only begun, can
be had all the same, for about what it took before, or else for what is usual.
"""

import math
from collections.abc import Sequence
from typing import Final

from sfu.congestion.allocator import Step
from sfu.units import BitsPerSecond

OVERHEAD: Final = 1.07
"""On the wire, for each byte of a picture's payload: 72 bytes of headers and tag per 1,100."""

AUDIO_OVERHEAD: Final = BitsPerSecond(29_000.0)
"""The same for a voice: 50 packets a second, 72 bytes each."""

USUAL_RATES: Final = (150_000.0, 500_000.0, 1_500_000.0)
"""Bits per second of a camera's layers, smallest first, as browsers are told to send them."""

_USUAL_SHARES: Final = ((1.0,), (0.6, 1.0), (0.4, 0.6, 1.0))
"""Cumulative, of temporal layers (libwebrtc, ``simulcast_rate_allocator``)."""

_UP, _DOWN = 0.5, 0.15
"""Weight of a new measurement: what takes more is believed soon, what takes less slowly."""

_LEAST: Final = 1_000.0
"""Bits per second: below it a layer carries nothing worth to be remembered."""


class RateMemory:
    """What a publisher's layers take.

    Args:
        spatial: how many sizes there are, at least 1.
        temporal: how many frame rates each has, at least 1.
        expected: bits per second of each size, as far as the publisher has said.

    Attributes:
        temporal: how many frame rates each size has.
    """

    __slots__ = ("_measured", "_rates", "temporal")

    def __init__(self, spatial: int, temporal: int, expected: Sequence[float | None] = ()) -> None:
        self.temporal = temporal
        self._measured = [False] * spatial
        shares = usual_shares(temporal)
        self._rates = []
        for layer in range(spatial):
            said = expected[layer] if layer < len(expected) else None
            whole = said or usual_rate(layer, spatial)
            self._rates.append([whole * share * OVERHEAD for share in shares])

    def measure(self, layer: int, rates: Sequence[float]) -> None:
        """Remember what a layer takes now.

        Args:
            layer: spatial.
            rates: bits per second of payload with each temporal layer and all beneath it; what is
                not a positive number is passed over.
        """
        known = self._rates[layer]
        if len(rates) != len(known) or not all(map(math.isfinite, rates)) or rates[-1] < _LEAST:
            return
        first, self._measured[layer] = not self._measured[layer], True
        highest = 0.0
        for index, rate in enumerate(rates):
            highest = max(highest, rate * OVERHEAD, _LEAST)
            before = known[index]
            weight = 1.0 if first else _UP if highest > before else _DOWN
            known[index] = before + (highest - before) * weight

    def scale(self, layer: int, rate: float) -> None:
        """Remember what a layer takes as a whole, its temporal layers in the shares of before."""
        known = self._rates[layer]
        self.measure(layer, [rate * one / known[-1] for one in known])

    def rate(self, layer: int, temporal: int = -1) -> float:
        """Bits per second of a layer with a temporal one, else the highest, and all below."""
        return self._rates[layer][temporal]

    def steps(self, layers: Sequence[int], *, sharp: bool) -> tuple[Step, ...]:
        """The steps that lead up to the best of some layers.

        Args:
            layers: spatial ones that can be had, ascending.
            sharp: whether all sizes come before smoothness, as a screen has it; a camera is larger
                only if it moves.
        """
        top = self.temporal - 1
        some: list[Step] = []
        for place, layer in enumerate(layers):
            if sharp:
                frame_rates = range(top + 1) if layer == layers[-1] else range(1)
            else:
                frame_rates = range(top + 1) if place == 0 else range(min(1, top), top + 1)
            some += [Step(layer, rate, self._rates[layer][rate]) for rate in frame_rates]
        return _ascending(some)


def _ascending(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Without those that take as much as a better one."""
    kept: list[Step] = []
    for step in steps:
        while kept and kept[-1].rate >= step.rate:
            kept.pop()
        kept.append(step)
    return tuple(kept)


def usual_rate(layer: int, layers: int) -> float:
    """Bits per second of payload of a camera's layer, when there are so many."""
    place = layer if layers > 1 else len(USUAL_RATES) - 1
    return USUAL_RATES[min(place, len(USUAL_RATES) - 1)]


def usual_shares(temporal: int) -> Sequence[float]:
    """Which share of a stream its temporal layers take, each with all beneath it."""
    if temporal <= len(_USUAL_SHARES):
        return _USUAL_SHARES[temporal - 1]
    return [(layer + 1) / temporal for layer in range(temporal)]
