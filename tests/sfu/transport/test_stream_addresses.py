"""Address rows of TCP connections."""

import pytest

from sfu.transport.destinations import (
    ADDRESS_BYTES,
    Destinations,
    pack_address,
    unpack_address,
)
from sfu.transport.stream_addresses import is_stream, pack_stream_address, site_of


@pytest.mark.parametrize("host", ["192.0.2.7", "2001:db8::7"])
def test_a_row_tells_where_a_connection_comes_from(host: str) -> None:
    row = pack_stream_address(host, 4711, 9)
    assert len(row) == ADDRESS_BYTES
    assert is_stream(row)
    assert unpack_address(row) == (host, 4711)
    assert row != pack_stream_address(host, 4711, 10)


def test_mapped_addresses_are_those_they_stand_for() -> None:
    mapped = pack_stream_address("::ffff:192.0.2.7", 1, 2)
    assert mapped == pack_stream_address("192.0.2.7", 1, 2)
    assert site_of("::ffff:192.0.2.7") == site_of("192.0.2.7")


@pytest.mark.parametrize("host", ["192.0.2.7", "2001:db8::7", "0.0.0.0", "::"])
@pytest.mark.parametrize("dual_stack", [True, False])
def test_no_datagram_comes_from_such_an_address(host: str, dual_stack: bool) -> None:
    if dual_stack or ":" not in host:
        assert not is_stream(pack_address(host, 65535, dual_stack=dual_stack))


def test_a_site_is_an_address_or_a_subnet() -> None:
    assert site_of("192.0.2.7") != site_of("192.0.2.8")
    assert site_of("2001:db8::7") == site_of("2001:db8::8")
    assert site_of("2001:db8::7") != site_of("2001:db8:0:1::7")
    assert site_of("fe80::1%eth0") == site_of("fe80::2")


def test_destinations_know_which_of_them_are_connections() -> None:
    destinations = Destinations(4)
    udp, tcp = pack_address("192.0.2.7", 1), pack_stream_address("192.0.2.7", 1, 1)
    first, second = destinations.allocate(tcp), destinations.allocate(udp)
    assert (destinations.streams, bool(destinations.is_stream[first])) == (1, True)
    destinations.move(first, tcp)
    destinations.move(second, tcp)
    assert destinations.streams == 2
    destinations.move(first, udp)
    assert destinations.streams == 1
    destinations.release(second)
    assert destinations.streams == 0
    assert not destinations.is_stream.any()
