"""Chunks on their way into packets (RFC 9260 §3, §6.10): each packet as full as it may be."""

from collections.abc import Callable
from struct import Struct
from typing import Final

from google_crc32c import value as crc32c

MOST_BYTES: Final = 1189
"""Of a packet, as aiortc and browsers have it: with DTLS and UDP it fits where IPv6 goes."""

COMMON_HEADER: Final = Struct("!HHL")
"""Source port, destination port, verification tag; the checksum follows."""

_CHECKSUM_BYTES = 4
_MOST_CHUNK_BYTES = MOST_BYTES - COMMON_HEADER.size - _CHECKSUM_BYTES


def sealed(header: bytes, chunks: list[bytes]) -> bytes:
    """A packet, with its checksum (RFC 9260 §6.8).

    Args:
        header: of COMMON_HEADER.
        chunks: each padded to 32 bits.
    """
    body = b"".join(chunks)
    checksum = crc32c(b"%b\0\0\0\0%b" % (header, body))
    return b"%b%b%b" % (header, checksum.to_bytes(_CHECKSUM_BYTES, "little"), body)


class Bundle:
    """Gathers the chunks of one packet after the other.

    Args:
        send: takes the chunks of a packet.
    """

    __slots__ = ("_chunks", "_size", "_taker")

    def __init__(self, send: Callable[[list[bytes]], None]) -> None:
        self._taker = send
        self._chunks: list[bytes] = []
        self._size = 0

    def add(self, chunk: bytes) -> None:
        """One more chunk; a packet that has no room for it is sent first."""
        if self._size + len(chunk) > _MOST_CHUNK_BYTES:
            self.send()
        self._chunks.append(chunk)
        self._size += len(chunk)

    def send(self) -> None:
        """Send what there is."""
        if self._chunks:
            self._taker(self._chunks)
            self._chunks = []
            self._size = 0
