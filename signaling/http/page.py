"""The built page: its files, its configuration, and the headers that keep it safe."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web

from signaling.config import Settings
from signaling.http.clients import came_by_tls

PAGE = Path(__file__).parent / "page"
"""Where the page's build lands."""

_YEAR = "public, max-age=31536000, immutable"

_USED = [f"{feature}=(self)" for feature in ("camera", "microphone", "display-capture")]
_UNUSED = [
    f"{feature}=()" for feature in ("geolocation", "payment", "usb", "serial", "midi", "hid")
]

ALWAYS_TLS = "max-age=31536000"
"""Strict-Transport-Security (RFC 6797 §6.1), once a client has come by TLS."""

NOT_BUILT = """<!doctype html><meta charset="utf-8"><title>Crossover</title>
<p>The signaling service runs, but its page has not been built.
Run <code>make page</code> and reload.</p>
"""


def routes(settings: Settings) -> list[web.AbstractRouteDef]:
    """The page at the addresses it knows, its assets, and ``/config.js``."""
    config_js = _config_js(settings)

    async def index(request: web.Request) -> web.StreamResponse:
        if not (PAGE / "index.html").is_file():
            return web.Response(text=NOT_BUILT, content_type="text/html", status=503)
        return web.FileResponse(PAGE / "index.html", headers={"Cache-Control": "no-cache"})

    async def config(request: web.Request) -> web.Response:
        headers = {"Cache-Control": "no-cache"}
        return web.Response(text=config_js, content_type="text/javascript", headers=headers)

    async def asset(request: web.Request) -> web.StreamResponse:
        folder = PAGE / "assets"
        return _file(folder, request.match_info["name"], _YEAR)

    async def at_root(request: web.Request) -> web.StreamResponse:
        return _file(PAGE, request.match_info["name"], "no-cache")

    return [
        web.get("/", index),
        web.get("/r/{room}", index),
        web.get("/login", index),
        web.get("/settings", index),
        web.get("/check", index),
        web.get("/config.js", config),
        web.get("/assets/{name}", asset),
        web.get("/{name:[A-Za-z0-9_-]+\\.(?:svg|png|ico|webmanifest|txt)}", at_root),
    ]


def headers_on_every_answer(
    settings: Settings,
) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """For ``on_response_prepare``."""
    headers = security_headers(settings)

    async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        response.headers["Server"] = "crossover"  # and not which versions of what
        if came_by_tls(request, settings.trusted_proxies):
            response.headers["Strict-Transport-Security"] = ALWAYS_TLS

    return add_headers


def security_headers(settings: Settings) -> dict[str, str]:
    """Headers of every answer: nothing inline, nothing from elsewhere, no framing but by some."""
    connect = " ".join(["'self'", *_websocket_sources(settings)])
    policy = {
        "default-src": "'self'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data: blob:",
        "media-src": "'self' blob:",
        "connect-src": connect,
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": " ".join(settings.frame_ancestors) or "'none'",
    }
    return {
        "Content-Security-Policy": "; ".join(f"{key} {value}" for key, value in policy.items()),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Permissions-Policy": ", ".join((*_USED, *_UNUSED)),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": (
            "cross-origin" if settings.frame_ancestors else "same-origin"
        ),
    }


def _websocket_sources(settings: Settings) -> list[str]:
    """The WebSocket's own origin, where it is not the page's (which ``'self'`` covers)."""
    parts = urlsplit(settings.websocket_url)
    return [f"{parts.scheme}://{parts.netloc}"] if parts.netloc else []


def _config_js(settings: Settings) -> str:
    if not settings.websocket_url:
        return "// nothing is configured: the page connects to where it came from\n"
    return f"window.__WEBSOCKET_URL__ = {json.dumps(settings.websocket_url)};\n"


def _file(folder: Path, name: str, caching: str) -> web.FileResponse:
    """A file that lies in this folder of the build; a name in a URL may hold an escaped slash."""
    if name not in (entry.name for entry in folder.glob("[!.]*") if entry.is_file()):
        raise web.HTTPNotFound(text="Nothing is here.")
    return web.FileResponse(folder / name, headers={"Cache-Control": caching})
