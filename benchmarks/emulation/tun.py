"""A network device whose packets a program reads and writes (Linux: TUN)."""

import contextlib
import fcntl
import os
import struct
from typing import Final

_TUNSETIFF: Final = 0x400454CA
_IFF_TUN: Final = 0x0001
_IFF_NO_PI: Final = 0x1000
_MOST: Final = 65536


class Tun:
    """One device; it is gone when this is closed, or the program ends.

    Whoever holds it goes on reading and writing when the device is moved to another namespace.

    Args:
        name: up to 15 characters, not in use.

    Raises:
        OSError: may not be made, or the name is taken.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        try:
            wish = struct.pack("16sH22x", name.encode(), _IFF_TUN | _IFF_NO_PI)
            fcntl.ioctl(self._descriptor, _TUNSETIFF, wish)
        except OSError:
            os.close(self._descriptor)
            raise

    def fileno(self) -> int:
        """For select."""
        return self._descriptor

    def read(self) -> bytes | None:
        """The next IP packet that the kernel sends by the device; None if there is none now."""
        try:
            return os.read(self._descriptor, _MOST)
        except BlockingIOError:
            return None

    def write(self, packet: bytes) -> None:
        """Have the kernel receive an IP packet; if the device is down it is lost."""
        with contextlib.suppress(OSError):
            os.write(self._descriptor, packet)

    def close(self) -> None:
        """Take the device away."""
        os.close(self._descriptor)
