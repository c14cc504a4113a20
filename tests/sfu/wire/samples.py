"""What Chromium sent, and how much hypothesis may try."""

import json
from pathlib import Path
from typing import Any

from hypothesis import settings

from sfu.wire.extensions import URIS, Extension

some = settings(max_examples=60, deadline=None)

_FILE: dict[str, Any] = json.loads((Path(__file__).parent / "chromium.json").read_text())
_BY_URI = {uri: extension for extension, uri in URIS.items()}

EXTENSION_IDS: dict[int, Extension] = {
    int(number): _BY_URI[uri] for number, uri in _FILE["extensions"].items()
}
RTP: dict[str, list[bytes]] = {
    name: [bytes.fromhex(packet) for packet in packets] for name, packets in _FILE["rtp"].items()
}
ALL_RTP = [packet for packets in RTP.values() for packet in packets]
RTCP = [bytes.fromhex(packet) for packet in _FILE["rtcp"]]
