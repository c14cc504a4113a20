"""What signaling commands about routers and transports; one function per command."""

from typing import Final

from msgspec import UNSET, Raw
from msgspec.json import encode

from sfu.control import messages
from sfu.control.messages import Answer, Done
from sfu.ortc.capabilities import router_capabilities
from sfu.ortc.transport_parameters import (
    DtlsFingerprint,
    DtlsParameters,
    IceParameters,
    SctpParameters,
    decode_dtls_parameters,
)
from sfu.routing.data_relay import MOST_STREAMS
from sfu.routing.router import Router, RouterError
from sfu.transport.ice_lite import IceCredentials
from sfu.units import Seconds
from sfu.worker.engine import Engine
from sfu.worker.named import transport_named
from sfu.worker.webrtc_transport import MOST_MESSAGE_BYTES, SCTP_PORT

_CAPABILITIES: Final = Raw(encode(router_capabilities()))


def open_router(engine: Engine, command: messages.OpenRouter, now: Seconds) -> Answer:
    """A room's router; what is in it already, if there is one."""
    router = engine.routers.get(command.router_id)
    if router is None:
        router = Router(command.router_id, command.room_id, engine.shared, engine.rng)
        engine.routers[command.router_id] = router
    return messages.RouterOpened(
        request=command.request,
        rtp_capabilities=_CAPABILITIES,
        transports=router.held_transports(),
        producers=router.held_producers(),
        data_producers=router.held_data_producers(),
    )


def close_router(engine: Engine, command: messages.CloseRouter, now: Seconds) -> Answer:
    """A room is over: its router goes, and all that was in it."""
    router = engine.routers.get(command.router_id)
    if router is not None:
        for transport_id in list(router.legs):
            engine.close_transport(transport_id, now)
        engine.close_router(router)
    return Done(request=command.request)


def close_member(engine: Engine, command: messages.CloseMember, now: Seconds) -> Answer:
    """Somebody has left the room: their transports go."""
    router = engine.routers.get(command.router_id)
    if router is not None:
        for leg in list(router.legs.values()):
            if leg.member_id == command.member_id:
                engine.close_transport(leg.id, now)
    return Done(request=command.request)


# ---- transports ----------------------------------------------------------------------------


def open_transport(engine: Engine, command: messages.OpenTransport, now: Seconds) -> Answer:
    """A member's transport, which waits for its peer."""
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
        ice_candidates=Raw(encode(engine.candidates)),
        dtls_parameters=Raw(encode(DtlsParameters(role="auto", fingerprints=fingerprints))),
        sctp_parameters=Raw(encode(sctp)) if command.data else UNSET,
    )


def connect_transport(engine: Engine, command: messages.ConnectTransport, now: Seconds) -> Answer:
    """Who the peer is."""
    transport = transport_named(engine, command.transport_id)
    engine.expect(transport, decode_dtls_parameters(command.dtls_parameters), now)
    return Done(request=command.request)


def restart_ice(engine: Engine, command: messages.RestartIce, now: Seconds) -> Answer:
    """New credentials for a peer whose network has changed."""
    credentials = engine.restart_ice(transport_named(engine, command.transport_id), now)
    return messages.IceRestarted(
        request=command.request, ice_parameters=_ice_parameters(credentials)
    )


def close_transport(engine: Engine, command: messages.CloseTransport, now: Seconds) -> Answer:
    """The transport goes, and all that is on it."""
    engine.close_transport(command.transport_id, now)
    return Done(request=command.request)


def _ice_parameters(credentials: IceCredentials) -> Raw:
    parameters = IceParameters(
        username_fragment=credentials.username_fragment,
        password=credentials.password,
        ice_lite=True,
    )
    return Raw(encode(parameters))
