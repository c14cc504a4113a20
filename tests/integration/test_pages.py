"""What a browser fetches: health, the page's files, the headers that keep it safe."""

import asyncio
import logging
from pathlib import Path

import pytest

from signaling.config import ConfigError, load
from signaling.http import page
from tests.support.server import Server

SECURITY_HEADERS = {
    "Content-Security-Policy",
    "X-Content-Type-Options",
    "Referrer-Policy",
    "Permissions-Policy",
    "Cross-Origin-Opener-Policy",
    "Cross-Origin-Resource-Policy",
}


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A built page, with a secret beside and below it."""
    folder = tmp_path / "page"
    (folder / "assets" / "inner").mkdir(parents=True)
    (folder / "index.html").write_text("<title>The page</title>")
    (folder / "favicon.svg").write_text("<svg/>")
    (folder / "manifest.webmanifest").write_text("{}")
    (folder / ".hidden.svg").write_text("secret")
    (folder / "assets" / "index-abc123.js").write_text("let x;")
    (folder / "assets" / ".hidden.js").write_text("secret")
    (folder / "assets" / "inner" / "deep.js").write_text("secret")
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "secret.txt").write_text("secret")
    monkeypatch.setattr(page, "PAGE", folder)
    return folder


async def fetch(server: Server, path: str) -> tuple[int, str]:
    """A GET with the path exactly as written, which client libraries would tidy up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    writer.write(request.encode())
    head, _, body = (await reader.read()).decode().partition("\r\n\r\n")
    writer.close()
    await writer.wait_closed()
    return int(head.split()[1]), body


# ---- health ------------------------------------------------------------------------------


async def test_health() -> None:
    async with Server() as server:
        status, body = await server.call("GET", "/health")
        assert status == 200
        assert body["status"] == "ok"
        assert body["connected_clients"] == 0
        assert body["rooms"] == {"total": 0, "list": []}
        ann, bob = await server.connect(), await server.connect_channels("x")
        await ann.create("Shown")
        await ann.create("Hidden", metadata={"private": True})
        _, body = await server.call("GET", "/health")
        assert body["connected_clients"] == 2
        assert body["rooms"]["total"] == 2
        assert [room["name"] for room in body["rooms"]["list"]] == ["Shown"]
        await bob.take()


# ---- files -------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/r/abcd-efgh-jkmn", "/r/with%20space", "/?x=1"])
async def test_page(built: Path, path: str) -> None:
    async with Server() as server, server.http.get(path) as response:
        assert response.status == 200
        assert response.content_type == "text/html"
        assert response.headers["Cache-Control"] == "no-cache"
        assert await response.text() == "<title>The page</title>"


@pytest.mark.parametrize(
    ("path", "kind", "caching"),
    [
        ("/assets/index-abc123.js", "javascript", "immutable"),
        ("/favicon.svg", "image/svg+xml", "no-cache"),
        ("/manifest.webmanifest", "application/manifest+json", "no-cache"),
        ("/config.js", "javascript", "no-cache"),
    ],
)
async def test_files_of_the_page(built: Path, path: str, kind: str, caching: str) -> None:
    async with Server() as server, server.http.get(path) as response:
        assert response.status == 200
        assert response.content_type.endswith(kind)
        assert caching in response.headers["Cache-Control"]


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../secret", "/assets/..%2fsecret", "/assets/..%2f..%2fsecret", "/../secret",
        "/assets/%2e%2e/secret", "/assets/%2e%2e%2f%2e%2e%2fsecret", "/assets/..\\..\\secret",
        "/assets/..%5c..%5csecret", "/assets/%2fetc%2fpasswd", "/assets/%2Fetc%2Fpasswd",
        "/assets//etc/passwd", "/assets/inner%2fdeep.js", "/assets/inner/deep.js",
        "/assets/inner%2f..%2f..%2f..%2fsecret", "/assets/inner", "/assets/.", "/assets/..",
        "/assets/", "/assets", "/assets/.hidden.js", "/.hidden.svg", "/assets/%00",
        "/assets/index-abc123.js%00", "/assets/%", "/assets/%ff", "/assets/%252fetc%252fpasswd",
        "/..%2fsecret.txt", "/%2e%2e%2fsecret.txt", "/assets/..%2findex.html", "/secret.txt",
        "/nothing.svg", "/index.html", "/assets/" + "x" * 300, "/" + "x" * 300 + ".svg",
    ],
)  # fmt: skip
async def test_nothing_else_is_served(
    built: Path, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with Server() as server:
        status, body = await fetch(server, path)
    assert status == 404
    assert "secret" not in body
    assert "root:" not in body
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_page_that_is_not_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "PAGE", tmp_path / "nowhere")
    async with Server() as server:
        status, body = await fetch(server, "/")
        assert status == 503
        assert "make page" in body
        assert (await fetch(server, "/assets/x.js"))[0] == 404
        assert (await fetch(server, "/favicon.svg"))[0] == 404


