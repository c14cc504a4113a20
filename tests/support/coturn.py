"""A real coturn with the configuration that `crossover coturn` writes."""

import datetime as dt
import ipaddress
import shutil
import socket
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from signaling.commands.private_file import write_private
from signaling.config import SETTINGS, load
from signaling.coturn_config import CoturnOptions, turnserver_conf

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
        self, folder: Path, announced: tuple[str, ...] = (), lifetime: float = 30 * 86400.0
    ) -> None:
        self.port, self.tls_port = free_port(), free_port()
        self._log = folder / "coturn.log"
        self._file = folder / "turnserver.conf"
        certificate, key = make_certificate(folder, lifetime)
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


def make_certificate(folder: Path, lifetime: float) -> tuple[Path, Path]:
    """One for 127.0.0.1 that signs itself; the files of it and of its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "crossover.test")])
    now = dt.datetime.now(dt.UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=400))
        .not_valid_after(now + dt.timedelta(seconds=lifetime))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "turn.pem", folder / "turn.key"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return paths
