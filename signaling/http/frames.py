"""WebSocket frames as a server writes them (RFC 6455 §5.2): unmasked, in one piece."""

import struct

_FIN_TEXT = 0x81


def text_frame(payload: bytes) -> bytes:
    """One complete text frame around UTF-8 ``payload``; the same bytes serve every recipient."""
    size = len(payload)
    if size < 126:
        return bytes((_FIN_TEXT, size)) + payload
    if size < 1 << 16:
        return struct.pack("!BBH", _FIN_TEXT, 126, size) + payload
    return struct.pack("!BBQ", _FIN_TEXT, 127, size) + payload
