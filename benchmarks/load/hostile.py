"""Frames that no good client sends, while good ones talk."""

import asyncio
import json
import os
import random
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from benchmarks.load import crowd
from benchmarks.load.client import Client, Closed
from benchmarks.load.frames import BINARY, CLOSE, PING, TEXT, masked
from benchmarks.processes import Server
from benchmarks.progress import Steps

ATTACKERS = 8
CHUNK = 20
"""Frames an attacker sends before it makes sure that the server has read them."""

TALK_INTERVAL = 0.002
"""Seconds between two chat messages of the good members."""

LAST_WORDS = 10.0
"""Seconds for which the good members' last messages are waited for."""


@dataclass(frozen=True)
class Siege:
    """How the good ones fared.

    Attributes:
        said: Chat messages that one member sent.
        heard: Those that reached the other, each counted once.
        exceptions: Tracebacks and errors in the server's log.
        dismissals: Connections that the server ended.
    """

    frames: int
    said: int
    heard: int
    exceptions: int
    dismissals: int


class _Blow(NamedTuple):
    """Bytes to send; ``leave``: and be gone at once."""

    data: bytes
    leave: bool = False


async def siege(server: Server, frames: int, seed: int, steps: Steps) -> Siege:
    """Sends ``frames`` hostile frames, the same for the same seed, while two members chat."""
    room = await crowd.seat(server.url, 2)
    blows = _blows(random.Random(seed), room.room_id)
    share = frames // ATTACKERS
    over = asyncio.Event()
    conversation = asyncio.create_task(_talk(room, over))
    attackers = [[next(blows) for _ in range(share)] for _ in range(ATTACKERS)]
    fates = await asyncio.gather(*(_attack(server.url, each, steps) for each in attackers))
    over.set()
    said, heard = await conversation
    newcomer = await crowd.connect(server.url, 1, lambda: None)  # the door is still open
    for client in [*newcomer, *(seat.client for seat in room.seats)]:
        client.abort()
    return Siege(
        share * ATTACKERS, said, heard, count_exceptions(server.log.read_text()), sum(fates)
    )


def count_exceptions(log: str) -> int:
    """Tracebacks, and records of level error, in a server's log."""
    return sum(
        line.startswith("Traceback") or " ERROR " in line or " CRITICAL " in line
        for line in log.splitlines()
    )


async def _talk(room: crowd.SeatedRoom, over: asyncio.Event) -> tuple[int, int]:
    """One member talks until it is over; how much it said and how much the other heard."""
    speaker, listener = (seat.client for seat in room.seats)
    heard: set[bytes] = set()
    mark = b'"nonce":"'

    def listen(text: bytes) -> None:
        if text.startswith(b'{"type":"chat"'):
            heard.add(text.partition(mark)[2].partition(b'"')[0])

    listener.on_text, speaker.on_text = listen, lambda text: None
    said = 0
    while not over.is_set():
        said += 1
        speaker.send(
            {"type": "chat", "roomId": room.room_id, "payload": "still here", "nonce": f"{said}"}
        )
        await asyncio.sleep(TALK_INTERVAL)
    waited = 0.0
    while len(heard) < said and waited < LAST_WORDS:
        await asyncio.sleep(0.05)
        waited += 0.05
    return said, len(heard)


async def _attack(url: str, blows: list[_Blow], steps: Steps) -> int:
    """Sends them in chunks; comes back whenever it is thrown out. How often it was."""
    dismissals, client = 0, await Client.connect(url)
    for start in range(0, len(blows), CHUNK):
        chunk = blows[start : start + CHUNK]
        for blow in chunk:
            if client.closed is not None:
                client = await Client.connect(url)
            client.write(blow.data)
            if blow.leave:
                client.abort()
                client = await Client.connect(url)
            elif not await _still_connected(client):
                dismissals += 1
        steps.advance(len(chunk))
    client.abort()
    return dismissals


async def _still_connected(client: Client) -> bool:
    """Waits until the server has read what was sent: it answers, or has hung up."""
    client.discard()
    try:
        await client.ask({"type": "ping"})
    except Closed:
        return False
    return True


