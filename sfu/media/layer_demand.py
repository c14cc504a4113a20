"""How many of a publisher's spatial layers are wanted, so that the others need not be sent.

What somebody wishes for counts, not what bandwidth gives them now: a layer is wanted at once, and
no longer wanted only when nobody has wished for it for a while, since every beginning costs a key
frame.
"""

from typing import Final

from sfu.units import Seconds

KEPT_FOR: Final = Seconds(5.0)
"""After the last wish."""


class LayerDemand:
    """Of one producer.

    Args:
        layers: that there are: all are wanted at first.
        now: monotonic.

    Attributes:
        wanted: how many layers, the lowest first; 0 for none.
    """

    __slots__ = ("_review_at", "_used_at", "wanted")

    def __init__(self, layers: int, now: Seconds) -> None:
        self.wanted = layers
        self._used_at = now
        self._review_at: Seconds | None = Seconds(now + KEPT_FOR)

    def wish(self, layers: int, now: Seconds) -> bool:
        """Somebody wishes for so many layers now; whether more are wanted than before."""
        if layers < self.wanted:
            return False
        self._used_at = now
        more = layers > self.wanted
        self.wanted = layers
        return more

    def reconsider(self, now: Seconds) -> None:
        """Somebody may wish for less than before: have it looked at in a while."""
        if self._review_at is None:
            self._review_at = Seconds(now + KEPT_FOR)

    def next_deadline(self) -> Seconds | None:
        """When ``review`` has something to do."""
        return self._review_at

    def review(self, layers: int, now: Seconds) -> bool:
        """See whether fewer layers will do; whether that has changed what is wanted.

        Args:
            layers: that anybody wishes for now.
            now: monotonic.
        """
        if self._review_at is None or now < self._review_at:
            return False
        self._review_at = None
        if layers >= self.wanted:
            return False
        if now < self._used_at + KEPT_FOR:
            self._review_at = Seconds(self._used_at + KEPT_FOR)
            return False
        self.wanted = layers
        return True
