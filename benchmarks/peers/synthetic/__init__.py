"""Synthetic WebRTC peers: ICE controlling, DTLS 1.2 client, SRTP both ways, no browser.

One peer, as a test uses it, straight at a worker's control socket::

    async with WorkerControl.connected(path) as control:
        router = await control.open_router("a room")
        async with SyntheticPeer(router.member("ada")) as ada:
            bob = SyntheticPeer(router.member("bob"))
            camera = await ada.publish_video(600_000, rids=("r0", "r1", "r2"))
            view = await bob.subscribe(camera.id)
            await bob.until(lambda: view.received > 100)
            assert view.stream.log.lost == 0 and view.stream.key_frames == 1
            (await bob.leg("recv")).transport.move()       # another address
            await bob.restart_ice()                        # new credentials
            chat, channel = await ada.publish_data("chat")  # with data=True of both peers
            _, heard = await bob.subscribe_data(chat)
            channel.send("hello")                          # comes to be in heard.received
            bob.vanish()                                   # a tab that is killed

The same in a room, over the signaling WebSocket: ``SyntheticPeer(await RoomMember.create(url))``.
A ``PeerTransport`` alone speaks with any server whose ICE and DTLS parameters are at hand.

Many peers in one thread, for load, are a ``Crowd``: the same connections and the same tracks, but
packets are received by the batch and counted by columns of their headers.
"""

from benchmarks.peers.synthetic.crowd import Crowd
from benchmarks.peers.synthetic.crowd_peer import CrowdPeer
from benchmarks.peers.synthetic.dtls_association import Identity
from benchmarks.peers.synthetic.member import Publication, Subscription
from benchmarks.peers.synthetic.peer_transport import PeerTransport
from benchmarks.peers.synthetic.signaling import Refused
from benchmarks.peers.synthetic.synthetic_peer import SyntheticPeer
from benchmarks.peers.synthetic.transports import ConnectFailed
from benchmarks.peers.synthetic.worker_control import ControlSignaling, Router, WorkerControl

__all__ = [
    "ConnectFailed",
    "ControlSignaling",
    "Crowd",
    "CrowdPeer",
    "Identity",
    "PeerTransport",
    "Publication",
    "Refused",
    "Router",
    "Subscription",
    "SyntheticPeer",
    "WorkerControl",
]
