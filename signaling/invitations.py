"""Join tokens as operators and applications ask for them, and the links that carry them.

The token stands in the fragment of a link, which browsers send to no server and no log sees.
"""

import re
from typing import Annotated
from urllib.parse import quote

import msgspec

from signaling import names
from signaling.messages.records import Grants
from signaling.messages.wire import ErrorCode, Identifier, Refused, Text
from signaling.tokens import ANY_ROOM, LONGEST_TOKEN_LIFETIME, JoinClaims, JoinTokens

SHORTEST_LIFETIME = 60
LONGEST_LIFETIME = int(LONGEST_TOKEN_LIFETIME)
USUAL_LIFETIME = 2 * 3600

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_LIFETIME = re.compile(r"([0-9]{1,9})([smhd]?)")


class TokenWish(msgspec.Struct, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """What a token is to say. A field that is misspelt is refused, lest it grant too much.

    Attributes:
        room: Id of the room it opens; ``*`` = any.
        name: The name its bearer goes by; None = its own choice.
        user_id: Whom the application says its bearer is.
        grants: What it may do; those left out are a guest's.
        ttl: Seconds for which it is valid.
    """

    room: Identifier
    name: Text | None = None
    user_id: Identifier | None = None
    grants: Grants = Grants()
    ttl: Annotated[int, msgspec.Meta(ge=SHORTEST_LIFETIME, le=LONGEST_LIFETIME)] = USUAL_LIFETIME


class Invitation(msgspec.Struct, rename="camel", kw_only=True):
    """A token and how to use it.

    Attributes:
        token: For the ``token`` field of ``join-room`` and ``create-room``.
        path: Of a link: to be put behind the address under which people reach the page.
        expires: Unix seconds.
        token_id: Names the token (``jti``).
    """

    token: str
    path: str
    expires: int
    token_id: str


def invite(
    wish: TokenWish, tokens: JoinTokens, token_id: str, name_length: int, now: float
) -> Invitation:
    """Mints what is wished for.

    Args:
        wish: What the token is to say.
        tokens: Signs it.
        token_id: A name for it that no other token has.
        name_length: Most characters of a name.
        now: Unix seconds.

    Raises:
        Refused: name-invalid; bad-message for a room that no link could name.
    """
    if not wish.room.isprintable() or wish.room != wish.room.strip() or wish.room in {".", ".."}:
        message = "The room's id has to consist of visible characters."
        raise Refused(ErrorCode.BAD_MESSAGE, message)
    expires = int(now) + wish.ttl
    claims = JoinClaims(
        room=wish.room,
        exp=expires,
        sub=wish.user_id,
        name=None if wish.name is None else names.clean(wish.name, name_length),
        grants=wish.grants,
        jti=token_id,
    )
    token = tokens.mint(claims)
    place = "/" if wish.room == ANY_ROOM else f"/r/{quote(wish.room, safe='')}"
    return Invitation(
        token=token, path=f"{place}#token={token}", expires=expires, token_id=token_id
    )


def seconds_of(text: str) -> int:
    """A lifetime like ``90m``, ``2h`` or ``30d``; without a unit, seconds.

    Raises:
        ValueError: It is none, or not from a minute to 30 days; with what was expected.
    """
    found = _LIFETIME.fullmatch(text.strip())
    seconds = int(found[1]) * _UNITS[found[2]] if found else 0
    if not SHORTEST_LIFETIME <= seconds <= LONGEST_LIFETIME:
        raise ValueError("a time from 1m to 30d is expected, like 90m, 2h or 7d")
    return seconds
