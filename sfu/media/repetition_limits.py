"""How often lost packets may be sent again.

A request names packets by number (RFC 4585 §6.2.1); a hostile one names thousands, again and again.
So a packet is sent again only after the time in which the one before could have arrived, only some
times, and all together at most half of what was sent in the first place, but for a stock that lets
a subscriber make good an interruption of about a second.
"""

from typing import Final

from sfu.units import Seconds

MOST_TIMES: Final = 10
"""One packet is sent again."""

SHORTEST_INTERVAL: Final = 0.02
"""Seconds between two repetitions of a packet, when the round trip is shorter or unknown."""

STOCK: Final = 256
"""Packets that may be sent again whatever was sent before."""

SHARE: Final = 0.5
"""Repetitions per packet sent."""

_MOST_REMEMBERED: Final = 512
"""Packets whose repetitions are counted: as many as a stream keeps."""


class RepetitionLimits:
    """Those of one consumer."""

    __slots__ = ("_remembered", "_sent", "_stock")

    def __init__(self) -> None:
        self._stock: float = STOCK
        self._sent = 0
        self._remembered: dict[int, tuple[Seconds, int]] = {}

    def permit(self, number: int, sent: int, rtt: Seconds | None, now: Seconds) -> bool:
        """Whether a packet may be sent again now; if so, that is counted.

        Args:
            number: the packet's outgoing number.
            sent: packets of the stream that were sent in the first place, so far.
            rtt: round-trip time, when it is known.
            now: monotonic.
        """
        at, times = self._remembered.get(number, (None, 0))
        if at is not None:
            interval = SHORTEST_INTERVAL if rtt is None else max(rtt, SHORTEST_INTERVAL)
            if times >= MOST_TIMES or now - at < interval:
                return False
        self._stock = min(STOCK, self._stock + (sent - self._sent) * SHARE)
        self._sent = sent
        if self._stock < 1:
            return False
        self._stock -= 1
        self._remembered[number] = now, times + 1
        if len(self._remembered) > _MOST_REMEMBERED:
            del self._remembered[next(iter(self._remembered))]
        return True
