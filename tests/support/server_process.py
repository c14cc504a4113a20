"""A real server in a process of its own, on a port of its own, that can be killed and restarted."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import msgspec

ROOT = Path(__file__).parent.parent.parent
START_TIMEOUT = 20.0


class ServerProcess:
    """``python -m signaling serve`` with a state folder of its own, so that restarts are restarts.

    Without an SFU, unless ``CROSSOVER_WORKERS`` says otherwise.
    """

    def __init__(self, state_dir: Path, host: str = "127.0.0.1", **environment: str) -> None:
        self.host = host
        self.state_dir = state_dir
        self.port = _free_port(host)
        self._log = state_dir / "server.log"
        self._environment = {
            **os.environ,
            "CROSSOVER_STATE_DIR": str(state_dir),
            "CROSSOVER_HOST": host,
            "CROSSOVER_PORT": str(self.port),
            "CROSSOVER_WORKERS": "0",
            "CROSSOVER_DRAIN_SECONDS": "0",
            **environment,
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """What a person opens."""
        return f"http://{'localhost' if self.host == '127.0.0.1' else self.host}:{self.port}"

    @property
    def pid(self) -> int:
        """The process that serves now."""
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> str:
        """Everything it has written, over all restarts."""
        return self._log.read_text()

    def start(self) -> None:
        """Starts and waits until it answers."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "signaling", "serve"],
                cwd=ROOT,
                env=self._environment,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + START_TIMEOUT
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise AssertionError(f"the server did not start:\n{self.log}")
            try:
                self.health()
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError(f"the server does not answer:\n{self.log}")

    def health(self) -> dict[str, Any]:
        """The answer of ``/health``."""
        with urllib.request.urlopen(f"{self.url}/health", timeout=2) as answer:
            return msgspec.json.decode(answer.read(), type=dict[str, Any])

    def stop(self) -> None:
        """Ends it as an operator does; checks that it ends well."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        assert self._process.wait(timeout=15) == 0, self.log

    def kill(self) -> None:
        """Ends it as a crash does."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def complaints(self) -> list[str]:
        """Lines of the log that no healthy server writes."""
        return re.findall(r"^.*(?:ERROR|Traceback|never awaited).*$", self.log, re.MULTILINE)


def _free_port(host: str) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])
