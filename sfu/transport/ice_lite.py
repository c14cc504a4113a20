"""The lite agent of one transport (RFC 8445 §2.5): it answers checks and makes none.

The peer runs full ICE and is therefore controlling (RFC 8445 §6.1.1): it finds the paths, nominates
one, and keeps asking for consent to be sent to, which is also our sign that it still lives.

::

    state      valid check                              no valid check for long
    NEW        CONNECTED; media goes where it came from EXPIRED after FIRST_CHECK_PATIENCE
    CONNECTED  CONNECTED; goes elsewhere if nominated,  EXPIRED after CONSENT_LIFETIME
               or if the peer has moved
    EXPIRED    EXPIRED, no answer                       EXPIRED

A peer has moved when a check comes from a new address while its old one has been silent for as long
as no peer is that keeps its consent: a NAT has given it another port. Some nominate the path again
with every check (Chromium); those that nominate once (RFC 8445 §8.1.1) do not know that they moved.

What makes a check valid, in the order in which it is asked (RFC 8489 §9.1.3, RFC 8445 §7.3)::

    USERNAME and MESSAGE-INTEGRITY are there, and attributes are well-formed    else 400
    the first half of USERNAME is ours, and the integrity is our password's     else 401
    all comprehension-required attributes are understood                        else 420
    the sender takes itself for controlling                                     else 487
    the transaction is new, or repeated from where it came first                else silence

The sender's half of USERNAME is not known to a server that never sends checks, and not looked at.
Reading a check and answering it takes 14 µs on one core of a Milan server.
"""

import random
import sys
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sfu.units import Seconds
from sfu.wire import stun_attributes
from sfu.wire.errors import WireError
from sfu.wire.stun import BINDING, MessageClass, StunMessage, verify_integrity
from sfu.wire.stun_attributes import Address, binding_error, binding_success

CONSENT_LIFETIME: Final = Seconds(30.0)
"""Without a valid check for so long, nothing may be sent any more (RFC 7675 §5.1)."""

FIRST_CHECK_PATIENCE: Final = Seconds(39.5)
"""How long the first valid check is waited for (the PAC timer of RFC 8863 §4)."""

MOST_ADDRESSES: Final = 8
"""Addresses a peer may be at; of more, the one silent for longest is forgotten."""

MOST_TRANSACTIONS: Final = 512
"""Checks that are remembered: a peer sends one every two seconds or so."""

MOVED: Final = Seconds(3.0)
"""A silence of the selected address, after which a check from a new one means that it is the same
path: Chromium checks a path in use every 2.5 s, others every 4 to 6 s (RFC 7675 §5.1)."""

FRESH: Final = Seconds(6.0)
"""So long after a check an address is its peer's: consent is renewed every 4 to 6 s (RFC 7675)."""

_FRAGMENT_LENGTH = 8
_PASSWORD_LENGTH = 24
_ICE_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_IPV4 = 2
_V4_MAPPED = bytes(10) + b"\xff\xff"


@dataclass(frozen=True)
class IceCredentials:
    """What a check must be addressed to and signed with (RFC 8445 §5.3)."""

    username_fragment: str
    password: str

    @classmethod
    def generate(cls, rng: random.Random) -> "IceCredentials":
        """New ones: 48 and 144 random bits, more than the 24 and 128 that §5.3 demands.

        Args:
            rng: a ``SystemRandom`` in earnest.
        """
        return cls(
            "".join(rng.choices(_ICE_CHARACTERS, k=_FRAGMENT_LENGTH)),
            "".join(rng.choices(_ICE_CHARACTERS, k=_PASSWORD_LENGTH)),
        )


class IceState(StrEnum):
    """See the table at the head of this module."""

    NEW = "new"
    CONNECTED = "connected"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class IceAnswer:
    """What follows from a STUN message.

    Attributes:
        response: to be sent to where the message came from; None for silence.
        valid: whether it was a valid check: its source is the peer.
        learned: whether its source is a new address of the peer.
        selected_changed: whether media goes elsewhere from now on.
        forgotten: an address row that is no longer the peer's, to make room for the new one.
    """

    response: bytes | None
    valid: bool = False
    learned: bool = False
    selected_changed: bool = False
    forgotten: bytes | None = None


_SILENCE = IceAnswer(None)


