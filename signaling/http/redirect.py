"""The plain HTTP port beside HTTPS, which only says where to go (RFC 9110 §15.4.9)."""

import re
from typing import Final

from aiohttp import web

from signaling.config import Settings
from signaling.http.turnstile import turnstile

_HOST: Final = re.compile(r"(?P<name>[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:\d{1,5})?")


def build_redirect(settings: Settings, port: int) -> web.Application:
    """Sends every request to the same host and path over HTTPS.

    Args:
        settings: of the service.
        port: of HTTPS.
    """

    async def redirect(request: web.Request) -> web.Response:
        named = _HOST.fullmatch(request.headers.get("Host", ""))
        if named is None:
            refusal = web.Response(status=400, text="The Host header says no host.")
            refusal.force_close()
            return refusal
        host = named["name"] if port == 443 else f"{named['name']}:{port}"
        # The request's own line, as it was written: it cannot hold a line break.
        path = request.raw_path if request.raw_path.startswith("/") else "/"
        headers = {"Location": f"https://{host}{path}", "Cache-Control": "no-store"}
        response = web.Response(status=308, headers=headers)
        response.force_close()
        return response

    app = web.Application(middlewares=[turnstile(settings)])
    app.router.add_route("*", "/{path:.*}", redirect)
    return app
