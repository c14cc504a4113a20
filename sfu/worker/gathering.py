"""When to let packets gather before the next batch: never when idle, a millisecond when busy.

A bigger batch costs less per packet: more packets of one destination travel in one message, and a
wake-up, a system call and an array operation serve more of them. With ten rooms of ten who all
publish (6 packets per millisecond), gathering for 0.3, 0.5 and 1 ms saves 2 %, 8 % and 18 % of the
CPU per packet: a short time gains little, so it is all or nothing. The price is delay, of which
nothing is asked while there is CPU to spare.
"""

import math
from typing import Final

from sfu.units import Seconds

MOST: Final = Seconds(0.001)
"""Longest time that packets are left to gather."""

BUSY: Final = 0.25
"""Share of a core in use from which packets gather."""

SPARE: Final = 0.15
"""Share below which they no longer do; gathering itself lowers the share by a fifth."""

FEW: Final = 2.0
"""Packets that must be expected to gather, for it to be worth the delay."""

MANY: Final = 64.0
"""Packets beyond which a bigger batch gains nothing more."""

WINDOW: Final = Seconds(0.1)
"""Time over which share and rate are averaged."""


def gathering_time(busy: float, rate: float, last: Seconds) -> Seconds:
    """How long to leave the socket alone after a batch.

    Args:
        busy: share of the core in use of late, 0 to 1.
        rate: packets received per second of late.
        last: what was answered the last time.
    """
    threshold = SPARE if last else BUSY
    if busy < threshold or rate * MOST < FEW:
        return Seconds(0.0)
    return min(MOST, Seconds(MANY / rate))


def averaged(average: float, amount: float, elapsed: Seconds) -> float:
    """An average of amounts per second, brought up to date.

    Args:
        average: as of the last call.
        amount: what came since: seconds of work, or packets.
        elapsed: time passed since.
    """
    if elapsed <= 0.0:
        return average
    kept = math.exp(-elapsed / WINDOW)
    return kept * average + (1.0 - kept) * amount / elapsed
