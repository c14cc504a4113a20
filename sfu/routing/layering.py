"""A stream whose subscribers do not all get the same layers.

Beside the stream's own fan-out, which gets everything, there is a ``LayerTable`` for each set of
layers that somebody gets. Subscribers move between them where a picture begins: to fewer layers at
the next, to more at the next that lets them (RFC 7741 §4.2: Y; RFC 9628 §4.2: U; switch indication
of the AV1 RTP specification, A.4), to any at a key frame. They move only if the picture before has
come as a whole: what comes late is forwarded in its own table only.

A stream without such subscribers has no part in any of this.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

from sfu.media.layer_reader import EVERYTHING, Layer, LayerReader, PacketLayers, risen
from sfu.routing.fan_out import FanOut
from sfu.routing.layer_table import LayerTable
from sfu.units import I32, U8, U32, Seconds

if TYPE_CHECKING:
    from sfu.routing.received_stream import ReceivedStream

PATIENCE: Final = Seconds(2.0)
"""After so long without a picture at which subscribers can get more, a key frame is asked for."""

_TABLE_SOURCE: Final = 1 << 32
"""Sources of tables are the stream's with their place in front."""

_MOST_FRAMES: Final = 32
"""Different packets of one picture that are looked at: of some layers, and their last ones."""


Packet: TypeAlias = bytes


class Table(Protocol):
    """What somebody receives: all of a stream, or some layers of it.

    Attributes:
        fan_out: to those who receive it.
        bytes: of payload forwarded.
        newest_arrival: when the newest packet came.
    """

    fan_out: FanOut
    bytes: int
    newest_arrival: Seconds

    @property
    def source(self) -> int:
        """Its number, by which ``SequenceMap`` tells sources apart."""

    @property
    def newest(self) -> int:
        """The highest number given so far."""

    @property
    def picture_shift(self) -> int:
        """What is added to the publisher's newest picture ids."""

    def packet(self, number: int) -> Packet | None:
        """A packet as it was forwarded; None when it is not kept."""

    def newest_packet(self) -> Packet | None:
        """The newest packet that was forwarded; None when it is not kept."""


class Mover(Protocol):
    """A subscriber who is to get other layers."""

    @property
    def table(self) -> Table | None:
        """Where it gets its packets now."""

    def move(self, table: Table, number: int, timestamp: int) -> None:
        """Get them from another table of the stream.

        Args:
            table: the new one.
            number: in the new table, of the first packet that is for the subscriber.
            timestamp: of that packet.
        """


