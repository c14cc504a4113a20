"""The JSON API of Janus over WebSocket: one session, any number of handles."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator
from typing import Any, Final

import aiohttp
import msgspec

from benchmarks.peers.contestant import RefusedByServer
from benchmarks.peers.janus.settings import PLUGIN

Json = dict[str, Any]

PATIENCE: Final = 30.0
"""Seconds for an answer."""

ALIVE: Final = 20.0
"""Seconds between two signs of life; Janus forgets sessions after sixty."""


class JanusApi:
    """A session.

    Args:
        socket: speaks ``janus-protocol``.
    """

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._waiting: dict[str, asyncio.Future[Json]] = {}
        self._up: dict[int, asyncio.Event] = {}
        self._session = 0
        self._tasks = [asyncio.create_task(self._read())]

    @classmethod
    @contextlib.asynccontextmanager
    async def connected(cls, url: str) -> AsyncIterator["JanusApi"]:
        """Connect and open a session.

        Raises:
            aiohttp.ClientError: nobody is there.
        """
        async with (
            aiohttp.ClientSession() as client,
            client.ws_connect(url, protocols=["janus-protocol"], max_msg_size=0) as socket,
        ):
            api = cls(socket)
            try:
                await api.open()
                yield api
            finally:
                await api.close()

    async def open(self) -> None:
        """Open the session, and keep it alive."""
        self._session = (await self._ask({"janus": "create"}))["data"]["id"]
        self._tasks.append(asyncio.create_task(self._keep_alive()))

    async def close(self) -> None:
        """Hang up."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def attach(self) -> int:
        """A new handle of the plugin's."""
        answer = await self._ask({"janus": "attach", "plugin": PLUGIN})
        handle: int = answer["data"]["id"]
        self._up[handle] = asyncio.Event()
        return handle

    async def request(self, handle: int, body: Json, jsep: Json | None = None) -> Json:
        """A request to the plugin; the message with its answer, ``plugindata`` and ``jsep``.

        Raises:
            RefusedByServer: Janus or the plugin did not want to.
        """
        message: Json = {"janus": "message", "handle_id": handle, "body": body}
        if jsep is not None:
            message["jsep"] = jsep
        answer = await self._ask(message)
        data = answer.get("plugindata", {}).get("data", {})
        if "error" in data:
            raise RefusedByServer(f"{body['request']}: {data['error']}")
        return answer

    async def until_up(self, handle: int) -> None:
        """Wait until Janus says that a handle's peer connection stands."""
        async with asyncio.timeout(PATIENCE):
            await self._up[handle].wait()

    async def _ask(self, message: Json) -> Json:
        transaction = str(next(self._numbers))
        if self._session:
            message = {**message, "session_id": self._session}
        future: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._waiting[transaction] = future
        await self._send({**message, "transaction": transaction})
        async with asyncio.timeout(PATIENCE):
            answer = await future
        if answer["janus"] == "error":
            raise RefusedByServer(f"{message['janus']}: {answer['error']['reason']}")
        return answer

    async def _send(self, message: Json) -> None:
        # Not one byte may follow the object.
        await self._socket.send_str(msgspec.json.encode(message).decode())

    async def _keep_alive(self) -> None:
        while True:
            await asyncio.sleep(ALIVE)
            await self._send(
                {"janus": "keepalive", "session_id": self._session, "transaction": "alive"}
            )

    async def _read(self) -> None:
        try:
            async for frame in self._socket:
                if frame.type is aiohttp.WSMsgType.TEXT:
                    self._take(msgspec.json.decode(frame.data))
        finally:
            for future in self._waiting.values():
                if not future.done():
                    future.set_exception(ConnectionResetError("Janus is gone"))
                    future.exception()  # whoever waits gets it; nobody else has to

    def _take(self, message: Json) -> None:
        kind = message["janus"]
        if kind == "ack":  # the answer follows
            return
        if kind == "webrtcup":
            self._up[message["sender"]].set()
        future = self._waiting.pop(message.get("transaction", ""), None)
        if future is not None and not future.done():
            future.set_result(message)
