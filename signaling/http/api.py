"""The operator's REST API: the registry, readable and manageable with a bearer token."""

import hmac
import secrets
from collections.abc import Awaitable, Callable
from typing import Literal

import msgspec
from aiohttp import web

from signaling.config import Settings
from signaling.dialects.views import member_view, summary
from signaling.http.clock import Clock
from signaling.http.journal import LogLevel
from signaling.http.websocket import Gateway
from signaling.invitations import TokenWish, invite
from signaling.messages.records import Member, RoomSummary
from signaling.messages.requests import CreateRoomPayload
from signaling.messages.wire import ErrorCode, Refused, Wire
from signaling.registry import Registry
from signaling.room import Room
from signaling.switchboard import Switchboard
from signaling.tokens import JoinTokens

Endpoint = Callable[[web.Request], Awaitable[web.Response]]

MAX_BODY = 16 * 1024

_STATUS = {ErrorCode.ROOM_NOT_FOUND: 404, ErrorCode.NOT_A_MEMBER: 404, ErrorCode.ROOM_EXISTS: 409}


class RoomReport(Wire, omit_defaults=False, kw_only=True):
    """A room as the operator sees it."""

    room: RoomSummary
    private: bool
    host: str | None
    members: list[Member]


class RoomReports(Wire, omit_defaults=False, kw_only=True):
    """All rooms, oldest first."""

    rooms: list[RoomReport]
    total: int


class LevelWish(Wire, omit_defaults=False, kw_only=True):
    """How much is logged."""

    level: Literal["debug", "info", "warning", "error"]


class ApiError(Wire, omit_defaults=False, kw_only=True):
    """What went wrong: a code for a program, a sentence for a person."""

    code: str
    message: str


class RoomsApi:
    """``/api/rooms`` and below, on the registry that the WebSocket clients use."""

    def __init__(
        self,
        settings: Settings,
        switchboard: Switchboard,
        gateway: Gateway,
        clock: Clock,
        join_tokens: JoinTokens,
        log_level: LogLevel,
    ) -> None:
        self._token = settings.admin_token
        self._switchboard = switchboard
        self._registry = switchboard.registry
        self._gateway = gateway
        self._clock = clock
        self._join_tokens = join_tokens
        self._log_level = log_level
        self._name_length = settings.limits.name_length

    def routes(self) -> list[web.AbstractRouteDef]:
        """The endpoints, each behind the bearer token."""
        return [
            web.get("/api/rooms", self._guarded(self.list_rooms)),
            web.post("/api/rooms", self._guarded(self.open_room)),
            web.get("/api/rooms/{room}", self._guarded(self.get_room)),
            web.delete("/api/rooms/{room}", self._guarded(self.close_room)),
            web.delete("/api/rooms/{room}/members/{member}", self._guarded(self.remove_member)),
            web.post("/api/tokens", self._guarded(self.mint_token)),
            web.get("/api/log-level", self._guarded(self.get_log_level)),
            web.put("/api/log-level", self._guarded(self.set_log_level)),
        ]

    async def list_rooms(self, request: web.Request) -> web.Response:
        """All rooms, or with ``?member=`` those of one member."""
        member = request.query.get("member")
        found = (
            self._registry.index.rooms()
            if member is None
            else self._registry.index.rooms_of(member)
        )
        reports = [_report(room, self._registry) for room in found]
        return _answer(RoomReports(rooms=reports, total=len(reports)))

    async def get_room(self, request: web.Request) -> web.Response:
        """One room."""
        room = self._registry.index.get(request.match_info["room"])
        return _answer(_report(room, self._registry))

    async def open_room(self, request: web.Request) -> web.Response:
        """Makes a room that waits for its members."""
        wish = msgspec.json.decode(await _body(request), type=CreateRoomPayload)
        return _answer(self._switchboard.open_room(wish, self._clock.now()), status=201)

    async def close_room(self, request: web.Request) -> web.Response:
        """Ends a room with everybody in it."""
        self._switchboard.close_room(request.match_info["room"], self._clock.now())
        return web.Response(status=204)

    async def remove_member(self, request: web.Request) -> web.Response:
        """Takes one member out."""
        where, who = request.match_info["room"], request.match_info["member"]
        self._switchboard.remove_member(where, who, self._clock.now())
        return web.Response(status=204)

    async def mint_token(self, request: web.Request) -> web.Response:
        """A token that lets its bearer into a room, and the link that carries it."""
        wish = msgspec.json.decode(await _body(request), type=TokenWish)
        token_id, now = secrets.token_hex(8), self._clock.now()
        return _answer(invite(wish, self._join_tokens, token_id, self._name_length, now), 201)

    async def get_log_level(self, request: web.Request) -> web.Response:
        """How much is logged."""
        return _answer(LevelWish(level=self._log_level.now))

    async def set_log_level(self, request: web.Request) -> web.Response:
        """Logs more, or less, until the server ends."""
        wish = msgspec.json.decode(await _body(request), type=LevelWish)
        self._log_level.set(wish.level)
        return _answer(wish)

    def _guarded(self, endpoint: Endpoint) -> Endpoint:
        async def checked(request: web.Request) -> web.Response:
            if (refusal := _unauthorised(request, self._token)) is not None:
                return refusal
            try:
                return await endpoint(request)
            except Refused as refused:
                status = _STATUS.get(refused.code, 400)
                return _answer(ApiError(code=refused.code, message=refused.message), status)
            except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
                message = f"The body is not understood: {error}"
                return _answer(ApiError(code=ErrorCode.BAD_MESSAGE, message=message), 400)
            finally:
                self._gateway.flush()

        return checked


def _unauthorised(request: web.Request, token: str) -> web.Response | None:
    if not token:
        message = "The REST API is off; set CROSSOVER_ADMIN_TOKEN to switch it on."
        return _answer(ApiError(code="api-off", message=message), 403)
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    matches = hmac.compare_digest(_bytes(given.strip()), _bytes(token))
    if scheme.lower() == "bearer" and matches:
        return None
    error = ApiError(code="unauthorised", message="A valid bearer token is needed.")
    return _answer(error, 401)


def _bytes(text: str) -> bytes:
    """Text from a header or the environment, which need not have been UTF-8."""
    return text.encode(errors="surrogateescape")


async def _body(request: web.Request) -> bytes:
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > MAX_BODY:
            message = f"The body is too large; {MAX_BODY} bytes are allowed."
            raise Refused(ErrorCode.FRAME_TOO_LARGE, message)
    return bytes(body)


def _report(room: Room, registry: Registry) -> RoomReport:
    return RoomReport(
        room=summary(room, registry),
        private=room.spec.private,
        host=room.host,
        members=[member_view(member) for member in room.members.values()],
    )


def _answer(body: msgspec.Struct, status: int = 200) -> web.Response:
    return web.Response(
        body=msgspec.json.encode(body), content_type="application/json", status=status
    )
