"""mediasoup, started, filled and stopped."""

import contextlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Final

import aiohttp

from benchmarks import processes
from benchmarks.peers.contestant import Absence, machine_address
from benchmarks.peers.http_api import HttpApi, Json
from benchmarks.peers.synthetic import ortc
from benchmarks.peers.synthetic.connection import RemoteTransport
from benchmarks.peers.synthetic.crowd import Crowd
from benchmarks.peers.synthetic.crowd_transport import CrowdStream, CrowdTransport
from benchmarks.peers.synthetic.published import VideoTrack

FOLDER: Final = Path(__file__).parent
WORKER_VARIABLE: Final = "MEDIASOUP_WORKER_BIN"

_PACKAGE: Final = FOLDER / "node_modules" / "mediasoup"
_OWN_WORKER: Final = _PACKAGE / "worker" / "out" / "Release" / "mediasoup-worker"
_INSTALL: Final = f"npm ci --prefix {FOLDER}"


class Mediasoup:
    """See ``Contestant``."""

    name = "mediasoup"

    def absence(self) -> Absence | None:
        """Without Node, the package, or the worker, which npm fetches from GitHub."""
        if shutil.which("node") is None:
            return Absence(
                "not installed",
                f"mediasoup is not installed: install Node and npm, then {_INSTALL}",
            )
        if not _PACKAGE.is_dir():
            return Absence("not installed", f"mediasoup is not installed: {_INSTALL}")
        if not worker_program().is_file():
            return Absence(
                "could not be run",
                "mediasoup could not be run: its worker, a program that npm fetches from GitHub, "
                f"is not here; {_INSTALL} where GitHub can be reached, or name a worker of the "
                f"same version in {WORKER_VARIABLE}",
            )
        return None

    def settings(self) -> str:
        """What our program sets, and whose worker it is."""
        version = json.loads((_PACKAGE / "package.json").read_text())["version"]
        return (
            f"benchmarks/peers/mediasoup on mediasoup {version}, {_whose(worker_program())}: one "
            "worker, one WebRtcServer (one UDP port), a router per room, all else as it comes"
        )

    @contextlib.asynccontextmanager
    async def running(self, core: int, crowd: Crowd) -> AsyncIterator["MediasoupServer"]:
        """One of its own; Node's share of CPU and memory counts, as it is part of the server."""
        command = ["node", str(FOLDER / "server.mjs"), machine_address()]
        environment = {WORKER_VARIABLE: str(worker_program())}
        with tempfile.TemporaryDirectory(prefix="crossover-bench-") as folder:
            log = Path(folder) / "log"
            with processes.started(command, core, environment, log) as process:
                url = processes.address(process, log)
                async with aiohttp.ClientSession() as client:
                    yield MediasoupServer(process.pid, HttpApi(client, url), crowd)


class MediasoupServer:
    """See ``Server``; everybody does what mediasoup-client would."""

    def __init__(self, pid: int, api: HttpApi, crowd: Crowd) -> None:
        self.pid = pid
        self._api = api
        self._crowd = crowd

    async def publish(self, room: str, track: VideoTrack) -> str:
        """See ``Server``."""
        opened, transport = await self._connected(room, checked=False)
        parameters = ortc.rtp_parameters(track, transport.media.cname)
        body = {"transport": opened["id"], "rtpParameters": parameters}
        producer: str = (await self._api.post("produce", body))["id"]
        track.due = time.monotonic()
        transport.media.publishing.add(track)
        transport.wake()
        return producer

    async def subscribe(
        self, room: str, publications: Sequence[str], checked: bool
    ) -> list[CrowdStream]:
        """See ``Server``."""
        opened, transport = await self._connected(room, checked)
        streams = []
        for producer in publications:
            body = {
                "transport": opened["id"],
                "producer": producer,
                "rtpCapabilities": ortc.rtp_capabilities(opened["rtpCapabilities"]),
            }
            consumer = await self._api.post("consume", body)
            ssrc: int = consumer["rtpParameters"]["encodings"][0]["ssrc"]
            streams.append(self._crowd.expect(transport, ssrc))
            await self._api.post("resume", {"consumer": consumer["id"]})
        return streams

    async def _connected(self, room: str, checked: bool) -> tuple[Json, CrowdTransport]:
        opened = await self._api.post("open", {"room": room})
        transport = self._crowd.join(checked=checked)
        parameters = ortc.dtls_parameters(self._crowd.identity.fingerprint)
        body = {"transport": opened["id"], "dtlsParameters": parameters}
        await self._api.post("connect", body)
        transport.begin(
            RemoteTransport.parse(
                opened["iceParameters"], opened["iceCandidates"], opened["dtlsParameters"]
            )
        )
        await transport.until_connected()
        return opened, transport


def worker_program() -> Path:
    """Where the worker is, if it is anywhere."""
    named = os.environ.get(WORKER_VARIABLE)
    return Path(named) if named else _OWN_WORKER


def _whose(worker: Path) -> str:
    if worker == _OWN_WORKER:
        return "the worker that npm fetched"
    return f"the worker named by {WORKER_VARIABLE}"
