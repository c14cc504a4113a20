"""A member of a room, over the signaling WebSocket, as the page is one."""

import secrets
from dataclasses import dataclass
from typing import Any

from benchmarks.load.client import Client
from benchmarks.peers.synthetic.signaling import (
    Consumption,
    DataConsumption,
    Direction,
    Json,
    OpenedTransport,
    Refused,
)


@dataclass(frozen=True)
class RemoteProducer:
    """Something that a member of the room publishes."""

    id: str
    member_id: str
    kind: str
    source: str
    paused: bool


class RoomMember:
    """``Signaling`` by the room dialect; a transport sends or receives.

    Attributes:
        client: the connection.
        room: as it was when we came.
        room_id: of the room.
        id: our member id.
        router_id: of the router that we have entered last.
        open_transports: those of ours that stood open when we entered the SFU last.
    """

    directions = True

    def __init__(self, client: Client, room: Json, member_id: str) -> None:
        self.client = client
        self.room = room
        self.room_id: str = room["id"]
        self.id = member_id
        self.router_id: str | None = None
        self.open_transports: list[str] = []
        self._capabilities: Json | None = None

    @classmethod
    async def create(cls, url: str, room: str, name: str, mode: str | None = "sfu") -> "RoomMember":
        """Make a room and be in it.

        Args:
            url: of the server, ``http://host:port``.
            room: its name.
            name: ours.
            mode: how its media is to travel; None leaves it to the server.

        Raises:
            OSError: nobody listens there.
            Refused: the server does not want to.
        """
        client = await Client.connect(url)
        payload = {
            "name": room,
            "mode": mode,
            "memberName": name,
            "metadata": {"private": True},
            "instance": secrets.token_hex(8),
        }
        greeting = await client.expect("client-id")
        made = await _entered(client, {"type": "create-room", "payload": payload})
        return cls(client, made, greeting["id"])

    @classmethod
    async def join(cls, url: str, room_id: str, name: str) -> "RoomMember":
        """Enter a room that exists; raises as ``create`` does."""
        client = await Client.connect(url)
        greeting = await client.expect("client-id")
        payload = {"roomId": room_id, "name": name, "instance": secrets.token_hex(8)}
        entered = await _entered(client, {"type": "join-room", "payload": payload})
        return cls(client, entered, greeting["id"])

    def hang_up(self) -> None:
        """Drop the WebSocket without a word."""
        self.client.abort()

    async def leave(self) -> None:
        """Leave the room by the door, and drop the WebSocket."""
        self.say("leave-room", payload={"roomId": self.room_id})
        await self.client.ask({"type": "ping"})  # answered once we have left
        self.hang_up()

    def say(self, message: str, /, **fields: object) -> None:
        """Tell the server something that has no answer."""
        self.client.send({"type": message, **fields})

    async def enter(self) -> list[RemoteProducer]:
        """Enter the SFU, or look again at what is published; our own producers are left out."""
        entered = await self.ask("enter-sfu")
        self._capabilities = entered["rtpCapabilities"]
        self.open_transports = entered["transports"]
        self.router_id = entered["routerId"]
        producers = [remote_producer(one) for one in entered["producers"]]
        return [one for one in producers if one.member_id != self.id]

    async def next_producer(self) -> RemoteProducer:
        """The next that another member publishes."""
        return remote_producer((await self.client.expect("producer-added"))["producer"])

    async def ask(self, request: str, /, **fields: object) -> Json:
        """A request about this room, and its answer.

        Raises:
            Refused: the server does not want to.
        """
        return await _asked(self.client, {"type": request, "roomId": self.room_id, **fields})

    # ---- Signaling ---------------------------------------------------------------------------

    async def capabilities(self) -> Json:
        """See ``Signaling``, as of all that follows."""
        if self._capabilities is None:
            await self.enter()
        return self._capabilities or {}

    async def open_transport(self, direction: Direction, data: bool) -> OpenedTransport:
        """As above; the room always opens transports with data."""
        await self.capabilities()
        opened = (await self.ask("open-transport", direction=direction))["transport"]
        return OpenedTransport(
            opened["id"],
            opened["iceParameters"],
            opened["iceCandidates"],
            opened["dtlsParameters"],
            opened.get("sctpParameters"),
        )

    async def connect_transport(self, transport_id: str, dtls_parameters: Json) -> None:
        """As above."""
        await self.ask(
            "connect-transport", transportId=transport_id, dtlsParameters=dtls_parameters
        )

    async def close_transport(self, transport_id: str) -> None:
        """Close one of ours, with all that is on it."""
        await self.ask("close-transport", transportId=transport_id)

    async def restart_ice(self, transport_id: str) -> Json:
        """As above."""
        restarted = await self.ask("restart-ice", transportId=transport_id)
        parameters: Json = restarted["iceParameters"]
        return parameters

    async def produce(
        self, transport_id: str, kind: str, source: str, rtp_parameters: Json, paused: bool
    ) -> str:
        """As above."""
        produced = await self.ask(
            "produce",
            transportId=transport_id,
            kind=kind,
            source=source,
            rtpParameters=rtp_parameters,
            paused=paused,
        )
        return str(produced["producerId"])

    async def set_producer(self, producer_id: str, paused: bool) -> None:
        """As above."""
        await self.ask("set-producer", producerId=producer_id, paused=paused)

    async def close_producer(self, producer_id: str) -> None:
        """As above."""
        await self.ask("close-producer", producerId=producer_id)

    async def consume(
        self, transport_id: str, producer_id: str, rtp_capabilities: Json, paused: bool
    ) -> Consumption:
        """As above."""
        consumer = (
            await self.ask(
                "consume",
                transportId=transport_id,
                producerId=producer_id,
                rtpCapabilities=rtp_capabilities,
                paused=paused,
            )
        )["consumer"]
        return Consumption(
            consumer["id"],
            producer_id,
            consumer["kind"],
            consumer["type"],
            consumer["rtpParameters"],
            consumer["producerPaused"],
        )

    async def set_consumer(
        self,
        consumer_id: str,
        paused: bool | None = None,
        spatial_layer: int | None = None,
        temporal_layer: int | None = None,
    ) -> None:
        """As above."""
        wishes = {"paused": paused, "spatialLayer": spatial_layer, "temporalLayer": temporal_layer}
        given = {name: wish for name, wish in wishes.items() if wish is not None}
        await self.ask("set-consumer", consumerId=consumer_id, **given)

    async def close_consumer(self, consumer_id: str) -> None:
        """As above."""
        await self.ask("close-consumer", consumerId=consumer_id)

    async def produce_data(
        self, transport_id: str, sctp_stream_parameters: Json, label: str, protocol: str
    ) -> str:
        """As above."""
        produced = await self.ask(
            "produce-data",
            transportId=transport_id,
            sctpStreamParameters=sctp_stream_parameters,
            label=label,
            protocol=protocol,
        )
        return str(produced["dataProducerId"])

    async def close_data_producer(self, data_producer_id: str) -> None:
        """As above."""
        await self.ask("close-data-producer", dataProducerId=data_producer_id)

    async def consume_data(
        self, transport_id: str, data_producer_id: str, paused: bool = False
    ) -> DataConsumption:
        """As above."""
        asked = self.ask(
            "consume-data",
            transportId=transport_id,
            dataProducerId=data_producer_id,
            paused=paused,
        )
        consumer = (await asked)["dataConsumer"]
        return DataConsumption(
            consumer["id"],
            data_producer_id,
            consumer["sctpStreamParameters"],
            consumer["label"],
            consumer["protocol"],
        )

    async def resume_data_consumer(self, data_consumer_id: str) -> None:
        """As above."""
        await self.ask("resume-data-consumer", dataConsumerId=data_consumer_id)

    async def close_data_consumer(self, data_consumer_id: str) -> None:
        """As above."""
        await self.ask("close-data-consumer", dataConsumerId=data_consumer_id)


async def _entered(client: Client, request: Json) -> Json:
    """The room; who does not get into one hangs up."""
    try:
        room: Json = (await _asked(client, request))["room"]
    except BaseException:
        client.abort()
        raise
    return room


async def _asked(client: Client, message: Json) -> Json:
    answer = await client.ask(message)
    if answer["type"] == "error":
        raise Refused(answer["code"], answer["message"])
    return answer


def remote_producer(body: dict[str, Any]) -> RemoteProducer:
    """From the server's message."""
    return RemoteProducer(
        body["id"], body["memberId"], body["kind"], body["source"], body["paused"]
    )
