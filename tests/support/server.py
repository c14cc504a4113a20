"""The real server on a free port, and WebSocket clients that talk to it.

Nothing here waits for a while: a client waits for a frame it is owed, or asks for a ``pong`` and
knows that whatever was sent to it before has come by then.
"""

import asyncio
import contextlib
import itertools
import json
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

from aiohttp import ClientSession, ClientWebSocketResponse, WSMessage, WSMsgType

from signaling.config import load
from signaling.http.app import GATEWAY, METRICS, POOL, build
from signaling.http.server import Listeners
from signaling.switchboard import Switchboard
from signaling.workers.process_pool import PROGRAM
from tests.support.stage import UNCOUNTED, Frame, parse

SECRET = "a secret of tests, thirty-two bytes and more"
PATIENCE = 10.0
"""Seconds after which a frame that is owed will not come any more."""

GLANCE = 0.002
"""Seconds between two looks at what no event tells of: other processes need the time."""


class Socket:
    """One WebSocket to the server, with the frames that came and were not taken out yet."""

    def __init__(self, websocket: ClientWebSocketResponse) -> None:
        self.websocket = websocket
        self.frames: list[Frame] = []
        self.greeting: Frame = {}
        self.received = 0
        self._resumes_from = 0
        self._request_numbers = itertools.count(1)

    @property
    def id(self) -> str:
        return str(self.greeting["id"])

    @property
    def token(self) -> str:
        return str(self.greeting["resumeToken"])

    # ---- out -----------------------------------------------------------------------------

    async def say(self, kind: str, /, **fields: object) -> None:
        await self.say_text(json.dumps({"type": kind, **fields}))

    async def say_text(self, text: str) -> None:
        await self.websocket.send_str(text)

    async def ask(self, kind: str, /, **fields: object) -> Frame:
        """Sends a request with an id and waits for its answer, an ``error`` included."""
        request = f"request {next(self._request_numbers)}"
        await self.say(kind, id=request, **fields)
        return await self._wait_for(lambda frame: frame.get("id") == request, f"answer to {kind}")

    async def refused(self, kind: str, /, **fields: object) -> str:
        """Sends a request that has to be refused; the error's code."""
        answer = await self.ask(kind, **fields)
        assert answer["type"] == "error", answer
        assert answer["message"]
        return str(answer["code"])

    async def create(self, name: str = "Room", **payload: object) -> Frame:
        answer = await self.ask("create-room", payload={"name": name, **payload})
        assert answer["type"] == "room-created", answer
        room: Frame = answer["room"]
        return room

    async def join(self, room_id: str, **payload: object) -> Frame:
        answer = await self.ask("join-room", payload={"roomId": room_id, **payload})
        assert answer["type"] == "room-joined", answer
        room: Frame = answer["room"]
        return room

    async def resume(self, older: "Socket") -> Frame:
        """Continues as an older client; the greeting that answers."""
        self._resumes_from = older.received
        await self.say("resume", resumeToken=older.token, received=older.received)
        return await self.expect("client-id")

    async def subscribe(self, *channels: str) -> None:
        for channel in channels:
            assert (await self.ask("subscribe", channel=channel))["type"] == "ok"
        await self.take("client_count")

    # ---- in ------------------------------------------------------------------------------

    async def expect(self, kind: str) -> Frame:
        """The next frame of a type; waits for it."""
        return await self._wait_for(lambda frame: frame["type"] == kind, kind)

    async def take(self, *kinds: str) -> list[Frame]:
        """Everything of these types (or at all) that the server has sent until now."""
        pong = await self.ask("ping")
        assert pong["type"] == "pong", pong
        taken = [frame for frame in self.frames if not kinds or frame["type"] in kinds]
        self.frames = [frame for frame in self.frames if frame not in taken]
        return taken

    async def closed(self) -> int | None:
        """Reads until the server closes; the close code."""
        async with asyncio.timeout(PATIENCE):
            while (message := await self.websocket.receive()).type is WSMsgType.TEXT:
                self._keep(message)
        return self.websocket.close_code

    async def close(self, code: int = 1000) -> None:
        await self.websocket.close(code=code)

    def cut(self) -> None:
        """The network is gone, without a word."""
        transport = self.websocket._response.connection.transport  # type: ignore[union-attr]
        assert transport is not None
        transport.abort()

    async def _wait_for(self, wanted: Callable[[Frame], bool], what: str) -> Frame:
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    for frame in self.frames:
                        if wanted(frame):
                            self.frames.remove(frame)
                            return frame
                    message = await self.websocket.receive()
                    assert message.type is WSMsgType.TEXT, f"no {what}: {message}"
                    self._keep(message)
        except TimeoutError:
            kinds = [frame["type"] for frame in self.frames]
            raise AssertionError(f"no {what} among {kinds}") from None

    def _keep(self, message: WSMessage) -> None:
        frame = parse(message.data)
        self.frames.append(frame)
        if frame["type"] == "client-id":
            self.greeting = frame
            self.received = self._resumes_from if frame["resumed"] else 0
        elif frame["type"] not in UNCOUNTED:
            self.received += 1


