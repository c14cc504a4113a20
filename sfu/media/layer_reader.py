"""Which layers a packet belongs to, and where a subscriber may get more of them.

By the dependency descriptor where there is one, whose structure is kept; else by the payload
descriptor of VP8 or VP9. What does not say is of the lowest layer; nothing raises. 2 to 4 µs for a
packet, 70 µs for one with a structure, paid for streams some of whose layers somebody does not get.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple, TypeAlias

from sfu.units import Octets
from sfu.wire.dependency_descriptor import Structure, parse_dependency_descriptor
from sfu.wire.errors import WireError
from sfu.wire.extensions import Extension
from sfu.wire.header_rewriter import HeaderRewriter
from sfu.wire.picture_numbers import payload_of
from sfu.wire.vp8 import parse_vp8
from sfu.wire.vp9 import parse_vp9

Layer: TypeAlias = tuple[int, int]
"""Spatial and temporal layer, 0 the lowest."""

EVERYTHING: Final[Layer] = (7, 7)
"""Above all layers there are."""

_SWITCH: Final = 2
_DESCRIPTOR: Final = Extension.DEPENDENCY_DESCRIPTOR


class PacketLayers(NamedTuple):
    """What a packet says of its layers.

    Attributes:
        spatial: layer within the stream.
        temporal: layer.
        key: it is the first of a picture from which everything can be received.
        sync: who got the layers below this temporal one can receive it from here on.
        opens: who gets the frame can receive all temporal layers from the next picture on.
        switches: layers that can be received from the next picture on, by who gets the frame.
        ends_layer: it is the last packet of its spatial layer's frame.
        picture: VP8's picture id; -1 when there is none.
    """

    spatial: int = 0
    temporal: int = 0
    key: bool = False
    sync: bool = False
    opens: bool = False
    switches: tuple[Layer, ...] = ()
    ends_layer: bool = False
    picture: int = -1

    def within(self, limits: Layer) -> bool:
        """Whether who gets these layers gets the packet."""
        return self.spatial <= limits[0] and self.temporal <= limits[1]


_UNKNOWN: Final = PacketLayers()


class LayerReader:
    """Reads the packets of one stream.

    Args:
        codec: its name in lower case.
    """

    __slots__ = ("_codec", "_shapes", "_structure", "_targets")

    def __init__(self, codec: str) -> None:
        self._codec = codec
        self._shapes = HeaderRewriter({int(_DESCRIPTOR): _DESCRIPTOR})
        self._structure: Structure | None = None
        self._targets: tuple[Layer, ...] = ()  # what each decode target contains

    def learn(self, descriptor: bytes) -> None:
        """Take the structure from the dependency descriptor of a key frame, if it has one."""
        if descriptor:
            self._describe(descriptor)

    def read(self, packet: bytes) -> PacketLayers:
        """The layers of a canonical packet."""
        payload = payload_of(packet)
        shape = self._shapes.shape_of(packet[12:payload])
        if shape.length[_DESCRIPTOR]:
            first = 12 + shape.offset[_DESCRIPTOR]
            described = self._describe(packet[first : first + shape.length[_DESCRIPTOR]])
            if described is not None:
                return described
        try:
            if self._codec == "vp8":
                return _of_vp8(packet[payload:])
            if self._codec == "vp9":
                return _of_vp9(packet[payload:])
        except WireError:
            pass
        return _UNKNOWN

    def _describe(self, descriptor: bytes) -> PacketLayers | None:
        try:
            read = parse_dependency_descriptor(descriptor, self._structure)
        except WireError:
            return None
        if read.structure is not None:
            structure = self._structure = read.structure
            self._targets = tuple(map(structure.layer_of, range(structure.decode_targets)))
        frame = read.frame
        if frame is None:
            return None
        told = zip(self._targets, frame.indications, strict=False)
        return PacketLayers(
            frame.spatial_id,
            frame.temporal_id,
            key=read.key_frame,
            switches=tuple(layer for layer, indication in told if indication == _SWITCH),
            ends_layer=read.ends_frame,
        )

    @property
    def highest(self) -> Layer:
        """The highest layers that the structure knows; ``EVERYTHING`` without one."""
        if not self._targets:
            return EVERYTHING
        return max(s for s, _ in self._targets), max(t for _, t in self._targets)


def _of_vp8(payload: Octets) -> PacketLayers:
    read = parse_vp8(payload)
    return PacketLayers(
        temporal=read.temporal_id or 0,
        key=read.key_frame,
        sync=read.layer_sync,
        picture=-1 if read.picture_id is None else read.picture_id,
    )


def _of_vp9(payload: Octets) -> PacketLayers:
    """RFC 9628 §4.2: pictures after a switching up point need none before it of higher layers.

    libvpx says so of every picture that needs pictures of lower layers only, which is what VP8
    means by a layer sync.
    """
    read = parse_vp9(payload)
    return PacketLayers(
        read.spatial_id or 0,
        read.temporal_id or 0,
        key=read.key_frame,
        sync=read.switching_up,
        opens=read.switching_up,
        ends_layer=read.ends_frame,
    )


def risen(
    current: Layer,
    wanted: Layer,
    first: PacketLayers,
    before: Sequence[PacketLayers],
    highest: Layer,
) -> Layer:
    """The layers that a subscriber can get from a picture on.

    Args:
        current: what it gets now.
        wanted: what it is to get; in neither respect less than now.
        first: of the picture's first packet.
        before: of the picture before it, whatever its packets said.
        highest: the highest layers that are known of.
    """
    if first.key:
        return wanted
    spatial, temporal = current
    received = [one for one in before if one.within(current)]
    offered = {layer for one in received for layer in one.switches}
    sought = min(wanted[0], highest[0]), min(wanted[1], highest[1])
    if sought in offered:
        return wanted
    if (min(spatial, highest[0]), sought[1]) in offered or any(one.opens for one in received):
        temporal = wanted[1]
    elif first.sync and first.temporal == temporal + 1 <= wanted[1]:
        temporal += 1
    return spatial, wanted[1] if temporal >= highest[1] else temporal
