"""What signaling commands, carried out on the engine: one function per command.

A command that names something that is gone is refused, unless it closes it: then it is done.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from sfu.control import messages
from sfu.control.messages import Answer, Command, Done, HeldDataProducer, Refusal
from sfu.ortc.capabilities import router_capabilities
from sfu.ortc.errors import OrtcError
from sfu.ortc.normalise import normalise
from sfu.ortc.parameters import (
    decode_rtp_capabilities,
    decode_rtp_parameters,
    decode_sctp_stream_parameters,
)
from sfu.ortc.transport_parameters import (
    DtlsFingerprint,
    DtlsParameters,
    IceParameters,
    SctpParameters,
    decode_dtls_parameters,
)
from sfu.routing.consumer import Consumer
from sfu.routing.data_relay import MOST_STREAMS, DataRelayError
from sfu.routing.producer import Producer
from sfu.routing.router import Leg, Router, RouterError
from sfu.transport.ice_lite import IceCredentials
from sfu.units import Seconds
from sfu.worker.engine import Engine
from sfu.worker.webrtc_transport import MOST_MESSAGE_BYTES, SCTP_PORT, WebRtcTransport

_encode = msgspec.json.encode


class Commands:
    """Carries out commands."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._capabilities = msgspec.Raw(_encode(router_capabilities()))
        self._functions: dict[type[Command], Callable[[Any, Seconds], Answer]] = {
            messages.OpenRouter: self._open_router,
            messages.CloseRouter: self._close_router,
            messages.CloseMember: self._close_member,
            messages.OpenTransport: self._open_transport,
            messages.ConnectTransport: self._connect_transport,
            messages.RestartIce: self._restart_ice,
            messages.CloseTransport: self._close_transport,
            messages.Produce: self._produce,
            messages.SetProducer: self._set_producer,
            messages.CloseProducer: self._close_producer,
            messages.Consume: self._consume,
            messages.SetConsumer: self._set_consumer,
            messages.RequestKeyFrame: self._request_key_frame,
            messages.CloseConsumer: self._close_consumer,
            messages.ProduceData: self._produce_data,
            messages.CloseDataProducer: self._close_data_producer,
            messages.ConsumeData: self._consume_data,
            messages.CloseDataConsumer: self._close_data_consumer,
        }

    def carry_out(self, command: Command, now: Seconds) -> Answer:
        """Carry out a command and answer it. Nothing is raised; refused, nothing has changed."""
        try:
            return self._functions[type(command)](command, now)
        except (RouterError, OrtcError) as error:
            reason = error.reason if isinstance(error, RouterError) else str(error)
            return Refusal(request=command.request, code=error.code, reason=reason)
        except DataRelayError as error:
            return Refusal(request=command.request, code="invalid-parameters", reason=str(error))

    # ---- routers ---------------------------------------------------------------------------

    def _open_router(self, command: messages.OpenRouter, now: Seconds) -> Answer:
        engine = self._engine
        router = engine.routers.get(command.router_id)
        if router is None:
            router = Router(command.router_id, command.room_id, engine.shared, engine.rng)
            engine.routers[command.router_id] = router
        return messages.RouterOpened(
            request=command.request,
            rtp_capabilities=self._capabilities,
            transports=router.held_transports(),
            producers=router.held_producers(),
            data_producers=router.held_data_producers(),
        )

    def _close_router(self, command: messages.CloseRouter, now: Seconds) -> Answer:
        router = self._engine.routers.get(command.router_id)
        if router is not None:
            for transport_id in list(router.legs):
                self._engine.close_transport(transport_id, now)
            del self._engine.routers[command.router_id]
        return Done(request=command.request)

    def _close_member(self, command: messages.CloseMember, now: Seconds) -> Answer:
        router = self._engine.routers.get(command.router_id)
        if router is not None:
            for leg in list(router.legs.values()):
                if leg.member_id == command.member_id:
                    self._engine.close_transport(leg.id, now)
        return Done(request=command.request)

    # ---- transports ------------------------------------------------------------------------

    def _open_transport(self, command: messages.OpenTransport, now: Seconds) -> Answer:
        engine = self._engine
        router = engine.routers.get(command.router_id)
        if router is None:
            raise RouterError("router-not-found", "The room has no router here.")
        if command.transport_id in engine.transports:
            raise RouterError("id-taken", "There is a transport of this id.")
        transport = engine.open_transport(
            router, command.transport_id, command.member_id, command.data, now
        )
        fingerprints = tuple(
            DtlsFingerprint(algorithm=one.algorithm, value=one.value)
            for one in engine.certificate.fingerprints
        )
        sctp = SctpParameters(
            port=SCTP_PORT,
            streams_out=MOST_STREAMS,
            streams_in=MOST_STREAMS,
            max_message_size=MOST_MESSAGE_BYTES,
            max_send_message_size=MOST_MESSAGE_BYTES,
            max_receive_message_size=MOST_MESSAGE_BYTES,
        )
        return messages.TransportOpened(
            request=command.request,
            ice_parameters=_ice_parameters(transport.ice.credentials),
            ice_candidates=msgspec.Raw(_encode(engine.candidates)),
            dtls_parameters=msgspec.Raw(
                _encode(DtlsParameters(role="auto", fingerprints=fingerprints))
            ),
            sctp_parameters=msgspec.Raw(_encode(sctp)) if command.data else msgspec.UNSET,
        )

    def _connect_transport(self, command: messages.ConnectTransport, now: Seconds) -> Answer:
        transport = self._transport(command.transport_id)
        self._engine.expect(transport, decode_dtls_parameters(command.dtls_parameters), now)
        return Done(request=command.request)

    def _restart_ice(self, command: messages.RestartIce, now: Seconds) -> Answer:
        credentials = self._engine.restart_ice(self._transport(command.transport_id), now)
        return messages.IceRestarted(
            request=command.request, ice_parameters=_ice_parameters(credentials)
        )

    def _close_transport(self, command: messages.CloseTransport, now: Seconds) -> Answer:
        self._engine.close_transport(command.transport_id, now)
        return Done(request=command.request)

    # ---- media -----------------------------------------------------------------------------

    def _produce(self, command: messages.Produce, now: Seconds) -> Answer:
        router, leg = self._leg(command.transport_id)
        if command.producer_id in router.producers:
            raise RouterError("id-taken", "There is a producer of this id.")
        parameters = normalise(command.kind, decode_rtp_parameters(command.rtp_parameters))
        router.produce(leg, command.producer_id, command.source, parameters, command.paused, now)
        return Done(request=command.request)

    def _set_producer(self, command: messages.SetProducer, now: Seconds) -> Answer:
        router, producer = self._producer(command.producer_id)
        router.pause_producer(producer, command.paused, now)
        return Done(request=command.request)

    def _close_producer(self, command: messages.CloseProducer, now: Seconds) -> Answer:
        for router in self._engine.routers.values():
            if command.producer_id in router.producers:
                router.close_producer(command.producer_id, now)
        return Done(request=command.request)

    def _consume(self, command: messages.Consume, now: Seconds) -> Answer:
        router, leg = self._leg(command.transport_id)
        producer = router.producers.get(command.producer_id)
        if producer is None:
            raise RouterError("producer-not-found", "What was asked for is not published.")
        if command.consumer_id in router.consumers:
            raise RouterError("id-taken", "There is a consumer of this id.")
        parameters = router.consume(
            leg,
            producer,
            command.consumer_id,
            decode_rtp_capabilities(command.rtp_capabilities),
            command.paused,
            now,
        )
        return messages.Consumed(
            request=command.request,
            kind=producer.kind,
            consumer_type=producer.parameters.producer_type,
            rtp_parameters=msgspec.Raw(_encode(parameters)),
            producer_paused=producer.paused,
        )

    def _set_consumer(self, command: messages.SetConsumer, now: Seconds) -> Answer:
        consumer = self._consumer(command.consumer_id)
        if command.spatial_layer is not None or command.temporal_layer is not None:
            consumer.prefer(command.spatial_layer, command.temporal_layer, now)
        if command.paused is not None:
            if command.paused:
                consumer.pause(now)
            else:
                consumer.resume(now)
        return Done(request=command.request)

    def _request_key_frame(self, command: messages.RequestKeyFrame, now: Seconds) -> Answer:
        self._consumer(command.consumer_id).request_key_frame(now)
        return Done(request=command.request)

    def _close_consumer(self, command: messages.CloseConsumer, now: Seconds) -> Answer:
        for router in self._engine.routers.values():
            router.close_consumer(command.consumer_id)
        return Done(request=command.request)

    # ---- data ------------------------------------------------------------------------------

    def _produce_data(self, command: messages.ProduceData, now: Seconds) -> Answer:
        router, leg = self._leg(command.transport_id)
        transport = self._transport_with_data(leg.id)
        held = HeldDataProducer(
            id=command.data_producer_id,
            transport_id=leg.id,
            member_id=leg.member_id,
            label=command.label,
            protocol=command.protocol,
        )
        stream = decode_sctp_stream_parameters(command.sctp_stream_parameters)
        self._engine.data.open(transport, router.data.produce(held, stream))
        return Done(request=command.request)

    def _close_data_producer(self, command: messages.CloseDataProducer, now: Seconds) -> Answer:
        for router in self._engine.routers.values():
            producer = router.data.producers.get(command.data_producer_id)
            if producer is not None:
                ended = router.data.close_producer(command.data_producer_id)
                self._engine.data.close_streams(ended)
                transport = self._engine.transports.get(producer.held.transport_id)
                if transport is not None and transport.sctp is not None:
                    transport.sctp.close_stream(producer.stream.stream_id)
        return Done(request=command.request)

    def _consume_data(self, command: messages.ConsumeData, now: Seconds) -> Answer:
        router, leg = self._leg(command.transport_id)
        transport = self._transport_with_data(leg.id)
        producer = router.data.producers.get(command.data_producer_id)
        if producer is None:
            raise RouterError("producer-not-found", "What was asked for is not published.")
        consumer = router.data.consume(command.data_consumer_id, leg.id, producer)
        self._engine.data.open(transport, consumer)
        return messages.DataConsumed(
            request=command.request,
            sctp_stream_parameters=msgspec.Raw(_encode(consumer.stream)),
            label=producer.held.label,
            protocol=producer.held.protocol,
        )

    def _close_data_consumer(self, command: messages.CloseDataConsumer, now: Seconds) -> Answer:
        for router in self._engine.routers.values():
            consumer = router.data.close_consumer(command.data_consumer_id)
            if consumer is not None:
                self._engine.data.close_streams([consumer])
        return Done(request=command.request)

    # ---- who is meant ----------------------------------------------------------------------

    def _transport(self, transport_id: str) -> WebRtcTransport:
        transport = self._engine.transports.get(transport_id)
        if transport is None:
            raise RouterError("transport-not-found", "The transport is gone.")
        return transport

    def _transport_with_data(self, transport_id: str) -> WebRtcTransport:
        transport = self._transport(transport_id)
        if transport.sctp is None:
            raise RouterError("invalid-parameters", "The transport was opened without data.")
        return transport

    def _leg(self, transport_id: str) -> tuple[Router, Leg]:
        transport = self._transport(transport_id)
        return self._engine.routers[transport.router_id], transport.leg

    def _producer(self, producer_id: str) -> tuple[Router, Producer]:
        for router in self._engine.routers.values():
            producer = router.producers.get(producer_id)
            if producer is not None:
                return router, producer
        raise RouterError("producer-not-found", "The producer is gone.")

    def _consumer(self, consumer_id: str) -> Consumer:
        for router in self._engine.routers.values():
            consumer = router.consumers.get(consumer_id)
            if consumer is not None:
                return consumer
        raise RouterError("consumer-not-found", "The consumer is gone.")


def _ice_parameters(credentials: IceCredentials) -> msgspec.Raw:
    parameters = IceParameters(
        username_fragment=credentials.username_fragment,
        password=credentials.password,
        ice_lite=True,
    )
    return msgspec.Raw(_encode(parameters))
