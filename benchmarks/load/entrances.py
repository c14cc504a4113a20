"""People who enter rooms: how soon the others know, and how many can enter in a second."""

import asyncio
import time
from dataclasses import dataclass

from benchmarks import metering
from benchmarks.load import crowd
from benchmarks.load.client import PATIENCE, Client
from benchmarks.processes import Server
from benchmarks.progress import Steps


@dataclass(frozen=True)
class JoinRate:
    """``cpu``: the server's, for all joins and what they made it tell the others."""

    joins: int
    seconds: float
    cpu: metering.CpuTime


class _Announcement:
    """Waits until everybody has been told of one join."""

    def __init__(self, listeners: int) -> None:
        self._left = listeners
        self.heard: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    def on_text(self, text: bytes) -> None:
        """A listener's message."""
        if b'"member-joined"' in text or b'"room-joined"' in text:
            self._left -= 1
            if not self._left:
                self.heard.set_result(time.perf_counter())


async def fan_out(server: Server, room_size: int, joins: int, steps: Steps) -> list[float]:
    """Milliseconds from a join's request until the last of the room has received the news.

    The last are the joiner's own answer and ``member-joined`` at each of the others.
    """
    room = await crowd.seat(server.url, room_size - 1)
    joiner = await Client.connect(server.url)
    await joiner.expect("client-id")
    everybody = [seat.client for seat in room.seats] + [joiner]
    inbox = joiner.on_text
    samples = []
    for _ in range(joins):
        announcement = _Announcement(room_size)
        for client in everybody:
            client.on_text = announcement.on_text
        started = time.perf_counter()
        joiner.send(crowd.join_request(room.room_id, "newcomer"))
        async with asyncio.timeout(PATIENCE):
            samples.append(1000 * (await announcement.heard - started))
        joiner.on_text = inbox
        joiner.discard()
        await joiner.ask({"type": "leave-room", "payload": {"roomId": room.room_id}})
        steps.advance()
    for client in everybody:
        client.abort()
    return samples


async def rate(server: Server, clients: list[Client], room_size: int, steps: Steps) -> JoinRate:
    """Lets connected clients enter rooms, all at once, until each is in one."""
    rooms = [clients[start : start + room_size] for start in range(0, len(clients), room_size)]
    room_ids = [await crowd.open_room(members[0]) for members in rooms]
    left = sum(len(members) - 1 for members in rooms)
    joins, done = left, asyncio.get_running_loop().create_future()

    def on_text(text: bytes) -> None:
        nonlocal left
        if b'"type":"room-joined"' in text:
            left -= 1
            steps.advance()
            if not left:
                done.set_result(None)

    for client in clients:
        client.on_text = on_text
    cpu, started = metering.cpu_time(server.pid), time.perf_counter()
    for room_id, members in zip(room_ids, rooms, strict=True):
        for number, client in enumerate(members[1:], 1):
            client.send(crowd.join_request(room_id, f"person {number}"))
    async with asyncio.timeout(PATIENCE):
        await done
    seconds = time.perf_counter() - started
    return JoinRate(joins, seconds, metering.cpu_time(server.pid) - cpu)
