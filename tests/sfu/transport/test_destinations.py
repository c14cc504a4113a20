import ctypes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.transport.destinations import ADDRESS_BYTES, Destinations, pack_address, unpack_address

ports = st.integers(0, 65535)


@given(st.ip_addresses(v=4).map(str), ports, st.booleans())
def test_ipv4_comes_back(host: str, port: int, dual_stack: bool) -> None:
    row = pack_address(host, port, dual_stack=dual_stack)
    assert len(row) == ADDRESS_BYTES
    assert unpack_address(row) == (host, port)


@given(st.ip_addresses(v=6).map(str).filter(lambda host: not host.startswith("::ffff:")), ports)
def test_ipv6_comes_back(host: str, port: int) -> None:
    assert unpack_address(pack_address(host, port)) == (host, port)


def test_scope_comes_back() -> None:
    assert unpack_address(pack_address("fe80::1%3", 9)) == ("fe80::1%3", 9)


def test_ipv6_needs_an_ipv6_socket() -> None:
    with pytest.raises(ValueError, match="cannot be reached"):
        pack_address("::1", 1, dual_stack=False)


def test_slots_are_given_once_and_again() -> None:
    destinations = Destinations(2)
    first, second = (destinations.allocate(pack_address("10.0.0.1", n)) for n in (1, 2))
    assert first != second
    with pytest.raises(IndexError):
        destinations.allocate(pack_address("10.0.0.1", 3))
    destinations.next_number[first] = 7
    destinations.release(first)
    assert destinations.allocate(pack_address("10.0.0.1", 4)) == first
    assert destinations.next_number[first] == 0


def test_pointer_follows_the_move() -> None:
    destinations = Destinations(3)
    destinations.allocate(pack_address("10.0.0.1", 1))
    slot = destinations.allocate(pack_address("10.0.0.1", 2))
    moved = pack_address("10.0.0.2", 3)
    pointer = int(destinations.pointers[slot])
    destinations.move(slot, moved)
    assert ctypes.string_at(pointer, ADDRESS_BYTES) == moved == destinations.address(slot)


def test_numbers_wrap() -> None:
    destinations = Destinations(1)
    destinations.next_number[0] = 65535
    assert [destinations.take_number(0) for _ in range(3)] == [65535, 0, 1]
