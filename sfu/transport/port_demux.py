"""Whose datagram it is, on the one port that all peers share.

A peer is named by the username fragment of its transport (RFC 8445 §7.3) until a valid check has
shown where it is; from then on by its address. Nothing is kept about sources that have not proved
themselves, so forged ones cost no memory.
"""

from collections.abc import Hashable
from typing import Generic, TypeVar

Owner = TypeVar("Owner", bound=Hashable)


class PortDemux(Generic[Owner]):
    """Owners by username fragment and by address.

    Attributes:
        by_address: owners by address row (``sfu.transport.destinations.pack_address``); to be
            read, never written, by the loop that receives.
    """

    def __init__(self) -> None:
        self.by_address: dict[bytes, Owner] = {}
        self._by_fragment: dict[str, Owner] = {}
        self._addresses: dict[Owner, set[bytes]] = {}
        self._fragments: dict[Owner, set[str]] = {}

    def add(self, username_fragment: str, owner: Owner) -> None:
        """Let checks for a fragment reach an owner, in place of whoever had the fragment."""
        self.drop(username_fragment)
        self._by_fragment[username_fragment] = owner
        self._fragments.setdefault(owner, set()).add(username_fragment)

    def drop(self, username_fragment: str) -> None:
        """Forget a fragment; harmless when it is not known."""
        owner = self._by_fragment.pop(username_fragment, None)
        if owner is not None:
            _discard(self._fragments, owner, username_fragment)

    def owner_of(self, username_fragment: str) -> Owner | None:
        """Whom a check for this fragment is for."""
        return self._by_fragment.get(username_fragment)

    def learn(self, address: bytes, owner: Owner) -> None:
        """A valid check of the owner's peer came from here: so do its datagrams.

        An address that was another's goes over to the new owner: a NAT has given the port away.
        """
        self.forget(address)
        self.by_address[address] = owner
        self._addresses.setdefault(owner, set()).add(address)

    def forget(self, address: bytes) -> None:
        """Nobody is at this address any more; harmless when nobody was."""
        owner = self.by_address.pop(address, None)
        if owner is not None:
            _discard(self._addresses, owner, address)

    def forget_owner(self, owner: Owner) -> None:
        """Forget an owner with all its fragments and those addresses that are still its own."""
        for fragment in self._fragments.pop(owner, ()):
            del self._by_fragment[fragment]
        for address in self._addresses.pop(owner, ()):
            del self.by_address[address]


Key = TypeVar("Key")
Value = TypeVar("Value")


def _discard(sets: dict[Key, set[Value]], key: Key, value: Value) -> None:
    """Take a value out of a key's set, and the key with its last value."""
    values = sets[key]
    values.discard(value)
    if not values:
        del sets[key]
