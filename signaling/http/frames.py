"""WebSocket frames as a server writes them (RFC 6455 §5.2): unmasked, in one piece."""

import struct

_FIN_TEXT = 0x81

PING = b"\x89\x00"
"""An empty ping (§5.5.2); whoever lives answers with a pong."""


def text_frame(payload: bytes) -> bytes:
    """One complete text frame around UTF-8 ``payload``; the same bytes serve every recipient."""
    size = len(payload)
    if size < 126:
        return bytes((_FIN_TEXT, size)) + payload
    if size < 1 << 16:
        return struct.pack("!BBH", _FIN_TEXT, 126, size) + payload
    return struct.pack("!BBQ", _FIN_TEXT, 127, size) + payload
