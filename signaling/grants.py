"""What a member may do, by the word of the operator: how it was admitted, and what that allows.

A guest may do what anybody may. Who was admitted by a join token has the token's grants, for as
long as it is in the room and whenever it comes back.

Media between two browsers never passes the server, which therefore could not keep a member of a
mesh from sending or receiving it. So a member without one of the grants about media and messages
(a *restricted* one) takes part through the SFU alone: no signal of a mesh is relayed from it or to
it, and its room is pinned to the SFU.
"""

import msgspec

from signaling.messages.records import Grants
from signaling.messages.wire import ErrorCode, Refused

_SENTENCES = {
    "publish": "You may listen here, but not send sound or pictures.",
    "subscribe": "You may not receive sound or pictures here.",
    "data": "You may read here, but not send messages.",
    "moderate": "Only those who moderate this room may do this.",
    "admin": "Only those who administer this room may do this.",
}


class Admission(msgspec.Struct, frozen=True, kw_only=True):
    """How somebody came to be in a room.

    Attributes:
        grants: What it may do there.
        user_id: Whom an application says it is; two members may be one user.
        name: The name it goes by, whatever it says itself; None = its own choice.
        token_id: Of the token it came by (``jti``), by which it can be kept out.
        expires: When that token does, Unix seconds; 0 for guests, who have none.
    """

    grants: Grants = Grants()
    user_id: str | None = None
    name: str | None = None
    token_id: str | None = None
    expires: int = 0

    @property
    def is_restricted(self) -> bool:
        """Whether it may take part through the SFU only, where its grants are kept to."""
        grants = self.grants
        return not (grants.publish and grants.subscribe and grants.data)

    @property
    def moderates(self) -> bool:
        """Whether it may do what a host may, and take members out."""
        return self.grants.moderate or self.grants.admin

    def require(self, grant: str) -> None:
        """Refuses what this grant is needed for.

        Args:
            grant: One of the names of ``Grants``; ``admin`` includes ``moderate``.

        Raises:
            Refused: not-permitted.
        """
        has = self.moderates if grant == "moderate" else getattr(self.grants, grant)
        if not has:
            raise Refused(ErrorCode.NOT_PERMITTED, _SENTENCES[grant])


GUEST = Admission()
"""Somebody without a token, on a server that asks for none."""
