"""What browsers said: the fixtures, read."""

import json
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
from typing_extensions import override

from sfu.ortc.parameters import (
    Kind,
    RtpCapabilities,
    RtpParameters,
    decode_rtp_capabilities,
    decode_rtp_parameters,
)

FOLDER: Final = Path(__file__).parent / "fixtures"
BROWSERS: Final = ("chromium", "firefox", "safari")


class Published(NamedTuple):
    browser: str
    name: str
    kind: Kind
    body: dict[str, Any]
    received: dict[str, Any] | None

    @property
    def parameters(self) -> RtpParameters:
        return decode_rtp_parameters(json.dumps(self.body).encode())

    @override
    def __str__(self) -> str:
        return f"{self.browser}-{self.name}"


def _read(path: Path) -> Published:
    said = json.loads(path.read_text())
    return Published(
        path.parent.name, path.stem, said["kind"], said["rtpParameters"], said.get("received")
    )


PUBLISHED: Final = [
    _read(path)
    for browser in BROWSERS
    for path in sorted((FOLDER / browser).glob("*.json"))
    if path.stem != "capabilities"
]
CAPABILITIES: Final[dict[str, dict[str, Any]]] = {
    browser: json.loads((FOLDER / browser / "capabilities.json").read_text())["recvRtpCapabilities"]
    for browser in BROWSERS
}


def published(name: str, browser: str = "chromium") -> Published:
    return next(one for one in PUBLISHED if (one.browser, one.name) == (browser, name))


def capabilities(browser: str = "chromium") -> RtpCapabilities:
    return decode_rtp_capabilities(json.dumps(CAPABILITIES[browser]).encode())


def as_json(body: msgspec.Struct) -> dict[str, Any]:
    written: dict[str, Any] = json.loads(msgspec.json.encode(body))
    return written
