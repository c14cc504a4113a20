"""Who a connection is: greeting, resume, keep-alive, ICE credentials."""

from signaling.dialects.rooms import membership
from signaling.dialects.views import millis
from signaling.events import Event
from signaling.exchange import Exchange
from signaling.messages import notices, records, requests
from signaling.messages.wire import ErrorCode, Pong, Refused
from signaling.peer_session import Connection, Dialect, PeerSession

REPLACED = 4001
"""Close code: a newer connection of the same person took over."""


def greet(exchange: Exchange, connection: Connection, resumed: bool, now: float) -> None:
    """Tells a connection who it is and what this server can do."""
    config, member_id = exchange.config, connection.holder.member_id
    greeting = notices.ClientId(
        id=member_id,
        features=records.Features(
            legacy_direct=exchange.allows_legacy(connection),
            resume=True,
            sfu=exchange.registry.sfu_alive,
        ),
        limits=records.Limits(
            frame_bytes=config.limits.frame_bytes,
            name_length=config.limits.name_length,
            chat_length=config.limits.chat_length,
            room_members=config.limits.room_members,
        ),
        ice_servers=config.ice.servers_for(member_id, now),
        ice_servers_ttl=config.ice.expires_after,
        resume_token=exchange.signer.resume_token(member_id, now),
        resumed=resumed,
        version=config.version,
    )
    exchange.reply_uncounted(connection, greeting)


def resume(
    exchange: Exchange, connection: Connection, message: requests.Resume, now: float
) -> list[Event]:
    """Makes the connection its bearer's; replays what was missed, or says that it cannot."""
    member_id = exchange.signer.member_of(message.resume_token, now)
    provisional = connection.holder
    if member_id is None or member_id == provisional.member_id:
        provisional.restart_count()
        greet(exchange, connection, resumed=False, now=now)
        return []
    if exchange.registry.index.rooms_of(provisional.member_id):
        raise Refused(ErrorCode.NOT_ALLOWED, "Resume before you join a room.")
    session = exchange.sessions.get(member_id)
    if session is not None and session.dialect is not Dialect.ROOM:
        raise Refused(ErrorCode.ID_TAKEN, "This id belongs to a client of the other dialect.")
    exchange.forget(provisional)
    if session is None:
        exchange.open_session(connection, member_id, Dialect.ROOM)
        greet(exchange, connection, resumed=False, now=now)
        return []
    _take_over(exchange, connection, session)
    return _continue(exchange, connection, message.received, now)


def ping(
    exchange: Exchange, connection: Connection, message: requests.Ping, now: float
) -> list[Event]:
    """Answers, and forgets what the client says it has."""
    if message.received is not None:
        connection.holder.acknowledge(message.received)
    exchange.reply_uncounted(connection, Pong(timestamp=millis(now), id=message.id))
    return []


def ice_servers(
    exchange: Exchange, connection: Connection, message: requests.IceServersRequest, now: float
) -> list[Event]:
    """Hands out fresh TURN credentials."""
    ice = exchange.config.ice
    servers = ice.servers_for(connection.holder.member_id, now)
    answer = notices.IceServers(id=message.id, ice_servers=servers, ttl=ice.expires_after)
    exchange.reply(connection, answer)
    return []


def _take_over(exchange: Exchange, connection: Connection, session: PeerSession) -> None:
    """The newest connection wins; the older one is told so and closed."""
    text = "This call goes on in another tab or window."
    goodbye = notices.Goodbye(code="replaced", message=text, reconnect=False)
    for older in session.connections:
        older.session = None
        exchange.reply_uncounted(older, goodbye)
        exchange.close(older, REPLACED, "replaced")
    session.connections.clear()
    session.address, session.origin = connection.address, connection.origin
    exchange.attach(connection, session)


def _continue(exchange: Exchange, connection: Connection, received: int, now: float) -> list[Event]:
    session = connection.holder
    missed = session.missed_after(received)
    if missed is None:
        session.restart_count()
        greet(exchange, connection, resumed=False, now=now)
        return []
    exchange.tally.resumed += 1
    greet(exchange, connection, resumed=True, now=now)
    exchange.replay(connection, missed)
    if session in exchange.list_subscribers:
        exchange.reply(connection, membership.rooms_list(exchange))
    return exchange.registry.set_presence(session.member_id, "online", now)