class IceLite:
    """ICE of one transport.

    Args:
        credentials: the first.
        now: monotonic.
        patience: how long to wait for the first valid check.

    Attributes:
        credentials: the newest.
        selected: the address row that media is sent to; None before the first valid check, and
            when the last one known is lost. It is the one nominated last, or where the peer has
            moved to since, and before any nomination the one found first.
        state: as in the table above.
    """

    def __init__(
        self,
        credentials: IceCredentials,
        now: Seconds,
        patience: Seconds = FIRST_CHECK_PATIENCE,
    ) -> None:
        self.credentials = credentials
        self.selected: bytes | None = None
        self.state = IceState.NEW
        self._keys = {credentials.username_fragment: credentials.password.encode()}
        self._proven = credentials.username_fragment
        self._checked: dict[bytes, Seconds] = {}  # addresses, the one silent for longest first
        self._transactions: dict[bytes, bytes] = {}  # of valid checks, and where they came from
        self._expires = Seconds(now + patience)

    @property
    def username_fragments(self) -> tuple[str, ...]:
        """All that are valid now: after a restart, the old one too until the new one is used."""
        return tuple(self._keys)

    @property
    def addresses(self) -> tuple[bytes, ...]:
        """Address rows from which valid checks came, at most MOST_ADDRESSES."""
        return tuple(self._checked)

    def is_fresh(self, address: bytes, now: Seconds) -> bool:
        """Whether the peer has shown just now that it is at an address."""
        checked = self._checked.get(address)
        return checked is not None and now - checked < FRESH

    def receive(self, request: StunMessage, source: bytes, now: Seconds) -> IceAnswer:
        """Answer a STUN message.

        Indications keep a NAT's binding alive and are not answered; they prove nothing, so they
        do not renew consent either. Responses are not ours, as we ask nothing.

        Args:
            request: a message for one of ``username_fragments``, or from one of ``addresses``.
            source: address row that it came from.
            now: monotonic.
        """
        if (
            request.message_class is not MessageClass.REQUEST
            or request.method != BINDING
            or self.state is IceState.EXPIRED
        ):
            return _SILENCE
        transaction = request.transaction_id
        try:
            names = stun_attributes.username(request)
            stun_attributes.priority(request)
            stun_attributes.controlling(request)
            takes_itself_for_controlled = stun_attributes.controlled(request) is not None
        except WireError:
            return IceAnswer(binding_error(transaction, 400))
        if names is None or request.integrity_at is None:
            return IceAnswer(binding_error(transaction, 400))
        key = self._keys.get(names[0])
        if key is None or not verify_integrity(request, key):
            return IceAnswer(binding_error(transaction, 401))
        if request.unknown:
            return IceAnswer(binding_error(transaction, 420, key, request.unknown))
        if takes_itself_for_controlled:
            return IceAnswer(binding_error(transaction, 487, key))
        if self._transactions.setdefault(transaction, source) != source:
            return _SILENCE  # somebody else repeats what the peer has sent
        if len(self._transactions) > MOST_TRANSACTIONS:
            del self._transactions[next(iter(self._transactions))]
        response = binding_success(transaction, _wire_address(source), key)
        return self._take(response, names[0], source, stun_attributes.use_candidate(request), now)

    def _take(
        self, response: bytes, fragment: str, source: bytes, nominated: bool, now: Seconds
    ) -> IceAnswer:
        """A valid check has come."""
        self._prove(fragment)
        self.state = IceState.CONNECTED
        self._expires = Seconds(now + CONSENT_LIFETIME)
        learned = self._checked.pop(source, None) is None
        self._checked[source] = now
        changed = self._goes_to(source, nominated, learned, now)
        if changed:
            self.selected = source
        forgotten = self._forget_one() if len(self._checked) > MOST_ADDRESSES else None
        return IceAnswer(response, True, learned, changed, forgotten)

    def _goes_to(self, source: bytes, nominated: bool, learned: bool, now: Seconds) -> bool:
        """Whether media goes elsewhere from now on: to where this check came from."""
        if self.selected is None:
            return True
        if self.selected == source:
            return False
        silent = now - self._checked[self.selected]
        return nominated or silent >= (MOVED if learned else FRESH)

    def lose(self, address: bytes, now: Seconds) -> bytes | None:
        """An address is no more, as a TCP connection that was closed; consent is left as it is.

        Returns:
            Where media goes from now on, if that has changed: the address heard of last, if it is
            fresh. None when it has not, or when there is none until the next valid check.
        """
        self._checked.pop(address, None)
        if self.selected != address:
            return None
        latest = next(reversed(self._checked), None)
        fresh = latest is not None and self.is_fresh(latest, now)
        self.selected = latest if fresh else None
        return self.selected

    def _prove(self, fragment: str) -> None:
        """The newest credentials are in use: older ones end (RFC 8445 §9)."""
        if fragment != self._proven and fragment == self.credentials.username_fragment:
            self._proven = fragment
            self._keys = {fragment: self._keys[fragment]}

    def _forget_one(self) -> bytes:
        """Forget the address silent for longest, but never the selected one."""
        gone = next(address for address in self._checked if address != self.selected)
        del self._checked[gone]
        return gone

    def restart(self, credentials: IceCredentials, now: Seconds) -> None:
        """Take new credentials (RFC 8445 §9); media goes on where it went.

        Those in use stay valid until the new ones are; any that were given out and never used end.
        The peer gets fresh patience, because it may be without a path until it has restarted.
        """
        if self.state is IceState.EXPIRED:
            return
        proven = self._proven
        self.credentials = credentials
        self._keys = {
            proven: self._keys[proven],
            credentials.username_fragment: credentials.password.encode(),
        }
        self._expires = Seconds(max(self._expires, now + CONSENT_LIFETIME))

    def next_deadline(self) -> Seconds | None:
        """When ``tick`` has something to do; None when it never will again."""
        return None if self.state is IceState.EXPIRED else self._expires

    def tick(self, now: Seconds) -> None:
        """Expire, if no valid check came in time."""
        if now >= self._expires:
            self.state = IceState.EXPIRED


def _wire_address(row: bytes) -> Address:
    """Packed address and port of an address row; IPv4-mapped addresses as the IPv4 they are."""
    port = int.from_bytes(row[2:4], "big")
    if int.from_bytes(row[:2], sys.byteorder) == _IPV4:
        return row[4:8], port
    packed = row[8:24]
    return (packed[12:] if packed.startswith(_V4_MAPPED) else packed), port
