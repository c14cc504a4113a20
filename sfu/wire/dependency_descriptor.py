"""Dependency descriptor: layers of a frame without looking into it (AV1 RTP specification, A.8).

Each packet says whether it starts or ends a frame, the frame's number and its template. What the
templates mean, the *structure*, comes with a key frame and holds until the next one, so a reader
keeps the last structure and hands it in.
"""

from typing import Final

import msgspec

from sfu.wire.errors import WireError

_MANDATORY_SIZE: Final = 3
_LONGEST: Final = 255
_TEMPLATES: Final = 64
_MOST_SPATIAL: Final = 3
_MOST_TEMPORAL: Final = 7


class Template(msgspec.Struct, frozen=True):
    """What frames of one kind have in common.

    Attributes:
        spatial_id: 0 to 3.
        temporal_id: 0 to 7.
        indications: per decode target: 0 not present, 1 discardable, 2 switch, 3 required.
        frame_differences: how many frames back each reference is.
        chain_differences: per chain, how many frames back its last frame is.
    """

    spatial_id: int
    temporal_id: int
    indications: tuple[int, ...]
    frame_differences: tuple[int, ...]
    chain_differences: tuple[int, ...]


class Structure(msgspec.Struct, frozen=True):
    """Template dependency structure.

    Attributes:
        first_template: id of ``templates[0]``, 0 to 63.
        decode_targets: number of decode targets, 1 to 32.
        templates: by spatial, then temporal id.
        protected_by: per decode target its chain; empty without chains.
        chains: number of chains.
        resolutions: (width, height) per spatial layer; empty when not told.
    """

    first_template: int
    decode_targets: int
    templates: tuple[Template, ...]
    protected_by: tuple[int, ...]
    chains: int
    resolutions: tuple[tuple[int, int], ...]

    def layer_of(self, decode_target: int) -> tuple[int, int]:
        """Highest spatial and temporal id that a decode target contains."""
        inside = [t for t in self.templates if t.indications[decode_target]]
        return (
            max((template.spatial_id for template in inside), default=0),
            max((template.temporal_id for template in inside), default=0),
        )


class DependencyDescriptor(msgspec.Struct, frozen=True):
    """One packet's descriptor.

    Attributes:
        starts_frame: first packet of the frame.
        ends_frame: last packet of the frame.
        template_id: 0 to 63.
        frame_number: 16 bits.
        frame: the frame's template with what it says differently; None while no structure is known.
        structure: the structure it carries; None when it carries none.
        active_decode_targets: bit mask of the targets that are sent; None when not told.
    """

    starts_frame: bool
    ends_frame: bool
    template_id: int
    frame_number: int
    frame: Template | None
    structure: Structure | None
    active_decode_targets: int | None

    @property
    def key_frame(self) -> bool:
        """Whether a receiver can begin here: the first packet of a frame with a structure."""
        return self.starts_frame and self.structure is not None


class _Bits:
    """Reads a few hundred bits from the front."""

    __slots__ = ("_left", "_value")

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "big")
        self._left = 8 * len(data)

    def take(self, count: int) -> int:
        self._left -= count
        if self._left < 0:
            raise WireError("dependency descriptor is cut off")
        return self._value >> self._left & (1 << count) - 1

    def take_below(self, limit: int) -> int:
        """A number below ``limit`` in the fewest bits: ns(n) of the AV1 specification, §4.10.7."""
        width = limit.bit_length()
        short = (1 << width) - limit
        value = self.take(width - 1)
        return value if value < short else (value << 1) - short + self.take(1)


