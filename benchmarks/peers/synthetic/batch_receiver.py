"""Datagrams of many sockets into one ring, a system call per socket that has some."""

import socket
from typing import Final

import numpy as np
import numpy.typing as npt

from sfu.transport.packet_ring import MOST_RECEIVED, PacketRing
from sfu.units import I64
from sfu.worker import kernel

ROWS: Final = 1024
MOST_PER_CALL: Final = 64


class BatchReceiver:
    """Rows that ``recvmmsg`` fills, one after the other, until they are taken.

    Attributes:
        ring: the rows; lengths are set by ``close_batch``.
        count: rows in use.
        spans: (descriptor, rows) in order of arrival.
    """

    def __init__(self) -> None:
        self.ring = PacketRing(ROWS)
        self.count = 0
        self.spans: list[tuple[int, int]] = []
        self._iovecs = np.zeros(ROWS, kernel.IOVEC)
        self._iovecs["base"] = kernel.addresses_of(self.ring.rows)
        self._iovecs["length"] = MOST_RECEIVED
        self._stamps: I64 = np.zeros((ROWS, kernel.TIMESTAMP_CONTROL_BYTES // 8), np.int64)
        self._messages = np.zeros(ROWS, kernel.MESSAGE)
        self._messages["iovec"] = kernel.addresses_of(self._iovecs)
        self._messages["iovec_length"] = 1
        self._messages["control"] = kernel.addresses_of(self._stamps)
        self._messages["control_length"] = kernel.TIMESTAMP_CONTROL_BYTES
        self._lengths = self._messages["length"]
        self._control_lengths = self._messages["control_length"]
        self._start: int = self._messages.ctypes.data

    @property
    def full(self) -> bool:
        """Whether the rows have to be taken before more is received."""
        return self.count > ROWS - MOST_PER_CALL

    def receive(self, descriptor: int) -> bool:
        """Receive what a socket has, as far as there is room; whether it may have more."""
        start = self._start + self.count * kernel.MESSAGE.itemsize
        some: int = kernel.recvmmsg(descriptor, start, MOST_PER_CALL, kernel.MSG_DONTWAIT, None)
        if some <= 0:
            return False
        self.spans.append((descriptor, some))
        self.count += some
        return some == MOST_PER_CALL

    def close_batch(self) -> int:
        """Make the rows ready to be read; how many there are."""
        self.ring.lengths[: self.count] = self._lengths[: self.count]
        return self.count

    def arrivals(self, rows: npt.NDArray[np.intp]) -> I64:
        """When the kernel received some rows, in ns of the wall clock; 0 for unknown."""
        stamps = self._stamps[rows]
        times: I64 = stamps[:, 2] * 1_000_000_000 + stamps[:, 3]
        times[self._control_lengths[rows] == 0] = 0
        return times

    def next_batch(self) -> None:
        """The rows have been taken."""
        self._control_lengths[: self.count] = kernel.TIMESTAMP_CONTROL_BYTES
        self.count = 0
        self.spans.clear()


def note_arrivals(opened: socket.socket) -> None:
    """Have the kernel say when each datagram of a socket came."""
    opened.setsockopt(socket.SOL_SOCKET, kernel.SO_TIMESTAMPNS, 1)
