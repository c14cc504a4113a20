"""Messages that members of rooms send each other through the server."""

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

import msgspec

from benchmarks import metering
from benchmarks.load import crowd
from benchmarks.load.client import Client
from benchmarks.load.frames import TEXT, masked
from benchmarks.processes import Server

DELIVERY = 300.0
"""Seconds in which everything has to be delivered."""

_SAMPLED = 8
"""One message in so many carries the mark by which its latency is measured."""

_SDP = "v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n" + "".join(
    f"a=candidate:{n} 1 udp {2122260223 - n} 192.0.2.{n} {50000 + n} typ host generation 0\r\n"
    for n in range(1, 21)
)
"""As long (1.4 kB) and as full of line ends as a small browser's description."""

_MARK = "<<%08d>>"

_SENTENCE = "Shall we look at the second page once more before the others come?"


class Unexpected(Exception):  # noqa: N818 - reads as what happened
    """The server sent something else than the relayed message, an error perhaps."""


class Kind(Enum):
    """``OFFER`` goes to one other member, ``CHAT`` to every member of the room."""

    OFFER = "offer"
    CHAT = "chat"


@dataclass(frozen=True)
class Load:
    """What is sent.

    Attributes:
        sockets: Senders, who are the receivers as well.
        messages: Sent by each of them.
        room_size: Members per room.
        batch: Messages in one write; the next batch follows when the room's last has arrived.
        per_second: If not 0, messages are sent one by one at this rate over all sockets instead.
    """

    kind: Kind
    sockets: int
    messages: int
    room_size: int
    batch: int = 1
    per_second: float = 0.0

    @property
    def deliveries(self) -> int:
        """Messages that have to arrive."""
        copies = self.room_size if self.kind is Kind.CHAT else 1
        return self.sockets * self.messages * copies


@dataclass(frozen=True)
class Run:
    """What one load cost.

    Attributes:
        delivered: Messages that arrived.
        cpu: The server's.
        client_cpu_ns: The load generator's own.
        latencies: Milliseconds from write to arrival, of every eighth message.
    """

    delivered: int
    seconds: float
    cpu: metering.CpuTime
    client_cpu_ns: int
    latencies: list[float]

    @property
    def cpu_us_per_delivery(self) -> float:
        """Microseconds of the server's CPU per delivered message."""
        return self.cpu.ran / self.delivered / 1000


