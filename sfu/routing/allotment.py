"""What one subscriber wishes of a producer's layers, and what its network lets it have of them."""

from typing import Final

from sfu.congestion.allocator import Picture, Step
from sfu.media.layer_selector import HIGHEST
from sfu.routing.offer import Offer
from sfu.units import Seconds

EVERYTHING: Final = (HIGHEST, HIGHEST)
NOTHING: Final = (-1, -1)
"""Of what may be allotted."""


class Allotment:
    """Of one consumer.

    Args:
        offer: the producer's.
        is_simulcast: whether its spatial layers are streams of their own.
        priority: at first.

    Attributes:
        wish: spatial and temporal layer, 0 the lowest.
        given: the same, of what may be sent; ``EVERYTHING`` without an estimate, ``NOTHING`` while
            it is held back.
        is_short: whether it would be given more if the network carried more.
        is_withheld: whether the publisher does not send what is wished for.
        priority: the higher, the sooner it is given more where there is not enough for all.
    """

    __slots__ = (
        "_is_new",
        "_is_simulcast",
        "_offer",
        "given",
        "is_short",
        "is_withheld",
        "priority",
        "wish",
    )

    def __init__(self, offer: Offer, *, is_simulcast: bool, priority: int) -> None:
        self.wish = EVERYTHING
        self.given = EVERYTHING
        self.is_short = False
        self.is_withheld = False
        self.priority = priority
        self._is_new = True  # or what it wishes for is
        self._is_simulcast = is_simulcast
        self._offer = offer

    @property
    def is_held_back(self) -> bool:
        """Whether nothing may be sent."""
        return self.given == NOTHING

    @property
    def target(self) -> int:
        """The spatial layer to be sent, if it is to be had."""
        return min(self.wish[0], self.given[0])

    @property
    def wanted(self) -> int:
        """The spatial layer that is of use: wished for, and carried by the network."""
        return max(self.given[0], 0) if self.is_short else self.wish[0]

    def begin(self, *, waits: bool) -> None:
        """Nothing was sent before; ``waits``: until something is given."""
        self.given = NOTHING if waits else EVERYTHING
        self.is_short = False
        self._is_new = True

    def prefer(self, spatial: int | None, temporal: int | None) -> None:
        """Wish for layers; None leaves a wish as it was."""
        before = self.wish
        self.wish = (
            before[0] if spatial is None else max(spatial, 0),
            before[1] if temporal is None else max(temporal, 0),
        )
        self._is_new = self._is_new or self.wish > before

    def want(self, now: Seconds) -> None:
        """Say to the producer what is wanted, and see whether it is in vain."""
        self._offer.want(self.wanted, now)
        self.is_withheld = self._offer.withheld(self.wish[0], now)

    def picture(self, now: Seconds) -> Picture:
        """What could be given, and what is, for the budget to decide."""
        self.want(now)
        steps = self._offer.steps(self.wish, now)
        held = sum((step.spatial, step.temporal) <= self.given for step in steps)
        return Picture(steps, self.priority, held, len(steps) if self._is_new else held)

    def give(self, step: Step | None, is_short: bool, now: Seconds) -> bool:
        """Allow so much and no more, None: nothing; whether that is something else than before."""
        given = NOTHING if step is None else (step.spatial, step.temporal)
        moves = given != self.given
        self.given, self.is_short, self._is_new = given, is_short, False
        if is_short:
            self._offer.look_closely(now)
        return moves

    def within(self, layer: int | None) -> tuple[int, int]:
        """The highest spatial and temporal layer to be sent within a stream.

        Args:
            layer: the stream's place among the spatial layers; None: it is not known.
        """
        spatial, temporal = self.wish
        given_spatial, given_temporal = max(self.given, (0, 0))
        if not self._is_simulcast:
            return min(spatial, given_spatial), min(temporal, given_temporal)
        if layer is None or layer < given_spatial:
            return HIGHEST, temporal  # there is only the stream; for a larger one there is room
        if layer > given_spatial:
            return HIGHEST, 0  # until the smaller one comes
        return HIGHEST, min(temporal, given_temporal)

    def excess(self, layer: int) -> float:
        """Bits per second that a stream takes, at its slowest, beyond what is given."""
        if not 0 <= self.given[0] < layer:
            return 0.0
        return max(self._offer.rate(layer, 0) - self._offer.rate(*self.given), 0.0)
