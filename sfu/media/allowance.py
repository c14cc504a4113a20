"""So many per second and no more: what keeps one peer's wishes from costing the others."""

from typing import Final

from sfu.units import Seconds

_LONG_AGO: Final = Seconds(-1e9)
_ROUNDING: Final = 1e-6
"""What the stock may lack of a whole number when it is asked at the very time of ``ready_at``."""


class Allowance:
    """A stock that fills up steadily and is taken from.

    Args:
        per_second: by how much it fills.
        most: it holds, and has at the beginning.
    """

    __slots__ = ("_at", "_most", "_per_second", "_stock")

    def __init__(self, per_second: float, most: float) -> None:
        self._per_second = per_second
        self._most = self._stock = float(most)
        self._at = _LONG_AGO

    def take(self, now: Seconds, wanted: int = 1) -> int:
        """Take as many as there are, at most ``wanted``; how many were taken."""
        if now > self._at:
            self._stock = min(self._most, self._stock + (now - self._at) * self._per_second)
            self._at = now
        taken = min(wanted, int(self._stock + _ROUNDING))
        self._stock -= taken
        return taken

    def ready_at(self) -> Seconds:
        """From when on there is one to be taken."""
        if self._stock + _ROUNDING >= 1:
            return self._at
        return Seconds(self._at + (1 - self._stock) / self._per_second)
