"""When the service ends: at once, or as soon as nobody is in a room."""

import asyncio
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from signaling.http.clock import Clock
from signaling.http.websocket import Gateway
from signaling.switchboard import Switchboard

GLANCE: Final = 0.1
"""Seconds between two looks at whether anybody is in a room."""


@dataclass(frozen=True)
class Retiring:
    """How a service stops taking rooms.

    Attributes:
        begin: Tells everybody that the end comes within so many seconds.
        in_use: Whether anybody is in a room.
    """

    begin: Callable[[float], None]
    in_use: Callable[[], bool]


class Ending:
    """Hears the signals that end a service. Made in the event loop that serves.

    ::

        serving ──SIGTERM──► draining ──nobody in a room, the deadline, or SIGTERM again──► over
            └──SIGINT────────────┴──────────────────────────────────────────────────────────►

    Args:
        retiring: What there is to wait for.
        seconds: From SIGTERM to the end in any case.
    """

    def __init__(self, retiring: Retiring, seconds: float) -> None:
        self._retiring = retiring
        self._seconds = seconds
        self._asked = asyncio.Event()
        self._over = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, self._over.set)
        loop.add_signal_handler(signal.SIGTERM, self._terminate)

    async def wait(self) -> None:
        """Until it is over."""
        begun = asyncio.create_task(self._asked.wait())
        over = asyncio.create_task(self._over.wait())
        try:
            await asyncio.wait([begun, over], return_when="FIRST_COMPLETED")
            if self._over.is_set():
                return
            self._retiring.begin(self._seconds)
            deadline = asyncio.get_running_loop().time() + self._seconds
            while self._retiring.in_use() and asyncio.get_running_loop().time() < deadline:
                left = deadline - asyncio.get_running_loop().time()
                await asyncio.wait([over], timeout=min(GLANCE, left))
                if self._over.is_set():
                    return
        finally:
            begun.cancel()
            over.cancel()

    def _terminate(self) -> None:
        if self._asked.is_set():
            self._over.set()
        self._asked.set()


def retirement_of(switchboard: Switchboard, gateway: Gateway, clock: Clock) -> Retiring:
    """A service's retirement, whose words go out at once."""

    def begin(seconds: float) -> None:
        switchboard.retirement.begin(seconds, clock.now())
        gateway.flush()

    return Retiring(begin, lambda: switchboard.retirement.in_use)
