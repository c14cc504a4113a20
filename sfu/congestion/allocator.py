"""What each picture of a transport gets out of what its network carries.

A pure function. Every picture has *steps*, from the smallest and slowest that is sent up to what
was wished for; bits are given away one step at a time, in this order:

1. everybody's first step;
2. smoothness: the other steps of everybody's smallest picture;
3. size: the steps of larger pictures.

Within each, the more important come first, then the smaller pictures, then what one has already
before what one has not, then the cheap before the dear: a size counts as much for everybody, so
the cheapest gains most per bit. A picture whose next step does not fit stays where it is, and the
others go on. What there is beside pictures (sound, repetitions) is taken off the budget before.

With more bits somebody gets a step that was refused before, and only who comes after it in this
order may have to pay for it. Since what one has comes first, rates that change a little move
nothing.
"""

import math
from collections.abc import Sequence
from heapq import heapify, heappop, heappush
from typing import Final, NamedTuple

from sfu.units import BitsPerSecond

NO_RISE: Final = math.inf
"""A margin for which no budget suffices."""


class Step(NamedTuple):
    """One of the ways in which a picture can be sent.

    Attributes:
        spatial: layer, 0 for the smallest.
        temporal: layer, 0 for the slowest.
        rate: bits per second that it takes, with everything beneath it; above 0.
    """

    spatial: int
    temporal: int
    rate: float


class Picture(NamedTuple):
    """One that is to be sent.

    Attributes:
        steps: what it can get, ascending by rate and by layers; maybe none.
        priority: the higher, the earlier it is served.
        held: how many of the steps it has.
        free: how many it may have without a margin, at least ``held``: all, when it has just begun.
    """

    steps: tuple[Step, ...]
    priority: int
    held: int = 0
    free: int = 0


class Allocation(NamedTuple):
    """Who gets what.

    Attributes:
        taken: of each picture, how many of its steps it gets; 0: nothing.
        spent: what they take together.
        next_at: the budget with which somebody would get more; None when nobody lacks anything.
    """

    taken: tuple[int, ...]
    spent: BitsPerSecond
    next_at: BitsPerSecond | None


def allocate(budget: float, pictures: Sequence[Picture], margin: float = 1.0) -> Allocation:
    """Give a budget away.

    Args:
        budget: bits per second for all of them together; below 0: nothing.
        pictures: in any order; among equals the earlier is served first.
        margin: how much larger than what is needed the budget has to be for a step that is not
            ``free``, at least 1; ``NO_RISE``: there are none.
    """
    wanted = math.fsum(picture.steps[-1].rate for picture in pictures if picture.steps)
    if wanted * margin <= budget:  # that is how it usually is
        everything = tuple(len(picture.steps) for picture in pictures)
        return Allocation(everything, BitsPerSecond(wanted), None)
    taken = [0] * len(pictures)
    spent = 0.0
    next_at = math.inf
    queue = [_bid(picture, index, 0) for index, picture in enumerate(pictures) if picture.steps]
    heapify(queue)
    while queue:
        index = queue[0][-1]
        picture, count = pictures[index], taken[index]
        cost = _cost(picture, count)
        needed = (spent + cost) * (1.0 if count < picture.free else margin)
        heappop(queue)
        if needed > budget:
            next_at = min(next_at, needed)
            continue
        spent += cost
        taken[index] = count + 1
        if count + 1 < len(picture.steps):
            heappush(queue, _bid(picture, index, count + 1))
    later = BitsPerSecond(next_at) if next_at < math.inf else None
    return Allocation(tuple(taken), BitsPerSecond(spent), later)


_Bid = tuple[int, int, int, bool, float, int]


def _bid(picture: Picture, index: int, count: int) -> _Bid:
    """A place in the order for a picture's next step; later steps of a picture come later."""
    step = picture.steps[count]
    smallest = step.spatial == picture.steps[0].spatial
    stage = 0 if count == 0 else 1 if smallest else 2
    cost = _cost(picture, count)
    return stage, -picture.priority, step.spatial, count >= picture.held, cost, index


def _cost(picture: Picture, count: int) -> float:
    before = picture.steps[count - 1].rate if count else 0.0
    return picture.steps[count].rate - before
