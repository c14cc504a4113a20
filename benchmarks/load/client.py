"""A WebSocket client that costs little: the load generator must not be the bottleneck."""

import asyncio
import os
from collections.abc import Callable, Collection
from typing import Any, cast
from urllib.parse import urlsplit

import msgspec
from typing_extensions import override

from benchmarks.load.frames import CLOSE, PING, PONG, TEXT, FrameReader, masked
from benchmarks.load.handshake import Handshake, Refused

PATIENCE = 30.0
"""Seconds to wait for an answer that has to come."""

_NOT_COUNTED = frozenset({"client-id", "pong", "goodbye"})
"""What is no part of a session, and so is not sent again after a resume."""


class Closed(Exception):  # noqa: N818 - an outcome that some loads provoke
    """The server closed the connection."""


class Client(asyncio.Protocol):
    """One connection.

    Attributes:
        on_text: Called with every text message. At first a small inbox for ``ask`` and ``expect``;
            a measurement puts its own, cheaper function here.
        closed: The close code once the connection is gone, 1006 without one; None while open.
        greeting: The server's last, with the token to resume with; as long as nobody has put a
            function of his own into ``on_text``, as for ``counted``.
        counted: Frames of the session so far, as the server counts them, to resume after.
    """

    def __init__(self, host: str) -> None:
        self.on_text: Callable[[bytes], None] = self._keep
        self.closed: int | None = None
        self._transport: asyncio.Transport | None = None
        self._handshake: Handshake | None = Handshake(host)
        self._frames = FrameReader()
        self._upgraded: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._inbox: list[dict[str, Any]] = []
        self._arrivals: list[asyncio.Future[None]] = []
        self._next_request = 0
        self.greeting: dict[str, Any] = {}
        self.counted = 0
        self._resumes_after = 0

    @classmethod
    async def connect(cls, url: str) -> "Client":
        """Connects to ``http://host:port`` at its ``/ws``.

        Raises:
            Closed: The server hung up.
            Refused: The server did not accept the upgrade.
        """
        parts = urlsplit(url)
        loop = asyncio.get_running_loop()
        _, client = await loop.create_connection(
            lambda: cls(parts.netloc), parts.hostname or "localhost", parts.port or 80
        )
        await client._until_upgraded()  # noqa: SLF001 - its own class
        return client

    async def _until_upgraded(self) -> None:
        async with asyncio.timeout(PATIENCE):
            await self._upgraded

    @property
    def own_address(self) -> str:
        """Of this machine, as the server sees it."""
        if self._transport is None:
            raise Closed("not connected")
        address: str = self._transport.get_extra_info("sockname")[0]
        return address

    # ---- out -----------------------------------------------------------------------------

    def write(self, frames: bytes) -> None:
        """Sends frames that were made before; nothing once the connection is gone."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(frames)

    def send(self, message: dict[str, Any]) -> None:
        """Sends one message as a masked text frame."""
        self.write(masked(TEXT, msgspec.json.encode(message), os.urandom(4)))

    def abort(self) -> None:
        """Drops the connection without a word."""
        if self._transport is not None:
            self._transport.abort()

    # ---- in ------------------------------------------------------------------------------

    async def ask(self, message: dict[str, Any]) -> dict[str, Any]:
        """Sends a request and waits for the answer with its id.

        Raises:
            Closed: The connection ended first.
            TimeoutError: No answer came.
        """
        self._next_request += 1
        number = self._next_request
        self.send({**message, "id": number})
        return await self._next(lambda found: found.get("id") == number)

    async def expect(self, kind: str) -> dict[str, Any]:
        """The next message of this type; those before it are kept for later.

        Raises:
            Closed: The connection ended first.
            TimeoutError: None came.
        """
        return await self._next(lambda found: found.get("type") == kind)

    async def resume(self, older: "Client") -> bool:
        """Go on with the session of a connection that is gone.

        What was missed follows; ``listen`` first to what must be heard in order.

        Returns:
            Whether nothing is lost; if not, rooms have to be joined again.

        Raises:
            Closed: The connection ended first.
            TimeoutError: No answer came.
        """
        await self.expect("client-id")
        self._resumes_after = older.counted
        token = older.greeting["resumeToken"]
        self.send({"type": "resume", "resumeToken": token, "received": older.counted})
        greeting = await self.expect("client-id")
        return bool(greeting["resumed"])

    def discard(self) -> None:
        """Forgets the messages that nobody has asked for."""
        self._inbox.clear()

    def listen(self, kinds: Collection[str], listener: Callable[[dict[str, Any]], None]) -> None:
        """Gives every message of these types to ``listener``, those that wait for it first."""
        waiting = [message for message in self._inbox if message["type"] in kinds]
        self._inbox = [message for message in self._inbox if message["type"] not in kinds]

        def take(text: bytes) -> None:
            message = self._decoded(text)
            if message["type"] in kinds:
                listener(message)
            else:
                self._inbox.append(message)
                self._wake()

        self.on_text = take
        for message in waiting:
            listener(message)

    async def _next(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE):
            while True:
                for index, message in enumerate(self._inbox):
                    if wanted(message):
                        return self._inbox.pop(index)
                if self.closed is not None:
                    raise Closed(f"closed with code {self.closed}")
                arrival = asyncio.get_running_loop().create_future()
                self._arrivals.append(arrival)
                await arrival

    def _keep(self, text: bytes) -> None:
        self._inbox.append(self._decoded(text))
        self._wake()

    def _decoded(self, text: bytes) -> dict[str, Any]:
        message: dict[str, Any] = msgspec.json.decode(text)
        if message["type"] == "client-id":
            self.greeting = message
            self.counted = self._resumes_after if message.get("resumed") else 0
        elif message["type"] not in _NOT_COUNTED:
            self.counted += 1
        return message

    def _wake(self) -> None:
        waiting, self._arrivals = self._arrivals, []
        for arrival in waiting:
            if not arrival.done():
                arrival.set_result(None)

    # ---- the transport's calls -----------------------------------------------------------

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one in all but name
        if self._handshake is not None:
            self._transport.write(self._handshake.request)

    @override
    def data_received(self, data: bytes) -> None:
        if self._handshake is not None:
            data = self._shake_hands(self._handshake, data)
        for opcode, payload in self._frames.feed(data):
            if opcode == TEXT:
                self.on_text(payload)
            elif opcode == PING:
                self.write(masked(PONG, payload, os.urandom(4)))
            elif opcode == CLOSE:
                self.closed = int.from_bytes(payload[:2], "big") or 1005
                self.write(masked(CLOSE, payload[:2], os.urandom(4)))

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = self.closed or 1006
        if not self._upgraded.done():
            self._upgraded.set_exception(Closed("closed before the upgrade"))
        self._wake()

    def _shake_hands(self, handshake: Handshake, data: bytes) -> bytes:
        """The first bytes beyond the handshake, once it is complete."""
        try:
            rest = handshake.feed(data)
        except Refused as refused:
            self._upgraded.set_exception(refused)
            self.abort()
            return b""
        if rest is None:
            return b""
        self._handshake = None
        self._upgraded.set_result(None)
        return rest
