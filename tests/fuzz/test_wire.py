"""Every datagram parser, fed with what nobody should send: random, cut and mutated bytes.

Whatever comes, a parser returns or raises ``WireError``, quickly.
"""

import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sfu.media.layer_reader import LayerReader
from sfu.wire import (
    av1,
    demux,
    dependency_descriptor,
    extensions,
    h264,
    rtcp,
    rtp,
    rtx,
    stun,
    stun_attributes,
    twcc,
    vp8,
    vp9,
)
from sfu.wire.errors import WireError
from sfu.wire.extensions import Extension
from sfu.wire.header_rewriter import HeaderRewriter, rewrite_header
from sfu.wire.picture_numbers import PICTURE_READERS, move_pictures
from sfu.wire.rtcp_feedback import TransportFeedback
from tests.sfu.wire.samples import ALL_RTP, EXTENSION_IDS, RTCP

LONGEST = 1500
ROUNDS = 400

STUN = [
    stun.encode_stun(
        stun.BINDING,
        stun.MessageClass.REQUEST,
        bytes(12),
        [
            (stun.Attribute.USERNAME, b"abcd:efgh"),
            (stun.Attribute.ICE_CONTROLLING, bytes(8)),
            (stun.Attribute.USE_CANDIDATE, b""),
            (stun.Attribute.PRIORITY, bytes(4)),
        ],
        b"key",
    ),
    stun_attributes.binding_success(bytes(12), (bytes(16), 9), b"key"),
    stun_attributes.binding_error(bytes(12), 420, b"key", (1, 2)),
]
PAYLOADS = [rtp.parse_rtp(packet).payload for packet in ALL_RTP]
ELEMENTS = [
    element.data
    for packet in map(rtp.parse_rtp, ALL_RTP)
    for element in extensions.parse_elements(packet.extension_profile or 0, packet.extension)
]
FEEDBACK = [
    packet.fci
    for data in RTCP
    for packet in rtcp.parse_rtcp(data)
    if isinstance(packet, TransportFeedback)
]
STRUCTURE = next(
    structure
    for data in ELEMENTS
    if len(data) > 20
    and (structure := dependency_descriptor.parse_dependency_descriptor(data).structure)
)


def read_stun(data: bytes) -> None:
    message = stun.parse_stun(data)
    stun.verify_integrity(message, b"key")
    for read in (
        stun_attributes.username,
        stun_attributes.priority,
        stun_attributes.controlling,
        stun_attributes.controlled,
        stun_attributes.mapped_address,
        stun_attributes.error_code,
        stun_attributes.unknown_attributes,
    ):
        try:
            read(message)
        except WireError:
            continue


