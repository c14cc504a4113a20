"""WebSocket frames from the client's side (RFC 6455 §5): written masked, read unmasked."""

import struct
from typing import NamedTuple

TEXT, BINARY, CLOSE, PING, PONG = 0x1, 0x2, 0x8, 0x9, 0xA

_FINAL = 0x80
_MASKED = 0x80
_OPCODES = frozenset((TEXT, BINARY, CLOSE, PING, PONG))


class ProtocolError(Exception):
    """The server sent what a server must not send, or this client does not understand."""


class Frame(NamedTuple):
    """One complete message."""

    opcode: int
    payload: bytes


def masked(opcode: int, payload: bytes, mask: bytes) -> bytes:
    """One final frame around ``payload``.

    Args:
        opcode: What it is.
        payload: UTF-8 for text.
        mask: Four bytes that nobody can guess (§5.3).
    """
    size = len(payload)
    if size < 126:
        head = struct.pack("!BB", _FINAL | opcode, _MASKED | size)
    elif size < 1 << 16:
        head = struct.pack("!BBH", _FINAL | opcode, _MASKED | 126, size)
    else:
        head = struct.pack("!BBQ", _FINAL | opcode, _MASKED | 127, size)
    return head + mask + apply_mask(payload, mask)


def apply_mask(payload: bytes, mask: bytes) -> bytes:
    """Payload XOR the repeated mask, as one large number; applying it twice undoes it."""
    size = len(payload)
    key = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")).to_bytes(size, "big")


class FrameReader:
    """Cuts the server's byte stream into frames; keeps what is not complete yet."""

    __slots__ = ("_rest",)

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that ``data`` completes.

        Raises:
            ProtocolError: A masked or fragmented frame, or one with an unknown opcode.
        """
        if self._rest:
            data = self._rest + data
        frames: list[Frame] = []
        at, end = 0, len(data)
        while end - at >= 2:
            size, start = data[at + 1], at + 2
            if size == 126:
                if end - at < 4:
                    break
                size, start = (data[at + 2] << 8) | data[at + 3], at + 4
            elif size == 127:
                if end - at < 10:
                    break
                size, start = int.from_bytes(data[at + 2 : at + 10], "big"), at + 10
            elif size > 127:
                raise ProtocolError("a server does not mask its frames (RFC 6455 §5.1)")
            stop = start + size
            if stop > end:
                break
            opcode = data[at] ^ _FINAL
            if opcode not in _OPCODES:
                raise ProtocolError(f"first byte {data[at]:#04x}: fragmented, extended or unknown")
            frames.append(Frame(opcode, data[start:stop]))
            at = stop
        self._rest = data[at:]
        return frames
