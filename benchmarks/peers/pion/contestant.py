"""The SFU on Pion, built, started, filled and stopped."""

import contextlib
import re
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import aiohttp

from benchmarks import processes
from benchmarks.peers import sdp
from benchmarks.peers.caller import Caller
from benchmarks.peers.contestant import Absence, machine_address
from benchmarks.peers.http_api import HttpApi
from benchmarks.peers.pion import build
from benchmarks.peers.synthetic.crowd import Crowd
from benchmarks.peers.synthetic.crowd_transport import CrowdStream
from benchmarks.peers.synthetic.published import VideoTrack


class Pion:
    """See ``Contestant``."""

    name = "Pion"

    def absence(self) -> Absence | None:
        """Without the compiler, or the packaged sources."""
        if shutil.which("go") is None or not build.PION.is_dir():
            return Absence(
                "not installed",
                "Pion is not installed: apt-get install --no-install-recommends golang-go "
                "golang-github-pion-webrtc.v3-dev",
            )
        return None

    def settings(self) -> str:
        """What our program sets."""
        return (
            f"benchmarks/peers/pion on Debian's Pion {_version()}: one UDP port (ICEUDPMux), "
            "ICE-lite, one local track per publication, default interceptors (NACK, reports, "
            "transport-wide congestion control), built with go build"
        )

    @contextlib.asynccontextmanager
    async def running(self, core: int, crowd: Crowd) -> AsyncIterator["PionServer"]:
        """One of its own."""
        command = [str(build.built()), "-address", machine_address()]
        with tempfile.TemporaryDirectory(prefix="crossover-bench-") as folder:
            log = Path(folder) / "log"
            with processes.started(command, core, {}, log) as process:
                url = processes.address(process, log)
                async with aiohttp.ClientSession() as client:
                    yield PionServer(process.pid, HttpApi(client, url), crowd)


class PionServer:
    """See ``Server``; everybody sends an offer and gets an answer."""

    def __init__(self, pid: int, api: HttpApi, crowd: Crowd) -> None:
        self.pid = pid
        self._api = api
        self._crowd = crowd

    async def publish(self, room: str, track: VideoTrack) -> str:
        """See ``Server``."""
        caller = Caller.of(self._crowd)
        offer = sdp.publishing_offer(caller.local, track.streams[0], track.mid, "publisher")
        answer = await self._api.post("publish", {"room": room, "offer": offer})
        await caller.connect(sdp.parse(answer["answer"]))
        caller.send(track)
        publication: str = answer["id"]
        return publication

    async def subscribe(
        self, room: str, publications: Sequence[str], checked: bool
    ) -> list[CrowdStream]:
        """See ``Server``."""
        caller = Caller.of(self._crowd, checked=checked)
        offer = sdp.subscribing_offer(caller.local, len(publications))
        body = {"room": room, "publications": list(publications), "offer": offer}
        remote = sdp.parse((await self._api.post("subscribe", body))["answer"])
        expected = caller.expect(remote)
        await caller.connect(remote)
        return expected


def _version() -> str:
    said = subprocess.run(
        ["dpkg-query", "--show", "golang-github-pion-webrtc.v3-dev"],
        capture_output=True,
        text=True,
        check=False,
    )
    found = re.search(r"\d+\.\d+\.\d+", said.stdout)
    return found[0] if found else "of unknown version"
