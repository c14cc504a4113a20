"""What it costs to share an estimate out: CPU per decision, by how many pictures there are.

    python -m benchmarks.allocation

``plenty``: everything fits. ``little``: a third of what is wished for does. ``wobble``: an estimate
that moves by 15 % with every decision, as the transport's budget decides with all its memory.
"""

import random
import time
from collections.abc import Callable
from functools import partial
from typing import Final

from sfu.congestion.allocator import Picture, allocate
from sfu.congestion.ladder import RateMemory
from sfu.congestion.steadiness import Steadiness
from sfu.units import BitsPerSecond, Seconds

COUNTS: Final = (1, 10, 25, 100)
REPETITIONS: Final = 200
_SEED: Final = 7
_STAGE, _SHARE = 4, 4
"""One picture in so many is shown large, and of every few people one shares a screen."""


def pictures_of(count: int, rng: random.Random) -> list[Picture]:
    """A room as a page shows it: a few large, most of them small."""
    pictures = []
    for place in range(count):
        memory = RateMemory(3, 3)
        for layer, rate in enumerate((150e3, 500e3, 1500e3)):
            whole = rate * rng.uniform(0.6, 1.2)
            memory.measure(layer, [whole * share for share in (0.4, 0.6, 1.0)])
        layers = [0, 1, 2] if place % _STAGE == 0 else [0, 1]
        steps = memory.steps(layers, sharp=place % _SHARE == 1)
        pictures.append(Picture(steps, rng.choice((64, 96, 160, 192)), 0, len(steps)))
    return pictures


def measure(decide: Callable[[int], object]) -> float:
    """CPU seconds of one decision, the best of three runs."""
    best = float("inf")
    for _ in range(3):
        began = time.process_time()
        for number in range(REPETITIONS):
            decide(number)
        best = min(best, (time.process_time() - began) / REPETITIONS)
    return best


def _decide(
    steadiness: Steadiness, pictures: list[Picture], budgets: list[float], number: int
) -> object:
    return steadiness.decide(BitsPerSecond(budgets[number]), pictures, Seconds(number / 20))


def main() -> None:
    """Print a line for each number of pictures."""
    rng = random.Random(_SEED)
    for count in COUNTS:
        pictures = pictures_of(count, rng)
        wanted = sum(one.steps[-1].rate for one in pictures)
        budgets = [wanted / 3 * rng.uniform(0.85, 1.15) for _ in range(REPETITIONS)]
        held = allocate(wanted / 3, pictures).taken
        kept = [one._replace(held=n, free=n) for one, n in zip(pictures, held, strict=True)]

        costs = {
            "plenty": measure(lambda _: allocate(2 * wanted, pictures)),  # noqa: B023 - at once
            "little": measure(lambda _: allocate(wanted / 3, pictures)),  # noqa: B023
            "wobble": measure(partial(_decide, Steadiness(), kept, budgets)),
        }
        line = "  ".join(f"{name} {cost * 1e6:7.1f} µs" for name, cost in costs.items())
        print(f"{count:4} pictures  {line}", flush=True)


if __name__ == "__main__":
    main()
