"""A synthetic person with UDP sockets of its own, in an asyncio loop."""

import random
from collections.abc import Callable

from typing_extensions import override

from benchmarks.peers.synthetic.data_channels import Channel, DataChannels
from benchmarks.peers.synthetic.dtls_association import Identity
from benchmarks.peers.synthetic.member import Leg, Member
from benchmarks.peers.synthetic.peer_transport import PeerTransport
from benchmarks.peers.synthetic.received import ReceivedStream
from benchmarks.peers.synthetic.signaling import (
    Consumption,
    DataConsumption,
    Json,
    Signaling,
)


class SyntheticPeer(Member[PeerTransport, ReceivedStream]):
    """See ``Member``; every packet it receives is decrypted and read.

    Args:
        signaling: speaks for it.
        identity: its certificate, made for it if not given.
        host: address of its sockets; empty for whichever leads to the server.
        data: whether its transports are to carry data channels.
        rng: draws ids; seeded, a test repeats.
        protocol: ``udp`` or ``tcp``, by which it reaches the server.
    """

    def __init__(
        self,
        signaling: Signaling,
        *,
        identity: Identity | None = None,
        host: str = "",
        data: bool = False,
        rng: random.Random | None = None,
        protocol: str = "udp",
    ) -> None:
        super().__init__(
            signaling,
            identity or Identity(),
            data=data,
            rng=rng or random.Random(),
            protocol=protocol,
        )
        self._host = host
        self._channels: dict[str, DataChannels] = {}

    @override
    def make_transport(self, cname: str) -> PeerTransport:
        return PeerTransport(self.identity, cname, self._host, self.rng)

    @override
    def expect(self, transport: PeerTransport, consumption: Consumption) -> ReceivedStream:
        return transport.expect(consumption)

    async def publish_data(
        self,
        label: str = "",
        protocol: str = "",
        ordered: bool = True,
        max_retransmits: int | None = None,
    ) -> tuple[str, Channel]:
        """Publish messages: the data producer's id, and the channel to send on."""
        leg = await self.leg("send")
        channels = self._channels_of(leg)
        parameters: Json = {"streamId": channels.next_stream(), "ordered": ordered}
        if max_retransmits is not None:
            parameters["maxRetransmits"] = max_retransmits
        channel = channels.open(parameters)
        chosen = await self.signaling.produce_data(leg.id, parameters, label, protocol)
        return chosen, channel

    async def subscribe_data(
        self, data_producer_id: str, paused: bool = False
    ) -> tuple[DataConsumption, Channel]:
        """Receive the messages of another: the consumer, and the channel they come on."""
        leg = await self.leg("recv")
        channels = self._channels_of(leg)
        # Resumed only once the channel stands, as a browser does it.
        consumption = await self.signaling.consume_data(leg.id, data_producer_id, True)
        channel = channels.open(consumption.sctp_stream_parameters)
        if not paused:
            await self.signaling.resume_data_consumer(consumption.id)
        return consumption, channel

    def _channels_of(self, leg: Leg[PeerTransport]) -> DataChannels:
        if leg.id not in self._channels:
            self._channels[leg.id] = DataChannels(leg.transport)
        return self._channels[leg.id]

    @override
    def vanish(self) -> None:
        super().vanish()
        for channels in self._channels.values():
            channels.association.abort()

    @override
    def close(self) -> None:
        for channels in self._channels.values():
            channels.association.abort()
        super().close()

    async def until(self, condition: Callable[[], bool], timeout: float = 10.0) -> None:  # noqa: ASYNC109
        """Wait until something holds; looked at whenever something has come to this peer.

        Raises:
            ConnectFailed: it did not within ``timeout`` seconds.
        """
        leg = next(iter(self.legs.values()))
        await leg.transport.until(condition, timeout)
