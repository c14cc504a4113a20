"""Undoing what was asked of a worker, here and there."""

from sfu.control import messages as control
from signaling.dialects.rooms.media_upkeep import drop_transport
from signaling.exchange import Exchange
from signaling.media.pending import Pending
from signaling.media.sfu_room import SfuRoom, holder_of


def undo(exchange: Exchange, pending: Pending) -> None:
    """Closes what nobody will use: the asker is gone, or has been told that it cannot be.

    Whether the worker has carried the command out does not matter: it closes in order.
    """
    room, command = exchange.sfu.at(pending.room_id, pending.worker), pending.command
    closing = _closing(command, exchange.sfu.pending.next_number())
    if room is not None and room.worker is not None and closing is not None:
        exchange.submit(room.worker, closing)
    forget(exchange, room, command)


def makes_something(command: control.Command) -> bool:
    """Whether there is something afterwards that was not there before."""
    return _closing(command, 0) is not None


def _closing(command: control.Command | None, number: int) -> control.Command | None:
    match command:
        case control.OpenTransport(transport_id=it):
            return control.CloseTransport(request=number, transport_id=it)
        case control.Produce(producer_id=it):
            return control.CloseProducer(request=number, producer_id=it)
        case control.Consume(consumer_id=it):
            return control.CloseConsumer(request=number, consumer_id=it)
        case control.ProduceData(data_producer_id=it):
            return control.CloseDataProducer(request=number, data_producer_id=it)
        case control.ConsumeData(data_consumer_id=it):
            return control.CloseDataConsumer(request=number, data_consumer_id=it)
        case _:
            return None


def forget(exchange: Exchange, room: SfuRoom | None, command: control.Command | None) -> None:
    """Forgets what was asked for, where it is still known."""
    if room is None:
        return
    match command:
        case control.OpenTransport(transport_id=it):
            if (transport := room.transports.get(it)) is not None:
                drop_transport(exchange, room, transport)
        case control.Produce(producer_id=it) | control.ProduceData(data_producer_id=it):
            producer = room.producers.get(it) or room.data_producers.get(it)
            if producer is not None:
                room.drop_producer(producer)
        case control.Consume(consumer_id=it) | control.ConsumeData(data_consumer_id=it):
            if (transport := room.transports.get(holder_of(it))) is not None:
                room.drop_consumer(transport, it)
        case _:
            pass
