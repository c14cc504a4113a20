"""A member of a room: publishes and subscribes, on whatever transports."""

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Self, TypeVar

from benchmarks.peers.synthetic import ortc
from benchmarks.peers.synthetic.connection import RemoteTransport
from benchmarks.peers.synthetic.dtls_association import Identity
from benchmarks.peers.synthetic.media import IncomingStream
from benchmarks.peers.synthetic.published import AudioTrack, FrameShape, Track, VideoTrack
from benchmarks.peers.synthetic.signaling import (
    Consumption,
    Direction,
    Json,
    OpenedTransport,
    Signaling,
)
from benchmarks.peers.synthetic.transports import MediaTransport

T = TypeVar("T", bound=MediaTransport)
S = TypeVar("S", bound=IncomingStream)


@dataclass(frozen=True)
class Leg(Generic[T]):
    """A transport, and what the server calls it."""

    opened: OpenedTransport
    transport: T

    @property
    def id(self) -> str:
        """The server's id of the transport."""
        return self.opened.id


@dataclass(frozen=True)
class Publication:
    """Something that is published; ``id`` is the producer's."""

    id: str
    track: Track

    @property
    def sent(self) -> int:
        """Media packets sent, of all encodings."""
        return sum(stream.sent for stream in self.track.streams)


@dataclass(frozen=True)
class Subscription(Generic[S]):
    """Something that is received; ``id`` is the consumer's."""

    consumption: Consumption
    stream: S

    @property
    def id(self) -> str:
        """The consumer's id."""
        return self.consumption.id

    @property
    def received(self) -> int:
        """Different packets that came."""
        return self.stream.received


class Member(Generic[T, S]):
    """One member of one room. Use as ``async with``, or ``close`` it.

    Args:
        signaling: speaks for it.
        identity: its certificate.
        data: whether its transports are to carry data channels.
        rng: draws ids; seeded, a test repeats.
        protocol: ``udp`` or ``tcp``, by which it reaches the server.

    Attributes:
        legs: its transports by direction; they may be one and the same.
    """

    def __init__(
        self,
        signaling: Signaling,
        identity: Identity,
        *,
        data: bool,
        rng: random.Random,
        protocol: str = "udp",
    ) -> None:
        self.signaling = signaling
        self.identity = identity
        self.legs: dict[Direction, Leg[T]] = {}
        self.publications: list[Publication] = []
        self.subscriptions: list[Subscription[S]] = []
        self.rng = rng
        self._data = data
        self._protocol = protocol
        self._opening = asyncio.Lock()

    def make_transport(self, cname: str) -> T:
        """A transport that has not begun."""
        raise NotImplementedError

    def expect(self, transport: T, consumption: Consumption) -> S:
        """Count the packets of a consumer from now on."""
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    # ---- transports --------------------------------------------------------------------------

    async def leg(self, direction: Direction) -> Leg[T]:
        """The transport for one direction, connected; opened when it is first asked for.

        Raises:
            ConnectFailed: ICE or DTLS did not succeed.
            Refused: the server did not want to.
        """
        async with self._opening:
            if not self.signaling.directions and self.legs:
                self.legs.setdefault(direction, next(iter(self.legs.values())))
            if direction not in self.legs:
                self.legs[direction] = await self._open(direction)
            return self.legs[direction]

    async def _open(self, direction: Direction) -> Leg[T]:
        opened = await self.signaling.open_transport(direction, self._data)
        transport = self.make_transport(f"peer-{self.rng.randrange(1 << 32):08x}")
        transport.begin(
            RemoteTransport.parse(
                opened.ice_parameters,
                opened.ice_candidates,
                opened.dtls_parameters,
                self._protocol,
            )
        )
        try:
            await self.signaling.connect_transport(
                opened.id, ortc.dtls_parameters(self.identity.fingerprint)
            )
            await transport.until_connected()
        except BaseException:
            transport.vanish()
            raise
        return Leg(opened, transport)

    async def restart_ice(self, direction: Direction = "recv") -> None:
        """New ICE credentials on the transport, from signaling."""
        leg = await self.leg(direction)
        parameters = await self.signaling.restart_ice(leg.id)
        leg.transport.restart_ice(
            RemoteTransport.parse(
                parameters, leg.opened.ice_candidates, leg.opened.dtls_parameters, self._protocol
            )
        )

    # ---- media -------------------------------------------------------------------------------

    async def publish_audio(self, source: str = "microphone", paused: bool = False) -> Publication:
        """Publish Opus."""
        return await self.publish(
            AudioTrack(self._next_mid(), self.rng, time.monotonic()), source, paused
        )

    async def publish_video(
        self,
        bits_per_second: float = 600_000,
        rids: Sequence[str] = (),
        source: str = "camera",
        paused: bool = False,
        shape: FrameShape | None = None,
    ) -> Publication:
        """Publish VP8, with simulcast if there are rids."""
        track = VideoTrack(
            self._next_mid(), self.rng, time.monotonic(), bits_per_second, rids, shape
        )
        return await self.publish(track, source, paused)

    async def publish(self, track: Track, source: str, paused: bool = False) -> Publication:
        """Publish a track, which flows as soon as the server knows of it."""
        leg = await self.leg("send")
        media = leg.transport.media
        parameters = ortc.rtp_parameters(track, media.cname)
        producer_id = await self.signaling.produce(leg.id, track.kind, source, parameters, paused)
        track.due = time.monotonic()
        media.publishing.add(track)
        leg.transport.wake()
        publication = Publication(producer_id, track)
        self.publications.append(publication)
        return publication

    async def unpublish(self, publication: Publication) -> None:
        """Stop, and tell the server."""
        self.stop_sending(publication)
        await self.signaling.close_producer(publication.id)

    def stop_sending(self, publication: Publication) -> None:
        """Stop, and tell nobody."""
        self.publications.remove(publication)
        self.legs["send"].transport.media.publishing.remove(publication.track)

    async def subscribe(
        self, producer_id: str, paused: bool = False, capabilities: Json | None = None
    ) -> Subscription[S]:
        """Receive what another publishes."""
        leg = await self.leg("recv")
        offered = capabilities or ortc.rtp_capabilities(await self.signaling.capabilities())
        # Resumed only once its packets are expected, as a browser does it.
        consumption = await self.signaling.consume(leg.id, producer_id, offered, True)
        subscription = Subscription(consumption, self.expect(leg.transport, consumption))
        self.subscriptions.append(subscription)
        if not paused:
            await self.signaling.set_consumer(consumption.id, paused=False)
        return subscription

    async def unsubscribe(self, subscription: Subscription[S]) -> None:
        """Receive it no longer."""
        self.subscriptions.remove(subscription)
        await self.signaling.close_consumer(subscription.id)
        self.legs["recv"].transport.media.receiving.remove(subscription.stream)

    # ---- the end -----------------------------------------------------------------------------

    def close(self) -> None:
        """Say goodbye on all transports; harmless when done twice."""
        for leg in self.legs.values():
            leg.transport.close()

    def vanish(self) -> None:
        """Be gone without a word, as a tab that is killed."""
        for leg in self.legs.values():
            leg.transport.vanish()

    def _next_mid(self) -> str:
        return str(len(self.publications))
