"""Who is let in, as whom and what for: by a join token, by a ticket, or as a guest.

On a server that asks for tokens (``needs_token``) everybody needs one to join a room, or has to be
in it already, or to come back with the ticket that was given to the bearer of one. Elsewhere a
token is welcome: whoever shows one is held to it.

A room is made by whoever has a token for any room, or one for this room with the grant ``moderate``
or ``admin``; under the id that the token names, where it names one.
"""

from collections.abc import Iterable

from signaling.exchange import Exchange
from signaling.grants import GUEST, Admission
from signaling.messages.wire import ErrorCode, Refused
from signaling.room import Member, Room, RoomSpec
from signaling.tokens import JoinToken, Ticket


def to_create(exchange: Exchange, token: str | None, now: float) -> JoinToken | None:
    """The token by which a room may be made; None where a guest may.

    Raises:
        Refused: token-required, token-invalid, not-permitted.
    """
    if token is None:
        require_token_or_openness(exchange)
        return None
    shown = exchange.signer.join_tokens.read(token, now)
    if not shown.may_create:
        message = "Your invitation is for joining a room, not for making one."
        raise Refused(ErrorCode.NOT_PERMITTED, message)
    return shown


def to_join(exchange: Exchange, token: str | None, room_id: str, now: float) -> JoinToken | None:
    """The token by which somebody may join this room; None without one.

    Raises:
        Refused: token-invalid; not-permitted for a token that opens this room no more.
    """
    if token is None:
        return None
    shown = exchange.signer.join_tokens.read(token, now)
    shown.require_room(room_id)
    _require_not_barred(exchange.registry.index.find(room_id), shown.admission)
    return shown


def again(
    exchange: Exchange, ticket: Ticket | None, room_id: str, member_id: str
) -> Admission | None:
    """How somebody without a (valid) token was admitted before: it is in, or has its ticket.

    Raises:
        Refused: not-permitted for a token that opens this room no more.
    """
    room = exchange.registry.index.find(room_id)
    present = room.members.get(member_id) if room is not None else None
    if present is not None:
        return present.admission
    admission = ticket.admits(member_id) if ticket is not None else None
    if admission is not None:
        _require_not_barred(room, admission)
    return admission


def admission_to(
    exchange: Exchange,
    token: str | None,
    ticket: Ticket | None,
    room_id: str,
    who: tuple[str, float],
) -> tuple[Admission, JoinToken | None]:
    """How somebody joins: by its token, else as before, else as a guest where guests may.

    Args:
        exchange: Where.
        token: What it shows, if anything.
        ticket: Its genuine ticket of this room, if it has one.
        room_id: Which room.
        who: The member id, and the time now.

    Raises:
        Refused: token-required, token-invalid, not-permitted.
    """
    member_id, now = who
    before = again(exchange, ticket, room_id, member_id)
    try:
        shown = to_join(exchange, token, room_id, now)
    except Refused:
        if before is None:
            raise
        shown = None  # who came by a token may stay, and come back, though it has expired since
    if shown is not None:
        return shown.admission, shown
    if before is None:
        require_token_or_openness(exchange)
    return before or GUEST, None


def require_token_or_openness(exchange: Exchange) -> None:
    """Refuses guests on a server that asks for tokens.

    Raises:
        Refused: token-required.
    """
    if exchange.config.needs_token:
        message = "This server lets people in by invitation; ask for a link."
        raise Refused(ErrorCode.TOKEN_REQUIRED, message)


def require_known_client(admission: Admission, is_plain: bool) -> None:
    """Refuses a plain client whose grants only an SFU could see to.

    Raises:
        Refused: sfu-required.
    """
    if is_plain and admission.is_restricted:
        message = "This invitation takes a client that can talk through an SFU."
        raise Refused(ErrorCode.SFU_REQUIRED, message)


def password_given(exchange: Exchange, shown: JoinToken | None, room_id: str) -> str | None:
    """The room's own password digest for a token that names the room: that stands for it."""
    room = exchange.registry.index.find(room_id)
    named = shown is not None and not shown.is_for_any
    return room.spec.password if room is not None and named else None


def room_by_token(shown: JoinToken | None, room_id: str, address: str) -> RoomSpec | None:
    """The room that a joining bearer makes by its coming, if its token says so; not listed."""
    if shown is None or shown.is_for_any or not shown.may_create:
        return None
    return RoomSpec(id=room_id, name=room_id, private=True, opened_by=address)


def require_mesh_for(members: Iterable[Member], to: str) -> None:
    """Refuses a signal of a mesh where one of these may take part through the SFU only.

    Raises:
        Refused: not-permitted.
    """
    if any(member.admission.is_restricted for member in members):
        message = "No direct connection: one of you takes part through the SFU only."
        raise Refused(ErrorCode.NOT_PERMITTED, message, to=to)


def _require_not_barred(room: Room | None, admission: Admission) -> None:
    if room is not None and admission.token_id is not None and admission.token_id in room.barred:
        raise Refused(ErrorCode.NOT_PERMITTED, "You were taken out of this room.")
