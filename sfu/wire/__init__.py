"""Formats on the wire: bytes in, values out, and back. No state, socket, clock or log.

Every parser raises ``WireError`` and nothing else, reads nothing outside the bytes it was given
and does work linear in their number.
"""
