"""What a synthetic peer needs of whoever speaks for it: the worker's control socket, or a room."""

from dataclasses import dataclass
from typing import Any, Literal, Protocol

Json = dict[str, Any]
Direction = Literal["send", "recv"]


class Refused(Exception):  # noqa: N818 - an outcome
    """A request was refused.

    Attributes:
        code: the server's word for it.
    """

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(f"{code}: {reason}")
        self.code = code


@dataclass(frozen=True)
class OpenedTransport:
    """A transport of the server's; bodies in ORTC."""

    id: str
    ice_parameters: Json
    ice_candidates: list[Json]
    dtls_parameters: Json
    sctp_parameters: Json | None


@dataclass(frozen=True)
class Consumption:
    """A consumer of the server's; bodies in ORTC."""

    id: str
    producer_id: str
    kind: str
    type: str
    rtp_parameters: Json
    producer_paused: bool


@dataclass(frozen=True)
class DataConsumption:
    """A data consumer of the server's."""

    id: str
    data_producer_id: str
    sctp_stream_parameters: Json
    label: str
    protocol: str


class Signaling(Protocol):
    """Speaks for one member of one room."""

    directions: bool
    """Whether a transport either sends or receives; otherwise one serves for both."""

    async def capabilities(self) -> Json:
        """The router's RTP capabilities."""

    async def open_transport(self, direction: Direction, data: bool) -> OpenedTransport:
        """Have a transport opened."""

    async def connect_transport(self, transport_id: str, dtls_parameters: Json) -> None:
        """Tell our fingerprints."""

    async def restart_ice(self, transport_id: str) -> Json:
        """New ICE parameters."""

    async def produce(
        self, transport_id: str, kind: str, source: str, rtp_parameters: Json, paused: bool
    ) -> str:
        """Publish; the producer's id."""

    async def set_producer(self, producer_id: str, paused: bool) -> None:
        """Pause or resume what we publish."""

    async def close_producer(self, producer_id: str) -> None:
        """Publish it no longer."""

    async def consume(
        self, transport_id: str, producer_id: str, rtp_capabilities: Json, paused: bool
    ) -> Consumption:
        """Subscribe."""

    async def set_consumer(
        self,
        consumer_id: str,
        paused: bool | None = None,
        spatial_layer: int | None = None,
        temporal_layer: int | None = None,
    ) -> None:
        """Pause, resume, prefer layers."""

    async def close_consumer(self, consumer_id: str) -> None:
        """Subscribe no longer."""

    async def produce_data(
        self, transport_id: str, sctp_stream_parameters: Json, label: str, protocol: str
    ) -> str:
        """Publish messages; the data producer's id."""

    async def close_data_producer(self, data_producer_id: str) -> None:
        """Publish them no longer."""

    async def consume_data(
        self, transport_id: str, data_producer_id: str, paused: bool = False
    ) -> DataConsumption:
        """Subscribe to messages."""

    async def resume_data_consumer(self, data_consumer_id: str) -> None:
        """Have those that waited, and all from now on."""

    async def close_data_consumer(self, data_consumer_id: str) -> None:
        """Subscribe no longer."""
