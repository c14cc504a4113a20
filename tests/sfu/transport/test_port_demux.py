"""Owners by fragment and address, and nothing left of those who are gone."""

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from sfu.transport.port_demux import PortDemux


def test_fragments_lead_to_owners() -> None:
    demux: PortDemux[str] = PortDemux()
    demux.add("old", "alice")
    demux.add("new", "alice")
    demux.add("frag", "bob")
    assert [demux.owner_of(name) for name in ("old", "new", "frag", "?")] == [
        "alice", "alice", "bob", None,
    ]  # fmt: skip
    demux.drop("old")
    demux.drop("old")
    assert demux.owner_of("old") is None and demux.owner_of("new") == "alice"


def test_addresses_lead_to_owners() -> None:
    demux: PortDemux[str] = PortDemux()
    demux.learn(b"1", "alice")
    demux.learn(b"2", "alice")
    demux.learn(b"3", "bob")
    assert demux.by_address == {b"1": "alice", b"2": "alice", b"3": "bob"}
    demux.forget(b"1")
    demux.forget(b"1")
    assert demux.by_address == {b"2": "alice", b"3": "bob"}
    demux.forget_owner("alice")
    demux.forget_owner("alice")
    assert demux.by_address == {b"3": "bob"}


def test_address_taken_over_outlives_its_former_owner() -> None:
    demux: PortDemux[str] = PortDemux()
    demux.learn(b"1", "alice")
    demux.learn(b"1", "bob")
    demux.forget_owner("alice")
    assert demux.by_address == {b"1": "bob"}


def test_forgotten_owner_loses_its_fragments() -> None:
    demux: PortDemux[str] = PortDemux()
    demux.add("frag", "alice")
    demux.add("taken", "alice")
    demux.add("taken", "bob")
    demux.forget_owner("alice")
    assert demux.owner_of("frag") is None
    assert demux.owner_of("taken") == "bob"


OWNERS = st.sampled_from(["alice", "bob", "carol"])
ADDRESSES = st.sampled_from([bytes((n,)) for n in range(6)])
FRAGMENTS = st.sampled_from(["a", "b", "c", "d"])


class AnyOrder(RuleBasedStateMachine):
    """Two dictionaries say the same in a slower way."""

    @initialize()
    def begin(self) -> None:
        self.demux: PortDemux[str] = PortDemux()
        self.addresses: dict[bytes, str] = {}
        self.fragments: dict[str, str] = {}

    @rule(address=ADDRESSES, owner=OWNERS)
    def learn(self, address: bytes, owner: str) -> None:
        self.demux.learn(address, owner)
        self.addresses[address] = owner

    @rule(address=ADDRESSES)
    def forget(self, address: bytes) -> None:
        self.demux.forget(address)
        self.addresses.pop(address, None)

    @rule(fragment=FRAGMENTS, owner=OWNERS)
    def add(self, fragment: str, owner: str) -> None:
        self.demux.add(fragment, owner)
        self.fragments[fragment] = owner

    @rule(fragment=FRAGMENTS)
    def drop(self, fragment: str) -> None:
        self.demux.drop(fragment)
        self.fragments.pop(fragment, None)

    @rule(owner=OWNERS)
    def forget_owner(self, owner: str) -> None:
        self.demux.forget_owner(owner)
        self.addresses = {key: one for key, one in self.addresses.items() if one != owner}
        self.fragments = {key: one for key, one in self.fragments.items() if one != owner}

    @invariant()
    def same(self) -> None:
        if not hasattr(self, "demux"):
            return
        assert self.demux.by_address == self.addresses
        for fragment in "abcd":
            assert self.demux.owner_of(fragment) == self.fragments.get(fragment)
        kept = [*self.demux._addresses.values(), *self.demux._fragments.values()]
        assert all(kept), "nothing is kept of those who have nothing"


TestAnyOrder = AnyOrder.TestCase
