"""Whose socket is this? In the channel dialect clients say so themselves.

The first socket that claims an id by a join owns it. Further sockets may carry the id when they
come from the same browser (same origin and address) or know the secret given at the join. Anybody
else is refused while the id is in use.
"""

import hmac

from signaling.exchange import Exchange
from signaling.messages.wire import ErrorCode, Refused
from signaling.peer_session import Connection, Dialect, PeerSession


def claim(
    exchange: Exchange, connection: Connection, user_id: str, secret: str | None
) -> PeerSession:
    """Makes the connection one of ``user_id``'s, whose session begins here if it is new.

    Raises:
        Refused: id-taken, or not-allowed for a connection that is somebody else in a room.
    """
    session = exchange.sessions.get(user_id)
    if session is None:
        _release(exchange, connection)
        session = exchange.open_session(connection, user_id, Dialect.CHANNEL)
        session.secret = secret
        return session
    return _join_sockets(exchange, connection, session, secret)


def recognise(
    exchange: Exchange, connection: Connection, user_id: str, secret: str | None
) -> PeerSession:
    """The session of a member that speaks through this connection.

    Raises:
        Refused: not-a-member when nobody has joined by this id, id-taken when it is another's.
    """
    session = exchange.sessions.get(user_id)
    if session is None:
        raise Refused(ErrorCode.NOT_A_MEMBER, f"{user_id} has not joined a room.")
    return _join_sockets(exchange, connection, session, secret)


def is_same_browser(connection: Connection, session: PeerSession) -> bool:
    """Whether the connection comes from where the session came from."""
    return connection.address == session.address and connection.origin == session.origin


def _join_sockets(
    exchange: Exchange, connection: Connection, session: PeerSession, secret: str | None
) -> PeerSession:
    if connection.session is session:
        return session
    if session.dialect is not Dialect.CHANNEL or not _may_carry(connection, session, secret):
        raise Refused(ErrorCode.ID_TAKEN, f"The id {session.member_id} is somebody else's.")
    _release(exchange, connection)
    exchange.attach(connection, session)
    return session


def _may_carry(connection: Connection, session: PeerSession, secret: str | None) -> bool:
    if secret is not None and session.secret is not None:
        return hmac.compare_digest(secret.encode(), session.secret.encode())
    return is_same_browser(connection, session)


def _release(exchange: Exchange, connection: Connection) -> None:
    """Lets a connection become somebody else's, if whom it belonged to is in no room."""
    session = connection.session
    if session is None:
        return
    if exchange.registry.index.rooms_of(session.member_id):
        message = f"This connection is {session.member_id}'s; leave the room first."
        raise Refused(ErrorCode.NOT_ALLOWED, message)
    session.connections.remove(connection)
    connection.session = None
    if not session.connections:
        exchange.forget(session)
