"""Signs and verifies what clients keep for us: resume tokens and room tickets."""

import hashlib
import hmac
from typing import Any

import jwt
import msgspec

from signaling.messages.records import Mode
from signaling.messages.wire import Wire

RESUME_LIFETIME = 7 * 24 * 3600.0
TICKET_LIFETIME = 7 * 24 * 3600.0


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


class Signer:
    """HS256 with one secret; two servers that share it honour each other's tokens."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < 32:
            raise ValueError("the signing secret needs at least 32 bytes")
        self._secret = secret

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
        claims = {"use": "ticket", "exp": int(now + TICKET_LIFETIME)}
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
        try:
            claims = jwt.decode(token, self._secret, algorithms=["HS256"], options=options)
        except (jwt.InvalidTokenError, ValueError, RecursionError):
            return None
        expires = claims.get("exp")
        if not isinstance(expires, int) or expires <= now or claims.get("use") != use:
            return None
        return claims
