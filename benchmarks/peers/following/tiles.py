"""What one member receives of the others' cameras: when, and by which way."""

from dataclasses import dataclass, field
from typing import NamedTuple

from benchmarks.passage import Mode


class Arrival(NamedTuple):
    """A whole frame that can be decoded.

    Attributes:
        at: seconds of the machine's monotonic clock.
        number: of its last packet, as its publisher counts: the same by either way.
        way: by which it came.
    """

    at: float
    number: int
    way: Mode


class Switch(NamedTuple):
    """From here on a tile shows what comes by this way."""

    at: float
    way: Mode


@dataclass
class Tile:
    """One member's picture, as a page shows it: from the way that is wanted, as soon as it comes.

    Attributes:
        arrivals: every frame by every way, in the order in which they came.
        switches: which way has been shown since when.
    """

    arrivals: list[Arrival] = field(default_factory=list)
    switches: list[Switch] = field(default_factory=list)
    _wanted: Mode = "mesh"
    _seen: dict[Mode, float] = field(default_factory=dict)

    @property
    def source(self) -> Mode | None:
        """The way that is shown; None before the first frame."""
        return self.switches[-1].way if self.switches else None

    def want(self, way: Mode) -> None:
        """Show this way from its next frame on."""
        self._wanted = way

    def take(self, at: float, number: int, way: Mode) -> None:
        """A frame has come."""
        self.arrivals.append(Arrival(at, number, way))
        self._seen[way] = at
        shown = self.source
        if shown is None or (shown != way and way == self._wanted):
            self.switches.append(Switch(at, way))

    def last(self, way: Mode) -> float | None:
        """When a frame came by a way for the last time; None for never."""
        return self._seen.get(way)


class Tiles:
    """One member's tiles, by the ids of the others; they outlive them."""

    def __init__(self) -> None:
        self._tiles: dict[str, Tile] = {}
        self._wanted: Mode = "mesh"

    def __getitem__(self, member_id: str) -> Tile:
        if member_id not in self._tiles:
            self._tiles[member_id] = tile = Tile()
            tile.want(self._wanted)
        return self._tiles[member_id]

    def want(self, way: Mode) -> None:
        """Show this way in all tiles from its next frames on."""
        self._wanted = way
        for tile in self._tiles.values():
            tile.want(way)
