"""How many requests an address may make: a bucket of tokens each, for as many as are remembered."""

from dataclasses import dataclass, field
from typing import Final

MOST_REMEMBERED: Final = 20_000
"""Addresses; beyond, who was quiet for longest is forgotten (and so forgiven)."""


@dataclass(eq=False, slots=True)
class AddressRates:
    """Admits ``rate`` requests a second from each address after a burst; zero admits all."""

    rate: float
    burst: int
    _buckets: dict[str, tuple[float, float]] = field(default_factory=dict)
    """Tokens that were left, and when, by key; who came last stands last."""

    def take(self, key: str, now: float) -> float:
        """A request at ``now``: zero if it is admitted, else the seconds until one would be."""
        if not self.rate:
            return 0.0
        tokens, at = self._buckets.pop(key, (float(self.burst), now))
        tokens = min(float(self.burst), tokens + (now - at) * self.rate)
        admitted = tokens >= 1.0
        self._buckets[key] = (tokens - 1.0 if admitted else tokens, now)
        if len(self._buckets) > MOST_REMEMBERED:
            del self._buckets[next(iter(self._buckets))]
        return 0.0 if admitted else (1.0 - tokens) / self.rate

    def __len__(self) -> int:
        return len(self._buckets)
