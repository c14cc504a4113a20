import pytest

from sfu.wire.av1 import parse_av1
from sfu.wire.errors import WireError
from sfu.wire.rtp import parse_rtp
from tests.sfu.wire.samples import RTP


@pytest.mark.parametrize(
    ("payload", "kinds", "key"),
    [
        ("28020a003000"[:10] + "00", (1, 6), True),  # two elements, the first with its length
        ("20020a0030", (1, 6), False),  # the same, not a new sequence
        ("08020a00023000", (1, 6), True),  # every element has its length
        ("183000", (6,), False),  # a new sequence without its header
        ("903000", (), False),  # continues, one element
        ("a002aabb3000", (6,), False),  # continues, then another begins
    ],
)
def test_elements(payload: str, kinds: tuple[int, ...], key: bool) -> None:
    parsed = parse_av1(bytes.fromhex(payload))
    assert parsed.obu_types == kinds
    assert parsed.key_frame == key


def test_layer_ids() -> None:
    parsed = parse_av1(bytes.fromhex("1034 48 00".replace(" ", "")))
    assert (parsed.temporal_id, parsed.spatial_id) == (2, 1)


@pytest.mark.parametrize(
    "payload",
    [
        "",
        "10",
        "9830",  # continues, and a new sequence
        "1080",  # forbidden bit
        "1034",  # extension missing
        "000530",  # element exceeds the packet
        "00003000",  # empty element
        "00ffffffffffffffffff01",  # length without end
        "300230",  # three elements announced
        "200130",  # two announced, one there
    ],
)
def test_malformed(payload: str) -> None:
    with pytest.raises(WireError):
        parse_av1(bytes.fromhex(payload))


def test_captured_layers() -> None:
    media = [p for p in map(parse_rtp, RTP["av1-svc"]) if p.payload_type == 97 and p.payload]
    parsed = [parse_av1(packet.payload) for packet in media]
    assert parsed[0].key_frame
    assert not any(packet.key_frame for packet in parsed[1:])
    assert {packet.spatial_id for packet in parsed} >= {0, 1}
