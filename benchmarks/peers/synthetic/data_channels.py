"""Data channels of a synthetic peer: SCTP streams that both ends have agreed on by signaling."""

from dataclasses import dataclass, field
from typing import Final

from benchmarks.peers.synthetic.peer_transport import PeerTransport
from benchmarks.peers.synthetic.signaling import Json
from sfu.worker.sctp_aiortc import BINARY, EMPTY_TEXT, TEXT, SctpAssociation

SCTP_PORT: Final = 5000


@dataclass
class Channel:
    """One channel.

    Attributes:
        stream: SCTP stream.
        received: what came on it: str or bytes.
        closed: whether the other end has closed it.
    """

    stream: int
    association: SctpAssociation
    received: list[str | bytes] = field(default_factory=list)
    closed: bool = False

    def send(self, message: str | bytes) -> bool:
        """Send a message; False when too much waits already."""
        if isinstance(message, str):
            return self.association.send_message(self.stream, TEXT, message.encode())
        return self.association.send_message(self.stream, BINARY, message)

    def close(self) -> None:
        """Reset the stream."""
        self.association.close_stream(self.stream)


class DataChannels:
    """The channels of one transport that is connected."""

    def __init__(self, transport: PeerTransport) -> None:
        self._transport = transport
        self._channels: dict[int, Channel] = {}
        self._next = 0
        self.association = SctpAssociation(
            send=transport.send_data,
            on_message=self._take,
            on_closed=self._note_closed,
            local_port=SCTP_PORT,
        )
        self.association.start(SCTP_PORT)
        transport.on_data = self.association.receive
        for data in transport.connection.take_data():
            self.association.receive(data)

    def next_stream(self) -> int:
        """A stream that is free; a worker counts those that it chooses from the other end."""
        self._next += 1
        return self._next - 1

    def open(self, parameters: Json) -> Channel:
        """A channel by its SCTP stream parameters, ORTC."""
        stream: int = parameters["streamId"]
        self.association.open_stream(
            stream,
            ordered=parameters.get("ordered", True),
            max_retransmits=parameters.get("maxRetransmits"),
            max_packet_life_time=parameters.get("maxPacketLifeTime"),
        )
        channel = self._channels[stream] = Channel(stream, self.association)
        return channel

    def _take(self, stream: int, kind: int, data: bytes) -> None:
        channel = self._channels.get(stream)
        if channel is not None:
            channel.received.append(data.decode() if kind in (TEXT, EMPTY_TEXT) else data)
            self._transport.note_change()

    def _note_closed(self, stream: int) -> None:
        channel = self._channels.get(stream)
        if channel is not None:
            channel.closed = True
            self._transport.note_change()
