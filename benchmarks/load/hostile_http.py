"""Strangers at the server's TCP port: they open connections and do there what no good client does.

    python -m benchmarks.load.hostile_http 127.0.0.1 3000 --rate 1000 --seconds 60

It is a program of its own so that what it does costs the measured call nothing but CPU. What it did
and saw is printed as one line of JSON.
"""

import contextlib
import heapq
import itertools
import random
import select
import socket
import struct
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Final

import msgspec
import typer

from benchmarks.load.frames import TEXT, masked
from benchmarks.load.handshake import Handshake

PATIENCE: Final = 20.0
"""Seconds after which a stranger gives up by itself."""

FIRST_WORD: Final = 0.005
"""Seconds from opening a connection to the first bytes."""

GREEDY_SHARE: Final = 0.1
"""Of the strangers, all from one address, who so come to its limit."""

GREEDY: Final = "127.0.0.250"
_FROM_MANY: Final = [f"127.0.0.{number}" for number in range(2, 250)]
_RESET: Final = struct.pack("ii", 1, 0)
"""SO_LINGER: ports are free at once."""


@dataclass(frozen=True)
class Script:
    """What one stranger does.

    Attributes:
        kind: for the counts.
        pieces: what it sends, one after the other.
        gap: seconds between two pieces.
        leaves: whether it hangs up after the last piece and an answer.
    """

    kind: str
    pieces: tuple[bytes, ...]
    gap: float = 0.05
    leaves: bool = False


