"""Signs and verifies what clients keep for us: resume tokens, room tickets, join tokens.

A join token is a JWT (RFC 7519) with HS256, which the operator or an application mints and whoever
has it may use: it joins a room, as somebody, with grants.
"""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Annotated, Any, TypeAlias

import jwt
import msgspec

from signaling.grants import Admission
from signaling.messages.records import Grants, Mode
from signaling.messages.wire import ErrorCode, Identifier, Refused, Wire

RESUME_LIFETIME = 7 * 24 * 3600.0
TICKET_LIFETIME = 7 * 24 * 3600.0

RETURN_LIFETIME = 24 * 3600.0
"""Seconds for which the ticket of who came by a token brings it back, though the token expires."""

LONGEST_TOKEN_LIFETIME = 30 * 24 * 3600.0
LEEWAY = 30.0
"""Seconds by which the clock of who mints tokens may be wrong."""

MOST_TOKEN_CHARACTERS = 2048
ISSUER = "crossover"
AUDIENCE = "crossover-join"
ANY_ROOM = "*"

_DERIVED = b"crossover join tokens, version 1"


class Ticket(Wire, omit_defaults=False, kw_only=True):
    """Enough of a room to open it again under the same id, and on the same course.

    ``password`` is the keyed digest, useless without the server's secret. ``mode`` and
    ``generation`` are those that its bearer was told with it.
    """

    room_id: str
    name: str
    description: str
    private: bool
    history: bool
    max_participants: int
    created_at: float
    host: str | None
    password: str | None
    pin: Mode | None = None
    mode: Mode = "mesh"
    generation: int = 0
    limited: bool = False
    bearer: str | None = None
    admission: Admission | None = None

    def admits(self, member_id: str) -> Admission | None:
        """How this member was admitted, if the ticket was given to it, and it came by a token."""
        return self.admission if self.bearer == member_id else None


Name: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=256)]


class JoinClaims(msgspec.Struct, kw_only=True):
    """What a join token says. Times are whole Unix seconds.

    Attributes:
        room: The id of the room it opens; ``*`` = any.
        exp: When it expires; not more than 30 days ahead.
        nbf: From when on it is valid.
        sub: Whom the application says that its bearer is.
        name: The name its bearer goes by.
        grants: What its bearer may do; those left out are a guest's.
        jti: Names the token, so that its bearer can be kept out of a room.
    """

    room: Identifier
    exp: int
    nbf: int | None = None
    sub: Identifier | None = None
    name: Name | None = None
    grants: Grants = Grants()
    jti: Identifier | None = None


@dataclass(frozen=True)
class JoinToken:
    """A genuine token, at a time at which it is valid.

    Attributes:
        room: The id of the room it opens, or ``*``.
        admission: As whom, and what for.
    """

    room: str
    admission: Admission

    @property
    def is_for_any(self) -> bool:
        """Whether it names no room."""
        return self.room == ANY_ROOM

    @property
    def may_create(self) -> bool:
        """Whether it makes rooms: it names none, or its bearer is to moderate the one it names."""
        return self.is_for_any or self.admission.moderates

    def require_room(self, room_id: str) -> None:
        """Refuses a token for another room.

        Raises:
            Refused: token-invalid.
        """
        if not self.is_for_any and self.room != room_id:
            raise _invalid("This invitation is for another room.")


