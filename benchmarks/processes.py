"""Servers to be measured, each a process of its own on a core of its own."""

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parent.parent
WS_RELAY = Path(__file__).parent / "peers" / "ws_relay"

STARTUP = 20.0
"""Seconds a server has to become ready."""

NO_LIMITS = {
    "CROSSOVER_MESSAGES_PER_SECOND": "0",
    "CROSSOVER_CONNECTIONS_PER_ADDRESS": "100000",
    "CROSSOVER_REQUESTS_PER_SECOND": "0",
    "CROSSOVER_ROOMS_PER_ADDRESS": "100000",
    "CROSSOVER_MESH_CAP": "32",
    "CROSSOVER_DRAIN_SECONDS": "0",
}
"""One address stands for many people here, and asks more than any of them would."""


@dataclass(frozen=True)
class Server:
    """A server that accepts connections.

    Attributes:
        url: ``http://host:port``.
        log: Where its output goes.
    """

    name: str
    pid: int
    url: str
    log: Path


class StartFailed(Exception):  # noqa: N818 - reads as what happened
    """A server did not come up; the message holds the end of its log."""


_ALLOWED = os.sched_getaffinity(0)


@contextlib.contextmanager
def unpinned() -> Iterator[None]:
    """Lets this thread, and the processes it starts meanwhile, run on all cores again."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, _ALLOWED)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextlib.contextmanager
def pinned_to(core: int) -> Iterator[None]:
    """Keeps this thread, and the processes it starts meanwhile, on one core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextlib.contextmanager
def crossover(
    core: int, name: str = "Crossover", *, host: str = "127.0.0.1", **settings: str
) -> Iterator[Server]:
    """Our server as an operator starts it, its limits lifted; ``settings`` are variables."""
    command = [sys.executable, "-m", "signaling", "serve", "--host", host, "--port", "0"]
    with _running(name, command, core, NO_LIMITS | settings) as server:
        yield server


@contextlib.contextmanager
def ws_relay(core: int) -> Iterator[Server]:
    """The Node relay in ``peers/ws_relay``, its packages installed by ``npm ci``."""
    with _running("Node ws", ["node", str(WS_RELAY / "server.mjs")], core, {}) as server:
        yield server


@dataclass(frozen=True)
class Worker:
    """An SFU worker that listens.

    Attributes:
        control: its control socket.
        log: Where its output goes.
    """

    pid: int
    control: Path
    log: Path


@contextlib.contextmanager
def sfu_worker(core: int, *flags: str, host: str = "127.0.0.1") -> Iterator[Worker]:
    """One SFU worker at one address, as ``crossover serve`` would start it."""
    with tempfile.TemporaryDirectory(prefix="crossover-bench-") as folder:
        control, log = Path(folder) / "control", Path(folder) / "log"
        place = ["--host", host, "--port", "0", "--announce", host]
        command = [sys.executable, "-m", "sfu", "--control", str(control), *place, *flags]
        command += ["--drain-seconds", "0"]
        with started(command, core, {}, log) as process:
            deadline = time.monotonic() + STARTUP
            while not control.exists():
                if time.monotonic() > deadline or process.poll() is not None:
                    raise StartFailed(f"the SFU worker did not start:\n{log.read_text()[-2000:]}")
                time.sleep(0.02)
            yield Worker(process.pid, control, log)


@contextlib.contextmanager
def media_relay(core: int) -> Iterator[tuple[int, IO[bytes], IO[bytes]]]:
    """A server built on MediaRelay of aiortc; its process id, and what it reads and writes."""
    command = [sys.executable, "-m", "benchmarks.peers.media_relay"]
    with pinned_to(core):
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    assert process.stdin is not None and process.stdout is not None
    try:
        yield process.pid, process.stdin, process.stdout
    finally:
        process.kill()
        process.communicate()


@contextlib.contextmanager
def forwarding_probe(core: int, plan: bytes) -> Iterator[tuple[int, int]]:
    """The yardstick with a plan (one line of JSON); its process id and its UDP port."""
    command = [sys.executable, "-m", "benchmarks.forwarding_probe"]
    with pinned_to(core):
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None and process.stdout is not None
    with process:
        process.stdin.write(plan + b"\n")
        process.stdin.flush()
        words = process.stdout.readline().split()
        if not words:
            raise StartFailed("the probe did not start")
        yield process.pid, int(words[1])


def has_ws_relay() -> bool:
    """Whether the Node relay can run without installing anything."""
    return shutil.which("node") is not None and (WS_RELAY / "node_modules" / "ws").is_dir()


def install_ws_relay() -> None:
    """Installs the Node relay's one package, as its lock file says, if npm is there and able."""
    npm = shutil.which("npm")
    if npm is not None:
        command = [npm, "ci", "--silent", "--no-audit", "--no-fund"]
        subprocess.run(command, cwd=WS_RELAY, check=False)


@contextlib.contextmanager
def _running(
    name: str, command: list[str], core: int, environment: dict[str, str]
) -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="crossover-bench-") as folder:
        log = Path(folder) / "log"
        state = {"CROSSOVER_STATE_DIR": folder}
        with started(command, core, environment | state, log) as process:
            yield Server(name, process.pid, address(process, log), log)


@contextlib.contextmanager
def started(
    command: list[str], core: int, environment: dict[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """A program on one core, its output in a file; ended when it is needed no more."""
    with log.open("wb") as output, pinned_to(core):
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def address(process: subprocess.Popen[bytes], log: Path) -> str:
    """Waits for the line that says where the server listens."""
    deadline = time.monotonic() + STARTUP
    while time.monotonic() < deadline and process.poll() is None:
        found = re.search(r"http://[\w.\[\]:-]+:\d+", log.read_text())
        if found:
            return found[0]
        time.sleep(0.05)
    raise StartFailed(f"{process.args!r} did not start:\n{log.read_text()[-2000:]}")