def _blows(rng: random.Random, room_id: str) -> Iterator[_Blow]:
    while True:
        yield rng.choice(_KINDS)(rng, room_id)


# ---- kinds of malice -----------------------------------------------------------------------


def _text(payload: bytes) -> _Blow:
    return _Blow(masked(TEXT, payload, os.urandom(4)))


def _json(message: object) -> _Blow:
    return _text(msgspec.json.encode(message))


def _noise(rng: random.Random, room_id: str) -> _Blow:
    """No UTF-8, so no text (RFC 6455 §8.1)."""
    return _text(b"\xff" + rng.randbytes(rng.randrange(400)))


def _no_json(rng: random.Random, room_id: str) -> _Blow:
    return _text(
        "".join(rng.choices('{}[]":,\\ é€𝄞0e-truefalsenull', k=rng.randrange(200))).encode()
    )


def _nested(rng: random.Random, room_id: str) -> _Blow:
    depth = rng.randrange(100, 30_000)
    return _text(b'{"type":"offer","payload":' + b"[" * depth + b"]" * depth + b"}")


def _too_large(rng: random.Random, room_id: str) -> _Blow:
    return _json(
        {"type": "chat", "roomId": room_id, "payload": "x" * rng.randrange(60_000, 90_000)}
    )


def _unknown(rng: random.Random, room_id: str) -> _Blow:
    return _json({"type": rng.choice(["", "x" * 10_000, "__class__", None, 7]), "id": rng.random()})


def _ill_typed(rng: random.Random, room_id: str) -> _Blow:
    """A message's name with anything in place of its fields."""
    anything: list[object] = [
        None,
        True,
        -1,
        1e308,
        10**400,
        "\0",
        "😀" * 50,
        [],
        {},
        [[{}]],
        {"roomId": room_id},
    ]
    names = ["create-room", "join-room", "leave-room", "offer", "answer", "ice-candidate", "chat"]
    names += ["resume", "room-info", "chat-history", "list-rooms", "ping", "list-clients"]
    fields = ["payload", "roomId", "to", "nonce", "after", "resumeToken", "received", "id"]
    message = {field: rng.choice(anything) for field in fields if rng.random() < 0.7}
    return _text(json.dumps(message | {"type": rng.choice(names)}).encode())


def _stranger(rng: random.Random, room_id: str) -> _Blow:
    """Speaks in a room it has not joined."""
    kind = rng.choice(["chat", "offer", "leave-room", "chat-history"])
    return _json({"type": kind, "roomId": room_id, "to": "nobody", "payload": {"roomId": room_id}})


def _binary(rng: random.Random, room_id: str) -> _Blow:
    return _Blow(masked(BINARY, rng.randbytes(rng.randrange(2000)), os.urandom(4)))


def _bad_frame(rng: random.Random, room_id: str) -> _Blow:
    """Reserved bits, unknown opcodes, no mask, a long control frame, an orphaned continuation."""
    frame = bytearray(masked(rng.choice([TEXT, PING, CLOSE]), rng.randbytes(20), os.urandom(4)))
    match rng.randrange(4):
        case 0:
            frame[0] |= rng.choice([0x10, 0x20, 0x40])
        case 1:
            frame[0] = 0x80 | rng.choice([0x3, 0x7, 0xB, 0xF])
        case 2:
            frame[0] = 0x80
        case _:
            frame = bytearray(struct.pack("!BBH", 0x89, 0xFE, 200) + rng.randbytes(204))
    return _Blow(bytes(frame))


def _cut_off(rng: random.Random, room_id: str) -> _Blow:
    """Half a frame, and gone."""
    whole = masked(TEXT, b"x" * 1000, os.urandom(4))
    return _Blow(whole[: rng.randrange(1, len(whole))], leave=True)


def _pings(rng: random.Random, room_id: str) -> _Blow:
    """Pings, and gone before the pongs can be written."""
    return _Blow(masked(PING, rng.randbytes(100), os.urandom(4)) * 50, leave=True)


_KINDS: list[Callable[[random.Random, str], _Blow]] = [
    *(_no_json, _nested, _too_large, _unknown, _ill_typed, _ill_typed, _stranger, _binary),
    *(_noise, _bad_frame, _cut_off, _pings),
]