class JoinTokens:
    """Mints and reads join tokens with a secret of their own, which applications may share."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < 32:
            raise ValueError("the token secret needs at least 32 bytes")
        self._secret = secret

    def mint(self, claims: JoinClaims) -> str:
        """The signed token; what it says is checked where it is read."""
        said = msgspec.to_builtins(claims)
        said = {name: value for name, value in said.items() if value is not None}
        said |= {"iss": ISSUER, "aud": AUDIENCE}
        return jwt.encode(said, self._secret, algorithm="HS256")

    def read(self, token: str, now: float) -> JoinToken:
        """What a token says at ``now`` (Unix seconds), if it is genuine and valid.

        Raises:
            Refused: token-invalid; why, only about a token that is genuine.
        """
        claims = self._claims(token)
        if claims is None:
            raise _invalid("This invitation is not valid here; ask for a new one.")
        if claims.exp + LEEWAY <= now:
            raise _invalid("This invitation has expired; ask for a new one.")
        if claims.exp > now + LONGEST_TOKEN_LIFETIME + LEEWAY:
            raise _invalid("This invitation would be valid for more than 30 days; ask for another.")
        if claims.nbf is not None and claims.nbf - LEEWAY > now:
            raise _invalid("This invitation is not valid yet; try again later.")
        admission = Admission(
            grants=claims.grants,
            user_id=claims.sub,
            name=claims.name,
            token_id=claims.jti,
            expires=claims.exp,
        )
        return JoinToken(claims.room, admission)

    def _claims(self, token: str) -> JoinClaims | None:
        if len(token) > MOST_TOKEN_CHARACTERS:
            return None
        options: Any = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}
        options |= {"verify_sub": False, "verify_jti": False, "require": ["exp", "iss", "aud"]}
        said = _verified(token, self._secret, options, audience=AUDIENCE, issuer=ISSUER)
        try:
            return None if said is None else msgspec.convert(said, JoinClaims)
        except msgspec.ValidationError:
            return None


def _invalid(message: str) -> Refused:
    return Refused(ErrorCode.TOKEN_INVALID, message)


class Signer:
    """HS256 with one secret; two servers that share it honour each other's tokens.

    Args:
        secret: Of at least 32 bytes.
        token_secret: For join tokens; empty = one derived from ``secret``, of no use for others.

    Attributes:
        join_tokens: Those that let people in.
    """

    def __init__(self, secret: bytes, token_secret: bytes = b"") -> None:
        if len(secret) < 32:
            raise ValueError("the signing secret needs at least 32 bytes")
        self._secret = secret
        derived = hmac.digest(secret, _DERIVED, hashlib.sha256)
        self.join_tokens = JoinTokens(token_secret or derived)

    def resume_token(self, member_id: str, now: float) -> str:
        """A token that makes its bearer ``member_id``; ``now`` is Unix time."""
        return self._sign({"use": "resume", "sub": member_id, "exp": int(now + RESUME_LIFETIME)})

    def member_of(self, token: str, now: float) -> str | None:
        """Whose token it is; None when forged, expired or meant for something else."""
        claims = self._verify(token, "resume", now)
        member = claims.get("sub") if claims else None
        return member if isinstance(member, str) and 0 < len(member) <= 64 else None

    def ticket(self, ticket: Ticket, now: float) -> str:
        """The signed form of a room's description."""
        expires = now + TICKET_LIFETIME
        if ticket.admission is not None:
            expires = min(expires, max(ticket.admission.expires, now + RETURN_LIFETIME))
        claims = {"use": "ticket", "exp": int(expires)}
        return self._sign({**claims, "room": msgspec.to_builtins(ticket)})

    def read_ticket(self, token: str, now: float) -> Ticket | None:
        """The room a ticket describes; None when forged, expired or not a ticket."""
        claims = self._verify(token, "ticket", now)
        if claims is None:
            return None
        try:
            return msgspec.convert(claims.get("room"), Ticket)
        except msgspec.ValidationError:
            return None

    def password_digest(self, room_id: str, password: str) -> str:
        """A room password as it is stored: bound to the room and to the secret."""
        message = f"{room_id}\0{password}".encode(errors="surrogatepass")
        return hmac.digest(self._secret, message, hashlib.sha256).hex()

    def _sign(self, claims: dict[str, Any]) -> str:
        return jwt.encode(claims, self._secret, algorithm="HS256")

    def _verify(self, token: str, use: str, now: float) -> dict[str, Any] | None:
        # The clock is the caller's, so expiry is checked here and not by the library.
        options: Any = {"verify_exp": False, "verify_sub": False, "require": ["exp"]}
        claims = _verified(token, self._secret, options)
        if claims is None:
            return None
        expires = claims.get("exp")
        if not isinstance(expires, int) or expires <= now or claims.get("use") != use:
            return None
        return claims


def _verified(
    token: str,
    secret: bytes,
    options: Any,  # noqa: ANN401 - the library's own type is private
    audience: str | None = None,
    issuer: str | None = None,
) -> dict[str, Any] | None:
    """The claims of a token whose signature holds, by the one algorithm there is."""
    try:
        return jwt.decode(
            token,
            secret,
            algorithms=["HS256"],
            options=options,
            audience=audience,
            issuer=issuer,
        )
    except (jwt.InvalidTokenError, ValueError, TypeError, RecursionError):
        return None
