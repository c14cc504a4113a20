"""Which of a publisher's simulcast layers a subscriber gets.

A pure choice among layers; what it means in packets (to wait for a key frame, to move between
fan-outs) is the consumer's. A choice by bandwidth will enter as a lower ``wish``.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from sfu.units import Seconds

HIGHEST: Final = 7
"""The wish of somebody who has none: more layers than any publisher has."""

STALLED: Final = Seconds(1.2)
"""A layer that is silent for so long while another is sent was given up by its publisher, whose
bandwidth or processor does not suffice. (When all are silent, the picture may just stand still; and
a still screen is sent once a second.)"""


class Choice(NamedTuple):
    """What is to be done about layers.

    Attributes:
        target: the layer to be served; None when no layer is alive.
        welcome: layers whose next key frame is to be taken, the best first; never the current one.
    """

    target: int | None
    welcome: tuple[int, ...]


@lru_cache(maxsize=4096)
def choose(wish: int, alive: tuple[bool, ...], current: int | None) -> Choice:
    """Choose a layer: the one wished for, else the next lower one that is alive, else the lowest.

    While a better layer than the one served is silent, its first key frame is welcome all the same:
    a publisher begins, or begins again, with one. When all are silent, any layer's is.

    There are few questions, and consumers ask them twice a second: answers are kept.

    Args:
        wish: the preferred layer, 0 for the lowest; ``HIGHEST`` for the best there is.
        alive: of each layer, whether the publisher sends it now.
        current: the one that the subscriber gets now.
    """

    def rank(layer: int) -> tuple[bool, int]:
        return layer > wish, abs(layer - wish)

    ranked = sorted(range(len(alive)), key=rank)
    target = next((layer for layer in ranked if alive[layer]), None)
    if target is None:
        return Choice(None, tuple(layer for layer in ranked if layer != current))
    good_enough = ranked[: ranked.index(target) + 1]
    return Choice(target, tuple(layer for layer in good_enough if layer != current))


def keep_up(arrivals: Sequence[Seconds]) -> list[bool]:
    """Of each layer, whether it is not STALLED.

    Args:
        arrivals: when the newest packet of each layer came.
    """
    since = max(arrivals, default=Seconds(0.0)) - STALLED
    return [arrival > since for arrival in arrivals]