def read_stun_body(data: bytes) -> None:
    """Behind a header that is right, so that attributes are reached."""
    body = data[20:][: len(data[20:]) // 4 * 4]
    header = b"\0\1" + len(body).to_bytes(2, "big") + stun.COOKIE.to_bytes(4, "big")
    read_stun(header + bytes(12) + body)


def read_rtp(data: bytes) -> None:
    packet = rtp.parse_rtp(data)
    assert len(packet.payload) + packet.padding < len(data)
    extensions.parse_elements(packet.extension_profile or 0, packet.extension)


def read_rtcp(data: bytes) -> None:
    packets = rtcp.parse_rtcp(data)
    again = rtcp.parse_rtcp(rtcp.encode_rtcp(packets))
    assert len(again) == len(packets)
    for packet in packets:
        if isinstance(packet, TransportFeedback):
            twcc.parse_feedback(packet.fci)


def read_rtcp_body(data: bytes) -> None:
    """Behind framing that is right, so that bodies are reached."""
    body = data[4:][: len(data[4:]) // 4 * 4]
    kind = 200 + len(data) % 8
    first = 0x80 | (data[0] & 0x3F if data else 0)
    read_rtcp(bytes((first, kind)) + (len(body) // 4).to_bytes(2, "big") + body)


def read_rtx(data: bytes) -> None:
    rtx.original_sequence_number(data, 12)
    rtx.decapsulate(data, 12, 1, 96)


def read_descriptor(data: bytes) -> None:
    dependency_descriptor.parse_dependency_descriptor(data, STRUCTURE)


def read_layers(data: bytes) -> None:
    """As payload, then as descriptor, of a canonical packet: nothing is raised at all."""
    head = bytes((0x90, 101)) + bytes(10)
    bare = head + bytes.fromhex("bede0003 00510000 00220000 00000000") + data
    some = data[:255]
    element = bytes((Extension.DEPENDENCY_DESCRIPTOR, len(some))) + some
    block = element + bytes(-len(element) % 4)
    words = (len(block) // 4).to_bytes(2, "big")
    for codec in ("vp8", "vp9", "av1", "h264"):
        reader = LayerReader(codec)
        for packet in (bare, head + b"\x10\0" + words + block + data):
            assert reader.read(packet).spatial <= 7
            read = PICTURE_READERS.get(codec)
            if read is not None:
                move_pictures(bytearray(packet), read, 3, 1)


TARGETS: dict[str, tuple[Callable[[bytes], Any], list[bytes]]] = {
    "demux": (demux.protocol_of, ALL_RTP),
    "stun": (read_stun, STUN),
    "stun body": (read_stun_body, STUN),
    "rtp": (read_rtp, ALL_RTP),
    "rtcp": (read_rtcp, RTCP),
    "rtcp body": (read_rtcp_body, RTCP),
    "twcc": (twcc.parse_feedback, FEEDBACK),
    "rtx": (read_rtx, ALL_RTP),
    "vp8": (vp8.parse_vp8, PAYLOADS),
    "vp9": (vp9.parse_vp9, PAYLOADS),
    "h264": (h264.parse_h264, PAYLOADS),
    "av1": (av1.parse_av1, PAYLOADS),
    "dependency descriptor": (read_descriptor, ELEMENTS),
    "layers": (read_layers, PAYLOADS + ELEMENTS),
}


def mutated(sample: bytes, dice: random.Random) -> bytes:
    """A sample with bytes changed, taken out, put in, cut off or doubled."""
    data = bytearray(sample)
    for _ in range(dice.randint(1, 4)):
        at = dice.randint(0, len(data))
        match dice.randint(0, 4):
            case 0 if at < len(data):
                data[at] = dice.choice((0, 1, 0x7F, 0x80, 0xFF, dice.randint(0, 255)))
            case 1:
                del data[at : at + dice.randint(1, 8)]
            case 2:
                data[at:at] = dice.randbytes(dice.randint(1, 8))
            case 3:
                del data[at:]
            case _:
                data += data[at:]
    return bytes(data[:LONGEST])


def survives(read: Callable[[bytes], Any], data: bytes) -> None:
    try:
        read(data)
    except WireError:
        return


@pytest.mark.parametrize("name", TARGETS)
def test_mutated_and_cut_samples(name: str) -> None:
    read, samples = TARGETS[name]
    dice = random.Random(name)
    for sample in samples:
        for size in range(min(len(sample), 40)):
            survives(read, sample[:size])
    for _ in range(ROUNDS):
        survives(read, mutated(dice.choice(samples), dice))
        survives(read, dice.randbytes(dice.randint(0, dice.choice((8, 64, LONGEST)))))


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=30, deadline=None)
@given(data=st.binary(max_size=200))
def test_any_bytes(name: str, data: bytes) -> None:
    survives(TARGETS[name][0], data)


@pytest.mark.parametrize("pattern", [b"\0", b"\xff", b"\x80", b"\x10\xaa", b"\x81\xcd\0\0", b"\1"])
@pytest.mark.parametrize("name", TARGETS)
def test_monotonous_datagrams(name: str, pattern: bytes) -> None:
    """Lengths of zero, endless runs, thousands of tiny parts: work stays linear."""
    survives(TARGETS[name][0], (pattern * 65_535)[:65_535])


def test_the_rewriter_takes_whatever_stands_in_a_row() -> None:
    headroom = 16
    dice = random.Random(4)
    row = bytearray(headroom + LONGEST)
    rewriter = HeaderRewriter(EXTENSION_IDS)
    valid = 0
    for _ in range(2000):
        data = mutated(dice.choice(ALL_RTP), dice)
        try:
            packet = rtp.parse_rtp(data)
        except WireError:
            continue
        valid += 1
        row[:] = dice.randbytes(len(row))
        row[headroom : headroom + len(data)] = data
        extension = headroom + 12 + 4 * (data[0] & 0x0F)
        payload = headroom + len(data) - packet.padding - len(packet.payload)
        block = bytes(row[extension:payload])
        shape = rewriter.shape_of(block)
        start = rewrite_header(memoryview(row), payload, block, shape, (0x90, 96, 1, 2, 3))
        end = headroom + len(data) - packet.padding
        assert 0 <= start <= payload <= end
        rtp.parse_rtp(bytes(row[start:end]))
    assert valid > 100
