"""People without browsers: synthetic peers in a room, in a thread of their own."""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, Final, Self

from benchmarks.peers.synthetic import SyntheticPeer
from benchmarks.peers.synthetic.room_member import RoomMember

PATIENCE: Final = 60.0
"""Seconds that they may take for anything."""


class SyntheticPeople:
    """So many members of a room, each of whom publishes a camera and a microphone. Use as ``with``.

    Args:
        url: of the server.
        room_id: of the room.
        count: how many.
        bits_per_second: of one camera, all its sizes together.
        rids: its sizes; none: it is sent in one.
    """

    def __init__(
        self,
        url: str,
        room_id: str,
        count: int,
        bits_per_second: int,
        rids: tuple[str, ...] = (),
    ) -> None:
        self._url, self._room_id, self._count = url, room_id, count
        self._bits_per_second, self._rids = bits_per_second, rids
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._peers: list[SyntheticPeer] = []
        self._members: list[RoomMember] = []

    def __enter__(self) -> Self:
        self._thread.start()
        self._do(self._enter())
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._do(self._leave())
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE)

    async def _enter(self) -> None:
        for number in range(self._count):
            member = await RoomMember.join(self._url, self._room_id, f"Peer {number}")
            self._members.append(member)
            peer = SyntheticPeer(member)
            self._peers.append(peer)
            await peer.publish_video(self._bits_per_second, self._rids)
            await peer.publish_audio()

    async def _leave(self) -> None:
        for peer in self._peers:
            peer.close()
        for member in self._members:
            member.hang_up()
