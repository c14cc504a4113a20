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

ROOT = Path(__file__).parent.parent
WS_RELAY = Path(__file__).parent / "peers" / "ws_relay"

STARTUP = 20.0
"""Seconds a server has to become ready."""

NO_LIMITS = {
    "CROSSOVER_MESSAGES_PER_SECOND": "0",
    "CROSSOVER_CONNECTIONS_PER_ADDRESS": "100000",
    "CROSSOVER_ROOMS_PER_ADDRESS": "100000",
    "CROSSOVER_MESH_CAP": "32",
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
def crossover(core: int, name: str = "Crossover") -> Iterator[Server]:
    """Our signaling server as an operator starts it, its limits lifted."""
    command = [sys.executable, "-m", "signaling", "serve", "--host", "127.0.0.1", "--port", "0"]
    with _running(name, command, core, NO_LIMITS) as server:
        yield server


@contextlib.contextmanager
def ws_relay(core: int) -> Iterator[Server]:
    """The Node relay in ``peers/ws_relay``, its packages installed by ``npm ci``."""
    with _running("Node ws", ["node", str(WS_RELAY / "server.mjs")], core, {}) as server:
        yield server


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
        state = {"CROSSOVER_STATE_DIR": folder, "PYTHONUNBUFFERED": "1"}
        with log.open("wb") as output, pinned_to(core):
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**os.environ, **environment, **state},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            yield Server(name, process.pid, _address(process, log), log)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    """Waits for the line that says where the server listens."""
    deadline = time.monotonic() + STARTUP
    while time.monotonic() < deadline and process.poll() is None:
        found = re.search(r"http://[\w.\[\]:-]+:\d+", log.read_text())
        if found:
            return found[0]
        time.sleep(0.05)
    raise StartFailed(f"{process.args!r} did not start:\n{log.read_text()[-2000:]}")
