"""One subscriber's numbering: continuous, whatever happens to the sources behind it.

A subscriber sees one stream, whose packets come from one source after another (simulcast layers;
the same source before and after a pause) and of which some are never forwarded. Its numbers have
no gap but where the source itself has lost a packet. ``SequenceMap`` gives the numbers, and finds
the source's packet again when the subscriber asks for one by number.

All numbers are extended (they do not wrap), all mapping is by segments: stretches in which the
difference between outgoing and source number is constant.
"""

from bisect import bisect_right
from typing import Final, NamedTuple

MOST_SEGMENTS: Final = 64
"""Segments remembered: what is older can be asked for no more."""

_TIMESTAMP_MASK: Final = (1 << 32) - 1


class Shift(NamedTuple):
    """What to add to a source's numbers.

    Attributes:
        sequence: to sequence numbers, modulo 2^16.
        timestamp: to timestamps, modulo 2^32.
        picture: to picture ids, modulo 2^15 (``picture_numbers``).
        base: to TL0PICIDX, modulo 2^8.
    """

    sequence: int
    timestamp: int
    picture: int = 0
    base: int = 0


class _Segment(NamedTuple):
    source: int
    first: int
    """First source number that belongs to the segment."""
    outgoing: int
    """The number that ``first`` became."""
    timestamp: int
    """What is added to the source's timestamps."""
    picture: int
    """What is added to its picture ids."""
    base: int
    """What is added to its TL0PICIDX."""

    def shift(self) -> Shift:
        return Shift(self.outgoing - self.first, self.timestamp, self.picture, self.base)


class SequenceMap:
    """Maps (source, number) to outgoing numbers and back.

    A source is followed from a packet on until ``leave``; packets from before that one are not of
    the stream. ``skip`` leaves one packet out, and closes the gap.

    Args:
        first: the first outgoing number.
        timestamp: the timestamp of the first packet, or None to take over the source's.
        most_segments: that are remembered; what is older can be asked for no more.
    """

    __slots__ = (
        "_ends",
        "_following",
        "_most_segments",
        "_next",
        "_segments",
        "_since",
        "_starts",
        "_timestamp",
    )

    def __init__(
        self, first: int, timestamp: int | None = None, most_segments: int = MOST_SEGMENTS
    ) -> None:
        self._most_segments = most_segments
        self._segments: list[_Segment] = []
        self._starts: list[int] = []  # outgoing number of each segment's first packet
        self._ends: list[int] = []  # and the number after its last one, once it is known
        self._next = first  # outgoing number with which the next source begins
        self._since = 0  # source number from which the followed source is followed
        self._timestamp = timestamp
        self._following = False

    @property
    def following(self) -> bool:
        """Whether a source is being followed."""
        return self._following

    @property
    def shift(self) -> Shift:
        """What to add to the followed source's newest numbers."""
        return self._segments[-1].shift()

    @property
    def next_number(self) -> int:
        """Outgoing number with which the next source begins; of meaning while none is followed."""
        return self._next

    @property
    def newest_timestamp(self) -> int | None:
        """Outgoing timestamp of the packet sent last, as of the last ``leave``; None before."""
        return self._timestamp

    def follow(
        self,
        source: int,
        number: int,
        timestamp: int,
        pause: int | None = 0,
        picture: int = 0,
        base: int = 0,
    ) -> Shift:
        """Take the stream from ``source``, beginning with the packet ``number``.

        Args:
            source: any number that tells sources apart.
            number: extended sequence number of the packet that comes next in the stream.
            timestamp: its timestamp.
            pause: by how much the timestamps advance between the packet sent last and this one, in
                units of the clock rate. Without effect where ``source`` is the one left last,
                because its timestamps then carry on by themselves; None when they do so although
                the source is another, with the same clock.
            picture: what to add to its picture ids.
            base: what to add to its TL0PICIDX.

        Returns:
            What to add to the source's numbers and timestamps from here on.
        """
        segments = self._segments
        if segments and (pause is None or segments[-1].source == source):
            shift = segments[-1].timestamp
        elif self._timestamp is None:
            shift = 0
        else:
            shift = (self._timestamp + (pause or 0) - timestamp) & _TIMESTAMP_MASK
        self._following = True
        self._since = number
        self._begin(_Segment(source, number, self._next, shift, picture, base))
        return self.shift

    def skip(self, number: int, pictures: int = 0) -> Shift:
        """Leave out the followed source's packet ``number``: its number goes to the next one.

        Args:
            number: newer than every packet mapped or skipped before.
            pictures: how many pictures are left out with it: their ids go to the next ones.
        """
        last = self._segments[-1]
        outgoing = number - last.first + last.outgoing
        self._ends[-1] = outgoing
        source, _, _, timestamp, picture, base = last
        self._begin(_Segment(source, number + 1, outgoing, timestamp, picture - pictures, base))
        return self.shift

    def leave(self, number: int, timestamp: int) -> None:
        """Stop following; ``number`` is the source's newest packet that was forwarded.

        Args:
            number: one less than the packet followed first when none was forwarded.
            timestamp: of that packet, as the source counts.
        """
        last = self._segments[-1]
        self._following = False
        self._ends[-1] = self._next = max(number + 1 - last.first, 0) + last.outgoing
        if number >= self._since:
            self._timestamp = (timestamp + last.timestamp) & _TIMESTAMP_MASK

    def outgoing(self, number: int) -> int | None:
        """The outgoing number of the followed source's packet; None if it is not of the stream."""
        if not self._following or number < self._since:
            return None
        for index in range(len(self._segments) - 1, -1, -1):
            segment = self._segments[index]
            if number >= segment.first:
                outgoing = number - segment.first + segment.outgoing
                return outgoing if outgoing < self._ends[index] else None
        return None

    def source_of(self, outgoing: int) -> tuple[int, int] | None:
        """Source and number of the packet that was, or will be, sent as ``outgoing``.

        None when that is unknown: from before the first packet, forgotten, or still to come from a
        source that is not followed yet.
        """
        index = bisect_right(self._starts, outgoing) - 1
        if index < 0 or outgoing >= self._ends[index]:
            return None
        segment = self._segments[index]
        return segment.source, outgoing - segment.outgoing + segment.first

    def shift_of(self, outgoing: int) -> Shift | None:
        """What was, or will be, added to the numbers of the packet that ``source_of`` names."""
        index = bisect_right(self._starts, outgoing) - 1
        if index < 0 or outgoing >= self._ends[index]:
            return None
        return self._segments[index].shift()

    def _begin(self, segment: _Segment) -> None:
        if self._starts and self._starts[-1] == segment.outgoing:
            # The segment before it has no packet.
            self._segments[-1] = segment
            self._ends[-1] = _OPEN
            return
        self._segments.append(segment)
        self._starts.append(segment.outgoing)
        self._ends.append(_OPEN)
        if len(self._segments) > self._most_segments:
            del self._segments[0], self._starts[0], self._ends[0]


_OPEN: Final = 1 << 62
"""End of a segment that has not ended."""
