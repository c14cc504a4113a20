"""One connection to a worker: commands out, everything it says in."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final, Protocol, cast

from typing_extensions import override

from sfu.control import framing
from sfu.control.messages import Command, FromWorker

log = logging.getLogger(__name__)

MOST_UNREAD: Final = 8 << 20
"""Bytes that may wait for a worker that does not read; then the connection is given up."""

Heard = Callable[[list[FromWorker]], None]
"""Takes what a worker has said, in order; called from the event loop, must not raise."""


class ControlLink(Protocol):
    """A way to a worker, whatever carries the messages."""

    def submit(self, command: Command) -> None:
        """Sends without waiting; what does not arrive ends the link."""

    async def over(self) -> None:
        """Waits until the link has ended."""

    def close(self) -> None:
        """Ends it; harmless when it has ended."""


class SocketLink(asyncio.Protocol):
    """A ``ControlLink`` over a Unix socket.

    Args:
        name: The worker's, for the log.
        on_heard: Takes what it says.

    Attributes:
        heard_at: When it was heard last, on the loop's clock.
    """

    def __init__(self, name: str, on_heard: Heard) -> None:
        self._name = name
        self._on_heard = on_heard
        self._stream = framing.from_worker()
        self._transport: asyncio.Transport | None = None
        self._over = asyncio.get_running_loop().create_future()
        self.heard_at = asyncio.get_running_loop().time()

    @classmethod
    async def connect(cls, name: str, path: str, on_heard: Heard) -> "SocketLink":
        """Connects to the worker that listens at ``path``.

        Raises:
            OSError: Nobody listens there.
        """
        loop = asyncio.get_running_loop()
        _, link = await loop.create_unix_connection(lambda: cls(name, on_heard), path)
        return link

    def submit(self, command: Command) -> None:
        """Sends without waiting."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        transport.write(framing.encode(command))
        if transport.get_write_buffer_size() > MOST_UNREAD:
            log.error("%s does not read its commands; the connection is given up", self._name)
            transport.abort()

    async def over(self) -> None:
        """Waits until the link has ended."""
        await asyncio.shield(self._over)

    def close(self) -> None:
        """Ends it."""
        if self._transport is not None:
            self._transport.abort()

    # ---- asyncio.Protocol ----------------------------------------------------------------

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are not of asyncio's classes.
        self._transport = cast(asyncio.Transport, transport)

    @override
    def data_received(self, data: bytes) -> None:
        self.heard_at = asyncio.get_running_loop().time()
        messages: list[FromWorker] = []
        try:
            messages += self._stream.feed(data)
        except framing.FramingError as error:
            log.error("%s is not understood: %s", self._name, error)
            self.close()
        if messages:
            self._on_heard(messages)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        if not self._over.done():
            self._over.set_result(None)
