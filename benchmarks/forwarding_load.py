"""Rooms of publishers and sinks on one core, for a forwarder on another.

Everybody has a UDP socket of his own on 127.0.0.1 and SRTP keys that are set directly: no ICE, no
DTLS. A publisher sends 30 frames a second; everybody else in the room counts what arrives, and one
of each room decrypts it and checks that the numbers have no gap.
"""

import heapq
import json
import os
import random
import select
import socket
import struct
import time
from dataclasses import asdict, dataclass

import numpy as np

from sfu.transport.destinations import pack_address
from sfu.transport.packet_ring import PacketRing
from sfu.transport.srtp import SrtpProfile, SrtpSession, protect_rtp, unprotect_all
from sfu.worker import kernel

PACKET_BYTES = 1100
FRAMES_PER_SECOND = 30
PAYLOAD_TYPE = 96
FIRST_SSRC = 1000
_ROWS = 64
GRACE = 0.4
"""Seconds for the last packets to arrive."""

_EXTENSIONS = bytes.fromhex("bede0003 00510000 00220000 00000000")
"""Canonical header extension: a transport-wide sequence number, a send time, three words."""


@dataclass(frozen=True)
class Load:
    """Who publishes how much to whom.

    Attributes:
        rooms: rooms.
        people: people in each.
        kbps: of each publisher.
        one_publisher: whether only the first of a room publishes.
    """

    name: str
    rooms: int
    people: int
    kbps: int
    one_publisher: bool = False

    @property
    def everyone(self) -> int:
        """People in all rooms."""
        return self.rooms * self.people

    @property
    def publishers(self) -> range:
        """Which of them publish."""
        return range(0, self.everyone, self.people if self.one_publisher else 1)

    def room_of(self, person: int) -> range:
        """Everyone in a person's room."""
        first = person // self.people * self.people
        return range(first, first + self.people)


LOADS = {
    load.name: load
    for load in (
        Load("1-to-200", 1, 201, 1000, one_publisher=True),
        Load("1-to-500", 1, 501, 1200, one_publisher=True),
        Load("1-to-1000", 1, 1001, 1200, one_publisher=True),
        Load("5x20", 5, 20, 600),
        Load("10x10", 10, 10, 600),
        Load("1x10", 1, 10, 600),
    )
}


@dataclass
class Person:
    """Someone in a room; the keys are master key and salt of each direction."""

    socket: socket.socket
    address: bytes
    publishing_key: bytes
    receiving_key: bytes


@dataclass
class Outcome:
    """What the load saw.

    Attributes:
        sent: packets published.
        expected: packets that should have been forwarded.
        received: packets that were.
        checked: packets that one person per room decrypted.
        gaps: of them, those that did not decrypt or whose number did not follow the last.
    """

    sent: int
    expected: int
    received: int
    checked: int
    gaps: int


def people_of(load: Load, profile: SrtpProfile) -> list[Person]:
    """Open everyone's socket and make their keys."""
    people = []
    for _ in range(load.everyone):
        opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        opened.bind(("127.0.0.1", 0))
        opened.setblocking(False)
        opened.setsockopt(socket.SOL_SOCKET, kernel.SO_RCVBUFFORCE, 1 << 20)
        size = profile.key_length + profile.salt_length
        people.append(
            Person(
                opened,
                pack_address("127.0.0.1", opened.getsockname()[1]),
                os.urandom(size),
                os.urandom(size),
            )
        )
    return people


