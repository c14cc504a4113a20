"""What members who have entered a room's router are told, and how the wire shows what is in it."""

from collections.abc import Iterable

import msgspec

from sfu.control import messages as control
from signaling.exchange import Exchange
from signaling.media.sfu_room import DataProducer, Producer, Removed, SfuRoom, Transport
from signaling.messages import attention
from signaling.messages import media as wire
from signaling.messages.notices import FromServer, ServerDraining
from signaling.messages.wire import RequestId
from signaling.peer_session import Dialect


def entered(
    room: SfuRoom, member_id: str, request: RequestId | msgspec.UnsetType
) -> wire.SfuEntered:
    """The router and all that is published, to one of the members; the router is open."""
    assert room.rtp_capabilities is not None
    return wire.SfuEntered(
        id=request,
        room_id=room.id,
        router_id=room.router_id,
        rtp_capabilities=room.rtp_capabilities,
        transports=[one.id for one in room.transports_of(member_id) if one.ready],
        producers=[producer_view(one) for one in room.producers.values() if one.ready],
        data_producers=[
            data_producer_view(one) for one in room.data_producers.values() if one.ready
        ],
    )


def producer_view(producer: Producer) -> wire.Producer:
    """A producer as members see it."""
    return wire.Producer(
        id=producer.id,
        member_id=producer.transport.member_id,
        kind=producer.kind,
        source=producer.source,
        paused=producer.paused,
    )


def data_producer_view(producer: DataProducer) -> wire.DataProducer:
    """A data producer as members see it."""
    return wire.DataProducer(
        id=producer.id,
        member_id=producer.transport.member_id,
        label=producer.label,
        protocol=producer.protocol,
    )


def tell_added(exchange: Exchange, room: SfuRoom, producer: Producer | DataProducer) -> None:
    """Everybody but its owner hears of something new, and who has gone on to the next router."""
    message: FromServer
    if isinstance(producer, Producer):
        message = wire.ProducerAdded(room_id=room.id, producer=producer_view(producer))
    else:
        shown = data_producer_view(producer)
        message = wire.DataProducerAdded(room_id=room.id, data_producer=shown)
    current = exchange.sfu.rooms.get(room.id, room)
    gone_on = set() if current is room else current.entered.keys()
    staying = [one for one in room.entered if one not in gone_on]
    _tell(exchange, room, [one for one in staying if one != producer.transport.member_id], message)


def tell_changed(exchange: Exchange, room: SfuRoom, producer: Producer) -> None:
    """Everybody but its owner hears that a producer was paused or resumed."""
    message = wire.ProducerChanged(room_id=room.id, producer_id=producer.id, paused=producer.paused)
    _tell_others(exchange, room, producer.transport.member_id, message)


def tell_removed(exchange: Exchange, room: SfuRoom, removed: Removed) -> None:
    """Everybody but their owners hears of what is gone."""
    for producer in removed.producers:
        gone = wire.ProducerRemoved(room_id=room.id, producer_id=producer.id)
        _tell_others(exchange, room, producer.transport.member_id, gone)
    for data in removed.data_producers:
        message = wire.DataProducerRemoved(room_id=room.id, data_producer_id=data.id)
        _tell_others(exchange, room, data.transport.member_id, message)


def tell_transport_closed(
    exchange: Exchange, room: SfuRoom, transport: Transport, reason: str
) -> None:
    """Its owner hears that a transport ended by itself."""
    message = wire.TransportClosed(room_id=room.id, transport_id=transport.id, reason=reason)
    _tell(exchange, room, [transport.member_id], message)


def tell_data_consumer_removed(
    exchange: Exchange, room: SfuRoom, owner: str, data_consumer_id: str, reason: str
) -> None:
    """The owner of a data consumer hears that it ended by itself."""
    message = wire.DataConsumerRemoved(
        room_id=room.id, data_consumer_id=data_consumer_id, reason=reason
    )
    _tell(exchange, room, [owner], message)


def tell_layers(
    exchange: Exchange,
    room: SfuRoom,
    owner: str,
    report: control.LayersChanged,
) -> None:
    """The consumer's owner hears what it receives now."""
    message = wire.LayersChanged(
        room_id=room.id,
        consumer_id=report.consumer_id,
        spatial_layer=report.spatial_layer,
        temporal_layer=report.temporal_layer,
        limited=report.limited,
    )
    _tell(exchange, room, [owner], message)


def tell_speakers(exchange: Exchange, room: SfuRoom) -> None:
    """Everybody who has entered hears who speaks, as it was noted last."""
    if room.speakers is not None:
        _tell(exchange, room, room.entered, room.speakers)


def tell_layers_wanted(exchange: Exchange, room: SfuRoom, producer: Producer) -> None:
    """The publisher hears how many of its layers anybody may want."""
    if producer.layers_wanted is not None:
        message = attention.LayersWanted(
            room_id=room.id, producer_id=producer.id, spatial_layers=producer.layers_wanted
        )
        _tell(exchange, room, [producer.transport.member_id], message)


def tell_newcomer(exchange: Exchange, room: SfuRoom, member_id: str) -> None:
    """Who has just entered hears what the others were told when it changed."""
    if room.speakers is not None:
        _tell(exchange, room, [member_id], room.speakers)
    for transport in room.transports_of(member_id):
        for producer in transport.producers.values():
            tell_layers_wanted(exchange, room, producer)


def tell_lost(exchange: Exchange, room: SfuRoom) -> None:
    """Everybody who had entered hears that the router is gone."""
    message = wire.RouterLost(room_id=room.id, router_id=room.router_id)
    _tell(exchange, room, room.entered, message)


def tell_moved(exchange: Exchange, room: SfuRoom, seconds: float) -> None:
    """Everybody who had entered hears that there is another router, and this one for a while."""
    message = wire.RouterMoved(room_id=room.id, router_id=room.router_id, seconds=seconds)
    _tell(exchange, room, room.entered, message)


def tell_of_the_end(exchange: Exchange, room: SfuRoom, seconds: float) -> None:
    """Everybody who had entered hears how long the router goes on."""
    _tell(exchange, room, room.entered, ServerDraining(part="media", seconds=seconds))


def _tell_others(exchange: Exchange, room: SfuRoom, owner: str, message: FromServer) -> None:
    _tell(exchange, room, [one for one in room.entered if one != owner], message)


def _tell(exchange: Exchange, room: SfuRoom, members: Iterable[str], message: FromServer) -> None:
    """To those of these members who have entered, and have not begun anew since."""
    entered = [
        session
        for session in exchange.members_speaking(Dialect.ROOM, members)
        if room.entered.get(session.member_id) == session.era
    ]
    if entered:
        exchange.deliver(entered, message)
