"""A real coturn with the configuration that `crossover coturn` writes."""

import shutil
import socket
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from signaling.commands.private_file import write_private
from signaling.config import SETTINGS, load
from signaling.coturn_config import CoturnOptions, turnserver_conf
from tests.support.certificates import DAY, write_certificate

SECRET = "the-secret-that-coturn-and-we-share"
PATIENCE = 15.0

needs_coturn = pytest.mark.skipif(
    shutil.which("turnserver") is None, reason="coturn is not installed: apt-get install coturn"
)


class Coturn:
    """`turnserver` on 127.0.0.1, relaying from there and to there, which our file does not allow.

    Args:
        folder: For its files.
        announced: Private addresses that it may relay to besides its own.
        lifetime: Seconds that a certificate is good for; negative for one that has ended.
    """

    def __init__(
        self, folder: Path, announced: tuple[str, ...] = (), lifetime: float = 30 * DAY
    ) -> None:
        self.port, self.tls_port = free_port(), free_port()
        self._log = folder / "coturn.log"
        self._file = folder / "turnserver.conf"
        written = write_certificate(folder, lifetime=lifetime)
        certificate, key = written.certificate, written.key
        options = CoturnOptions(
            realm="crossover.test",
            certificate=str(certificate),
            key=str(key),
            listening_ips=("127.0.0.1",),
            relay_ips=("127.0.0.1",),
        )
        settings = load(self.variables, {one.name: None for one in SETTINGS})
        text = turnserver_conf(settings, options, announced, with_secret=True)
        own = f"allow-loopback-peers\nverbose\npidfile={folder}/pid\nuserdb={folder}/turndb\n"
        write_private(self._file, text + own)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def urls(self) -> dict[str, str]:
        """By what carries it: udp, tcp, tls."""
        return {
            "udp": f"turn:127.0.0.1:{self.port}",
            "tcp": f"turn:127.0.0.1:{self.port}?transport=tcp",
            "tls": f"turns:127.0.0.1:{self.tls_port}?transport=tcp",
        }

    @property
    def variables(self) -> Mapping[str, str]:
        """What a server of ours is told of it."""
        return {"TURN_SERVERS": ",".join(self.urls.values()), "TURN_SECRET": SECRET}

    @property
    def log(self) -> str:
        """What it has written so far."""
        return self._log.read_text(errors="replace")

    def start(self) -> None:
        """Starts it, and waits until it accepts connections."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                ["turnserver", "-c", str(self._file)], stdout=log, stderr=log
            )
        deadline = time.monotonic() + PATIENCE
        for port in (self.port, self.tls_port):
            while not listens(port):
                assert self._process.poll() is None, f"coturn has ended:\n{self.log}"
                assert time.monotonic() < deadline, f"coturn does not listen:\n{self.log}"
                time.sleep(0.02)

    def stop(self) -> None:
        """Ends it."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(PATIENCE)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    """Free for TCP and, a moment ago, for UDP."""
    while True:
        with socket.socket() as stream, socket.socket(type=socket.SOCK_DGRAM) as datagrams:
            stream.bind(("127.0.0.1", 0))
            port = int(stream.getsockname()[1])
            try:
                datagrams.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
