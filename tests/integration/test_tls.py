"""TLS of our own: what is spoken, what is not, a renewed certificate, the port that redirects."""

import asyncio
import contextlib
import os
import signal
import socket
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession, TCPConnector

from signaling.config import ConfigError
from signaling.http.tls import Certificate, context_of
from tests.integration.test_command import outcome
from tests.support.certificates import serial_of, trusting, write_certificate
from tests.support.server import PATIENCE, Server, Socket, until


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_certificate(tmp_path)
    return tmp_path


def files(folder: Path) -> dict[str, str]:
    """The settings that name the certificate."""
    return {
        "tls_certificate": str(folder / "certificate.pem"),
        "tls_key": str(folder / "key.pem"),
    }


@contextlib.asynccontextmanager
async def https(server: Server) -> AsyncIterator[ClientSession]:
    """A client that takes the test's certificate."""
    connector = TCPConnector(ssl=trusting())
    async with ClientSession(f"https://127.0.0.1:{server.port}", connector=connector) as session:
        yield session


async def serial_shown(server: Server) -> int:
    """Of the certificate that new connections get."""
    _, writer = await asyncio.open_connection("127.0.0.1", server.port, ssl=trusting())
    shown = serial_of(writer.get_extra_info("ssl_object"))
    writer.transport.abort()
    return shown


async def negotiated(server: Server, context: ssl.SSLContext) -> tuple[str, str]:
    """Version and cipher that a client and the server agree on."""
    _, writer = await asyncio.open_connection("127.0.0.1", server.port, ssl=context)
    cipher, version, _ = writer.get_extra_info("cipher")
    writer.transport.abort()
    return version, cipher


# ---- what is spoken ------------------------------------------------------------------------


async def test_page_and_websocket_over_tls(folder: Path) -> None:
    async with Server(**files(folder)) as server, https(server) as http:
        async with http.get("/health") as response:
            assert response.status == 200
            assert response.headers["Strict-Transport-Security"] == "max-age=31536000"
        origin = {"Origin": f"https://127.0.0.1:{server.port}"}
        ann = Socket(await http.ws_connect("/ws", headers=origin))
        await ann.expect("client-id")
        await ann.create("Room")
        await ann.close()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_versions_spoken(folder: Path, version: ssl.TLSVersion) -> None:
    context = trusting()
    context.minimum_version = context.maximum_version = version
    async with Server(**files(folder)) as server:
        spoken, cipher = await negotiated(server, context)
        assert spoken.replace(".", "_") == version.name
        assert "GCM" in cipher or "CHACHA20" in cipher


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
async def test_tls_1_1_is_refused(folder: Path) -> None:
    context = trusting()
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    async with Server(**files(folder)) as server:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await negotiated(server, context)


@pytest.mark.parametrize(
    "ciphers", ["AES256-SHA", "ECDHE+AES:!AESGCM:!AESCCM", "AES128-GCM-SHA256"]
)
async def test_ciphers_without_forward_secrecy_or_authentication_are_refused(
    folder: Path, ciphers: str
) -> None:
    context = trusting()
    context.set_ciphers(f"{ciphers}:@SECLEVEL=0")
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    async with Server(**files(folder)) as server:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await negotiated(server, context)


async def test_plain_http_on_the_tls_port_is_hung_up_on(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with Server(**files(folder)) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        async with asyncio.timeout(PATIENCE):
            with contextlib.suppress(ConnectionError):
                assert b"HTTP/" not in await reader.read()
        writer.transport.abort()
        await until(lambda: server.listeners.keeper.present == 0)
    assert caplog.records == []


async def test_a_handshake_that_never_ends_is_given_up_and_makes_room(folder: Path) -> None:
    """It is counted from the moment it was accepted, and squeezed out by who comes after."""
    async with Server(**files(folder), unfinished_connections=3, request_timeout=3600) as server:
        keeper = server.listeners.keeper
        silent = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(3)]
        await until(lambda: keeper.unfinished == 3)
        async with https(server) as http, http.get("/health") as response:
            assert response.status == 200
        assert keeper.counts.squeezed == 1
        keeper.dismiss_overdue(asyncio.get_running_loop().time() + 3601)
        await until(lambda: keeper.unfinished == 0)
        for one in silent:
            one.close()


# ---- renewal -------------------------------------------------------------------------------


async def test_a_renewed_certificate_is_shown_to_new_connections(folder: Path) -> None:
    """Old connections go on with theirs."""
    certificate = Certificate(folder / "certificate.pem", folder / "key.pem")
    assert not certificate.look(), "nothing has changed"
    before = certificate.context()
    write_certificate(folder)
    assert certificate.look()
    assert certificate.context() is not before
    assert not certificate.look()


