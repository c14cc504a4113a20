"""When the loop looks at the port: as soon as there is something, or a thousand times a second.

A worker with CPU to spare reads whenever the kernel says so. A busy one stops listening to the
kernel and reads with every beat of a timer of one millisecond, so that packets gather in between
(``gathering`` says when that pays).
"""

import asyncio
import contextlib
import ctypes
import os
import struct
import time
from collections.abc import Callable
from typing import Final

from sfu.units import Seconds
from sfu.worker import kernel
from sfu.worker.gathering import MOST, averaged, gathering_time

MOST_BATCHES: Final = 8
"""Batches read in a row before everything else has its turn."""

_CONSIDERED_EVERY: Final = 0.01
"""Seconds between two looks at how busy the worker is."""

_MONOTONIC, _NONBLOCK = 1, 0o4000
_BEAT: Final = struct.pack("=qqqq", 0, int(MOST * 1e9), 0, int(MOST * 1e9))
_STILL: Final = bytes(32)


class Beat:
    """A timer of the kernel (timerfd) that can be watched like a socket."""

    def __init__(self) -> None:
        self.descriptor: int = kernel.timerfd_create(_MONOTONIC, _NONBLOCK)
        if self.descriptor < 0:
            raise OSError(ctypes.get_errno(), "timerfd_create")

    def start(self) -> None:
        """Beat every millisecond."""
        kernel.timerfd_settime(self.descriptor, 0, _BEAT, None)

    def stop(self) -> None:
        """Beat no more."""
        kernel.timerfd_settime(self.descriptor, 0, _STILL, None)

    def take(self) -> None:
        """Say that a beat was heard."""
        with contextlib.suppress(BlockingIOError):
            os.read(self.descriptor, 8)

    def close(self) -> None:
        """Give the timer back."""
        os.close(self.descriptor)


class Pulse:
    """Reads a port from the event loop.

    Args:
        loop: the event loop.
        descriptor: of the port.
        capacity: datagrams of a full batch.
        receive: receives a batch and returns its size; must not raise.

    Attributes:
        busy: share of a core in use of late, 0 to 1.
        gathering: whether packets are left to gather now.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        descriptor: int,
        capacity: int,
        receive: Callable[[Seconds], int],
    ) -> None:
        self.busy = 0.0
        self.gathering = False
        self._loop = loop
        self._descriptor = descriptor
        self._capacity = capacity
        self._receive = receive
        self._rate = 0.0
        self._received = 0
        self._then = time.monotonic()
        self._worked = time.thread_time()
        self._beat = Beat() if kernel.HAS_BATCHES else None
        loop.add_reader(descriptor, self._read)

    def close(self) -> None:
        """Look at the port no more."""
        self._loop.remove_reader(self._descriptor)
        if self._beat is not None:
            self._loop.remove_reader(self._beat.descriptor)
            self._beat.close()
            self._beat = None

    def _read(self) -> None:
        now = Seconds(time.monotonic())
        self._received += self._receive_all(now)
        if now - self._then >= _CONSIDERED_EVERY:
            self._consider(now)

    def _read_on_beat(self) -> None:
        if self._beat is not None:
            self._beat.take()
            self._read()

    def _receive_all(self, now: Seconds) -> int:
        received = 0
        for _ in range(MOST_BATCHES):
            count = self._receive(now)
            received += count
            if count < self._capacity:
                break
        return received

    def _consider(self, now: Seconds) -> None:
        """Begin to let packets gather, or end it."""
        worked = time.thread_time()
        elapsed = Seconds(now - self._then)
        self.busy = averaged(self.busy, worked - self._worked, elapsed)
        self._rate = averaged(self._rate, self._received, elapsed)
        self._then, self._worked, self._received = now, worked, 0
        gathers = gathering_time(self.busy, self._rate, MOST if self.gathering else Seconds(0)) > 0
        if gathers == self.gathering or self._beat is None:
            return
        self.gathering = gathers
        if gathers:
            self._loop.remove_reader(self._descriptor)
            self._loop.add_reader(self._beat.descriptor, self._read_on_beat)
            self._beat.start()
        else:
            self._beat.stop()
            self._loop.remove_reader(self._beat.descriptor)
            self._loop.add_reader(self._descriptor, self._read)