def fork_load(
    load: Load, people: list[Person], profile: SrtpProfile, port: int, seconds: float, core: int
) -> tuple[int, int]:
    """Start publishing to ``port`` in a child process.

    Returns:
        Its process id, and a pipe; both for ``outcome``.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        return child, reading
    os.sched_setaffinity(0, {core})
    result = _Crowd(load, people, profile, port).run(seconds)
    os.write(writing, json.dumps(asdict(result)).encode())
    os._exit(0)


def outcome(child: int, pipe: int) -> Outcome:
    """Wait for the child to end."""
    with os.fdopen(pipe) as report:
        result = Outcome(**json.load(report))
    os.waitpid(child, 0)
    return result


class _Crowd:
    """Publishes and counts, in one thread."""

    def __init__(self, load: Load, people: list[Person], profile: SrtpProfile, port: int) -> None:
        self._load = load
        self._people = people
        self._to = ("127.0.0.1", port)
        self._publishing = {
            person: SrtpSession.outbound(profile, people[person].publishing_key)
            for person in load.publishers
        }
        self._outgoing = PacketRing(1)
        self._packet = self._outgoing.rows[0].data
        self._packet[12 : 12 + len(_EXTENSIONS)] = _EXTENSIONS
        self._checkers = {
            people[room * load.people + load.people - 1].socket.fileno(): SrtpSession.inbound(
                profile, people[room * load.people + load.people - 1].receiving_key
            )
            for room in range(load.rooms)
        }
        self._last: dict[tuple[int, int], int] = {}
        self._outcome = Outcome(0, 0, 0, 0, 0)
        self._poll = select.epoll()
        for person in people:
            self._poll.register(person.socket.fileno(), select.EPOLLIN)
        self._prepare_receiving()

    def _prepare_receiving(self) -> None:
        self._ring = PacketRing(_ROWS)
        self._iovecs = np.zeros(_ROWS, kernel.IOVEC)
        self._iovecs["base"] = kernel.addresses_of(self._ring.rows)
        self._iovecs["length"] = self._ring.rows.shape[1]
        self._messages = np.zeros(_ROWS, kernel.MESSAGE)
        self._messages["iovec"] = kernel.addresses_of(self._iovecs)
        self._messages["iovec_length"] = 1

    def run(self, seconds: float) -> Outcome:
        """Publish for so long, then wait a little for what is still under way."""
        load = self._load
        per_frame = max(1, round(load.kbps * 1000 / 8 / PACKET_BYTES / FRAMES_PER_SECOND))
        draw = random.Random(7)
        start = time.perf_counter()
        due = [(start + draw.random() / FRAMES_PER_SECOND, person) for person in load.publishers]
        heapq.heapify(due)
        numbers = dict.fromkeys(load.publishers, 0)
        while (now := time.perf_counter()) < start + seconds + GRACE:
            while due[0][0] <= now < start + seconds:
                at, person = due[0]
                heapq.heapreplace(due, (at + 1 / FRAMES_PER_SECOND, person))
                for place in range(per_frame):
                    numbers[person] += 1
                    self._publish(person, numbers[person], at, place == per_frame - 1)
            self._collect()
        self._outcome.expected = self._outcome.sent * (load.people - 1)
        return self._outcome

    def _publish(self, person: int, number: int, at: float, is_last: bool) -> None:
        second = PAYLOAD_TYPE | (0x80 if is_last else 0)
        timestamp = int(at * 90_000) & 0xFFFFFFFF
        fixed = (0x90, second, number & 0xFFFF, timestamp, FIRST_SSRC + person)
        struct.pack_into("!BBHII", self._packet, 0, *fixed)
        ring, context = self._outgoing, self._publishing[person].context
        ring.lengths[0] = PACKET_BYTES
        protect_rtp(context, ring.packets[0], ring.packet_lengths[0])
        try:
            self._people[person].socket.sendto(self._packet[: ring.lengths[0]], self._to)
        except BlockingIOError:
            return
        self._outcome.sent += 1

    def _collect(self) -> None:
        for descriptor, _ in self._poll.poll(0.0005):
            count = kernel.recvmmsg(
                descriptor, self._messages.ctypes.data, _ROWS, kernel.MSG_DONTWAIT, None
            )
            if count <= 0:
                continue
            self._outcome.received += count
            session = self._checkers.get(descriptor)
            if session is not None:
                self._check(descriptor, session, count)

    def _check(self, descriptor: int, session: SrtpSession, count: int) -> None:
        ring = self._ring
        ring.lengths[:count] = self._messages["length"][:count]
        statuses = unprotect_all([session.context] * count, ring.packets, ring.packet_lengths)
        for row, status in enumerate(statuses):
            self._outcome.checked += 1
            number, _, ssrc = struct.unpack_from("!HII", ring.rows[row].data, 2)
            last = self._last.get((descriptor, ssrc))
            self._last[descriptor, ssrc] = number
            if status or (last is not None and number != last + 1 & 0xFFFF):
                self._outcome.gaps += 1