class Wickedness:
    """Draws scripts.

    Args:
        host: for the Host header.
        rng: seeded, the scripts are the same again.
    """

    def __init__(self, host: str, rng: random.Random) -> None:
        self._host = host
        self._rng = rng
        self.kinds: tuple[Callable[[], Script], ...] = (
            self._half_open,
            self._slow_head,
            self._giant_head,
            self._garbage,
            self._bad_upgrade,
            self._garbage_frames,
            self._silent_websocket,
            self._many_requests,
            self._body_that_never_comes,
        )

    def draw(self) -> Script:
        """One script."""
        return self._rng.choice(self.kinds)()

    def _half_open(self) -> Script:
        return Script("half open", ())

    def _slow_head(self) -> Script:
        lines = [f"GET / HTTP/1.1\r\nHost: {self._host}\r\n"]
        lines += [f"X-{number}: {self._rng.random()}\r\n" for number in range(60)]
        return Script("slow head", tuple(line.encode() for line in lines), gap=0.5)

    def _giant_head(self) -> Script:
        name, line = self._rng.choice([(b"Cookie: ", 40_000), (b"X: ", 8000), (b"", 1)])
        if not name:
            return Script("giant head", (b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",))
        head = b"GET / HTTP/1.1\r\nHost: x\r\n" + (name + b"a" * line + b"\r\n") * 20
        return Script(
            "giant head", tuple(head[at : at + 16_000] for at in range(0, 160_000, 16_000))
        )

    def _garbage(self) -> Script:
        rng = self._rng
        first = rng.choice(
            [b"", b"GET ", b"\x16\x03\x01\x02\x00\x01\x00", b"PRI * HTTP/2.0\r\n\r\n"]
        )
        return Script("garbage", (first + rng.randbytes(rng.randrange(1, 600)),))

    def _bad_upgrade(self) -> Script:
        request = Handshake(self._host).request
        spoiled = self._rng.choice(
            [
                request.replace(b"Version: 13", b"Version: 12"),
                request.replace(b"Sec-WebSocket-Key: ", b"Sec-WebSocket-Key: !"),
                request.replace(b"Upgrade: websocket", b"Upgrade: h2c"),
                request.replace(b"\r\n\r\n", b"\r\nOrigin: https://evil.example\r\n\r\n"),
                request.replace(b"GET", b"POST", 1),
            ]
        )
        return Script("bad upgrade", (spoiled,))

    def _garbage_frames(self) -> Script:
        rng = self._rng
        frames = rng.choice(
            [
                rng.randbytes(200),
                masked(TEXT, rng.randbytes(50), b"abcd"),
                masked(TEXT, b'{"type":"join-room"' * 20, b"abcd"),
                b"\x81\x05hello",
                b"\x81\xff" + b"\xff" * 12,
                b"\x89\xfe\x01\x00" + rng.randbytes(300),
            ]
        )
        return Script("garbage frames", (Handshake(self._host).request, frames, frames))

    def _silent_websocket(self) -> Script:
        return Script("silent WebSocket", (Handshake(self._host).request,))

    def _many_requests(self) -> Script:
        paths = ("/", "/health", "/config.js", "/nothing", "/r/room", "/api/rooms", "/assets/x.js")
        requests = [f"GET {self._rng.choice(paths)} HTTP/1.1\r\nHost: {self._host}\r\n\r\n"] * 8
        return Script("requests", tuple(one.encode() for one in requests), gap=0.1, leaves=True)

    def _body_that_never_comes(self) -> Script:
        head = (
            f"POST /api/rooms HTTP/1.1\r\nHost: {self._host}\r\nContent-Length: 9999999999\r\n\r\n"
        )
        return Script("endless body", (head.encode(), b"x" * 1000, b"x" * 60_000), gap=1.0)


class Deeds(msgspec.Struct, kw_only=True):
    """What the strangers did and saw.

    Attributes:
        opened: connections that were begun, by kind.
        failed: that could not even be begun here: no port, no file.
        answers: first lines of what came back: status codes, or ``none``.
        ended: connections that the server ended.
        seconds: how long it took.
        most_open: connections of ours at once.
    """

    opened: dict[str, int]
    failed: int
    answers: dict[str, int]
    ended: int
    seconds: float
    most_open: int


@dataclass(eq=False)
class _Stranger:
    socket: socket.socket
    script: Script
    until: float
    sent: int = 0
    answered: bool = False


@dataclass
class Strangers:
    """A loop of its own on epoll: asyncio would cost more than the strangers do.

    Args:
        server: address and port, IPv4.
        wickedness: draws what they do.
        rng: draws where they come from.
    """

    server: tuple[str, int]
    wickedness: Wickedness
    rng: random.Random
    _opened: Counter[str] = field(default_factory=Counter)
    _answers: Counter[str] = field(default_factory=Counter)
    _failed: int = 0
    _ended: int = 0
    _most: int = 0
    _strangers: dict[int, _Stranger] = field(default_factory=dict)
    _due: list[tuple[float, int, _Stranger]] = field(default_factory=list)
    _order: "itertools.count[int]" = field(default_factory=itertools.count)
    _epoll: select.epoll = field(default_factory=select.epoll)

    def run(self, per_second: float, seconds: float) -> Deeds:
        """Comes at a steady pace for so long, then leaves at once."""
        begun = time.monotonic()
        opened = 0
        while (now := time.monotonic()) < begun + seconds:
            wanted = min(int((now - begun) * per_second), opened + 200)
            while opened < wanted:
                self._open(now)
                opened += 1
            self._most = max(self._most, len(self._strangers))
            self._act(now)
            for number, _ in self._epoll.poll(0.002, 256):
                self._hear(number)
        for stranger in list(self._strangers.values()):
            self._close(stranger)
        self._epoll.close()
        return Deeds(
            opened=dict(self._opened),
            failed=self._failed,
            answers=dict(self._answers),
            ended=self._ended,
            seconds=round(time.monotonic() - begun, 1),
            most_open=self._most,
        )

    def _open(self, now: float) -> None:
        script = self.wickedness.draw()
        greedy = self.rng.random() < GREEDY_SHARE
        opened = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        opened.setblocking(False)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        opened.setsockopt(socket.IPPROTO_IP, _BIND_WITHOUT_PORT, 1)
        try:
            opened.bind((GREEDY if greedy else self.rng.choice(_FROM_MANY), 0))
            with contextlib.suppress(BlockingIOError):
                opened.connect(self.server)
        except OSError:
            self._failed += 1
            opened.close()
            return
        self._opened[script.kind] += 1
        stranger = _Stranger(opened, script, now + PATIENCE)
        self._strangers[opened.fileno()] = stranger
        self._epoll.register(opened.fileno(), select.EPOLLIN | select.EPOLLRDHUP)
        self._later(now + FIRST_WORD, stranger)

    def _later(self, at: float, stranger: _Stranger) -> None:
        heapq.heappush(self._due, (at, next(self._order), stranger))

    def _act(self, now: float) -> None:
        while self._due and self._due[0][0] <= now:
            stranger = heapq.heappop(self._due)[2]
            if stranger.socket.fileno() < 0:
                continue
            if stranger.sent < len(stranger.script.pieces):
                # What is not taken at once is lost: that is one more kind of broken client.
                with contextlib.suppress(OSError):
                    stranger.socket.send(stranger.script.pieces[stranger.sent])
                stranger.sent += 1
                self._later(now + stranger.script.gap, stranger)
            elif now >= stranger.until or stranger.script.leaves:
                self._close(stranger)
            else:
                self._later(stranger.until, stranger)

    def _hear(self, number: int) -> None:
        stranger = self._strangers.get(number)
        if stranger is None:
            return
        try:
            said = stranger.socket.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            said = b""
        if said and not stranger.answered:
            stranger.answered = True
            status = said[9:12].decode(errors="replace") if said.startswith(b"HTTP/1") else "other"
            self._answers[status] += 1
        if not said:
            self._ended += 1
            self._close(stranger)

    def _close(self, stranger: _Stranger) -> None:
        if not stranger.answered:
            self._answers["none"] += 1
        del self._strangers[stranger.socket.fileno()]
        stranger.socket.close()


_BIND_WITHOUT_PORT: Final = 24
"""IP_BIND_ADDRESS_NO_PORT (ip(7)): the port is chosen when it is known where to, so that each pair
of addresses has all ports to itself."""


def besiege(server: tuple[str, int], per_second: float, seconds: float, seed: int) -> Deeds:
    """All of the above, in this thread."""
    rng = random.Random(seed)
    wickedness = Wickedness(f"{server[0]}:{server[1]}", rng)
    return Strangers(server, wickedness, rng).run(per_second, seconds)


def command(server: tuple[str, int], per_second: float, seconds: float, seed: int) -> Sequence[str]:
    """The program with its arguments."""
    module = "benchmarks.load.hostile_http"
    flags = ["--rate", f"{per_second:g}", "--seconds", f"{seconds:g}", "--seed", f"{seed}"]
    return [sys.executable, "-m", module, server[0], f"{server[1]}", *flags]


def main(
    host: Annotated[str, typer.Argument(help="IPv4 address, on this machine.")],
    port: Annotated[int, typer.Argument(help="TCP port.")],
    rate: Annotated[float, typer.Option(min=1, help="Connections a second.")] = 1000,
    seconds: Annotated[float, typer.Option(min=0.1, help="How long.")] = 60,
    seed: Annotated[int, typer.Option(help="The same strangers for the same seed.")] = 7230,
) -> None:
    """Besiege a server; one line of JSON says what came of it."""
    print(msgspec.json.encode(besiege((host, port), rate, seconds, seed)).decode())


if __name__ == "__main__":
    typer.run(main)
