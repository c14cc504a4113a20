"""Some layers of a stream, for all subscribers who get the same ones.

A table numbers its packets by itself: what is left out leaves no gap, neither in sequence numbers
nor, with VP8, in picture ids (VP9's are named by what refers to them, and dependency descriptors
number frames by themselves: those stay). What was lost on the way from the publisher keeps its
number until it comes; if it then turns out to be of a layer that is left out, an empty packet
takes its place, so that nobody waits for it (RFC 3550 §5.1: padding only).

Beside what a fan-out costs, 2 µs for a packet that is forwarded alone, 2 µs for one left out, and
4 µs where pictures are numbered anew.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from sfu.media.layer_reader import EVERYTHING, Layer, LayerReader, PacketLayers
from sfu.media.packet_store import PacketStore
from sfu.media.sequence_map import SequenceMap
from sfu.routing.fan_out import FanOut
from sfu.units import I32, U8, U32, Seconds
from sfu.wire.picture_numbers import move_pictures, payload_of

_SEGMENTS: Final = 256
"""Stretches without a packet left out that are remembered: four seconds of 60 frames."""

_LONG_AGO: Final = Seconds(-1e9)
_SOURCE: Final = 0
_MARKER: Final = np.uint32(0x80)
_PADDING: Final = np.uint32(0x2000)
_WORD: Final = 0xFFFFFFFF


class LayerTable:
    """The subscribers of some layers.

    Args:
        fan_out: for them alone.
        layers: the highest that they get.
        reader: of the stream's packets.
        store: where they are kept.
        renumbers: whether pictures are numbered anew: VP8.

    Attributes:
        bytes: of payload forwarded.
        newest_arrival: when the newest packet came that was forwarded.
    """

    __slots__ = (
        "_dropped",
        "_last",
        "_numbers",
        "_reader",
        "_renumbers",
        "_running",
        "_store",
        "_top",
        "bytes",
        "fan_out",
        "layers",
        "newest_arrival",
    )

    def __init__(
        self,
        fan_out: FanOut,
        layers: Layer,
        reader: LayerReader,
        store: PacketStore,
        renumbers: bool,
    ) -> None:
        self.fan_out = fan_out
        self.layers = layers
        self.bytes = 0
        self.newest_arrival = _LONG_AGO
        self._reader = reader
        self._store = store
        self._renumbers = renumbers
        self._numbers = SequenceMap(1, 0, _SEGMENTS)
        self._running = False
        self._top = -1  # the stream's newest packet, forwarded or not
        self._last = -1  # the newest that was forwarded
        self._dropped = -1  # picture id of the picture left out last

    # ---- for those who receive it ----------------------------------------------------------

    @property
    def source(self) -> int:
        """Its number, by which ``SequenceMap`` tells sources apart."""
        return self.fan_out.source

    @property
    def newest(self) -> int:
        """The highest number given so far."""
        return self.number(self._top) if self._running else self._numbers.next_number - 1

    @property
    def picture_shift(self) -> int:
        """What is added to the stream's newest picture ids."""
        return self._numbers.shift.picture if self._running else 0

    def number(self, number: int) -> int:
        """The number of the stream's packet, if it is newer than all before."""
        return number + self._numbers.shift.sequence

    def packet(self, number: int) -> bytes | None:
        """A packet as it was forwarded but for its number and marker; None when it is not kept."""
        origin, shift = self._numbers.source_of(number), self._numbers.shift_of(number)
        packet = self._store.packet(origin[1]) if origin is not None else None
        if packet is None or shift is None:
            return None
        data = bytearray(packet)
        read = self._reader.read(bytes(data))
        if not read.within(self.layers):
            return None
        if self._ends_picture(read):
            data[1] |= int(_MARKER)
        if shift.picture and self.fan_out.pictures is not None:
            move_pictures(data, self.fan_out.pictures, shift.picture, 0)
        return bytes(data)

    def newest_packet(self) -> bytes | None:
        """The newest packet that was forwarded."""
        number = self._numbers.outgoing(self._last) if self._running else None
        return self.packet(number) if number is not None else None

    # ---- for its stream --------------------------------------------------------------------

    def start(self, number: int) -> None:
        """Count from the stream's packet on, which is newer than all; harmless when it does."""
        if not self._running:
            self._running = True
            before = self._numbers.shift.picture if self._last >= 0 else 0
            self._numbers.follow(_SOURCE, number, 0, 0, before)
            self._top, self._dropped = number - 1, -1
        self.fan_out.pass_over(self.number(number))

    def stop(self) -> None:
        """Count no more, because nobody is left."""
        if self._running:
            self._running = False
            self._numbers.leave(self._top, 0)

    def forward(
        self,
        packets: U8,
        heads: U32,
        lengths: I32,
        number: int,
        layers: Sequence[PacketLayers],
        now: Seconds,
    ) -> None:
        """Forward what is for its subscribers of a burst that is newer than all; see ``FanOut``.

        Args:
            packets: as for ``FanOut.forward``; they are left as they are.
            heads: likewise.
            lengths: likewise.
            number: of the first packet.
            layers: of each packet.
            now: when they came.
        """
        self.start(number)
        first = 0
        for index, one in enumerate(layers):
            if not one.within(self.layers):
                self._forward(first, index, (packets, heads, lengths), number, layers, now)
                first = index + 1
                self._leave_out(number + index, one)
        self._forward(first, len(layers), (packets, heads, lengths), number, layers, now)
        self._top = number + len(layers) - 1

    def forward_late(
        self, packets: U8, heads: U32, lengths: I32, number: int, one: PacketLayers
    ) -> None:
        """Forward a single packet that was overtaken or lost."""
        outgoing = self._numbers.outgoing(number) if self._running else None
        shift = self._numbers.shift_of(outgoing) if outgoing is not None else None
        if outgoing is None or shift is None:
            return
        packets, heads, lengths = packets.copy(), heads.copy(), lengths.copy()
        heads[:, 0] += np.uint32(shift.sequence << 16 & _WORD)
        if one.within(self.layers):
            self._rewrite(packets, heads, (one,), shift.picture)
        else:
            size = payload_of(packets[0, :16].tobytes()) + 1
            packets[0, size - 1] = 1
            lengths[0] = size
            heads[0, 0] = heads[0, 0] & ~_MARKER | _PADDING
            packets = packets[:, :size]
        self.fan_out.forward(packets, heads, lengths, outgoing)

    def _forward(
        self,
        first: int,
        end: int,
        burst: tuple[U8, U32, I32],
        number: int,
        layers: Sequence[PacketLayers],
        now: Seconds,
    ) -> None:
        """Forward some packets of a burst, between which none is left out."""
        if first == end:
            return
        shift = self._numbers.shift
        packets, heads, lengths = (
            burst[0][first:end],
            burst[1][first:end].copy(),
            burst[2][first:end],
        )
        heads[:, 0] += np.uint32(shift.sequence << 16 & _WORD)
        if shift.picture:
            packets = packets.copy()
        self._rewrite(packets, heads, layers[first:end], shift.picture)
        self.fan_out.forward(packets, heads, lengths, number + first + shift.sequence)
        self.bytes += int(lengths.sum()) - (end - first) * payload_of(packets[0, :16].tobytes())
        self.newest_arrival = now
        self._last = number + end - 1

    def _rewrite(
        self, packets: U8, heads: U32, layers: Sequence[PacketLayers], pictures: int
    ) -> None:
        """Number the pictures, and mark the end of those whose last packet is left out."""
        read = self.fan_out.pictures
        for index, one in enumerate(layers):
            if self._ends_picture(one):
                heads[index, 0] |= _MARKER
            if pictures and read is not None:
                move_pictures(packets[index].data, read, pictures, 0)

    def _ends_picture(self, one: PacketLayers) -> bool:
        """Whether nothing more of a picture is forwarded (RFC 9628 §4.1: the marker bit)."""
        return one.ends_layer and one.spatial == self.layers[0] < EVERYTHING[0]

    def _leave_out(self, number: int, one: PacketLayers) -> None:
        pictures = int(self._renumbers and one.picture not in (-1, self._dropped))
        if pictures:
            self._dropped = one.picture
        self._numbers.skip(number, pictures)
