"""What the kernel and the hardware say of themselves."""

import ctypes
import os
import resource
import socket
import struct
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from signaling.doctor.machine import WANTED_BUFFER, ClockFacts, SocketFacts

_UDP_SEGMENT: Final = 103
_UDP_GRO: Final = 104
_SO_SNDBUFFORCE: Final = 32
_SO_RCVBUFFORCE: Final = 33

_TIME_ERROR: Final = 5
_STA_UNSYNC: Final = 0x40
_TIMEX: Final = struct.Struct("@I4xqqqqi")
"""The head of ``struct timex`` on 64-bit machines: modes, offset, freq, maxerror, esterror, status;
errors in microseconds."""
_TIMEX_BYTES: Final = 208

_CGROUP_LIMITS: Final = (
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
    (
        "/sys/fs/cgroup/memory/memory.limit_in_bytes",
        "/sys/fs/cgroup/memory/memory.usage_in_bytes",
    ),
)
"""A container's limit and use, of cgroup versions 2 and 1."""


def clock() -> ClockFacts:
    """What the kernel's clock discipline says; nothing is changed, and nobody else is asked."""
    if sys.platform != "linux" or ctypes.sizeof(ctypes.c_void_p) != 8:
        return ClockFacts(None)
    memory = ctypes.create_string_buffer(_TIMEX_BYTES)
    state = ctypes.CDLL(None, use_errno=True).adjtimex(memory)
    if state < 0:
        return ClockFacts(None)
    _, _, _, worst, _, status = _TIMEX.unpack_from(memory)
    synchronised = state != _TIME_ERROR and not status & _STA_UNSYNC
    return ClockFacts(synchronised, worst / 1e6)


def sockets() -> SocketFacts:
    """What a UDP socket of ours gets."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as trial:
        received = _buffer(trial, socket.SO_RCVBUF, _SO_RCVBUFFORCE)
        sent = _buffer(trial, socket.SO_SNDBUF, _SO_SNDBUFFORCE)
        coalesces = _accepts(trial, socket.IPPROTO_UDP, _UDP_GRO, 1)
    library = ctypes.CDLL(None)
    batches = hasattr(library, "recvmmsg") and hasattr(library, "sendmmsg")
    return SocketFacts(received, sent, _segments(), coalesces, batches)


def _buffer(trial: socket.socket, plain: int, forced: int) -> int:
    """Bytes that are granted, of those that a worker asks for; the kernel counts them twice."""
    _accepts(trial, socket.SOL_SOCKET, plain, WANTED_BUFFER)
    if sys.platform == "linux":
        _accepts(trial, socket.SOL_SOCKET, forced, WANTED_BUFFER)
    granted = trial.getsockopt(socket.SOL_SOCKET, plain)
    return granted // 2 if sys.platform == "linux" else granted


def _accepts(trial: socket.socket, level: int, option: int, value: int) -> bool:
    try:
        trial.setsockopt(level, option, value)
    except OSError:
        return False
    return True


def _segments() -> bool:
    """Whether one message arrives as the two datagrams it stands for."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
    ):
        try:
            receiver.bind(("127.0.0.1", 0))
            receiver.settimeout(0.5)
            control = [(socket.IPPROTO_UDP, _UDP_SEGMENT, struct.pack("=H", 2))]
            sender.sendmsg([b"abc"], control, 0, receiver.getsockname())
            return [receiver.recv(16), receiver.recv(16)] == [b"ab", b"c"]
        except OSError:
            return False


def open_files() -> int:
    """As many files as a service may raise its limit to; 0 = endless."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return 0 if hard == resource.RLIM_INFINITY else hard


def cores() -> int:
    """Cores that this process may use."""
    usable = getattr(os, "sched_getaffinity", None)
    return len(usable(0)) if usable else os.cpu_count() or 1


def has_uvloop() -> bool:
    """Whether the fast event loop is installed."""
    return find_spec("uvloop") is not None


def available_memory() -> int | None:
    """Bytes that can still be had, by the machine's account and the container's."""
    found = [_meminfo(), *(_left(*paths) for paths in _CGROUP_LIMITS)]
    return min((one for one in found if one is not None), default=None)


def _meminfo() -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return None
    kibibytes = (int(line.split()[1]) for line in lines if line.startswith("MemAvailable:"))
    return next((number * 1024 for number in kibibytes), None)


def _left(limit: str, used: str) -> int | None:
    try:
        most, now = Path(limit).read_text().strip(), Path(used).read_text().strip()
        return max(0, int(most) - int(now))
    except (OSError, ValueError):  # no such group, or "max": no limit
        return None
