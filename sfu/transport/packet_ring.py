"""Memory for packets: a matrix with a packet per row, and C pointers to each."""

from typing import Any

import numpy as np
import numpy.typing as npt

from sfu.transport import srtp
from sfu.units import I32, U8

ROW_BYTES = 1536
"""Memory per packet."""

MOST_RECEIVED = 1472
"""Bytes of the longest datagram that is received whole: what IPv4 leaves of an Ethernet frame. So
its header can grow by HEADROOM and its authentication tag change, and it still fits a row."""

_CACHE_LINE = 64


class PacketRing:
    """A fixed number of rows that packets are received into, or built in, again and again.

    Args:
        capacity: rows.
        headroom: bytes in front of each row, into which a packet's header can grow.

    Attributes:
        capacity: number of rows.
        rows: uint8, shape (capacity, ROW_BYTES - headroom).
        headroom: bytes in front of each row.
        whole: uint8, shape (capacity, ROW_BYTES), the rows with their headroom.
        lengths: int32, shape (capacity,), bytes in use per row.
        packets: C pointers to the rows.
        packet_lengths: C pointers to the lengths.
    """

    def __init__(self, capacity: int, headroom: int = 0) -> None:
        self.capacity = capacity
        memory = np.zeros(capacity * ROW_BYTES + _CACHE_LINE, np.uint8)
        start = -memory.ctypes.data % _CACHE_LINE
        whole = memory[start : start + capacity * ROW_BYTES].reshape(capacity, ROW_BYTES)
        self.headroom = headroom
        self.whole: U8 = whole
        self.rows: U8 = whole[:, headroom:]
        self.lengths: I32 = np.zeros(capacity, np.int32)
        self.packets = srtp.row_pointers(self.rows)
        self.packet_lengths = srtp.length_pointers(self.lengths)

    def column(self, offset: int, kind: npt.DTypeLike, width: int = 1) -> npt.NDArray[Any]:
        """A header field of every row as a view.

        Args:
            offset: of the field's first byte in the row.
            kind: dtype of an element, with its byte order.
            width: elements per row.

        Returns:
            Shape (capacity, width), strided.
        """
        size = np.dtype(kind).itemsize
        field: npt.NDArray[Any] = self.rows[:, offset : offset + width * size].view(kind)
        return field
