"""When the loop looks at the port."""

import asyncio
import socket
from collections.abc import Iterator

import pytest

from sfu.units import Seconds
from sfu.worker import pulse
from sfu.worker.pulse import MOST_BATCHES, Pulse

CAPACITY = 4


def gathers(reader: Pulse) -> bool:
    return reader.gathering


class Port:
    """A socket that is read by batches, and says when there were enough."""

    def __init__(self) -> None:
        self.socket, self.sender = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        self.received = 0
        self.batches: list[int] = []
        self.wanted = 0
        self.enough = asyncio.Event()

    def receive(self, now: Seconds) -> int:
        count = 0
        while count < CAPACITY:
            try:
                self.socket.recv(16)
            except BlockingIOError:
                break
            count += 1
        self.received += count
        self.batches.append(count)
        if self.received >= self.wanted:
            self.enough.set()
        return count

    async def wait_for(self, count: int) -> None:
        self.wanted = count
        if self.received < count:
            self.enough.clear()
            await asyncio.wait_for(self.enough.wait(), 10)


@pytest.fixture
def port() -> Iterator[Port]:
    port = Port()
    yield port
    port.socket.close()
    port.sender.close()


async def test_what_comes_is_read_at_once_and_to_the_end(port: Port) -> None:
    reader = Pulse(asyncio.get_running_loop(), port.socket.fileno(), CAPACITY, port.receive)
    for _ in range(3 * CAPACITY):
        port.sender.send(b"x")
    await port.wait_for(3 * CAPACITY)
    assert not reader.gathering
    reader.close()
    reader.close()


async def test_others_have_their_turn_during_a_flood(port: Port) -> None:
    sizes: list[int] = []

    begun = asyncio.Event()

    def endless(now: Seconds) -> int:
        sizes.append(CAPACITY)
        begun.set()
        return CAPACITY

    reader = Pulse(asyncio.get_running_loop(), port.socket.fileno(), CAPACITY, endless)
    port.sender.send(b"x")
    await asyncio.wait_for(begun.wait(), 10)
    assert len(sizes) % MOST_BATCHES == 0
    reader.close()


async def test_a_busy_worker_reads_by_the_beat_and_an_idle_one_does_not(
    port: Port, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = Seconds(0.001)
    monkeypatch.setattr(pulse, "gathering_time", lambda busy, rate, last: wanted)
    monkeypatch.setattr(pulse, "_CONSIDERED_EVERY", 0.0)
    reader = Pulse(asyncio.get_running_loop(), port.socket.fileno(), CAPACITY, port.receive)
    port.sender.send(b"x")
    await port.wait_for(1)
    assert gathers(reader)
    port.sender.send(b"x")
    await port.wait_for(2)
    wanted = Seconds(0.0)
    port.sender.send(b"x")
    await port.wait_for(3)
    assert not gathers(reader)
    port.sender.send(b"x")
    await port.wait_for(4)
    reader.close()