async def test_sighup_reads_the_certificate_again(folder: Path) -> None:
    async with Server(**files(folder)) as server, https(server) as http:
        ann = Socket(await http.ws_connect("/ws"))
        await ann.expect("client-id")
        serial = write_certificate(folder).serial
        assert await serial_shown(server) != serial
        os.kill(os.getpid(), signal.SIGHUP)
        async with asyncio.timeout(PATIENCE):
            while await serial_shown(server) != serial:
                pass
        await ann.ask("ping")
        await ann.close()


@pytest.mark.parametrize("spoil", ["half", "other key", "missing", "passphrase"])
async def test_a_certificate_of_no_use_changes_nothing(
    folder: Path, spoil: str, caplog: pytest.LogCaptureFixture
) -> None:
    certificate = Certificate(folder / "certificate.pem", folder / "key.pem")
    before = certificate.context()
    match spoil:
        case "half":
            (folder / "certificate.pem").write_text("-----BEGIN CERTIFICATE-----\nMII")
        case "other key":
            kept = (folder / "key.pem").read_bytes()
            write_certificate(folder)
            (folder / "key.pem").write_bytes(kept)
        case "missing":
            (folder / "key.pem").unlink()
        case _:
            write_certificate(folder, passphrase="secret words")
    assert not certificate.look()
    assert not certificate.read_again()
    assert certificate.context() is before
    assert "stays as it is" in caplog.text
    write_certificate(folder)
    assert certificate.look(), "the next good one is taken"


@pytest.mark.parametrize("spoil", ["missing", "garbage", "passphrase"])
def test_the_start_fails_with_a_sentence(tmp_path: Path, spoil: str) -> None:
    if spoil == "garbage":
        (tmp_path / "certificate.pem").write_text("x")
        (tmp_path / "key.pem").write_text("x")
    elif spoil == "passphrase":
        write_certificate(tmp_path, passphrase="secret words")
    with pytest.raises(ConfigError, match="CROSSOVER_TLS_CERTIFICATE"):
        Certificate(tmp_path / "certificate.pem", tmp_path / "key.pem")


def test_context_offers_http_1_1_only(folder: Path) -> None:
    context = context_of(folder / "certificate.pem", folder / "key.pem")
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert context.options & ssl.OP_NO_COMPRESSION
    assert context.options & ssl.OP_NO_RENEGOTIATION


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"CROSSOVER_TLS_KEY": "key.pem"}, "set both"),
        ({"CROSSOVER_REDIRECT_PORT": "8080"}, "CROSSOVER_TLS_CERTIFICATE"),
        (
            {"CROSSOVER_TLS_KEY": "/nowhere/k", "CROSSOVER_TLS_CERTIFICATE": "/nowhere/c"},
            "CROSSOVER_TLS_CERTIFICATE",
        ),
    ],
)
async def test_command_says_what_is_wrong(variables: dict[str, str], named: str) -> None:
    code, text = await outcome("serve", "--port", "0", variables=variables)
    assert code == 2
    assert named in text
    assert "Traceback" not in text


# ---- the port that redirects ---------------------------------------------------------------


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@pytest.mark.parametrize(
    ("host", "path", "location"),
    [
        ("rooms.example", "/r/abc?x=1", "https://rooms.example:{port}/r/abc?x=1"),
        ("rooms.example:8080", "/", "https://rooms.example:{port}/"),
        ("[2001:db8::1]:80", "/a%20b", "https://[2001:db8::1]:{port}/a%20b"),
        ("evil.example/x", "/", None),
        ("a@b", "/", None),
        ("", "/", None),
        ("x\ty", "/", None),
        ("rooms.example", "//evil.example", "https://rooms.example:{port}//evil.example"),
    ],
)
async def test_redirect(folder: Path, host: str, path: str, location: str | None) -> None:
    port = free_port()
    async with Server(**files(folder), redirect_port=port) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"POST {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        try:
            async with asyncio.timeout(PATIENCE):
                head = (await reader.read()).decode()
        finally:
            writer.transport.abort()
        if location is None:
            assert head.startswith("HTTP/1.1 400")
            assert "Location" not in head
        else:
            assert head.startswith("HTTP/1.1 308")
            assert f"Location: {location.format(port=server.port)}\r\n" in head
            assert "Strict-Transport-Security" not in head, "RFC 6797 §7.2: not over plain HTTP"


async def test_no_redirect_port_by_default(folder: Path) -> None:
    async with Server(**files(folder)) as server:
        assert server.listeners.redirect_port == 0


# ---- HSTS behind a proxy -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trusted", "said", "told"),
    [
        ("127.0.0.1", "https", True),
        ("127.0.0.1", "http", False),
        ("127.0.0.1", "http, https", True),
        ("127.0.0.1", "https, http", False),
        ("10.0.0.1", "https", False),
        ("", "https", False),
    ],
)
async def test_hsts_where_a_trusted_proxy_says_so(trusted: str, said: str, told: bool) -> None:
    async with (
        Server(trusted_proxies=trusted) as server,
        server.http.get("/health", headers={"X-Forwarded-Proto": said}) as response,
    ):
        assert ("Strict-Transport-Security" in response.headers) is told
