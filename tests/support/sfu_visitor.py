"""A member on the SFU, on the stage: enters, opens its two transports, publishes and receives."""

from tests.support.stage import Client, Frame


class Visitor:
    """A client that has entered the SFU of a room it is in, with a transport for each direction."""

    def __init__(self, client: Client, room_id: str) -> None:
        self.client = client
        self.room_id = room_id
        self.entered = self.ask("enter-sfu")
        assert self.entered["type"] == "sfu-entered", self.entered
        self.send = self.open("send")
        self.recv = self.open("recv")

    def ask(self, kind: str, /, **fields: object) -> Frame:
        return self.client.ask(kind, roomId=self.room_id, **fields)

    def refused(self, kind: str, /, **fields: object) -> str:
        return self.client.refused(kind, roomId=self.room_id, **fields)

    def open(self, direction: str) -> str:
        answer = self.ask("open-transport", direction=direction)
        assert answer["type"] == "transport-opened", answer
        transport_id = str(answer["transport"]["id"])
        connected = self.ask("connect-transport", transportId=transport_id, dtlsParameters={})
        assert connected["type"] == "ok", connected
        return transport_id

    def produce(self, kind: str = "video", source: str = "camera", **fields: object) -> str:
        answer = self.ask(
            "produce",
            transportId=self.send,
            kind=kind,
            source=source,
            rtpParameters={"codecs": []},
            **fields,
        )
        assert answer["type"] == "produced", answer
        return str(answer["producerId"])

    def consume(self, producer_id: str) -> str:
        answer = self.ask(
            "consume", transportId=self.recv, producerId=producer_id, rtpCapabilities={}
        )
        assert answer["type"] == "consumed", answer
        return str(answer["consumer"]["id"])

    def produce_data(self, label: str = "chat") -> str:
        answer = self.ask(
            "produce-data", transportId=self.send, sctpStreamParameters={}, label=label
        )
        assert answer["type"] == "data-produced", answer
        return str(answer["dataProducerId"])

    def consume_data(self, data_producer_id: str) -> str:
        answer = self.ask("consume-data", transportId=self.recv, dataProducerId=data_producer_id)
        assert answer["type"] == "data-consumed", answer
        return str(answer["dataConsumer"]["id"])