class Arena:
    """Rooms full of connected members, kept over several runs."""

    def __init__(self, server: Server, rooms: list[crowd.SeatedRoom]) -> None:
        self._server = server
        self._rooms = rooms

    @classmethod
    async def open(cls, server: Server, sockets: int, room_size: int) -> "Arena":
        """Seats ``sockets`` people in rooms of ``room_size``."""
        rooms = [await crowd.seat(server.url, room_size) for _ in range(sockets // room_size)]
        return cls(server, rooms)

    def close(self) -> None:
        """Drops every connection."""
        for room in self._rooms:
            for seat in room.seats:
                seat.client.abort()

    async def run(self, load: Load) -> Run:
        """Sends the load and waits until all of it has arrived."""
        senders = [sender for room in self._rooms for sender in _senders(room, load)]
        tally = _Tally(load)
        for serial, sender in enumerate(senders):
            sender.prepare(serial * load.messages, load)
            sender.client.on_text = tally.receiver(sender)
        cpu, own = metering.cpu_time(self._server.pid), time.process_time_ns()
        started = time.perf_counter()
        if load.per_second:
            await tally.pace(senders)
        else:
            tally.start(senders)
        async with asyncio.timeout(DELIVERY):
            finished = await tally.complete
        return Run(
            delivered=tally.delivered,
            seconds=finished - started,
            cpu=metering.cpu_time(self._server.pid) - cpu,
            client_cpu_ns=time.process_time_ns() - own,
            latencies=tally.latencies,
        )


class _Sender:
    """One member, and the frames it will send, made before the clock starts."""

    def __init__(self, client: Client, room_id: str, target: str) -> None:
        self._room_id = room_id
        self._target = target
        self._batches: Iterator[tuple[int, bytes]] = iter(())
        self.client = client

    def prepare(self, first: int, load: Load) -> None:
        """Makes the frames of the messages from number ``first`` on."""
        batches = []
        for start in range(first, first + load.messages, load.batch):
            numbers = range(start, start + load.batch)
            batches.append(
                (start // load.batch, b"".join(self._frame(load.kind, n) for n in numbers))
            )
        self._batches = iter(batches)

    def send_batch(self, sent_at: list[float]) -> None:
        """Sends the next batch, if there is one."""
        for batch, frames in self._batches:
            sent_at[batch] = time.perf_counter()
            self.client.write(frames)
            return

    def _frame(self, kind: Kind, number: int) -> bytes:
        mark = _MARK % number if number % _SAMPLED == 0 else "unmarked"
        message: dict[str, Any] = {"type": kind.value, "roomId": self._room_id}
        if kind is Kind.CHAT:
            message |= {"payload": f"{_SENTENCE} {mark}", "nonce": f"{number:08}"}
        else:
            message |= {"to": self._target, "payload": {"type": "offer", "sdp": _SDP + mark}}
        return masked(TEXT, msgspec.json.encode(message), os.urandom(4))


class _Tally:
    """Counts what arrives; sends a member's next batch when its room has all of the last."""

    def __init__(self, load: Load) -> None:
        self.delivered = 0
        self.latencies: list[float] = []
        self.complete: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._load = load
        self._sent_at = [0.0] * (load.sockets * load.messages // load.batch)

    def receiver(self, sender: _Sender) -> Callable[[bytes], None]:
        """What a member does with each message that reaches it."""
        load, latencies, sent_at = self._load, self.latencies, self._sent_at
        batch, clock = load.batch, time.perf_counter
        expected = b'{"type":"%s"' % load.kind.value.encode()
        per_round = load.deliveries // load.sockets
        if not load.per_second:
            per_round = per_round // load.messages * batch
        left = per_round

        def on_text(text: bytes) -> None:
            nonlocal left
            if not text.startswith(expected):
                self._fail(text)
            at = text.find(b"<<")
            if at >= 0:
                number = int(text[at + 2 : at + 10])
                latencies.append(1000 * (clock() - sent_at[number // batch]))
            left -= 1
            if not left:
                left = per_round
                self._note(per_round)
                sender.send_batch(sent_at)

        return on_text

    def start(self, senders: list[_Sender]) -> None:
        """Everybody sends its first batch."""
        for sender in senders:
            sender.send_batch(self._sent_at)

    async def pace(self, senders: list[_Sender]) -> None:
        """Everybody in turn sends one message, at the load's rate."""
        started, sent = time.perf_counter(), 0
        while sent < self._load.sockets * self._load.messages:
            due = int((time.perf_counter() - started) * self._load.per_second)
            for turn in range(sent, min(due, self._load.sockets * self._load.messages)):
                senders[turn % len(senders)].send_batch(self._sent_at)
            sent = max(sent, due)
            await asyncio.sleep(0.001)

    def _note(self, count: int) -> None:
        self.delivered += count
        if self.delivered == self._load.deliveries:
            self.complete.set_result(time.perf_counter())

    def _fail(self, text: bytes) -> None:
        if not self.complete.done():
            self.complete.set_exception(Unexpected(text[:200].decode()))


def _senders(room: crowd.SeatedRoom, load: Load) -> Iterator[_Sender]:
    """Each member; its offers go to the next one in the room."""
    targets = room.seats[1:] + room.seats[:1]
    for seat, target in zip(room.seats, targets, strict=True):
        yield _Sender(seat.client, room.room_id, target.member_id)
