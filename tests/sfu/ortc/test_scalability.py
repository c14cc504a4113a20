"""Scalability modes."""

import pytest

from sfu.ortc.scalability import Layers, parse_scalability_mode


@pytest.mark.parametrize(
    ("mode", "layers"),
    [
        ("L1T1", Layers(1, 1)),
        ("L1T3", Layers(1, 3)),
        ("L3T3", Layers(3, 3)),
        ("L3T3h", Layers(3, 3)),
        ("L3T3_KEY", Layers(3, 3)),
        ("L2T2_KEY_SHIFT", Layers(2, 2)),
        ("S2T1", Layers(2, 1, independent=True)),
        ("S3T3h", Layers(3, 3, independent=True)),
        ("", None),
        ("L0T1", None),
        ("L4T1", None),
        ("l3t3", None),
        ("L3T3 ", None),
        ("L3T3\n", None),
        ("L3T3_SHIFT", None),
        ("L33T3", None),
        ("XL3T3", None),
    ],
)
def test_modes(mode: str, layers: Layers | None) -> None:
    assert parse_scalability_mode(mode) == layers
