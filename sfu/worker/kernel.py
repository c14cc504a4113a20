"""The Linux calls and structures for many datagrams at once, for 64-bit little-endian machines.

Structures are numpy rows, so that a batch of them is filled by a few array operations.
"""

import ctypes
import socket
import struct
import sys
from typing import Final

import numpy as np
import numpy.typing as npt

MESSAGE: Final = np.dtype(
    [
        ("name", "u8"),
        ("name_length", "u4"),
        ("_hole", "u4"),
        ("iovec", "u8"),
        ("iovec_length", "u8"),
        ("control", "u8"),
        ("control_length", "u8"),
        ("flags", "i4"),
        ("_hole2", "i4"),
        ("length", "u4"),
        ("_hole3", "u4"),
    ]
)
"""``struct mmsghdr``: a ``struct msghdr`` and the length of the datagram."""

IOVEC: Final = np.dtype([("base", "u8"), ("length", "u8")])
"""``struct iovec``."""

SEGMENT_CONTROL: Final = np.frombuffer(struct.pack("=QiiH6x", 18, 17, 103, 0), np.uint8)
"""Control message UDP_SEGMENT (``struct cmsghdr``, a uint16 of bytes per segment, padding)."""

SEGMENT_SIZE_OFFSET: Final = 16

TIMESTAMP_CONTROL_BYTES: Final = 32
"""Room for a control message SO_TIMESTAMPNS: ``struct cmsghdr``, seconds, nanoseconds."""

UDP_SEGMENT: Final = 103
SO_SNDBUFFORCE: Final = 32
SO_RCVBUFFORCE: Final = 33
SO_TIMESTAMPNS: Final = 35
MSG_DONTWAIT: Final = 0x40

_libc = ctypes.CDLL(None, use_errno=True)

HAS_BATCHES: Final = (
    sys.platform == "linux"
    and sys.byteorder == "little"
    and ctypes.sizeof(ctypes.c_void_p) == 8
    and hasattr(_libc, "recvmmsg")
    and hasattr(_libc, "sendmmsg")
)
"""Whether this machine has the calls, and the structures that are described here."""

if HAS_BATCHES:
    sendmmsg = _libc.sendmmsg
    """(socket, messages, count, flags) -> messages sent, or -1."""
    sendmmsg.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_uint, ctypes.c_int]
    recvmmsg = _libc.recvmmsg
    """(socket, messages, count, flags, timeout) -> messages received, or -1."""
    recvmmsg.argtypes = [
        ctypes.c_int,
        ctypes.c_void_p,
        ctypes.c_uint,
        ctypes.c_int,
        ctypes.c_void_p,
    ]
    sendto = _libc.sendto
    """(socket, data, length, flags, address, its length) -> bytes sent, or -1."""
    sendto.argtypes = [
        ctypes.c_int,
        ctypes.c_char_p,
        ctypes.c_size_t,
        ctypes.c_int,
        ctypes.c_char_p,
        ctypes.c_uint,
    ]
    sendto.restype = ctypes.c_ssize_t
    timerfd_create = _libc.timerfd_create
    """(clock, flags) -> descriptor, or -1."""
    timerfd_create.argtypes = [ctypes.c_int, ctypes.c_int]
    timerfd_settime = _libc.timerfd_settime
    """(descriptor, flags, new ``struct itimerspec``, old one) -> 0, or -1."""
    timerfd_settime.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p]


def addresses_of(array: npt.NDArray[np.generic]) -> npt.NDArray[np.uint64]:
    """Where each row of an array stands in memory, shape (rows,)."""
    start, stride = array.ctypes.data, array.strides[0]
    return np.arange(start, start + len(array) * stride, stride, dtype=np.uint64)


def segmentation_works() -> bool:
    """Whether a UDP_SEGMENT message arrives as the datagrams it stands for, on loopback."""
    if not HAS_BATCHES:
        return False
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
    ):
        try:
            receiver.bind(("127.0.0.1", 0))
            receiver.settimeout(0.2)
            control = [(socket.IPPROTO_UDP, UDP_SEGMENT, struct.pack("=H", 2))]
            sender.sendmsg([b"abc"], control, 0, receiver.getsockname())
            return [receiver.recv(16), receiver.recv(16)] == [b"ab", b"c"]
        except OSError:
            return False
