"""Janus, started, filled and stopped."""

import asyncio
import contextlib
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Final

import aiohttp

from benchmarks import processes
from benchmarks.peers import sdp
from benchmarks.peers.caller import Caller
from benchmarks.peers.contestant import LOOPBACK, Absence, machine_address
from benchmarks.peers.janus import settings
from benchmarks.peers.janus.api import JanusApi
from benchmarks.peers.synthetic.crowd import Crowd
from benchmarks.peers.synthetic.crowd_transport import CrowdStream
from benchmarks.peers.synthetic.published import VideoTrack

_PLUGIN_FOLDERS: Final = "lib/*/janus"
"""Below /usr or /usr/local; in it, plugins and transports."""


class Janus:
    """See ``Contestant``.

    Args:
        event_loops: for all peers together; 0 for one per peer, as it comes.
    """

    def __init__(self, event_loops: int = settings.EVENT_LOOPS) -> None:
        self._event_loops = event_loops
        self.name = "Janus" if event_loops else "Janus as it comes"

    def absence(self) -> Absence | None:
        """Without the package, or an address at which libnice gathers."""
        if shutil.which("janus") is None:
            return Absence(
                "not installed",
                "Janus is not installed: apt-get install --no-install-recommends janus",
            )
        if machine_address() == LOOPBACK:
            return Absence(
                "cannot run here",
                "Janus cannot run here: libnice gathers no candidates at 127.0.0.1, and this "
                "machine has no other IPv4 address; give it one, if only a bridge's",
            )
        return None

    def settings(self) -> str:
        """What is not as it comes."""
        return f"Debian's janus {_version()}, {settings.in_words(self._event_loops)}"

    @contextlib.asynccontextmanager
    async def running(self, core: int, crowd: Crowd) -> AsyncIterator["JanusServer"]:
        """A Janus of its own."""
        with _process(core, self._event_loops) as (pid, url, log):
            async with _api(url, log) as api:
                yield JanusServer(pid, api, crowd)


class JanusServer:
    """See ``Server``. Publishers and subscribers have handles of their own, as Janus demands."""

    def __init__(self, pid: int, api: JanusApi, crowd: Crowd) -> None:
        self.pid = pid
        self._api = api
        self._crowd = crowd
        self._rooms: set[str] = set()
        self._opening = asyncio.Lock()

    async def publish(self, room: str, track: VideoTrack) -> str:
        """See ``Server``."""
        handle = await self._api.attach()
        await self._open(room, handle)
        caller = Caller.of(self._crowd)
        cname = f"publisher-{handle}"
        offer = sdp.publishing_offer(caller.local, track.streams[0], track.mid, cname)
        answer = await self._api.request(
            handle,
            {"request": "joinandconfigure", "ptype": "publisher", "room": room, "video": True},
            {"type": "offer", "sdp": offer},
        )
        await caller.connect(sdp.parse(answer["jsep"]["sdp"]))
        # There is no such feed for subscribers before.
        await self._api.until_up(handle)
        caller.send(track)
        feed: str = answer["plugindata"]["data"]["id"]
        return feed

    async def subscribe(
        self, room: str, publications: Sequence[str], checked: bool
    ) -> list[CrowdStream]:
        """See ``Server``."""
        handle = await self._api.attach()
        caller = Caller.of(self._crowd, checked=checked)
        streams = [{"feed": feed} for feed in publications]
        attached = await self._api.request(
            handle, {"request": "join", "ptype": "subscriber", "room": room, "streams": streams}
        )
        offer = sdp.parse(attached["jsep"]["sdp"])
        expected = caller.expect(offer)
        agreed = {"type": "answer", "sdp": sdp.answer(caller.local, offer)}
        await self._api.request(handle, {"request": "start"}, agreed)
        await caller.connect(offer)
        return expected

    async def _open(self, room: str, handle: int) -> None:
        async with self._opening:
            if room not in self._rooms:
                await self._api.request(handle, {"request": "create", **settings.room(room)})
                self._rooms.add(room)


@contextlib.contextmanager
def _process(core: int, event_loops: int) -> Iterator[tuple[int, str, Path]]:
    """A Janus, where its API is, and its log."""
    port = _free_port()
    with tempfile.TemporaryDirectory(prefix="crossover-bench-") as name:
        folder, log = Path(name), Path(name) / "log"
        files = settings.files(machine_address(), port, event_loops, _installed())
        settings.write(folder, files)
        command = ["janus", "--configs-folder", str(folder), "--disable-colors"]
        with processes.started(command, core, {}, log) as process:
            yield process.pid, f"ws://127.0.0.1:{port}", log


@contextlib.asynccontextmanager
async def _api(url: str, log: Path) -> AsyncIterator[JanusApi]:
    """Its API, as soon as it answers."""
    deadline = time.monotonic() + processes.STARTUP
    async with contextlib.AsyncExitStack() as stack:
        api: JanusApi | None = None
        while api is None:
            try:
                api = await stack.enter_async_context(JanusApi.connected(url))
            except aiohttp.ClientError:
                if time.monotonic() > deadline:
                    raise _start_failed(log) from None
                await asyncio.sleep(0.05)
        yield api


def _start_failed(log: Path) -> processes.StartFailed:
    return processes.StartFailed(f"Janus did not start:\n{log.read_text()[-2000:]}")


def _installed() -> list[str]:
    """Plugins and transports."""
    roots = (Path("/usr"), Path("/usr/local"))
    folders = [folder for root in roots for folder in root.glob(_PLUGIN_FOLDERS)]
    return [file.name for folder in folders for file in folder.glob("*/libjanus_*.so")]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _version() -> str:
    said = subprocess.run(["janus", "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"\d+\.\d+\.\d+", said.stdout + said.stderr)
    return found[0] if found else "of unknown version"
