"""From how many people on the SFU is better than the mesh: arithmetic on measured points. Pure.

Nothing is said beyond the points: a crossing lies between two numbers of people that were measured
in both modes, or there is none.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Crossover:
    """Where one becomes better than the other.

    Attributes:
        first: the smallest measured number of people at which the SFU is better, as it is at all
            larger measured ones.
        at: where straight lines between the measured points cross; the last number at which the
            two are equal, where they are; ``first`` where nothing smaller was measured.
    """

    first: int
    at: float


def crossover(
    mesh: Mapping[int, float], sfu: Mapping[int, float], margin: float = 0.0
) -> Crossover | None:
    """When the SFU needs less, whatever it is, by the number of people.

    Args:
        mesh: measured values by number of people.
        sfu: the same; what only one of them has is left out.
        margin: share of the mesh's value by which the two have to differ to count as different.

    Returns:
        None if the SFU is not better at the largest number of people.
    """
    counts = sorted(mesh.keys() & sfu.keys())
    gains = {count: mesh[count] - sfu[count] for count in counts}
    first = None
    for count in reversed(counts):
        if gains[count] <= margin * mesh[count]:
            break
        first = count
    if first is None:
        return None
    before = max((count for count in counts if count < first), default=None)
    if before is None:
        return Crossover(first, float(first))
    lost = -gains[before]
    if lost <= margin * mesh[before]:
        return Crossover(first, float(before))
    return Crossover(first, before + (first - before) * lost / (lost + gains[first]))
