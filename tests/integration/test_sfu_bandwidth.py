"""A member whose network carries little: layers go and come back, and the member is told."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.peers.synthetic import ortc
from benchmarks.peers.synthetic.room_member import RoomMember
from benchmarks.peers.synthetic.synthetic_peer import SyntheticPeer
from sfu.wire.rtcp import encode_rtcp
from sfu.wire.rtcp_feedback import BitrateLimit
from tests.support.server import PATIENCE, Server, until

SAID_EVERY = 0.1
"""Seconds between what a receiver says of its limit."""

ENOUGH, LITTLE, NOTHING = 5_000_000, 250_000, 30_000


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    made = Server(
        workers=1, state_dir=tmp_path, sfu_port=0, announced_ips="127.0.0.1", worker_drain_seconds=0
    )
    async with made as running:
        await until(lambda: len(running.switchboard.workers.connected()) == 1)
        yield running


class Receiver:
    """Somebody who says how much it can receive, as long as it is used ``async with``."""

    def __init__(self, member: RoomMember) -> None:
        self.member = member
        self.peer = SyntheticPeer(member)
        self.limit = ENOUGH
        self._saying: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Receiver":
        await self.peer.leg("recv")
        self._saying = asyncio.create_task(self._say())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._saying is not None:
            self._saying.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._saying
        self.peer.close()

    async def capabilities(self) -> ortc.Json:
        """Without transport-wide feedback: only the limit counts."""
        router = ortc.rtp_capabilities(await self.member.capabilities())
        codecs = [
            {**codec, "rtcpFeedback": [f for f in codec["rtcpFeedback"] if not _is_wide(f)]}
            for codec in router["codecs"]
        ]
        return {**router, "codecs": codecs}

    async def told(self, **wanted: object) -> dict[str, Any]:
        """The next news of layers that are like this."""
        async with asyncio.timeout(PATIENCE):
            while True:
                news = await self.member.client.expect("layers-changed")
                if wanted.items() <= news.items():
                    return news

    async def _say(self) -> None:
        transport = self.peer.legs["recv"].transport
        while True:
            transport.send_rtcp(encode_rtcp([BitrateLimit(1, 0, self.limit, ())]))
            await asyncio.sleep(SAID_EVERY)


def _is_wide(feedback: ortc.Json) -> bool:
    return str(feedback["type"]) == "transport-cc"


async def test_a_picture_follows_what_its_receivers_network_carries(server: Server) -> None:
    one = await RoomMember.create(server.url, "room", "Ann", mode="sfu")
    other = await RoomMember.join(server.url, one.room_id, "Bob")
    async with SyntheticPeer(one) as ann, Receiver(other) as bob:
        camera = await ann.publish_video(1_200_000, rids=["q", "h", "f"])
        voice = await ann.publish_audio()
        abilities = await bob.capabilities()
        heard = await bob.peer.subscribe(voice.id, capabilities=abilities)
        seen = await bob.peer.subscribe(camera.id, capabilities=abilities)
        news = await bob.told(spatialLayer=2, limited=None)
        assert news["consumerId"] == seen.id

        bob.limit = LITTLE
        await bob.told(spatialLayer=0, limited="bandwidth")
        bob.limit = NOTHING
        await bob.told(spatialLayer=None, limited="bandwidth")
        pictures, words = seen.received, heard.received
        await bob.peer.until(lambda: heard.received > words + 50)
        assert seen.received <= pictures + 2, "those that were on their way"

        bob.limit = ENOUGH
        await bob.told(spatialLayer=2, limited=None)
        pictures = seen.received
        await bob.peer.until(lambda: seen.received > pictures + 50)
        assert seen.stream.log.lost == 0, "numbers go on without a gap"
    one.hang_up()
    other.hang_up()
