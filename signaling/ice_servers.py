"""Which STUN and TURN servers a member uses, with credentials that expire."""

import base64
import hashlib
import hmac
from dataclasses import dataclass

from signaling.messages.wire import IceServer


@dataclass(frozen=True)
class IceConfig:
    """The operator's STUN and TURN servers.

    With ``secret`` (coturn's ``static-auth-secret``) every member gets credentials of its own
    that live ``ttl`` seconds; otherwise all share ``username`` and ``credential``.
    """

    stun_urls: tuple[str, ...] = ()
    turn_urls: tuple[str, ...] = ()
    username: str = ""
    credential: str = ""
    secret: str = ""
    ttl: int = 3600

    def servers_for(self, member_id: str, now: float) -> list[IceServer]:
        """The servers to hand to a member at Unix time ``now``."""
        servers = [IceServer(urls=list(self.stun_urls))] if self.stun_urls else []
        if self.turn_urls:
            username, credential = self._credentials(member_id, now)
            servers.append(
                IceServer(urls=list(self.turn_urls), username=username, credential=credential)
            )
        return servers

    @property
    def expires_after(self) -> int:
        """Seconds for which what ``servers_for`` returns is valid; 0 = for ever."""
        return self.ttl if self.turn_urls and self.secret else 0

    def _credentials(self, member_id: str, now: float) -> tuple[str, str]:
        if not self.secret:
            return self.username, self.credential
        # draft-uberti-behave-turn-rest-00 §2.2, as coturn's use-auth-secret wants it
        username = f"{int(now) + self.ttl}:{member_id}"
        digest = hmac.digest(self.secret.encode(), username.encode(), hashlib.sha1)
        return username, base64.b64encode(digest).decode()
