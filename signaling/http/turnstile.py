"""What every request passes: the rate of its address, and what the door is told of it."""

import math
import time

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from signaling.config import Settings
from signaling.http.clients import address_of
from signaling.http.rates import AddressRates
from signaling.http.visitor import Visitor
from signaling.limits import address_key
from signaling.messages.wire import ErrorCode, Wire


class TooMany(Wire, omit_defaults=False, kw_only=True):
    """The body of a 429."""

    code: str
    message: str


def turnstile(settings: Settings) -> Middleware:
    """The outermost middleware.

    A request beyond the rate of its address is answered 429 with ``Retry-After`` (RFC 6585 §4),
    and its connection closed.
    """
    rates = AddressRates(settings.door.requests_per_second, settings.door.request_burst)

    @web.middleware
    async def pass_through(request: web.Request, handler: Handler) -> web.StreamResponse:
        visitor = _visitor(request)
        if visitor is not None:
            visitor.answering()
        try:
            key = address_key(address_of(request, settings.trusted_proxies))
            wait = rates.take(key, time.monotonic())
            return _too_many(wait) if wait else await handler(request)
        finally:
            if visitor is not None:
                visitor.answered()

    return pass_through


async def note_upgrade(request: web.Request, response: web.StreamResponse) -> None:
    """For ``on_response_prepare``: a WebSocket has left what the door watches over."""
    if isinstance(response, web.WebSocketResponse):
        visitor = _visitor(request)
        if visitor is not None:
            visitor.opened()


def _visitor(request: web.Request) -> Visitor | None:
    """None where the request came by no door of ours (a test's), or its client has gone."""
    transport = request.transport
    protocol = None if transport is None else transport.get_protocol()
    return protocol if isinstance(protocol, Visitor) else None


def _too_many(wait: float) -> web.Response:
    seconds = math.ceil(wait)
    body = TooMany(
        code=ErrorCode.TOO_MANY_REQUESTS,
        message=f"Too many requests from your address; try again in {seconds} s.",
    )
    response = web.Response(
        body=msgspec.json.encode(body),
        content_type="application/json",
        status=429,
        headers={"Retry-After": f"{seconds}"},
    )
    response.force_close()
    return response
