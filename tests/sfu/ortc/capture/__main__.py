"""Records what Chromium says in ORTC: ``python -m tests.sfu.ortc.capture``.

Loads the client library in Chromium with the router's own capabilities, publishes the fake camera
and microphone in each codec, receives each of them back, and writes all of it to
``tests/sfu/ortc/fixtures/chromium``. Needs npm and Chromium; run it when either changes.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import msgspec
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page, Route, sync_playwright

from benchmarks.browser import visitor
from sfu.ortc.capabilities import router_capabilities
from sfu.ortc.consume import consume
from sfu.ortc.normalise import normalise
from sfu.ortc.parameters import decode_rtp_capabilities, decode_rtp_parameters

CLIENT: Final = "mediasoup-client@3.24.1"
HERE: Final = Path(__file__).parent
ROOT: Final = HERE.parents[3]
FIXTURES: Final = HERE.parent / "fixtures" / "chromium"
ADDRESS: Final = "https://capture.test/"

SIMULCAST: Final = [
    {"scaleResolutionDownBy": 4, "maxBitrate": 150_000, "scalabilityMode": "L1T3"},
    {"scaleResolutionDownBy": 2, "maxBitrate": 500_000, "scalabilityMode": "L1T3"},
    {"scaleResolutionDownBy": 1, "maxBitrate": 1_500_000, "scalabilityMode": "L1T3"},
]


def video(subtype: str, mode: str = "", **parameters: int | str) -> dict[str, Any]:
    wanted: dict[str, Any] = {
        "kind": "video",
        "codec": {
            "mimeType": f"video/{subtype}",
            "parameters": {name.replace("_", "-"): value for name, value in parameters.items()},
        },
    }
    if mode:
        wanted["encodings"] = [{"scalabilityMode": mode, "maxBitrate": 1_500_000}]
    return wanted


PUBLISHED: Final[dict[str, dict[str, Any]]] = {
    "opus": {"kind": "audio"},
    "opus-options": {
        "kind": "audio",
        "codecOptions": {"opusStereo": True, "opusDtx": True, "opusFec": True, "opusNack": True},
    },
    "vp8": video("VP8"),
    "opus-after-video": {"kind": "audio"},
    "vp8-l1t3": video("VP8", "L1T3"),
    "vp8-simulcast": {**video("VP8"), "encodings": SIMULCAST},
    "h264": video("H264", packetization_mode=1, profile_level_id="42e01f"),
    "h264-mode-0": video("H264", packetization_mode=0),
    "h264-simulcast": {**video("H264"), "encodings": SIMULCAST},
    "vp9": video("VP9", profile_id=0),
    "vp9-profile-2": video("VP9", profile_id=2),
    "vp9-l3t3-key": video("VP9", "L3T3_KEY", profile_id=0),
    "vp9-s3t3": video("VP9", "S3T3", profile_id=0),
    "av1": video("AV1"),
    "av1-l1t3": video("AV1", "L1T3"),
    "av1-l3t3-key": video("AV1", "L3T3_KEY"),
    "opus-last": {"kind": "audio"},
    "vp8-in-place": {**video("VP8"), "after": "vp8"},
}


def bundle(folder: Path) -> Path:
    """The client library and the page's script in one file."""
    (folder / "package.json").write_text('{"private": true}')
    shutil.copy(HERE / "page.js", folder)
    subprocess.run(["npm", "install", "--silent", "--no-audit", CLIENT], cwd=folder, check=True)
    rolldown = ROOT / "web/node_modules/.bin/rolldown"
    subprocess.run(
        [rolldown, "page.js", "--file", "bundle.js", "--format", "iife", "--platform", "browser"],
        cwd=folder,
        check=True,
        env={**os.environ, "NO_COLOR": "1"},
        stdout=subprocess.DEVNULL,
    )
    return folder / "bundle.js"


def open_page(page: Page, script: Path) -> None:
    """An empty page in a secure context, where devices may be used."""

    def answer(route: Route) -> None:
        route.fulfill(content_type="text/html", body="<!doctype html>")

    page.route(ADDRESS, answer)
    page.goto(ADDRESS)
    page.add_script_tag(path=script)


def say(line: str) -> None:
    sys.stdout.write(line + "\n")


def write(name: str, body: object) -> None:
    text = json.dumps(body, indent=1, sort_keys=True)
    (FIXTURES / f"{name}.json").write_text(text + "\n")


def record(page: Page) -> None:
    router = json.loads(msgspec.json.encode(router_capabilities()))
    said = page.evaluate("router => load(router)", router)
    capabilities = decode_rtp_capabilities(json.dumps(said["recvRtpCapabilities"]).encode())
    for place, (name, wanted) in enumerate(PUBLISHED.items()):
        try:
            published = page.evaluate("wanted => produce(wanted)", {"name": name, **wanted})
        except PlaywrightError as error:  # a codec that this browser lacks
            say(f"{name}: not published: {error.message.splitlines()[0]}")
            continue
        raw = json.dumps(published["rtpParameters"]).encode()
        producer = normalise(published["kind"], decode_rtp_parameters(raw))
        sent = consume(
            producer,
            capabilities,
            ssrc=1000 + 2 * place,
            rtx_ssrc=1001 + 2 * place,
            mid=str(place),
            cname=producer.cname,
        )
        offered = json.loads(msgspec.json.encode(sent.rtp_parameters))
        received = page.evaluate(
            "([kind, parameters]) => consume(kind, parameters)", [published["kind"], offered]
        )
        write(name, {**published, "received": received})
        say(f"{name}: {producer.producer_type}, {producer.codec.mime_type}")
    said["dtlsParameters"] = page.evaluate("() => dtlsParameters")
    write("capabilities", said)


def main() -> int:
    FIXTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        script = bundle(Path(folder))
        browser = visitor.launch(playwright)
        page = browser.new_page()
        page.on("console", lambda line: say(f"page: {line.text}"))
        open_page(page, script)
        record(page)
        browser.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
