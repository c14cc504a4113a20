"""A TCP cable between a browser and the server that can be cut."""

import asyncio
import contextlib
import threading
import time


class Cable:
    """Forwards connections to a server; ``cut`` resets all that are open.

    Runs on a loop and thread of its own, beside a caller that is not async.

    Args:
        port: Where the server listens, on 127.0.0.1.

    Attributes:
        url: Where to connect instead.
    """

    def __init__(self, port: int) -> None:
        self._target = port
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        listening = asyncio.run_coroutine_threadsafe(self._listen(), self._loop)
        self._server = listening.result(10)
        self.url = f"http://localhost:{self._server.sockets[0].getsockname()[1]}"

    def cut(self) -> float:
        """Resets every connection; returns when, in Unix milliseconds."""
        return asyncio.run_coroutine_threadsafe(self._cut(), self._loop).result(10)

    def close(self) -> None:
        """Ends the cable for good."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _listen(self) -> asyncio.Server:
        return await asyncio.start_server(self._carry, "127.0.0.1", 0)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        both = {writer, far_writer}
        self._open |= both
        try:
            await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))
        finally:
            self._open -= both
            for end in both:
                end.close()

    async def _cut(self) -> float:
        at = time.time() * 1000  # noqa: TID251 - compared with the pages' clocks
        for end in list(self._open):
            end.transport.abort()
        return at

    async def _close(self) -> None:
        self._server.close()
        await self._cut()
        await asyncio.sleep(0.1)  # whoever carried something ends


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()