def parse_dependency_descriptor(
    data: bytes, structure: Structure | None = None
) -> DependencyDescriptor:
    """Read one descriptor.

    Args:
        data: the extension's data, 3 to 255 bytes.
        structure: the last one of this stream.

    Raises:
        WireError: cut off, or a template that the structure does not have.
    """
    if not _MANDATORY_SIZE <= len(data) <= _LONGEST:
        raise WireError(f"dependency descriptor of {len(data)} bytes")
    starts, ends, template_id = bool(data[0] & 0x80), bool(data[0] & 0x40), data[0] & 0x3F
    frame_number = data[1] << 8 | data[2]
    if len(data) == _MANDATORY_SIZE:
        frame = _template(structure, template_id) if structure else None
        return DependencyDescriptor(starts, ends, template_id, frame_number, frame, None, None)
    bits = _Bits(data[_MANDATORY_SIZE:])
    flags = bits.take(5)
    carried = _read_structure(bits) if flags & 0x10 else None
    current = carried or structure
    active = (1 << carried.decode_targets) - 1 if carried else None
    frame = None
    if current is not None:
        if flags & 0x08:
            active = bits.take(current.decode_targets)
        frame = _read_frame(bits, flags, current, _template(current, template_id))
    return DependencyDescriptor(starts, ends, template_id, frame_number, frame, carried, active)


def _template(structure: Structure, template_id: int) -> Template:
    index = (template_id - structure.first_template) % _TEMPLATES
    if index >= len(structure.templates):
        raise WireError("dependency descriptor of an unknown template")
    return structure.templates[index]


def _read_frame(bits: _Bits, flags: int, structure: Structure, template: Template) -> Template:
    """The frame's own values where it has any (``frame_dependency_definition``)."""
    indications, frames, chains = (
        template.indications,
        template.frame_differences,
        template.chain_differences,
    )
    if flags & 0x04:
        indications = tuple(bits.take(2) for _ in range(structure.decode_targets))
    if flags & 0x02:
        own = []
        while size := bits.take(2):
            own.append(bits.take(4 * size) + 1)
        frames = tuple(own)
    if flags & 0x01:
        chains = tuple(bits.take(8) for _ in range(structure.chains))
    return Template(template.spatial_id, template.temporal_id, indications, frames, chains)


def _read_structure(bits: _Bits) -> Structure:
    first_template = bits.take(6)
    targets = bits.take(5) + 1
    layers = _read_layers(bits)
    indications = [tuple(bits.take(2) for _ in range(targets)) for _ in layers]
    frames = [_read_frame_differences(bits) for _ in layers]
    chains = bits.take_below(targets + 1)
    protected_by: tuple[int, ...] = ()
    chain_differences: list[tuple[int, ...]] = [() for _ in layers]
    if chains:
        protected_by = tuple(bits.take_below(chains) for _ in range(targets))
        chain_differences = [tuple(bits.take(4) for _ in range(chains)) for _ in layers]
    resolutions: tuple[tuple[int, int], ...] = ()
    if bits.take(1):
        resolutions = tuple(
            (bits.take(16) + 1, bits.take(16) + 1) for _ in range(layers[-1][0] + 1)
        )
    templates = tuple(
        Template(*layer, *rest)
        for layer, *rest in zip(layers, indications, frames, chain_differences, strict=True)
    )
    return Structure(first_template, targets, templates, protected_by, chains, resolutions)


def _read_layers(bits: _Bits) -> list[tuple[int, int]]:
    """Spatial and temporal id per template; two bits say how the next one differs."""
    layers = [(0, 0)]
    while (step := bits.take(2)) != 3:
        spatial, temporal = layers[-1]
        if step == 1:
            temporal += 1
        elif step == 2:
            spatial, temporal = spatial + 1, 0
        if spatial > _MOST_SPATIAL or temporal > _MOST_TEMPORAL or len(layers) == _TEMPLATES:
            raise WireError("dependency descriptor has too many layers or templates")
        layers.append((spatial, temporal))
    return layers


def _read_frame_differences(bits: _Bits) -> tuple[int, ...]:
    differences = []
    while bits.take(1):
        differences.append(bits.take(4) + 1)
    return tuple(differences)