class Server:
    """The application on a free port of the loopback interface, as ``async with Server():``.

    Args:
        variables: The environment, beyond a signing secret; names without their prefix.
    """

    def __init__(self, **variables: object) -> None:
        given = {f"CROSSOVER_{name.upper()}": str(value) for name, value in variables.items()}
        default = {"CROSSOVER_SECRET": SECRET, "CROSSOVER_WORKERS": "0"}
        self.settings = load({**default, **given}, {})
        self._program: tuple[str, ...] = PROGRAM
        self._stack = contextlib.AsyncExitStack()

    def with_workers(self, program: tuple[str, ...]) -> Self:
        """This program instead of the SFU's, where ``workers`` says that there are any."""
        self._program = program
        return self

    async def __aenter__(self) -> Self:
        app = build(self.settings, self._program)
        self.gateway, self.pool = app[GATEWAY], app[POOL]
        self.metrics = app.get(METRICS)
        self.switchboard: Switchboard = self.gateway._switchboard
        self.listeners = Listeners(app, self.settings)
        self._stack.push_async_callback(self.listeners.close)
        await self.listeners.open("127.0.0.1", 0)
        self.port: int = self.listeners.port
        self.http = await self._stack.enter_async_context(ClientSession(self.url))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    async def stop(self) -> None:
        """Ends the server while its clients look on."""
        await self.listeners.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def open(
        self, path: str = "/ws", headers: Mapping[str, str] | None = None
    ) -> ClientWebSocketResponse:
        """A WebSocket, whatever becomes of it."""
        return await self.http.ws_connect(path, headers=headers, max_msg_size=0)

    async def connect(self, path: str = "/ws", headers: Mapping[str, str] | None = None) -> Socket:
        """A client that has been greeted."""
        socket = Socket(await self.open(path, headers))
        await socket.expect("client-id")
        return socket

    async def connect_channels(
        self, *channels: str, headers: Mapping[str, str] | None = None
    ) -> Socket:
        """A client of the channel dialect with nothing left to read."""
        socket = await self.connect(headers=headers)
        await socket.subscribe(*channels)
        return socket

    async def call(
        self,
        method: str,
        path: str,
        token: str | None = None,
        **options: Any,  # noqa: ANN401 - what the HTTP client takes
    ) -> tuple[int, Any]:
        """A request to the REST API; status and decoded body."""
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        async with self.http.request(method, path, headers=headers, **options) as response:
            text = await response.text()
            return response.status, json.loads(text) if text else None


async def until(condition: Callable[[], bool]) -> None:
    """Lets the server go on until something is so."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - the server has no event for it
            await asyncio.sleep(GLANCE)
