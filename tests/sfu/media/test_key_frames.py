import random

import pytest

from sfu.media.key_frames import DETECTORS, describes_key_frame
from sfu.wire.extensions import Extension, parse_elements
from sfu.wire.rtp import parse_rtp
from sfu.wire.vp8 import parse_vp8
from tests.sfu.wire.samples import EXTENSION_IDS, RTP

CASES = [
    ("vp8", "1000", "", True),
    ("vp8", "1001", "", False),
    ("vp8", "0000", "", False),
    ("vp8", "90f0812309a500", "", True),
    ("vp8", "90f0812309a501", "", False),
    ("vp8", "90", "", False),
    ("vp8", "1001", "c0000180", True),
    ("vp8", "1001", "40000180", False),  # carries a structure, but does not start a frame
    ("vp8", "1000", "c00001", True),
    ("vp9", "08", "", True),
    ("vp9", "48", "", False),
    ("vp9", "ac8001 00 05", "", True),  # non-flexible, spatial layer 0
    ("vp9", "ac8001 02 05", "", False),  # spatial layer 1
    ("vp9", "bc8001 00", "", True),  # flexible
    ("vp9", "fc8001 00 02", "", False),
    ("vp9", "08", "800001", True),
    ("vp9", "", "", False),
    ("h264", "7800026742000168", "", True),  # STAP-A with parameter sets
    ("h264", "6742", "", True),
    ("h264", "6588", "", True),
    ("h264", "7c8588", "", True),
    ("h264", "7c0588", "", False),
    ("h264", "419a", "", False),
    ("h264", "06", "", False),
    ("h264", "", "", False),
    ("av1", "28020a0030", "", True),
    ("av1", "20020a0030", "", False),
    ("av1", "183000", "", False),
    ("av1", "28020a0030", "c00001", False),  # the descriptor decides
    ("av1", "20020a0030", "c0000180", True),
    ("av1", "", "", False),
]


@pytest.mark.parametrize(("codec", "payload", "descriptor", "is_key"), CASES)
def test_first_packets(codec: str, payload: str, descriptor: str, is_key: bool) -> None:
    detect = DETECTORS[codec]
    assert detect(bytes.fromhex(payload), bytes.fromhex(descriptor)) == is_key
    assert detect(memoryview(bytes.fromhex(payload)), bytes.fromhex(descriptor)) == is_key


@pytest.mark.parametrize("codec", DETECTORS)
def test_anything_at_all(codec: str) -> None:
    draw = random.Random(5)
    for _ in range(3000):
        payload, descriptor = draw.randbytes(draw.randrange(12)), draw.randbytes(draw.randrange(6))
        assert DETECTORS[codec](memoryview(payload), descriptor) in {True, False}


def test_vp8_is_read_as_its_parser_reads_it() -> None:
    draw = random.Random(6)
    for _ in range(3000):
        payload = bytes((draw.choice((0x10, 0x90, 0x00, 0x11)),)) + draw.randbytes(12)
        assert DETECTORS["vp8"](payload, b"") == parse_vp8(payload).key_frame


def test_captured_descriptors() -> None:
    found = []
    for data in RTP["vp8-simulcast"] + RTP["vp9-svc"] + RTP["av1-svc"]:
        packet = parse_rtp(data)
        if packet.payload_type in {97, 99} and packet.padding:
            continue
        elements = parse_elements(packet.extension_profile or 0, packet.extension)
        found += [
            describes_key_frame(element.data)
            for element in elements
            if EXTENSION_IDS.get(element.id) is Extension.DEPENDENCY_DESCRIPTOR
        ]
    assert any(found)
    assert not all(found)
