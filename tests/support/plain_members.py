"""Members without media, for rooms that have to be filled: the room dialect from a thread."""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

from aiohttp import ClientSession, ClientWebSocketResponse

T = TypeVar("T")


class PlainMember:
    """One WebSocket; what it received, by type."""

    def __init__(self, socket: ClientWebSocketResponse, crowd: "Crowd") -> None:
        self._socket = socket
        self._crowd = crowd
        self.id = ""

    def send(self, message: dict[str, Any]) -> None:
        """Sends one message."""
        self._crowd.run(self._socket.send_json(message))

    def receive(self, kind: str, patience: float = 10.0) -> dict[str, Any]:
        """The next message of this type; others before it are passed over."""
        return self._crowd.run(asyncio.wait_for(self._receive(kind), patience))

    async def _receive(self, kind: str) -> dict[str, Any]:
        while True:
            message: dict[str, Any] = await self._socket.receive_json()
            if message["type"] == kind:
                return message


class Crowd:
    """Runs plain members on a loop of their own, beside a test that is not async."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._session: ClientSession | None = None
        self._sockets: list[ClientWebSocketResponse] = []

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of a coroutine on the crowd's loop."""
        future: Future[T] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return future.result(30)

    def connect(self) -> PlainMember:
        """A new client, greeted."""
        member = PlainMember(self.run(self._connect()), self)
        member.id = member.receive("client-id")["id"]
        return member

    def join(self, room_id: str, name: str | None = None) -> PlainMember:
        """A new member of a room."""
        member = self.connect()
        payload = {"roomId": room_id} | ({"name": name} if name else {})
        member.send({"type": "join-room", "payload": payload})
        member.receive("room-joined")
        return member

    def close(self) -> None:
        """Everybody hangs up."""
        self.run(self._hang_up())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _connect(self) -> ClientWebSocketResponse:
        if self._session is None:
            self._session = ClientSession()
        socket = await self._session.ws_connect(self._address)
        self._sockets.append(socket)
        return socket

    async def _hang_up(self) -> None:
        # A closed session leaves the connections of its WebSockets to the garbage collector.
        await asyncio.gather(*(socket.close() for socket in self._sockets))
        if self._session is not None:
            await self._session.close()
