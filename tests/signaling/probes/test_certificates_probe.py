"""Certificates that servers show."""

import contextlib
import socket
import socketserver
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from typing_extensions import override

from signaling.doctor.ice import Trouble
from signaling.ice_urls import IceUrl, parse_ice_url
from signaling.probes.certificates import certificate, certificate_file
from tests.support.certificates import DAY, write_certificate
from tests.support.coturn import free_port


class Shower(socketserver.BaseRequestHandler):
    """Shakes hands, if the client wants to, and waits until it has gone."""

    context: ssl.SSLContext

    @override
    def handle(self) -> None:
        self.request.settimeout(5)
        with contextlib.suppress(OSError), self.context.wrap_socket(self.request, True) as stream:
            stream.recv(1)


@contextlib.contextmanager
def showing(folder: Path, lifetime: float) -> Iterator[IceUrl]:
    """A TLS server whose certificate signs itself."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    written = write_certificate(folder, names=(), lifetime=lifetime)
    context.load_cert_chain(written.certificate, written.key)
    handler = type("Handler", (Shower,), {"context": context})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield parse_ice_url(f"turns:127.0.0.1:{server.server_address[1]}")
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("lifetime", "distrust"), [(30 * DAY, "self-signed"), (-DAY, "certificate has expired")]
)
async def test_one_that_nobody_vouches_for(tmp_path: Path, lifetime: float, distrust: str) -> None:
    with showing(tmp_path, lifetime) as url:
        facts = await certificate(url)
    assert facts.trouble is Trouble.NONE
    assert facts.expires == pytest.approx(time.time() + lifetime, abs=60)  # noqa: TID251
    assert facts.distrust
    assert distrust in facts.distrust or lifetime < 0


async def test_one_that_is_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with showing(tmp_path, 30 * DAY) as url:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
        facts = await certificate(url)
    assert (facts.trouble, facts.distrust) == (Trouble.NONE, "")


async def test_another_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with showing(tmp_path, 30 * DAY) as url:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
        facts = await certificate(parse_ice_url(f"turns:localhost:{url.port}"))
    assert "localhost" in facts.distrust.lower()


def test_our_own(tmp_path: Path) -> None:
    written = write_certificate(tmp_path)
    facts = certificate_file(written.certificate)
    assert facts.trouble is Trouble.NONE
    assert facts.expires == pytest.approx(time.time() + 30 * DAY, abs=60)  # noqa: TID251
    for wrong, said in (
        (written.key, "no PEM certificate"),
        (tmp_path / "missing", "no such file"),
    ):
        facts = certificate_file(wrong)
        assert facts.trouble is Trouble.MALFORMED
        assert said in facts.detail


async def test_no_server() -> None:
    facts = await certificate(parse_ice_url(f"turns:127.0.0.1:{free_port()}"))
    assert facts.trouble is Trouble.UNREACHABLE


async def test_a_server_that_says_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = parse_ice_url(f"turns:127.0.0.1:{server.getsockname()[1]}")
        facts = await certificate(url, patience=0.2)
    assert facts.trouble is Trouble.SILENT


async def test_a_name_that_does_not_exist() -> None:
    facts = await certificate(parse_ice_url("turns:turn.invalid"), patience=20)
    assert facts.trouble is Trouble.UNRESOLVED
