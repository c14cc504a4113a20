import asyncio
import random
import time
from collections.abc import Callable

import pytest

from benchmarks.peers.synthetic.crowd import Crowd
from benchmarks.peers.synthetic.peer_transport import PeerTransport
from benchmarks.peers.synthetic.published import AudioTrack, FrameShape, VideoTrack
from benchmarks.peers.synthetic.received import ReceivedStream
from benchmarks.peers.synthetic.transports import ConnectFailed
from sfu.transport.srtp import SrtpProfile, SrtpSession
from tests.support.synthetic_reflector import reflecting


async def until(condition: Callable[[], bool]) -> None:
    """Turn the loop until something holds."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - the crowd tells nobody what it counts
            await asyncio.sleep(0)


async def test_a_peer_connects_and_hears_itself() -> None:
    crowd = Crowd(4, random.Random(1))
    crowd.attach()
    async with reflecting(crowd.identity) as remote:
        transport = crowd.join(checked=True)
        transport.begin(remote)
        await transport.until_connected()
        track = VideoTrack("0", crowd.rng, time.monotonic(), 300_000)
        stream = crowd.expect(transport, track.streams[0].ssrc)
        transport.media.publishing.add(track)
        transport.wake()
        await until(lambda: stream.received >= 30)
        crowd.hold()
        await until(lambda: stream.received == crowd.tally.published)
        tally = crowd.tally
        assert tally.packets == tally.checked == stream.received
        assert (tally.strays, tally.refused, tally.corrupt, tally.unsent) == (0, 0, 0, 0)
        assert len(tally.latencies) == stream.received
        assert crowd.table.lost().tolist() == [0]
    crowd.close()


async def test_a_peer_of_its_own_connects_moves_and_hears_itself() -> None:
    crowd = Crowd(1)
    async with reflecting(crowd.identity) as remote:
        transport = PeerTransport(crowd.identity, rng=random.Random(2))
        await transport.connect(remote)
        track = AudioTrack("0", random.Random(3), time.monotonic())
        stream = ReceivedStream(track.streams[0].ssrc, 111, 48_000, mime_type="audio/opus")
        transport.media.publishing.add(track)
        transport.media.receiving.add(stream)
        transport.wake()
        await transport.until(lambda: stream.received >= 5)
        before = transport.local_address
        transport.move()
        assert transport.local_address != before
        await transport.until(lambda: stream.received >= 15)
        assert transport.failure is None
        assert transport.refused == 0
        transport.close()
        transport.close()
    crowd.close()


async def test_nobody_there_is_said() -> None:
    crowd = Crowd(1)
    async with reflecting(crowd.identity) as remote:
        pass
    transport = PeerTransport(crowd.identity)
    with pytest.raises(ConnectFailed, match="did not happen"):
        await transport.connect(remote, timeout=0.05)
    transport.vanish()
    crowd.close()


def test_plain_keys_serve_where_both_ends_know_them() -> None:
    crowd = Crowd(2, random.Random(1))
    ada, bob = crowd.join(), crowd.join(checked=True)
    key = bytes(28)

    def outbound() -> SrtpSession:
        return SrtpSession.outbound(SrtpProfile.AES_128_GCM, key)

    def inbound() -> SrtpSession:
        return SrtpSession.inbound(SrtpProfile.AES_128_GCM, key)

    ada.begin_plain("127.0.0.1", bob.port, outbound(), inbound())
    bob.begin_plain("127.0.0.1", ada.port, outbound(), inbound())
    track = VideoTrack("0", crowd.rng, 0.0, shape=FrameShape(3, 500), key_frame_weight=1)
    stream = crowd.expect(bob, track.streams[0].ssrc)
    crowd.hold()
    ada.media.publishing.add(track)
    ada.wake()
    crowd.resume()
    crowd.act(time.monotonic() + 1.0)
    crowd.hold()
    sent = crowd.tally.published
    assert sent == 3 * 30 or sent == 3 * 31
    while stream.received < sent:
        crowd.collect(0.1)
    assert crowd.tally.checked == sent
    assert crowd.tally.refused == crowd.tally.corrupt == 0
    stranger = crowd.join()
    stranger.begin_plain("127.0.0.1", bob.port, outbound(), inbound())
    stranger.send(b"\x80\x60" + bytes(60))
    while not crowd.tally.strays:
        crowd.collect(0.1)
    assert stream.received == sent
    crowd.close()
