"""Which connection listens to which channel."""

from signaling.dialects.views import millis
from signaling.events import Event
from signaling.exchange import Exchange
from signaling.messages import channels as wire
from signaling.messages.wire import ErrorCode, Pong, Refused
from signaling.peer_session import Connection, Dialect


def convert(exchange: Exchange, connection: Connection, now: float) -> None:
    """Makes a connection one of the channel dialect, for good.

    Raises:
        Refused: not-allowed when it is in a room by the other dialect already.
    """
    if connection.dialect is Dialect.CHANNEL:
        return
    session = connection.holder
    if exchange.registry.index.rooms_of(session.member_id):
        message = "This connection has joined a room in the room dialect; it cannot mix the two."
        raise Refused(ErrorCode.NOT_ALLOWED, message)
    exchange.forget(session)
    connection.session = None
    connection.dialect = Dialect.CHANNEL
    exchange.channel_connections[connection] = None
    exchange.reply_uncounted(connection, client_count(exchange, now))


def client_count(exchange: Exchange, now: float) -> wire.ClientCount:
    """How many are connected now."""
    return wire.ClientCount(count=len(exchange.connections), timestamp=millis(now))


def subscribe(
    exchange: Exchange, connection: Connection, message: wire.Subscribe, now: float
) -> list[Event]:
    """The connection receives what others send on the channel."""
    most = exchange.config.limits.channels_per_connection
    if len(connection.channels | {message.channel}) > most:
        raise Refused(ErrorCode.TOO_MANY_REQUESTS, f"{most} channels a connection are allowed.")
    connection.channels |= {message.channel}
    exchange.acknowledge(connection, message.id)
    return []


def unsubscribe(
    exchange: Exchange, connection: Connection, message: wire.Unsubscribe, now: float
) -> list[Event]:
    """The connection receives it no longer."""
    connection.channels -= {message.channel}
    exchange.acknowledge(connection, message.id)
    return []


def ping(exchange: Exchange, connection: Connection, message: wire.Ping, now: float) -> list[Event]:
    """Keep-alive."""
    exchange.reply_uncounted(connection, Pong(timestamp=millis(now), id=message.id))
    return []
