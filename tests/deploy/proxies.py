"""The real proxies with the real files of ``deploy/proxy``.

Only ports, certificates and paths differ.
"""

import contextlib
import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.support.certificates import write_certificate

ROOT: Final = Path(__file__).parent.parent.parent
FOLDER: Final = ROOT / "deploy" / "proxy"
START_PATIENCE: Final = 20.0
GLANCE: Final = 0.05


@dataclass(frozen=True)
class Proxy:
    """A proxy that runs, in front of a server."""

    http_port: int
    https_port: int


def program(name: str) -> str | None:
    """Where it is installed; ``sbin`` is not in everybody's path."""
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def trusting() -> ssl.SSLContext:
    """Of a client that takes any certificate."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def replaced(text: str, replacements: dict[str, str]) -> str:
    """The file with each of these replaced; each has to be there: the file is what is tested."""
    for old, new in replacements.items():
        assert old in text, f"{old!r} is not in the file any more"
        text = text.replace(old, new)
    return text


@contextlib.contextmanager
def nginx(server_port: int, folder: Path) -> Iterator[Proxy]:
    """nginx with ``deploy/proxy/nginx.conf``."""
    ports = Proxy(*free_ports(2))
    written = write_certificate(folder)
    certificate, key = written.certificate, written.key
    text = replaced(
        (FOLDER / "nginx.conf").read_text(),
        {
            "pid /run/nginx.pid;": f"pid {folder}/nginx.pid;",
            "/var/log/nginx/error.log": f"{folder}/error.log",
            "listen 80;": f"listen 127.0.0.1:{ports.http_port};",
            "listen 443 ssl http2;": f"listen 127.0.0.1:{ports.https_port} ssl http2;",
            "127.0.0.1:3000": f"127.0.0.1:{server_port}",
            "/etc/letsencrypt/live/calls.example.org/fullchain.pem": str(certificate),
            "/etc/letsencrypt/live/calls.example.org/privkey.pem": str(key),
        },
    )
    (folder / "nginx.conf").write_text(text)
    command = [program("nginx") or "nginx", "-p", str(folder), "-c", f"{folder}/nginx.conf"]
    with _running([*command, "-e", "stderr", "-g", "daemon off;"], ports, folder):
        yield ports


@contextlib.contextmanager
def caddy(server_port: int, folder: Path) -> Iterator[Proxy]:
    """Caddy with ``deploy/proxy/Caddyfile``, and an authority of its own for certificates."""
    ports = Proxy(*free_ports(2))
    options = (
        f"{{\n\tadmin off\n\thttp_port {ports.http_port}\n\thttps_port {ports.https_port}\n"
        "\tlocal_certs\n\tskip_install_trust\n}\n"
    )
    text = replaced(
        (FOLDER / "Caddyfile").read_text(), {"127.0.0.1:3000": f"127.0.0.1:{server_port}"}
    )
    (folder / "Caddyfile").write_text(options + text)
    command = [program("caddy") or "caddy", "run", "--adapter", "caddyfile"]
    with _running([*command, "--config", f"{folder}/Caddyfile"], ports, folder):
        yield ports


PROXIES: Final[dict[str, Callable[[int, Path], contextlib.AbstractContextManager[Proxy]]]] = {
    "nginx": nginx,
    "caddy": caddy,
}


@contextlib.contextmanager
def _running(command: list[str], ports: Proxy, folder: Path) -> Iterator[None]:
    environment = {
        **os.environ,
        "HOME": str(folder),
        "XDG_DATA_HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder),
        "SITE_ADDRESS": "localhost",
    }
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env=environment)
    try:
        deadline = time.monotonic() + START_PATIENCE
        while not _speaks_tls(ports.https_port):
            said = (folder / "output").read_text
            assert process.poll() is None, said()
            assert time.monotonic() < deadline, said()
            time.sleep(GLANCE)
        yield
    finally:
        process.terminate()
        process.wait(START_PATIENCE)


def _speaks_tls(port: int) -> bool:
    try:
        with (
            socket.create_connection(("127.0.0.1", port), timeout=2) as plain,
            trusting().wrap_socket(plain, server_hostname="localhost"),
        ):
            return True
    except OSError:
        return False


def free_ports(count: int) -> list[int]:
    """TCP ports of the loopback interface that nobody has."""
    with contextlib.ExitStack() as stack:
        sockets = [
            stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)
        ]
        return [int(one.getsockname()[1]) for one in sockets]
