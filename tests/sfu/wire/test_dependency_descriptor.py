from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.wire.dependency_descriptor import (
    DependencyDescriptor,
    Structure,
    Template,
    parse_dependency_descriptor,
)
from sfu.wire.errors import WireError
from sfu.wire.extensions import Extension, parse_elements
from sfu.wire.rtp import parse_rtp
from tests.sfu.wire.samples import EXTENSION_IDS, RTP, some


class Writer:
    """Bits from the front, for descriptors nobody sends."""

    def __init__(self) -> None:
        self.bits = ""

    def put(self, value: int, count: int) -> None:
        self.bits += format(value, f"0{count}b") if count else ""

    def put_below(self, value: int, limit: int) -> None:
        width = limit.bit_length()
        short = (1 << width) - limit
        if value < short:
            self.put(value, width - 1)
        else:
            self.put(value + short, width)

    def put_all(self, count: int, values: Iterable[int]) -> None:
        for value in values:
            self.put(value, count)

    def data(self) -> bytes:
        padded = self.bits + "0" * (-len(self.bits) % 8)
        return bytes(int(padded[at : at + 8], 2) for at in range(0, len(padded), 8))


def write(structure: Structure, template_id: int, number: int, own: Template | None) -> bytes:
    """A first packet with the structure; ``own`` says everything differently."""
    writer = Writer()
    writer.put(0b10, 2)
    writer.put(template_id, 6)
    writer.put(number, 16)
    writer.put(0b11000 if own is None else 0b11111, 5)
    write_structure(writer, structure)
    writer.put(1, structure.decode_targets)
    if own is not None:
        write_frame(writer, own)
    return writer.data()


def write_structure(writer: Writer, structure: Structure) -> None:
    templates = structure.templates
    writer.put(structure.first_template, 6)
    writer.put(structure.decode_targets - 1, 5)
    last = (0, 0)
    for template in templates[1:]:
        layer = (template.spatial_id, template.temporal_id)
        writer.put(0 if layer == last else 1 if layer[0] == last[0] else 2, 2)
        last = layer
    writer.put(3, 2)
    writer.put_all(2, (i for template in templates for i in template.indications))
    for template in templates:
        writer.put_all(5, (0b10000 | back - 1 for back in template.frame_differences))
        writer.put(0, 1)
    writer.put_below(structure.chains, structure.decode_targets + 1)
    for chain in structure.protected_by:
        writer.put_below(chain, structure.chains)
    writer.put_all(4, (back for template in templates for back in template.chain_differences))
    writer.put(bool(structure.resolutions), 1)
    writer.put_all(16, (side - 1 for size in structure.resolutions for side in size))


def write_frame(writer: Writer, own: Template) -> None:
    writer.put_all(2, own.indications)
    for difference in own.frame_differences:
        size = 1 if difference <= 16 else 2 if difference <= 256 else 3
        writer.put(size, 2)
        writer.put(difference - 1, 4 * size)
    writer.put(0, 2)
    writer.put_all(8, own.chain_differences)


@st.composite
def structures(draw: st.DrawFn) -> Structure:
    targets = draw(st.integers(1, 32))
    chains = draw(st.integers(0, targets))
    layer = (0, 0)
    layers = [layer]
    for step in draw(st.lists(st.integers(0, 2), max_size=10)):
        spatial, temporal = layer
        layer = {0: layer, 1: (spatial, temporal + 1), 2: (spatial + 1, 0)}[step]
        if layer[0] > 3 or layer[1] > 7:
            break
        layers.append(layer)

    def some_of(values: st.SearchStrategy[int], count: int) -> tuple[int, ...]:
        return tuple(draw(st.lists(values, min_size=count, max_size=count)))

    templates = tuple(
        Template(
            *each,
            some_of(st.integers(0, 3), targets),
            tuple(draw(st.lists(st.integers(1, 16), max_size=3))),
            some_of(st.integers(0, 15), chains),
        )
        for each in layers
    )
    size = st.integers(1, 0x10000)
    told = draw(st.booleans())
    return Structure(
        first_template=draw(st.integers(0, 63)),
        decode_targets=targets,
        templates=templates,
        protected_by=some_of(st.integers(0, chains - 1), targets) if chains else (),
        chains=chains,
        resolutions=tuple((draw(size), draw(size)) for _ in range(layers[-1][0] + 1))
        if told
        else (),
    )


@some
@given(structures(), st.data())
def test_structure_and_frame(structure: Structure, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(structure.templates) - 1))
    template = structure.templates[index]
    template_id = (structure.first_template + index) % 64
    own = None
    if data.draw(st.booleans()):
        own = Template(
            template.spatial_id,
            template.temporal_id,
            (2,) * structure.decode_targets,
            tuple(data.draw(st.lists(st.integers(1, 4096), max_size=3))),
            (255,) * structure.chains,
        )
    parsed = parse_dependency_descriptor(write(structure, template_id, 77, own))
    frame = own or template
    assert parsed == DependencyDescriptor(True, False, template_id, 77, frame, structure, 1)
    assert parsed.key_frame
    short = bytes((0x40 | template_id, 0, 78))
    later = parse_dependency_descriptor(short, structure)
    assert later == DependencyDescriptor(False, True, template_id, 78, template, None, None)
    unknown = parse_dependency_descriptor(short)
    assert unknown.frame is None


def test_unknown_template() -> None:
    template = Template(0, 0, (3,), (), ())
    structure = Structure(5, 1, (template,), (), 0, ())
    assert parse_dependency_descriptor(b"\x05\0\0", structure).frame is template
    with pytest.raises(WireError):
        parse_dependency_descriptor(b"\x06\0\0", structure)


@pytest.mark.parametrize("data", ["", "8000", "80000080", "800000c000" + "00" * 251])
def test_malformed(data: str) -> None:
    with pytest.raises(WireError):
        parse_dependency_descriptor(bytes.fromhex(data))


@pytest.mark.parametrize(
    ("name", "layers", "resolutions"),
    [
        ("av1-svc", [(0, 0), (0, 1), (1, 0), (1, 1)], ((320, 180), (640, 360))),
        (
            "vp9-svc",
            [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)],
            ((320, 180), (640, 360)),
        ),
        ("vp8-simulcast", [(0, 0), (0, 1)], ((320, 180),)),
    ],
)
def test_captures(
    name: str, layers: list[tuple[int, int]], resolutions: tuple[tuple[int, int], ...]
) -> None:
    structure = None
    frames = set()
    for packet in map(parse_rtp, RTP[name]):
        for element in parse_elements(packet.extension_profile or 0, packet.extension):
            if EXTENSION_IDS[element.id] is Extension.DEPENDENCY_DESCRIPTOR:
                parsed = parse_dependency_descriptor(element.data, structure)
                if structure is None:
                    assert parsed.key_frame
                structure = parsed.structure or structure
                assert parsed.frame is not None
                frames.add((parsed.frame.spatial_id, parsed.frame.temporal_id))
    assert structure is not None
    targets = range(structure.decode_targets)
    assert sorted(map(structure.layer_of, targets)) == layers
    assert frames <= set(layers)
    assert structure.resolutions in (resolutions, ((640, 360),))
