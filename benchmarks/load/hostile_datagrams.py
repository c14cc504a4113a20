"""Datagrams that no good client sends, from addresses that nobody, or somebody else, has."""

import json
import random
import socket
import struct
from collections.abc import Callable, Sequence
from typing import Final

from benchmarks.processes import ROOT

SOURCES: Final = 64
"""Sockets, each on an address of its own within 127.0.0.0/8."""

FORGED_SHARE: Final = 0.15
"""Of the datagrams that come from the addresses of good clients, where that can be forged."""

MOST_BYTES: Final = 1500

_CAPTURES: Final = ROOT / "tests" / "sfu" / "wire" / "chromium.json"
_COOKIE: Final = b"\x21\x12\xa4\x42"
_IP_HEADER: Final = struct.Struct("!BBHHHBBH4s4s")
_UDP_HEADER: Final = struct.Struct("!HHHH")


def browser_captures() -> list[bytes]:
    """Decrypted RTP and RTCP of a real Chromium, where the repository is at hand."""
    try:
        found = json.loads(_CAPTURES.read_text())
    except OSError:
        return []
    packets = [packet for stream in found["rtp"].values() for packet in stream] + found["rtcp"]
    return [bytes.fromhex(packet) for packet in packets]


class Malice:
    """Draws hostile datagrams.

    Args:
        captures: datagrams of good clients: STUN, DTLS, SRTP, SRTCP.
        rng: seeded, the datagrams are the same again.
    """

    def __init__(self, captures: Sequence[bytes], rng: random.Random) -> None:
        self._captures = list(captures)
        self._rng = rng
        # A good check that is repeated from elsewhere is a good check (RFC 8445 has no protection
        # against that), so whole captures of STUN are left out.
        self._good_checks = {one for one in captures if one and one[0] <= 3}
        self._replayable = [one for one in captures if one and one[0] > 3] or [b"\x80"]
        self._kinds: tuple[Callable[[], bytes], ...] = (
            self._noise,
            self._truncated,
            self._mutated,
            self._mutated,
            self._spliced,
            self._replayed,
            self._grown,
            self._first_byte,
            self._false_check,
            self._false_dtls,
        )

    def draw(self) -> bytes:
        """One datagram."""
        drawn = self._rng.choice(self._kinds)()[:MOST_BYTES]
        return drawn[:-1] if drawn in self._good_checks else drawn

    def _one(self) -> bytes:
        return self._rng.choice(self._captures)

    def _noise(self) -> bytes:
        return self._rng.randbytes(self._rng.randrange(MOST_BYTES))

    def _truncated(self) -> bytes:
        one = self._one()
        return one[: self._rng.randrange(len(one))] if one else one

    def _mutated(self) -> bytes:
        changed = bytearray(self._one())
        # Where headers, lengths and counts are, mostly.
        limit = len(changed) if self._rng.random() < 0.3 else min(40, len(changed))
        for _ in range(self._rng.randrange(1, 6)):
            changed[self._rng.randrange(limit)] ^= self._rng.randrange(1, 256)
        return bytes(changed)

    def _spliced(self) -> bytes:
        one, other = self._one(), self._one()
        return one[: self._rng.randrange(len(one))] + other[self._rng.randrange(len(other)) :]

    def _replayed(self) -> bytes:
        return self._rng.choice(self._replayable)

    def _grown(self) -> bytes:
        return self._one() + self._rng.randbytes(self._rng.randrange(1, 200))

    def _first_byte(self) -> bytes:
        return bytes((self._rng.choice((0, 1, 20, 22, 23, 63, 64, 128, 144, 191)),)) + (
            self._rng.randbytes(self._rng.randrange(80))
        )

    def _false_check(self) -> bytes:
        """STUN with attributes of wrong sizes, and a username of somebody."""
        attributes = b""
        for _ in range(self._rng.randrange(8)):
            kind = self._rng.choice((1, 6, 8, 9, 0x0A, 0x20, 0x24, 0x25, 0x8028, 0x8029, 0x802A))
            value = self._rng.randbytes(self._rng.randrange(40))
            length = len(value) if self._rng.random() < 0.7 else self._rng.randrange(1 << 16)
            attributes += struct.pack("!HH", kind, length) + value + bytes(-len(value) % 4)
        kind = self._rng.choice((0x0001, 0x0101, 0x0111, 0x0011, 0x0003))
        head = struct.pack("!HH", kind, len(attributes) & 0xFFFF) + _COOKIE
        return head + self._rng.randbytes(12) + attributes

    def _false_dtls(self) -> bytes:
        """Records in clear: alerts that would end a call, hellos, fragments out of bounds."""
        kind = self._rng.choice((20, 21, 22, 23))
        body = bytes((self._rng.choice((1, 2)), self._rng.choice((0, 10, 40, 80))))
        if kind == 22:
            body = self._rng.randbytes(self._rng.randrange(60))
        record = struct.pack("!BHHHI", kind, 0xFEFD, 0, 0, self._rng.randrange(1 << 32))
        return record + struct.pack("!H", len(body)) + body


class Attackers:
    """Sends from many sockets, and, where the system allows it, under the addresses of others.

    Args:
        server: host (IPv4) and port.
        victims: addresses of good clients.
        rng: draws who sends.

    Attributes:
        sent: datagrams that the kernel took.
        forged: of them, those under the addresses of others.
    """

    def __init__(
        self, server: tuple[str, int], victims: Sequence[tuple[str, int]], rng: random.Random
    ) -> None:
        self._server = server
        self._victims = victims
        self._rng = rng
        self._sockets = [_open(rng) for _ in range(SOURCES)]
        self._raw: socket.socket | None = None
        self.sent = 0
        self.forged = 0
        try:
            self._raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
            self._raw.setblocking(False)
        except PermissionError:
            pass

    @property
    def port(self) -> int:
        """That is attacked."""
        return self._server[1]

    def send(self, datagram: bytes) -> None:
        """Send one from anybody."""
        try:
            if self._raw is not None and self._rng.random() < FORGED_SHARE:
                victim = self._rng.choice(self._victims)
                self._raw.sendto(under_name_of(victim, self._server, datagram), self._server)
                self.forged += 1
            else:
                self._rng.choice(self._sockets).sendto(datagram, self._server)
        except OSError:
            return
        self.sent += 1

    def close(self) -> None:
        """Close all sockets."""
        for one in self._sockets:
            one.close()
        if self._raw is not None:
            self._raw.close()


def under_name_of(source: tuple[str, int], destination: tuple[str, int], datagram: bytes) -> bytes:
    """An IPv4 packet with a UDP datagram from ``source``; the kernel adds the checksum."""
    size = _UDP_HEADER.size + len(datagram)
    addresses = socket.inet_aton(source[0]), socket.inet_aton(destination[0])
    ip = _IP_HEADER.pack(0x45, 0, 20 + size, 0, 0, 64, socket.IPPROTO_UDP, 0, *addresses)
    return ip + _UDP_HEADER.pack(source[1], destination[1], size, 0) + datagram


def _open(rng: random.Random) -> socket.socket:
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    opened.setblocking(False)
    opened.bind((f"127.{rng.randrange(256)}.{rng.randrange(256)}.{rng.randrange(2, 254)}", 0))
    return opened
