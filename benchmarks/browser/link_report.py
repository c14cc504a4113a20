"""What ``link_watch.js`` has seen in a page, in seconds, and what follows from one page's alone."""

import itertools
from collections.abc import Callable, Sequence

import msgspec

from benchmarks.gaps import Reading, Window, growth, longest_gap, stalls


class Received(msgspec.Struct, frozen=True):
    """One stream that a page receives; counts from its beginning.

    Attributes:
        octets: of RTP, headers included.
        concealed: audio samples made up, silence excepted.
        frozen: seconds that Chromium calls frozen.
    """

    kind: str
    track: str
    octets: int
    packets: int
    lost: int
    frames: int
    height: int
    nacks: int
    pictures: int
    concealed: float
    samples: float
    freezes: int
    frozen: float


class Sent(msgspec.Struct, frozen=True):
    """One stream that a page sends, likewise; ``pictures``: key frames it was asked for."""

    kind: str
    rid: str
    active: bool
    octets: int
    packets: int
    frames: int
    height: int
    pictures: int
    keyFrames: int  # noqa: N815 - as the page says it
    limited: str
    target: float


class Pair(msgspec.Struct, frozen=True):
    """The way of one connection; ``available``: what Chromium thinks it can send, bit/s."""

    rtt: float
    available: float
    protocol: str
    kind: str
    octets: int


class Sample(msgspec.Struct, frozen=True):
    """What getStats said at a time, Unix milliseconds."""

    at: float
    inbound: list[Received]
    outbound: list[Sent]
    pairs: list[Pair]


class LinkReport(msgspec.Struct, frozen=True):
    """One page's; times in Unix milliseconds.

    Attributes:
        frames: by member id: when each frame was shown, and how high it was.
        samples: in order.
        states: of its connections, as they changed.
    """

    frames: dict[str, list[tuple[float, int]]]
    samples: list[Sample]
    states: list[tuple[float, str]]


class Watcher:
    """A page's report with a zero of time.

    Args:
        report: the page's.
        zero: Unix seconds that are 0 in all that is asked here.

    Attributes:
        zero: the same.
    """

    def __init__(self, report: LinkReport, zero: float) -> None:
        self.report = report
        self.zero = zero

    def _at(self, milliseconds: float) -> float:
        return milliseconds / 1000 - self.zero

    # ---- pictures --------------------------------------------------------------------------------

    def frames(self, member: str | None = None) -> list[tuple[float, int]]:
        """When each frame of a member was shown, and its height; of whom there are most if None."""
        told = self.report.frames
        if not told:
            return []
        name = max(told, key=lambda one: len(told[one])) if member is None else member
        return sorted((self._at(at), height) for at, height in told.get(name, []))

    def longest_freeze(self, window: Window) -> float:
        """The longest wait for a frame, seconds."""
        return longest_gap([at for at, _ in self.frames()], window)

    def freezes(self, window: Window, longest: float) -> list[Window]:
        """All waits for a frame longer than that."""
        return stalls([at for at, _ in self.frames()], window, longest)

    def heights(self) -> list[tuple[float, int]]:
        """Since when frames of which height were shown."""
        found: list[tuple[float, int]] = []
        for at, height in self.frames():
            if not found or found[-1][1] != height:
                found.append((at, height))
        return found

    # ---- counters --------------------------------------------------------------------------------

    def readings(self, value: Callable[[Sample], float]) -> list[Reading]:
        """A counter over time."""
        return [Reading(self._at(one.at), value(one)) for one in self.report.samples]

    def received(self, kind: str, field: str) -> list[Reading]:
        """The sum of a counter over all streams of a kind that are received."""
        return self.readings(
            lambda one: sum(float(getattr(s, field)) for s in one.inbound if s.kind == kind)
        )

    def sent(self, kind: str, field: str, rid: str | None = None) -> list[Reading]:
        """The same of what is sent, or of one encoding of it."""
        return self.readings(
            lambda one: sum(
                float(getattr(s, field))
                for s in one.outbound
                if s.kind == kind and (rid is None or s.rid == rid)
            )
        )

    def rids(self) -> list[str]:
        """Of the encodings of its camera, lowest first."""
        heights: dict[str, int] = {}
        for sample in self.report.samples:
            for one in sample.outbound:
                if one.kind == "video":
                    heights[one.rid] = max(heights.get(one.rid, 0), one.height)
        return sorted(heights, key=lambda rid: heights[rid])

    def limited_by(self, reason: str, window: Window) -> float:
        """Share of the samples in which an encoding was held back for a reason."""
        some = [one for one in self.report.samples if window.start < self._at(one.at) <= window.end]
        held = [any(s.limited == reason for s in one.outbound) for one in some]
        return sum(held) / len(held) if held else 0.0


def rate(readings: Sequence[Reading], window: Window) -> float:
    """By how much a counter of bytes grew, in bit/s."""
    return 8 * growth(readings, window) / window.length


def per_second(readings: Sequence[Reading], window: Window) -> float:
    """By how much a counter grew a second."""
    return growth(readings, window) / window.length


def rates(readings: Sequence[Reading]) -> list[tuple[float, float]]:
    """A counter of bytes as bit/s between any two readings, at the later one's time."""
    found: list[tuple[float, float]] = []
    for earlier, later in itertools.pairwise(readings):
        passed = later.at - earlier.at
        if passed > 0:
            found.append((later.at, 8 * max(0.0, later.value - earlier.value) / passed))
    return found
