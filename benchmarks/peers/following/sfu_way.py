"""A synthetic member's way through the SFU: first connected, then publishing and receiving."""

import asyncio
import contextlib
from typing import Final

from benchmarks.load.client import Closed
from benchmarks.peers.following.broadcast import Outlet
from benchmarks.peers.following.link import Person
from benchmarks.peers.following.sighting import watch
from benchmarks.peers.following.tiles import Tile, Tiles
from benchmarks.peers.synthetic.member import Publication, Subscription
from benchmarks.peers.synthetic.received import ReceivedStream
from benchmarks.peers.synthetic.room_member import RemoteProducer, RoomMember, remote_producer
from benchmarks.peers.synthetic.signaling import Json, Refused
from benchmarks.peers.synthetic.synthetic_peer import SyntheticPeer
from benchmarks.peers.synthetic.transports import ConnectFailed

AGAIN: Final = 0.2
"""Seconds until the next attempt after one that failed."""

_FAILURES: Final = (ConnectFailed, Refused, Closed, TimeoutError, OSError)


class SfuWay:
    """Builds itself in a task of its own, again and again until it stands, as long as it is open.

    Args:
        member: us, in the room.
        person: us.
        tiles: told of every frame.
        live: whether to send and receive from the beginning.

    Attributes:
        router_id: the router it is in, once it has entered one.
        reachable: whether the SFU has been reached; None before that is known.
    """

    def __init__(
        self, member: RoomMember, person: Person, tiles: Tiles, live: bool = False
    ) -> None:
        self.reachable: bool | None = None
        self.router_id: str | None = None
        self._member = member
        self._person = person
        self._tiles = tiles
        self._live = live
        self._receives = True
        self._peer: SyntheticPeer | None = None
        self._producers: dict[str, RemoteProducer] = {}
        self._gone: set[str] = set()
        self._published: dict[str, tuple[Outlet, Publication]] = {}
        self._received: dict[str, Subscription[ReceivedStream]] = {}
        self._cameras: dict[int, str] = {}
        self._wake = asyncio.Event()
        self._task = asyncio.create_task(self._keep())

    @property
    def stands(self) -> bool:
        """Whether all that we send flows."""
        return len(self._published) == len(self._person.broadcast.tracks)

    @property
    def peer(self) -> SyntheticPeer | None:
        """Its transports, while it is connected."""
        return self._peer

    @property
    def received(self) -> frozenset[str]:
        """Producers that we receive."""
        return frozenset(self._received)

    def set_live(self, live: bool) -> None:
        """Whether media is sent and received, or the way is only kept ready for it."""
        if live != self._live:
            self._live = live
            self._wake.set()

    def hear(self, notice: Json) -> None:
        """What the server says about media that travels through it."""
        match notice["type"]:
            case "producer-added":
                producer = remote_producer(notice["producer"])
                self._producers[producer.id] = producer
            case "producer-removed":
                self._producers.pop(notice["producerId"], None)
                self._gone.add(notice["producerId"])
            case "router-lost" if self.router_id in {None, notice["routerId"]}:
                self._begin_again()
            case "transport-closed" if notice["transportId"] in self._legs:
                self._begin_again()
            case _:
                return
        self._wake.set()

    @property
    def covered(self) -> frozenset[tuple[str, str]]:
        """What we receive: of whom, and what it shows."""
        found = (self._producers.get(one) for one in self._received)
        return frozenset((one.member_id, one.source) for one in found if one is not None)

    async def stop_receiving(self) -> None:
        """Everything comes by the next router now; what we send goes on until it is ended."""
        self._receives = False
        peer, self._received = self._peer, {}
        if peer is not None and "recv" in peer.legs:
            leg = peer.legs.pop("recv")
            leg.transport.close()
            with contextlib.suppress(*_FAILURES):
                await self._member.close_transport(leg.id)

    def lose_path(self) -> None:
        """Have no packet come or go any more, as when one's network is gone."""
        if self._peer is not None:
            self._peer.vanish()

    async def regain_path(self, restart: bool) -> None:
        """Go on from another address.

        Args:
            restart: whether with new ICE credentials, which the server is asked for.

        Raises:
            Refused: the server does not want to.
        """
        peer = self._peer
        if peer is not None:
            for direction, leg in list(peer.legs.items()):
                if restart:
                    await peer.restart_ice(direction)
                leg.transport.move()

    def close(self) -> None:
        """Give it up."""
        self._task.cancel()
        self._forget()

    # ---- the task --------------------------------------------------------------------------------

    async def _keep(self) -> None:
        while True:
            try:
                if self._peer is None:
                    await self._connect()
                while self._peer is not None:
                    self._wake.clear()
                    await self._reconcile(self._peer)
                    await self._wake.wait()
            except _FAILURES:
                self.reachable = False if self._peer is None else self.reachable
                self._forget()
                await asyncio.sleep(AGAIN)

    async def _connect(self) -> None:
        member, person = self._member, self._person
        self._producers, self._gone = {}, set()
        entered = {one.id: one for one in await member.enter()}
        self.router_id = member.router_id
        # Notices that came with the answer have been heard before it is read here.
        self._producers = {
            **{id_: one for id_, one in entered.items() if id_ not in self._gone},
            **self._producers,
        }
        for transport_id in member.open_transports:  # of a way that was given up
            await member.close_transport(transport_id)
        peer = SyntheticPeer(member, identity=person.identity, host=person.host, rng=person.rng)
        try:
            await peer.leg("send")
            receiving = await peer.leg("recv")
        except BaseException:
            peer.vanish()
            raise
        watch(receiving.transport, "sfu", self._tile_of)
        self._peer = peer
        self.reachable = True

    async def _reconcile(self, peer: SyntheticPeer) -> None:
        """Make what is sent and received what it ought to be."""
        if not self._live:
            await self._fall_silent(peer)
            return
        others = self._producers.values() if self._receives else ()
        wanted = [one for one in others if one.id not in self._received]
        gone = self._received.keys() - self._producers.keys()
        for producer_id in gone:
            self._drop(peer, producer_id)
        missing = self._person.broadcast.tracks.keys() - self._published.keys()
        doing = [self._publish(peer, source) for source in sorted(missing)]
        doing += [self._receive(peer, producer) for producer in wanted]
        await asyncio.gather(*doing)

    async def _publish(self, peer: SyntheticPeer, source: str) -> None:
        broadcast = self._person.broadcast
        leg = await peer.leg("send")
        outlet = broadcast.outlet(source, leg.transport.wake)
        publication = await peer.publish(outlet, source)
        if peer is not self._peer:
            return
        self._published[source] = (outlet, publication)
        broadcast.add(source, outlet)

    async def _receive(self, peer: SyntheticPeer, producer: RemoteProducer) -> None:
        try:
            subscription = await peer.subscribe(producer.id)
        except Refused:
            if producer.id in self._producers:
                raise
            return  # it was gone before we had it
        if peer is not self._peer:
            return
        self._received[producer.id] = subscription
        if producer.source == "camera":
            self._cameras[subscription.stream.ssrc] = producer.member_id

    async def _fall_silent(self, peer: SyntheticPeer) -> None:
        published, self._published = self._published, {}
        for source, (outlet, publication) in published.items():
            self._person.broadcast.remove(source, outlet)
            await peer.unpublish(publication)
        for producer_id, subscription in list(self._received.items()):
            self._drop(peer, producer_id)
            with contextlib.suppress(Refused):  # its producer may be gone
                await self._member.close_consumer(subscription.id)

    # ---- what there is ---------------------------------------------------------------------------

    @property
    def _legs(self) -> frozenset[str]:
        legs = {} if self._peer is None else self._peer.legs
        return frozenset(leg.id for leg in legs.values())

    def _tile_of(self, ssrc: int) -> Tile | None:
        member_id = self._cameras.get(ssrc)
        return None if member_id is None else self._tiles[member_id]

    def _drop(self, peer: SyntheticPeer, producer_id: str) -> None:
        """Receive it no longer; the server has closed it, or is told so by who calls."""
        subscription = self._received.pop(producer_id, None)
        if subscription is not None:
            self._cameras.pop(subscription.stream.ssrc, None)
            peer.subscriptions.remove(subscription)
            peer.legs["recv"].transport.media.receiving.remove(subscription.stream)

    def _begin_again(self) -> None:
        self._task.cancel()
        self._forget()
        self._task = asyncio.create_task(self._keep())

    def _forget(self) -> None:
        for source, (outlet, _) in self._published.items():
            self._person.broadcast.remove(source, outlet)
        self._published, self._received, self._cameras = {}, {}, {}
        peer, self._peer = self._peer, None
        if peer is not None:
            peer.close()
