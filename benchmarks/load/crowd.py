"""Many connections that do nothing, and the people in rooms among them."""

import asyncio
from collections.abc import Callable
from typing import NamedTuple

from benchmarks.load.client import Client, Closed

CONNECTING = 64
"""Connections that are being opened at the same time."""


class Seat(NamedTuple):
    """A member of a room."""

    client: Client
    member_id: str


class SeatedRoom(NamedTuple):
    """A room and those in it, its creator first."""

    room_id: str
    seats: list[Seat]


async def connect(url: str, count: int, on_greeted: Callable[[], None]) -> list[Client]:
    """Opens ``count`` connections; each counts once the server has greeted it."""
    clients: list[Client] = []
    turns = iter(range(count))

    async def keep_opening() -> None:
        for _ in turns:  # shared: whoever is free takes the next
            client = await Client.connect(url)
            await client.expect("client-id")
            clients.append(client)
            on_greeted()

    await asyncio.gather(*(keep_opening() for _ in range(min(CONNECTING, count))))
    return clients


async def count_answering(clients: list[Client]) -> int:
    """How many of them are still served: each sends a ``ping`` and gets its ``pong``."""

    async def answers(client: Client) -> bool:
        try:
            client.send({"type": "ping"})
            await client.expect("pong")
        except (Closed, TimeoutError):
            return False
        return True

    return sum(await asyncio.gather(*(answers(client) for client in clients)))


async def seat(url: str, size: int) -> SeatedRoom:
    """A new room with ``size`` people in it, who have heard all there is to hear about that."""
    room_id, seats = "", []
    for number in range(size):
        client = await Client.connect(url)
        member_id: str = (await client.expect("client-id"))["id"]
        seats.append(Seat(client, member_id))
        if not number:
            room_id = await open_room(client)
        else:
            await client.ask(join_request(room_id, f"person {number}"))
    for each in seats:
        await each.client.ask({"type": "ping"})  # answered after everything before it
    return SeatedRoom(room_id, seats)


async def open_room(creator: Client) -> str:
    """Has a client make a room; its id."""
    wish = {"name": "measured", "memberName": "person 0", "metadata": {"private": True}}
    answer = await creator.ask({"type": "create-room", "payload": wish})
    room_id: str = answer["room"]["id"]
    return room_id


def join_request(room_id: str, name: str) -> dict[str, object]:
    """As the page sends it, but for the instance."""
    return {"type": "join-room", "payload": {"roomId": room_id, "name": name}}
