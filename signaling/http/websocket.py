"""The WebSocket endpoint: carries frames to the switchboard and its effects to the sockets."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aiohttp import WSMsgType, web

from sfu.control.messages import Command
from signaling.config import Settings
from signaling.http.clients import address_of, is_local, origin_allowed
from signaling.http.clock import Clock
from signaling.http.complaints import Complaints
from signaling.http.frames import PING, text_frame
from signaling.http.journal import Writer
from signaling.http.keep_alive import BEAT, KeepAlive, Pulse
from signaling.messages.wire import ErrorCode
from signaling.outbox import Close, Submit, Write
from signaling.peer_session import Connection
from signaling.switchboard import Switchboard

log = logging.getLogger(__name__)

CLOSE_TIMEOUT = 2.0
"""Seconds a client has to answer our close frame."""

_OVER = (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR)

SLOW = 4009
"""Close code: the client does not read what is sent to it."""


@dataclass(slots=True)
class Line:
    """One client's socket, the transport below it, and its sign of life.

    ``closing``: it has been told goodbye; nothing more is written to it.
    """

    socket: web.WebSocketResponse
    transport: asyncio.Transport
    pulse: Pulse
    closing: bool = False


class Gateway:
    """Owns every WebSocket, the clock and the timers.

    Args:
        submit: Passes a command to a worker of the SFU.
    """

    def __init__(
        self,
        switchboard: Switchboard,
        settings: Settings,
        clock: Clock,
        submit: Callable[[str, Command], None],
    ) -> None:
        self._switchboard = switchboard
        self._submit = submit
        self._settings = settings
        self._clock = clock
        self._complaints = Complaints(log, clock.now())
        self._lines: dict[int, Line] = {}
        self._keep_alive = KeepAlive()
        self._writer = Writer(settings.log_addresses, clock.now())
        self._heart: asyncio.TimerHandle | None = None
        self._closing: set[asyncio.Task[bool]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._armed_for = float("inf")
        self._closed = False

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One client from upgrade to close."""
        socket = web.WebSocketResponse(
            autoping=False,
            compress=False,
            timeout=CLOSE_TIMEOUT,
            max_msg_size=4 * self._settings.limits.frame_bytes,
        )
        address = address_of(request, self._settings.trusted_proxies)
        try:
            await socket.prepare(request)
        except ConnectionError:
            return web.Response()  # gone before it was answered; nobody will read this
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
        if entries := self._switchboard.journal.take():
            self._writer.write(entries, self._clock.now())
        tally = self._switchboard.tally
        for effect in self._switchboard.take_effects():
            match effect:
                case Write(connections=connections, payload=payload):
                    tally.sent += len(connections)
                    tally.sent_bytes += len(connections) * len(payload)
                    self._write(connections, text_frame(payload))
                case Close(connection=connection, code=code, reason=reason):
                    self._close(connection, code, reason)
                case Submit(worker=worker, command=command):
                    self._submit(worker, command)
        self._arm()

    async def close(self) -> None:
        """Says goodbye to everybody and waits until they are gone; may be called twice."""
        self._closed = True
        self._switchboard.shut_down()
        self.flush()
        for timer in (self._timer, self._heart):
            if timer is not None:
                timer.cancel()
        if self._closing:
            await asyncio.wait(self._closing)

    # ---- one client ----------------------------------------------------------------------

    def _refusal(self, request: web.Request, address: str) -> tuple[int, bytes] | None:
        if not origin_allowed(request, self._settings):
            origin = request.headers.get("Origin", "")
            self._complaints.warn(
                self._clock.now(),
                "refused origin %r; allow it with CROSSOVER_ALLOWED_ORIGINS",
                origin[:200],
            )
            self._switchboard.tally.turned_away["origin"] += 1
            return 1008, b"Invalid origin"
        if not self._switchboard.has_place_for(address):
            self._switchboard.tally.turned_away["too-many"] += 1
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
        pulse = self._keep_alive.watch(connection.number)
        self._lines[connection.number] = Line(socket, transport, pulse)
        if self._heart is None:
            self._heart = asyncio.get_running_loop().call_later(BEAT, self._beat)
        try:
            self.flush()
            await self._listen(connection, socket, pulse)
        finally:
            del self._lines[connection.number]
            self._keep_alive.forget(connection.number)
            code = socket.close_code or 1006
            self._switchboard.disconnect(connection, code, self._clock.now())
            self.flush()

    async def _listen(
        self, connection: Connection, socket: web.WebSocketResponse, pulse: Pulse
    ) -> None:
        """Until the client is gone. Not ``async for``: that is one coroutine more per frame."""
        while True:
            message = await socket.receive()
            pulse.silent = 0
            if message.type is WSMsgType.TEXT:
                self._switchboard.receive(connection, message.data, self._clock.now())
            elif message.type is WSMsgType.BINARY:
                error, text = ErrorCode.BAD_MESSAGE, "Send JSON text, not binary frames."
                self._switchboard.reject_frame(connection, error, text, self._clock.now())
            elif message.type is WSMsgType.PING:
                with contextlib.suppress(ConnectionError):  # asked, and gone
                    await socket.pong(message.data)
            elif message.type in _OVER:
                return
            self.flush()

    def _write(self, connections: Sequence[Connection], frame: bytes) -> None:
        """The same bytes to everybody; each line of this loop counts, it runs per delivery."""
        lines, most = self._lines, self._settings.limits.queued_bytes
        for connection in connections:
            line = lines.get(connection.number)
            if line is None or line.closing or line.socket.closed:
                continue
            transport = line.transport
            if transport.is_closing():
                continue
            transport.write(frame)
            if transport.get_write_buffer_size() > most:
                waiting = transport.get_write_buffer_size()
                self._complaints.warn(
                    self._clock.now(), "dropped a client that left %d bytes unread", waiting
                )
                self._switchboard.tally.closed["slow"] += 1
                self._close(connection, SLOW, "slow")

    def _close(self, connection: Connection, code: int, reason: str) -> None:
        line = self._lines.get(connection.number)
        if line is None or line.closing or line.socket.closed:
            return
        line.closing = True
        task = asyncio.ensure_future(self._close_socket(line, code, reason))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _close_socket(self, line: Line, code: int, reason: str) -> bool:
        try:
            async with asyncio.timeout(2 * CLOSE_TIMEOUT):
                return await line.socket.close(code=code, message=reason.encode(), drain=False)
        except TimeoutError:
            return False
        finally:
            if line.transport.get_write_buffer_size():
                line.transport.abort()  # what it would not read is not worth keeping

    # ---- time ----------------------------------------------------------------------------

    def _arm(self) -> None:
        deadline = self._switchboard.next_deadline()
        if self._closed or deadline is None or deadline >= self._armed_for:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._armed_for = deadline
        delay = max(0.0, deadline - self._clock.now())
        self._timer = asyncio.get_running_loop().call_later(delay, self._tick)

    def _beat(self) -> None:
        quiet, gone = self._keep_alive.beat()
        for number in quiet:
            line = self._lines[number]
            if not (line.closing or line.socket.closed or line.transport.is_closing()):
                line.transport.write(PING)
        for number in gone:
            self._lines[number].transport.abort()
        self._heart = None
        if self._lines:
            self._heart = asyncio.get_running_loop().call_later(BEAT, self._beat)

    def _tick(self) -> None:
        self._timer, self._armed_for = None, float("inf")
        self._switchboard.tick(self._clock.now())
        self.flush()
