"""The WebSocket endpoint: carries frames to the switchboard and its effects to the sockets."""

import asyncio
import logging

from aiohttp import WSMsgType, web

from signaling.config import Settings
from signaling.http.clients import address_of, is_local, origin_allowed
from signaling.http.clock import Clock
from signaling.http.frames import text_frame
from signaling.messages.wire import ErrorCode
from signaling.outbox import Close, Write
from signaling.peer_session import Connection
from signaling.switchboard import Switchboard

log = logging.getLogger(__name__)

HEARTBEAT = 25.0
"""Seconds between the server's pings (RFC 6455 §5.5.2); half without a pong is a dead client."""

CLOSE_TIMEOUT = 2.0
"""Seconds a client has to answer our close frame."""

SLOW = 4009
"""Close code: the client does not read what is sent to it."""


class Gateway:
    """Owns every WebSocket, the clock and the switchboard's timer."""

    def __init__(self, switchboard: Switchboard, settings: Settings, clock: Clock) -> None:
        self._switchboard = switchboard
        self._settings = settings
        self._clock = clock
        self._sockets: dict[int, tuple[web.WebSocketResponse, asyncio.Transport]] = {}
        self._closing: set[asyncio.Task[bool]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._armed_for = float("inf")

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        """One client from upgrade to close."""
        socket = web.WebSocketResponse(
            heartbeat=HEARTBEAT,
            compress=False,
            timeout=CLOSE_TIMEOUT,
            max_msg_size=4 * self._settings.limits.frame_bytes,
        )
        address = address_of(request, self._settings.trusted_proxies)
        await socket.prepare(request)
        refusal = self._refusal(request, address)
        if refusal is not None:
            await socket.close(code=refusal[0], message=refusal[1])
            return socket
        transport = request.transport
        if transport is None:
            return socket  # gone between the upgrade and now
        await self._serve(request, socket, transport, address)
        return socket

    def flush(self) -> None:
        """Carries out what the core wants done, and sets the timer for what comes next."""
        for effect in self._switchboard.take_effects():
            match effect:
                case Write(connections=connections, payload=payload):
                    frame = text_frame(payload)
                    for connection in connections:
                        self._write(connection, frame)
                case Close(connection=connection, code=code, reason=reason):
                    self._close(connection, code, reason)
        self._arm()

    async def close(self) -> None:
        """Says goodbye to everybody and waits until they are gone; may be called twice."""
        self._switchboard.shut_down()
        self.flush()
        if self._timer is not None:
            self._timer.cancel()
        if self._closing:
            await asyncio.wait(self._closing)

    # ---- one client ----------------------------------------------------------------------

    def _refusal(self, request: web.Request, address: str) -> tuple[int, bytes] | None:
        if not origin_allowed(request, self._settings):
            origin = request.headers.get("Origin", "")
            log.warning("refused origin %r; allow it with CROSSOVER_ALLOWED_ORIGINS", origin[:200])
            return 1008, b"Invalid origin"
        if not self._switchboard.has_place_for(address):
            return 1013, b"Too many connections from your address"
        return None

    async def _serve(
        self,
        request: web.Request,
        socket: web.WebSocketResponse,
        transport: asyncio.Transport,
        address: str,
    ) -> None:
        origin = request.headers.get("Origin", "")
        local = is_local(request, address)
        connection = self._switchboard.connect(address, origin, local, self._clock.now())
        self._sockets[connection.number] = (socket, transport)
        try:
            self.flush()
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._switchboard.receive(connection, message.data, self._clock.now())
                elif message.type is WSMsgType.BINARY:
                    error, text = ErrorCode.BAD_MESSAGE, "Send JSON text, not binary frames."
                    self._switchboard.reject_frame(connection, error, text, self._clock.now())
                self.flush()
        finally:
            del self._sockets[connection.number]
            code = socket.close_code or 1006
            self._switchboard.disconnect(connection, code, self._clock.now())
            self.flush()

    def _write(self, connection: Connection, frame: bytes) -> None:
        held = self._sockets.get(connection.number)
        if held is None:
            return
        socket, transport = held
        if socket.closed or transport.is_closing():
            return
        transport.write(frame)
        waiting = transport.get_write_buffer_size()
        if waiting > self._settings.limits.queued_bytes:
            log.warning("dropped a client that left %d bytes unread", waiting)
            self._close(connection, SLOW, "slow")

    def _close(self, connection: Connection, code: int, reason: str) -> None:
        held = self._sockets.get(connection.number)
        if held is None or held[0].closed:
            return
        task = asyncio.ensure_future(self._close_socket(*held, code, reason))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _close_socket(
        self,
        socket: web.WebSocketResponse,
        transport: asyncio.Transport,
        code: int,
        reason: str,
    ) -> bool:
        try:
            async with asyncio.timeout(2 * CLOSE_TIMEOUT):
                return await socket.close(code=code, message=reason.encode(), drain=False)
        except TimeoutError:
            return False
        finally:
            if transport.get_write_buffer_size():
                transport.abort()  # what it would not read is not worth keeping

    # ---- time ----------------------------------------------------------------------------

    def _arm(self) -> None:
        deadline = self._switchboard.next_deadline()
        if deadline is None or deadline >= self._armed_for:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._armed_for = deadline
        delay = max(0.0, deadline - self._clock.now())
        self._timer = asyncio.get_running_loop().call_later(delay, self._tick)

    def _tick(self) -> None:
        self._timer, self._armed_for = None, float("inf")
        self._switchboard.tick(self._clock.now())
        self.flush()
