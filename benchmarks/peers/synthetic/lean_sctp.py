"""SCTP of a synthetic peer for load: little more than counting, so that the server is the limit.

It speaks to a server that asks for the association (an SFU worker does), acknowledges as browsers
do (every second packet, and after 0.2 s at the latest; RFC 9260 §6.2), takes messages that fit into
a packet, and sends nothing twice. On one machine nothing is lost, unless the server is overrun:
then it shows as messages that are missing.
"""

import random
import struct
from collections.abc import Callable
from typing import Final, TypeAlias

from google_crc32c import value as crc32c

OnMessage: TypeAlias = Callable[[int, int, bytes], None]
"""(stream, payload protocol identifier, data)."""

PORT: Final = 5000
SACK_DELAY: Final = 0.2
"""Seconds an acknowledgement may be kept back."""

_DATA, _INIT, _INIT_ACK, _SACK, _HEARTBEAT, _HEARTBEAT_ACK, _ABORT = range(7)
_COOKIE_ECHO, _COOKIE_ACK, _FORWARD_TSN = 10, 11, 192
_WHOLE, _UNORDERED = 3, 4
_WINDOW: Final = 1 << 20
_STREAMS: Final = 1024
_TSN: Final = 1 << 32
_COOKIE: Final = struct.pack("!HH", 7, 12) + b"crossing"
_EXTENSIONS: Final = struct.pack("!HHHHBBH", 0xC000, 4, 0x8008, 6, 130, 192, 0)
"""Partial reliability (RFC 3758 §3.1) and re-configuration (RFC 5061 §4.2.7)."""

_common = struct.Struct("!HHLL")
_chunk_head = struct.Struct("!BBH")
_data_head = struct.Struct("!BBHLHHL")


class LeanSctp:
    """One association.

    Args:
        send: takes a packet.
        on_message: told of each message.
        rng: draws the tag.

    Attributes:
        established: whether the server has opened the association.
        packets: packets with data that came.
        acknowledgements: that were sent.
        ended: whether the server has ended it.
    """

    def __init__(
        self,
        send: Callable[[bytes], None],
        on_message: OnMessage,
        rng: random.Random,
    ) -> None:
        self.established = False
        self.ended = False
        self.packets = 0
        self.acknowledgements = 0
        self._send = send
        self._on_message = on_message
        self._tag = rng.randrange(1, 1 << 32)
        self._their_tag = 0
        self._next = self._acknowledged = rng.randrange(1 << 32)
        self._numbers: dict[int, int] = {}
        self._seen = 0  # the last number before which nothing is missing
        self._ahead: set[int] = set()
        self._due = 0

    @property
    def unacknowledged(self) -> int:
        """Messages that we have sent and the server has not acknowledged."""
        return (self._next - self._acknowledged) % _TSN

    def receive(self, packet: bytes) -> None:
        """Take a packet."""
        at, size, has_data = 12, len(packet), False
        while at + 4 <= size:
            kind, flags, length = _chunk_head.unpack_from(packet, at)
            if kind == _DATA:
                has_data = True
                self._take_data(packet, at, length, flags)
            elif length < 4:
                return
            else:
                self._take_control(kind, packet[at + 4 : at + length])
            at += length + (-length & 3)
        if has_data:
            self.packets += 1
            self._due += 1
            if self._due >= 2 or self._ahead:
                self.acknowledge()

    def acknowledge(self) -> None:
        """Acknowledge what came, if anything was not; call it every SACK_DELAY."""
        if self._due:
            self._due = 0
            self.acknowledgements += 1
            gaps = self._gaps()
            body = struct.pack("!LLHH", self._seen, _WINDOW, len(gaps), 0)
            body += b"".join(struct.pack("!HH", *gap) for gap in gaps)
            self._send_chunk(_SACK, 0, body)

    def send(self, stream: int, ppid: int, data: bytes, *, ordered: bool) -> None:
        """Send a message that fits into a packet."""
        number = self._numbers.get(stream, 0) if ordered else 0
        if ordered:
            self._numbers[stream] = (number + 1) & 0xFFFF
        flags = _WHOLE if ordered else _WHOLE | _UNORDERED
        head = struct.pack("!LHHL", self._next, stream, number, ppid)
        self._next = (self._next + 1) % _TSN
        self._send_chunk(_DATA, flags, head + data)

    def _take_data(self, packet: bytes, at: int, length: int, flags: int) -> None:
        _, _, _, tsn, stream, _, ppid = _data_head.unpack_from(packet, at)
        seen = self._seen
        if tsn == (seen + 1) % _TSN:
            self._seen = tsn
            if self._ahead:
                self._close_up()
        elif (tsn - seen) % _TSN > 1 << 31 or tsn == seen or tsn in self._ahead:
            return
        else:
            self._ahead.add(tsn)
        if flags & _WHOLE == _WHOLE:
            self._on_message(stream, ppid, packet[at + 16 : at + length])

    def _take_control(self, kind: int, body: bytes) -> None:
        if kind == _SACK:
            self._acknowledged = (int.from_bytes(body[:4], "big") + 1) % _TSN
        elif kind == _FORWARD_TSN:
            forward = int.from_bytes(body[:4], "big")
            if 0 < (forward - self._seen) % _TSN < 1 << 31:
                self._seen = forward
                self._ahead = {tsn for tsn in self._ahead if (tsn - forward) % _TSN < 1 << 31}
                self._close_up()
            self._due += 1
        elif kind == _INIT:
            self._their_tag, _, _, _, first = struct.unpack_from("!LLHHL", body)
            self._seen = (first - 1) % _TSN
            ours = struct.pack("!LLHHL", self._tag, _WINDOW, _STREAMS, _STREAMS, self._next)
            self._send_chunk(_INIT_ACK, 0, ours + _EXTENSIONS + _COOKIE)
        elif kind == _COOKIE_ECHO:
            self.established = True
            self._send_chunk(_COOKIE_ACK, 0, b"")
        elif kind == _HEARTBEAT:
            self._send_chunk(_HEARTBEAT_ACK, 0, body)
        elif kind == _ABORT:
            self.ended = True

    def _close_up(self) -> None:
        while (following := (self._seen + 1) % _TSN) in self._ahead:
            self._ahead.discard(following)
            self._seen = following

    def _gaps(self) -> list[tuple[int, int]]:
        gaps: list[tuple[int, int]] = []
        for at in sorted((tsn - self._seen) % _TSN for tsn in self._ahead):
            if gaps and gaps[-1][1] == at - 1:
                gaps[-1] = (gaps[-1][0], at)
            else:
                gaps.append((at, at))
        return gaps[:64]

    def _send_chunk(self, kind: int, flags: int, body: bytes) -> None:
        chunk = _chunk_head.pack(kind, flags, len(body) + 4) + body + bytes(-len(body) & 3)
        packet = bytearray(_common.pack(PORT, PORT, self._their_tag, 0) + chunk)
        struct.pack_into("<L", packet, 8, crc32c(bytes(packet)))
        self._send(bytes(packet))
