"""Data channel messages from one transport to others."""

from collections.abc import Iterable, Mapping

from sfu.control.messages import AnyReport, DataProducerClosed
from sfu.routing.data_relay import DataConsumer, DataProducer
from sfu.routing.router import Router
from sfu.worker.webrtc_transport import WebRtcTransport


class DataChannels:
    """Carries out what the rooms' data relays say.

    Args:
        routers: by id.
        transports: by id.
        reports: what signaling will be told.

    Attributes:
        relayed: messages handed to a consumer.
        dropped: messages given up because a consumer does not keep up.
    """

    def __init__(
        self,
        routers: Mapping[str, Router],
        transports: Mapping[str, WebRtcTransport],
        reports: list[AnyReport],
    ) -> None:
        self.relayed = 0
        self.dropped = 0
        self._routers = routers
        self._transports = transports
        self._reports = reports

    def relay(self, source: WebRtcTransport, stream: int, kind: int, data: bytes) -> None:
        """A message came on a stream of a transport."""
        router = self._routers.get(source.router_id)
        if router is None:
            return
        for consumer in router.data.receivers(source.id, stream):
            transport = self._transports.get(consumer.transport_id)
            if transport is None or transport.sctp is None:
                continue
            if transport.sctp.send_message(consumer.stream.stream_id, kind, data):
                self.relayed += 1
            else:
                self.dropped += 1

    def open(self, transport: WebRtcTransport, channel: DataConsumer | DataProducer) -> None:
        """Make a transport's SCTP ready for a channel's stream."""
        assert transport.sctp is not None, "only transports with data have channels"
        held = channel.producer.held if isinstance(channel, DataConsumer) else channel.held
        stream = channel.stream
        transport.sctp.open_stream(
            stream.stream_id,
            ordered=stream.ordered,
            max_retransmits=stream.max_retransmits,
            max_packet_life_time=stream.max_packet_life_time,
            label=held.label,
            protocol=held.protocol,
        )

    def close_streams(self, consumers: Iterable[DataConsumer]) -> None:
        """End the streams of data consumers that are no more."""
        for consumer in consumers:
            transport = self._transports.get(consumer.transport_id)
            if transport is not None and transport.sctp is not None:
                transport.sctp.close_stream(consumer.stream.stream_id)

    def stream_closed(self, source: WebRtcTransport, stream: int) -> None:
        """A peer closed one of its channels."""
        router = self._routers.get(source.router_id)
        producer = router.data.producer_on(source.id, stream) if router is not None else None
        if router is None or producer is None:
            return
        self.close_streams(router.data.close_producer(producer.held.id))
        self._reports.append(DataProducerClosed(data_producer_id=producer.held.id))
