"""People without browsers: synthetic peers in a room, in a thread of their own."""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, Self

from benchmarks.peers.synthetic import SyntheticPeer
from benchmarks.peers.synthetic.room_member import RoomMember

PATIENCE = 60.0
BITS_PER_SECOND = 80_000


class SyntheticPeople:
    """So many members of a room, each of whom publishes sound and picture and receives all others.

    Use as ``with``.
    """

    def __init__(self, url: str, room_id: str, count: int) -> None:
        self._url = url
        self._room_id = room_id
        self._count = count
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
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

    def receive_everybody(self, others: int) -> None:
        """Subscribe to all that so many others publish, and wait until all of it arrives."""
        self._do(self._receive_everybody(others))

    def expect_no_loss(self) -> None:
        """Check that nothing of what was received so far went missing."""
        for peer in self._peers:
            for subscription in peer.subscriptions:
                log = subscription.stream.log
                assert log.lost == 0, (log.lost, log.received, log.duplicates)
                assert log.duplicates == 0

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE)

    async def _enter(self) -> None:
        for number in range(self._count):
            member = await RoomMember.join(self._url, self._room_id, f"Peer {number}")
            self._members.append(member)
            peer = SyntheticPeer(member)
            self._peers.append(peer)
            await peer.publish_video(BITS_PER_SECOND)
            await peer.publish_audio()

    async def _receive_everybody(self, others: int) -> None:
        for peer, member in zip(self._peers, self._members, strict=True):
            producers = await member.enter()
            assert len(producers) == 2 * others, producers
            known = {subscription.consumption.producer_id for subscription in peer.subscriptions}
            for producer in producers:
                if producer.id not in known:
                    await peer.subscribe(producer.id)
        for peer in self._peers:
            await peer.until(lambda one=peer: all(s.received > 5 for s in one.subscriptions))  # type: ignore[misc]

    async def _leave(self) -> None:
        for peer in self._peers:
            peer.close()
        for member in self._members:
            member.hang_up()