# ---- headers and configuration -------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/", "/assets/index-abc123.js", "/nothing", "/health", "/api/rooms", "/config.js"]
)
async def test_security_headers_are_on_every_answer(built: Path, path: str) -> None:
    async with Server() as server, server.http.get(path) as response:
        assert set(response.headers) >= SECURITY_HEADERS
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "script-src 'self';" in policy
        assert "object-src 'none'" in policy
        assert "base-uri 'none'" in policy
        assert "form-action 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert "*" not in policy
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        permissions = response.headers["Permissions-Policy"]
        assert "camera=(self)" in permissions
        assert "geolocation=()" in permissions
        assert "Strict-Transport-Security" not in response.headers, "this is plain HTTP"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"), ("GET", "/r/room"), ("GET", "/assets/index-abc123.js"), ("GET", "/config.js"),
        ("GET", "/health"), ("GET", "/nothing"), ("GET", "/ws"), ("GET", "/api/rooms"),
        ("POST", "/api/rooms"), ("PUT", "/"),
    ],
)  # fmt: skip
async def test_no_answer_sets_a_cookie_or_names_the_software(
    built: Path, method: str, path: str
) -> None:
    """There are no cookies, so no other site's page can act with anybody's."""
    async with Server(admin_token="t" * 32) as server:
        for headers in ({}, {"Cookie": "session=1", "Authorization": "Bearer " + "t" * 32}):
            async with server.http.request(method, path, headers=headers) as response:
                assert "Set-Cookie" not in response.headers
                assert "Access-Control-Allow-Origin" not in response.headers
                assert not set("0123456789") & set(response.headers.get("Server", ""))


async def test_no_websocket_answer_sets_a_cookie() -> None:
    async with Server() as server:
        websocket = await server.open()
        assert "Set-Cookie" not in websocket._response.headers
        await websocket.close()


async def test_hashed_assets_are_kept_and_everything_else_is_asked_for_again(built: Path) -> None:
    async with Server() as server:
        async with server.http.get("/assets/index-abc123.js") as response:
            assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        for path in ("/", "/r/room", "/config.js", "/favicon.svg"):
            async with server.http.get(path) as response:
                assert response.headers["Cache-Control"] == "no-cache"
        async with server.http.get("/assets/gone-abc123.js") as response:
            assert "immutable" not in response.headers.get("Cache-Control", "")


@pytest.mark.parametrize(
    ("allowed", "ancestors", "resource"),
    [
        ("", "'none'", "same-origin"),
        ("https://a.example, https://B.example:8443", "https://a.example https://b.example:8443",
         "cross-origin"),
        ("*", "*", "cross-origin"),
    ],
)  # fmt: skip
async def test_who_may_show_the_page_in_a_frame(
    allowed: str, ancestors: str, resource: str
) -> None:
    async with Server(frame_ancestors=allowed) as server, server.http.get("/") as response:
        policy = response.headers["Content-Security-Policy"]
        assert policy.endswith(f"frame-ancestors {ancestors}")
        assert response.headers["Cross-Origin-Resource-Policy"] == resource


async def test_a_setting_cannot_break_out_of_the_policy() -> None:
    """What stands in a header comes from the operator, checked when the server starts."""
    for wrong in (
        "https://a.example; script-src *",
        "https://a.example\r\nX: y",
        "a.example",
        "'self'",
    ):
        with pytest.raises(ConfigError):
            load({"CROSSOVER_FRAME_ANCESTORS": wrong}, {})


async def test_websocket_elsewhere_is_allowed_and_told_to_the_page() -> None:
    async with Server(websocket_url="wss://signal.example:8443/ws") as server:
        async with server.http.get("/config.js") as response:
            text = await response.text()
            assert text == 'window.__WEBSOCKET_URL__ = "wss://signal.example:8443/ws";\n'
            policy = response.headers["Content-Security-Policy"]
        assert "connect-src 'self' wss://signal.example:8443;" in policy


async def test_nothing_is_configured_by_default() -> None:
    async with Server() as server, server.http.get("/config.js") as response:
        assert (await response.text()).startswith("//")
        assert "connect-src 'self';" in response.headers["Content-Security-Policy"]
