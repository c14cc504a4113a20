"""One connection as the event loop sees it: aiohttp's protocol, and what the door must know."""

import asyncio
from collections.abc import Callable
from typing import Final, cast

from typing_extensions import override

from signaling.http.doorkeeper import Doorkeeper, Phase, Visit

MOST_HEAD: Final = 64 * 1024
"""Bytes that may come before a request is complete and is being answered.

A request line, a header and their number are limited by aiohttp (below 9 KiB and 64); this is the
limit of all together. A body is at most 16 KiB, and is counted here if it comes with its head.
"""


class Visitor(asyncio.Protocol):
    """Passes everything on, and watches how far the connection is.

    Args:
        inner: aiohttp's protocol for one connection.
        keeper: told of each phase.
        visit: this connection.
        clock: seconds.
    """

    def __init__(
        self, inner: asyncio.Protocol, keeper: Doorkeeper, visit: Visit, clock: Callable[[], float]
    ) -> None:
        self._inner = inner
        self._keeper = keeper
        self._visit = visit
        self._clock = clock
        self._head = 0
        self._more = False

    # ---- what becomes of a request ---------------------------------------------------------

    def answering(self) -> None:
        """A request is complete (its body may still come) and somebody answers it."""
        self._more = False
        self._keeper.move(self._visit, Phase.ANSWER, self._clock())

    def answered(self) -> None:
        """The answer is on its way. If more has come meanwhile, that is the next request."""
        if self._visit.phase is Phase.ANSWER:
            self._head = 0
            after = Phase.HEAD if self._more else Phase.IDLE
            self._keeper.move(self._visit, after, self._clock())

    def opened(self) -> None:
        """It is a WebSocket from now on, which has limits of its own."""
        self._keeper.move(self._visit, Phase.OPEN, self._clock())

    # ---- asyncio.Protocol ------------------------------------------------------------------

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Uvloop's transports do not inherit from asyncio's.
        self._visit.leave = cast(asyncio.Transport, transport).abort
        self._inner.connection_made(transport)

    @override
    def data_received(self, data: bytes) -> None:
        phase = self._visit.phase
        if phase is not Phase.OPEN and not self._may_say(phase, len(data)):
            self._visit.leave()
            return
        self._inner.data_received(data)

    @override
    def eof_received(self) -> bool | None:
        return self._inner.eof_received()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._keeper.gone(self._visit)
        self._visit.leave = _nothing  # no cycle is left for the garbage collector
        self._inner.connection_lost(exc)

    @override
    def pause_writing(self) -> None:
        self._inner.pause_writing()

    @override
    def resume_writing(self) -> None:
        """The client reads: a long download is late only when nothing of it goes."""
        phase = self._visit.phase
        if phase in {Phase.ANSWER, Phase.IDLE}:
            self._keeper.move(self._visit, phase, self._clock())
        self._inner.resume_writing()

    def _may_say(self, phase: Phase, size: int) -> bool:
        """Counts what comes before a request is complete."""
        if phase is Phase.ANSWER:
            self._more = True
            return True
        if phase is Phase.IDLE:
            self._keeper.move(self._visit, Phase.HEAD, self._clock())
        self._head += size
        return self._head <= MOST_HEAD


def _nothing() -> None:
    """Ends what has ended."""