class Layering:
    """The tables of a stream.

    Args:
        stream: whose packets they are.
        codec: its name in lower case.
        declared: the highest layers that the publisher named.

    Attributes:
        reader: of its packets.
        tables: by the layers they hold; they stay when they are empty, for packets sent by them may
            be asked for.
        highest: the highest layers that were named or seen.
    """

    __slots__ = (
        "_moving",
        "_newest",
        "_picture",
        "_renumbers",
        "_running",
        "_stream",
        "_timestamp",
        "_whole",
        "highest",
        "reader",
        "tables",
    )

    def __init__(self, stream: "ReceivedStream", codec: str, declared: Layer) -> None:
        self.reader = LayerReader(codec)
        self.tables: dict[Layer, LayerTable] = {}
        self.highest = declared
        self._stream = stream
        self._renumbers = codec == "vp8"
        self._running: tuple[LayerTable, ...] = ()
        self._moving: dict[Mover, tuple[Layer, Seconds]] = {}  # where to, and since when
        self._newest = -1
        self._timestamp = -1
        self._whole = True  # nothing of the newest picture is missing, so far
        self._picture: list[PacketLayers] = []  # what the packets of the newest picture say

    # ---- subscribers -----------------------------------------------------------------------

    def table(self, layers: Layer) -> Table:
        """Where these layers are to be had, by who can begin with the next packet."""
        if layers == EVERYTHING:
            return self._stream
        table = self.tables.get(layers)
        if table is None:
            source = self._stream.source + (len(self.tables) + 1) * _TABLE_SOURCE
            fan_out = self._stream.fan_out.sibling(source)
            table = LayerTable(fan_out, layers, self.reader, self._stream.store, self._renumbers)
            self.tables[layers] = table
        self._begin()
        if table not in self._running:
            self._running += (table,)
        return table

    def want(self, mover: Mover, layers: Layer) -> None:
        """Move a subscriber as soon as it can be."""
        self._moving.pop(mover, None)
        if mover.table is not None and layers_of(mover.table) != layers:
            self._begin()
            self._moving[mover] = layers, self._stream.newest_arrival
            if layers[0] > layers_of(mover.table)[0]:
                # Few encoders offer another place to begin with a spatial layer.
                self._stream.request_key_frame(self._stream.newest_arrival)
        self.settle()

    def forget(self, mover: Mover) -> None:
        """A subscriber has left."""
        self._moving.pop(mover, None)
        self.settle()

    def settle(self) -> None:
        """Stop what nobody needs any more."""
        for table in self._running:
            if not table.fan_out:
                table.stop()
        self._running = tuple(table for table in self._running if table.fan_out)
        if not self._running and not self._moving:
            self._stream.layering = None

    def _begin(self) -> None:
        """Have the stream's packets pass by here."""
        stream = self._stream
        if stream.layering is None:
            stream.layering = self
            self._newest = stream.store.newest
            self._timestamp, self._whole = stream.newest_timestamp, True
            self._picture.clear()
            self.reader.learn(stream.descriptor)

    # ---- packets ---------------------------------------------------------------------------

    def forward(self, packets: U8, heads: U32, lengths: I32, number: int) -> None:
        """Write a burst for every subscriber; see ``FanOut.forward``."""
        read = self.reader.read
        sizes = lengths.tolist()
        layers = [read(packets[index, :size].tobytes()) for index, size in enumerate(sizes)]
        if number <= self._newest:
            self._forward_late(packets, heads, lengths, number, layers)
            return
        first = 0
        timestamps = heads[:, 1].tolist()
        for index, (timestamp, one) in enumerate(zip(timestamps, layers, strict=True)):
            follows = number + index == self._newest + 1
            if timestamp == self._timestamp:
                self._whole &= follows
            else:
                if self._moving and follows and self._whole:
                    part = slice(first, index)
                    self._send(
                        packets[part], heads[part], lengths[part], number + first, layers[part]
                    )
                    first = index
                    self._move(number + index, timestamp, one)
                self._timestamp, self._whole = timestamp, follows
                self._picture.clear()
            self._note(one)
            self._newest = number + index
        self._send(packets[first:], heads[first:], lengths[first:], number + first, layers[first:])

    def _note(self, one: PacketLayers) -> None:
        spatial, temporal = self.highest
        if one.spatial > spatial or one.temporal > temporal:
            self.highest = max(one.spatial, spatial), max(one.temporal, temporal)
        if self._moving and len(self._picture) < _MOST_FRAMES and one not in self._picture:
            self._picture.append(one)

    def _send(
        self,
        packets: U8,
        heads: U32,
        lengths: I32,
        number: int,
        layers: Sequence[PacketLayers],
    ) -> None:
        if not layers:
            return
        stream = self._stream
        stream.fan_out.forward(packets, heads, lengths, number)
        for table in self._running:
            table.forward(packets, heads, lengths, number, layers, stream.newest_arrival)

    def _forward_late(
        self,
        packets: U8,
        heads: U32,
        lengths: I32,
        number: int,
        layers: Sequence[PacketLayers],
    ) -> None:
        self._stream.fan_out.forward(packets, heads, lengths, number)
        for index, one in enumerate(layers):
            part = slice(index, index + 1)
            for table in self._running:
                table.forward_late(packets[part], heads[part], lengths[part], number + index, one)

    def _move(self, number: int, timestamp: int, first: PacketLayers) -> None:
        """A picture begins, and that before it has come: move who can be moved."""
        stream = self._stream
        for mover, (wanted, since) in list(self._moving.items()):
            before = mover.table
            assert before is not None, "who leaves is forgotten"
            current = layers_of(before)
            fallen = min(current[0], wanted[0]), min(current[1], wanted[1])
            layers = risen(fallen, wanted, first, self._picture, self.highest)
            if layers != current:
                table = self.table(layers)
                if isinstance(before, LayerTable):
                    before.fan_out.pass_over(before.number(number))
                if isinstance(table, LayerTable):
                    table.start(number)
                    mover.move(table, table.number(number), timestamp)
                else:
                    mover.move(table, number, timestamp)
            if layers == wanted:
                self._moving.pop(mover, None)
            elif stream.newest_arrival - since > PATIENCE:
                self._moving[mover] = wanted, stream.newest_arrival
                stream.request_key_frame(stream.newest_arrival)
        self.settle()


def all_if_highest(layers: Layer, declared: Layer) -> Layer:
    """``EVERYTHING`` in the respects in which layers are as high as those the publisher named.

    Without a scalability mode there is one spatial layer, but temporal ones are not excluded:
    browsers sent VP8 in several before there were modes.
    """
    spatial, temporal = layers
    top_spatial, top_temporal = EVERYTHING
    return (
        top_spatial if spatial >= declared[0] else spatial,
        top_temporal if temporal >= declared[1] > 0 else temporal,
    )


def layers_of(table: Table) -> Layer:
    """The highest layers of a table."""
    return table.layers if isinstance(table, LayerTable) else EVERYTHING
