"""A full ICE agent facing one address: a server's, or another agent's (RFC 8445). Sans-I/O.

::

      checking ──right answer──► connected ──30 s without any──► expired
          └──────────── nothing within 30 s ───────────────────────┘
"""

import random
import string
from enum import StrEnum
from typing import Final

import msgspec

from sfu.wire import stun_attributes
from sfu.wire.errors import WireError
from sfu.wire.stun import (
    BINDING,
    Attribute,
    MessageClass,
    StunMessage,
    encode_stun,
    parse_stun,
    verify_integrity,
)

FIRST_RETRY: Final = 0.1
SLOWEST_RETRY: Final = 1.6
PATIENCE: Final = 30.0
"""Seconds without an answer after which consent is gone (RFC 7675 §5.1)."""

CONSENT_INTERVAL: Final = (2.5, 5.0)
"""Seconds between two consent checks: drawn anew each time."""

_PRIORITY: Final = (110 << 24 | 65535 << 8 | 255).to_bytes(4, "big")
"""Of a peer-reflexive candidate (RFC 8445 §7.1.1)."""

_MOST_PENDING: Final = 8
_CHARACTERS: Final = string.ascii_letters + string.digits + "+/"


class Credentials(msgspec.Struct, frozen=True):
    """A username fragment and its password (RFC 8445 §5.3)."""

    username_fragment: str
    password: str

    @classmethod
    def draw(cls, rng: random.Random) -> "Credentials":
        """New ones."""
        return cls("".join(rng.choices(_CHARACTERS, k=8)), "".join(rng.choices(_CHARACTERS, k=24)))


class IceState(StrEnum):
    """Where the agent stands."""

    CHECKING = "checking"
    CONNECTED = "connected"
    EXPIRED = "expired"


class IceAgent:
    """Checks, renews consent, and answers the other's checks.

    Args:
        remote: the other's credentials.
        rng: draws ours, transaction ids and intervals.
        now: monotonic seconds, as everywhere here.
        local: our credentials, where they have been told already.
        controls: whether we nominate, with every check; of two full agents one does.

    Attributes:
        state: where it stands.
        round_trip: seconds, of the last check that was answered; None before.
        refusals: error codes the other answered with.
    """

    def __init__(
        self,
        remote: Credentials,
        rng: random.Random,
        now: float,
        local: Credentials | None = None,
        controls: bool = True,
    ) -> None:
        self._rng = rng
        tie_breaker = rng.randbytes(8)
        self._role: list[tuple[int, bytes]] = (
            [(int(Attribute.ICE_CONTROLLING), tie_breaker), (int(Attribute.USE_CANDIDATE), b"")]
            if controls
            else [(int(Attribute.ICE_CONTROLLED), tie_breaker)]
        )
        self.state = IceState.CHECKING
        self.round_trip: float | None = None
        self.refusals: list[int] = []
        self.restart(remote, now, local)

    def restart(self, remote: Credentials, now: float, local: Credentials | None = None) -> None:
        """Check again from the start with new credentials; media goes on meanwhile (§9)."""
        self.local = local or Credentials.draw(self._rng)
        self._remote = remote
        self._request_attributes = [
            (
                int(Attribute.USERNAME),
                f"{remote.username_fragment}:{self.local.username_fragment}".encode(),
            ),
            (int(Attribute.PRIORITY), _PRIORITY),
            *self._role,
        ]
        self._key = remote.password.encode()
        self._pending: dict[bytes, float] = {}
        self._answered = now
        self._next = now
        self._retry = FIRST_RETRY
        if self.state is IceState.EXPIRED:
            self.state = IceState.CHECKING

    def check_now(self, now: float) -> None:
        """Check at the next tick, as after a change of our address."""
        self._next, self._retry = now, FIRST_RETRY

    @property
    def due(self) -> float:
        """When ``tick`` has something to do."""
        return self._next

    def tick(self, now: float) -> list[bytes]:
        """The check that is due, if one is."""
        if self.state is IceState.EXPIRED or now < self._next:
            return []
        if now - self._answered > PATIENCE:
            self.state = IceState.EXPIRED
            self._next = float("inf")
            return []
        transaction = self._rng.randbytes(12)
        while len(self._pending) >= _MOST_PENDING:
            del self._pending[next(iter(self._pending))]
        self._pending[transaction] = now
        self._next = now + self._retry
        self._retry = min(2 * self._retry, SLOWEST_RETRY)
        return [
            encode_stun(
                BINDING, MessageClass.REQUEST, transaction, self._request_attributes, self._key
            )
        ]

    def receive(self, datagram: bytes, source: tuple[bytes, int], now: float) -> bytes | None:
        """Take an answer, or a check of the other's.

        Args:
            datagram: STUN, to judge by its first byte.
            source: packed address and port that it came from.
            now: monotonic seconds.

        Returns:
            The answer to a check.
        """
        try:
            message = parse_stun(datagram)
        except WireError:
            return None
        if message.method != BINDING:
            return None
        match message.message_class:
            case MessageClass.REQUEST:
                return self._answer(message, source)
            case MessageClass.SUCCESS:
                self._succeed(message, now)
            case MessageClass.ERROR:
                self._refused(message)
            case MessageClass.INDICATION:
                pass
        return None

    def _answer(self, request: StunMessage, source: tuple[bytes, int]) -> bytes | None:
        key = self.local.password.encode()
        if not verify_integrity(request, key):
            return stun_attributes.binding_error(request.transaction_id, 401)
        return stun_attributes.binding_success(request.transaction_id, source, key)

    def _succeed(self, answer: StunMessage, now: float) -> None:
        sent = self._pending.get(answer.transaction_id)
        if sent is None or not verify_integrity(answer, self._key):
            return
        self._pending.clear()
        self._answered = now
        self.round_trip = now - sent
        self._retry = FIRST_RETRY
        self._next = now + self._rng.uniform(*CONSENT_INTERVAL)
        self.state = IceState.CONNECTED

    def _refused(self, answer: StunMessage) -> None:
        if self._pending.pop(answer.transaction_id, None) is None:
            return
        try:
            error = stun_attributes.error_code(answer)
        except WireError:
            return
        if error is not None:
            self.refusals.append(error.code)
            del self.refusals[:-16]
