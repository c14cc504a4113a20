"""A real coturn for one run: TURN over UDP, TCP and TLS at one address."""

import contextlib
import datetime as dt
import ipaddress
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from benchmarks.processes import StartFailed

Transport: TypeAlias = Literal["udp", "tcp", "tls"]

TRANSPORTS: Final[tuple[Transport, ...]] = ("udp", "tcp", "tls")

_STARTUP: Final = 15.0


@dataclass(frozen=True)
class RelayServer:
    """Where it is; ``urls`` by what carries it."""

    urls: Mapping[Transport, str]
    secret: str

    def settings(self, transport: Transport) -> dict[str, str]:
        """What a server of ours is told, so that it offers this one way only."""
        return {"TURN_SERVERS": self.urls[transport], "TURN_SECRET": self.secret}


def missing() -> str | None:
    """What is needed first, as a sentence; None if it is there."""
    found = shutil.which("turnserver")
    return None if found else "coturn is not installed: apt-get install coturn."


@contextlib.contextmanager
def relay_server(host: str) -> Iterator[RelayServer]:
    """coturn, listening and relaying at an address of this machine.

    Raises:
        StartFailed: it did not come up.
    """
    with tempfile.TemporaryDirectory(prefix="crossover-coturn-") as name:
        folder = Path(name)
        plain, tls, secret = _free_port(host), _free_port(host), secrets.token_hex(16)
        _write_certificate(folder, host)
        command = ["turnserver", "-n", "--no-cli", "--use-auth-secret", "--realm", "benchmark"]
        command += ["--static-auth-secret", secret, "--listening-ip", host, "--relay-ip", host]
        command += ["--listening-port", f"{plain}", "--tls-listening-port", f"{tls}", "--no-dtls"]
        command += ["--cert", f"{folder}/certificate.pem", "--pkey", f"{folder}/key.pem"]
        command += [
            "--pidfile",
            f"{folder}/pid",
            "--userdb",
            f"{folder}/db",
            "--log-file",
            "stdout",
        ]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            for port in (plain, tls):
                _await(process, host, port, folder / "log")
            urls: dict[Transport, str] = {
                "udp": f"turn:{host}:{plain}",
                "tcp": f"turn:{host}:{plain}?transport=tcp",
                "tls": f"turns:{host}:{tls}?transport=tcp",
            }
            yield RelayServer(urls, secret)
        finally:
            process.terminate()
            process.wait()


def _await(process: subprocess.Popen[bytes], host: str, port: int, log: Path) -> None:
    deadline = time.monotonic() + _STARTUP
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex((host, port)) == 0:
                return
        time.sleep(0.02)
    raise StartFailed(f"coturn did not start:\n{log.read_text(errors='replace')[-2000:]}")


def _free_port(host: str) -> int:
    with socket.socket() as one:
        one.bind((host, 0))
        return int(one.getsockname()[1])


def _write_certificate(folder: Path, host: str) -> None:
    """One that signs itself, for a day."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "benchmark")])
    address = x509.IPAddress(ipaddress.ip_address(host))
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    (folder / "key.pem").write_bytes(key.private_bytes(pem, form, plain))
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(pem))
