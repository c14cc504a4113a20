"""The opening handshake from the client's side (RFC 6455 §4.1)."""

import base64
import hashlib
import os

_SALT = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""§1.3."""


class Refused(Exception):  # noqa: N818 - an outcome
    """The server did not accept the upgrade; the message is its status line."""


class Handshake:
    """One upgrade of an HTTP connection.

    Args:
        host: For the Host header.
        key: 16 bytes; random unless a test chooses them.
    """

    def __init__(self, host: str, key: bytes = b"") -> None:
        encoded = base64.b64encode(key or os.urandom(16))
        digest = hashlib.sha1(encoded + _SALT, usedforsecurity=False).digest()
        self._accept = base64.b64encode(digest)
        self._received = b""
        self.request = (
            f"GET /ws HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {encoded.decode()}\r\n\r\n"
        ).encode()

    def feed(self, data: bytes) -> bytes | None:
        """What follows the server's answer; None while the answer is not complete.

        Raises:
            Refused: It is no 101, or not the answer to this request.
        """
        self._received += data
        head, end, rest = self._received.partition(b"\r\n\r\n")
        if not end:
            return None
        status, *lines = head.split(b"\r\n")
        fields = (line.partition(b":") for line in lines)
        headers = {name.strip().lower(): value.strip() for name, _, value in fields}
        if b" 101" not in status[:13] or headers.get(b"sec-websocket-accept") != self._accept:
            raise Refused(status.decode(errors="replace"))
        return rest
