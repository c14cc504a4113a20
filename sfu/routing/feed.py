"""One subscriber's stream: it moves between fan-outs, and its numbers and timestamps go on."""

from collections.abc import Callable
from typing import TypeAlias

from sfu.media.layer_reader import EVERYTHING, Layer
from sfu.media.sender_reports import MOST_PAUSE, Instant, translate, units_between
from sfu.media.sequence_map import SequenceMap
from sfu.routing.fan_out import Subscription
from sfu.routing.layering import Table, all_if_highest, layers_of
from sfu.routing.received_stream import ReceivedStream
from sfu.transport.srtp import SrtpSession
from sfu.units import Seconds

Limits: TypeAlias = tuple[int | None, int | None]
"""Highest spatial layer within a stream and highest temporal layer; None when all are sent."""


class Feed:
    """What a consumer sends: packets of one received stream at a time, as one outgoing stream.

    Args:
        ssrc: of the outgoing stream.
        payload_type: of the outgoing stream.
        first: its first sequence number.

    Attributes:
        numbers: of the outgoing stream.
        stream: the one whose packets are sent, None while there is none.
        table: the stream, or its layers that are sent.
        connected: whether it can send.
        moved: called when other layers are sent than before.
    """

    __slots__ = (
        "_ahead",
        "_ahead_before",
        "_bytes_before",
        "_last",
        "_last_source",
        "_layers",
        "_octets",
        "_payload_type",
        "_ssrc",
        "_subscription",
        "moved",
        "numbers",
        "stream",
        "table",
    )

    def __init__(self, ssrc: int, payload_type: int, first: int) -> None:
        self._ssrc = ssrc
        self._payload_type = payload_type
        self.numbers = SequenceMap(first)
        self.stream: ReceivedStream | None = None
        self.table: Table | None = None
        self.moved: Callable[[], None] = _ignore
        self._layers: Layer = EVERYTHING
        self._subscription: Subscription | None = None
        self._last: Instant | None = None  # the packet sent last, as its source counts
        self._last_source: int | None = None
        # By how much outgoing timestamps are later than capture times say, because they may not go
        # back at a change of streams: to be made up for at the next one.
        self._ahead = 0
        self._ahead_before = 0
        self._octets = 0  # of streams left
        self._bytes_before = 0  # that the stream had received when it was joined

    @property
    def connected(self) -> bool:
        """Whether it knows its way out."""
        return self._subscription is not None

    @property
    def packets(self) -> int:
        """Sent so far."""
        if self._subscription is None:
            return 0
        if self.table is None:
            return self._subscription.packets
        return self.table.fan_out.packets_sent(self._subscription)

    @property
    def octets(self) -> int:
        """Payload sent so far, about: what its streams have received meanwhile.

        Counting for each subscriber would cost on the packet path, and only statistics read it.
        """
        if self.table is None:
            return self._octets
        return self._octets + self.table.bytes - self._bytes_before

    @property
    def newest_number(self) -> int:
        """The highest outgoing number so far; one less than the first when there is none."""
        if self.table is None or not self.numbers.following:
            return self.numbers.next_number - 1
        return self.table.newest + self.numbers.shift.sequence

    def connect(self, slot: int, session: SrtpSession) -> None:
        """Send to a destination, protected by its session."""
        self._subscription = Subscription(
            slot, session, self._ssrc, self._payload_type, self.numbers
        )

    def join(self, stream: ReceivedStream) -> None:
        """Send the stream's packets from the next new one on, and no others' any more.

        The stream has noted its newest packet's arrival and timestamp: those of the next one, if it
        is a key frame for which one waited.
        """
        assert self._subscription is not None, "connected"
        self.leave()
        self._subscription.pause = self._advance(stream)
        self.stream = stream
        self._enter(self._table_of(stream))

    def leave(self) -> None:
        """Send nothing until ``join``."""
        stream, table, subscription = self.stream, self.table, self._subscription
        if stream is None or table is None or subscription is None:
            return
        self._octets, self.stream, self.table = self.octets, None, None
        if self.numbers.following:
            shift = self.numbers.shift
            subscription.shown = self._shown(table)
            table.fan_out.remove(subscription)
            newest = self.numbers.newest_timestamp
            assert newest is not None, "it followed a packet"
            timestamp = newest - shift.timestamp
            self._last = Instant(stream.sender_clock, timestamp, table.newest_arrival)
            self._last_source = stream.source
        else:
            table.fan_out.remove(subscription)
            self._ahead = self._ahead_before  # it came to nothing
        if stream.layering is not None:
            stream.layering.forget(self)

    def limit(self, spatial: int | None, temporal: int | None) -> None:
        """Send no layers above these any more, 0 the lowest; None for all.

        The spatial limit is one within a stream (SVC); simulcast layers are streams of their own.
        What is to fall falls with the next frame; what is to rise rises as soon as a frame lets it.
        """
        top_spatial, top_temporal = EVERYTHING
        layers = (
            top_spatial if spatial is None else min(spatial, top_spatial),
            top_temporal if temporal is None else min(temporal, top_temporal),
        )
        if layers == self._layers:
            return
        self._layers = layers
        stream = self.stream
        if stream is None or self.table is None:
            return
        if self.numbers.following:
            wanted = all_if_highest(layers, stream.declared)
            if wanted != layers_of(self.table) or stream.layering is not None:
                stream.layered().want(self, wanted)
            return
        subscription = self._subscription
        assert subscription is not None, "connected"
        self.table.fan_out.remove(subscription)
        self._enter(self._table_of(stream))

    @property
    def limits(self) -> Limits:
        """Spatial and temporal layer above which nothing is sent at the moment; None: all are."""
        spatial, temporal = EVERYTHING if self.table is None else layers_of(self.table)
        top_spatial, top_temporal = EVERYTHING
        return (
            None if spatial == top_spatial else spatial,
            None if temporal == top_temporal else temporal,
        )

    def within(self, spatial: int, temporal: int) -> Layer:
        """The layers that are sent of a stream with these highest ones."""
        limits = EVERYTHING if self.table is None else layers_of(self.table)
        return min(spatial, limits[0]), min(temporal, limits[1])

    def move(self, table: Table, number: int, timestamp: int) -> None:
        """Send other layers of the stream; see ``Mover``."""
        before, subscription = self.table, self._subscription
        assert before is not None and subscription is not None, "it sends"
        shift = self.numbers.shift
        self._octets = self.octets
        before.fan_out.remove(subscription)
        subscription.pause = None
        subscription.picture = shift.picture + before.picture_shift - table.picture_shift
        subscription.base = shift.base
        self._enter(table)
        table.fan_out.start(number, timestamp)
        self.moved()

    def _table_of(self, stream: ReceivedStream) -> Table:
        """Where to begin with a stream."""
        layers = all_if_highest(self._layers, stream.declared)
        return stream if layers == EVERYTHING else stream.layered().table(layers)

    def _enter(self, table: Table) -> None:
        assert self._subscription is not None, "connected"
        self.table, self._bytes_before = table, table.bytes
        table.fan_out.add(self._subscription)

    def _shown(self, table: Table) -> tuple[int, int] | None:
        """Picture id and TL0PICIDX of the newest packet sent; None if it has none, or is gone."""
        read = table.fan_out.pictures
        packet = table.newest_packet() if read is not None else None
        numbers = read(packet) if read is not None and packet is not None else None
        if numbers is None:
            return None
        shift = self.numbers.shift
        return numbers.picture + shift.picture, numbers.base + shift.base

    def report(self, now: Seconds) -> tuple[int, int] | None:
        """NTP time and outgoing timestamp of now; None when the publisher has not told its own."""
        stream = self.stream
        if stream is None or stream.sender_clock is None or not self.numbers.following:
            return None
        shift = self.numbers.shift.timestamp
        return translate(stream.sender_clock, stream.clock_rate, shift, now)

    def _advance(self, stream: ReceivedStream) -> int | None:
        """By how much timestamps advance to the stream's newest packet; see ``Subscription``."""
        self._ahead_before = self._ahead
        if self._last is None:
            return 0
        if self._last_source == stream.source:
            return None
        first = Instant(stream.sender_clock, stream.newest_timestamp, stream.newest_arrival)
        wanted = units_between(self._last, first, stream.clock_rate) - self._ahead
        advance = min(max(wanted, 1), MOST_PAUSE)
        self._ahead = advance - wanted
        return advance


def _ignore() -> None:
    """Nobody is told."""
