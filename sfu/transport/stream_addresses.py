"""Addresses of peers that are reached by a TCP connection of theirs.

They have the shape of other address rows, so that everything that knows peers by their address
(ICE, the port demultiplexer, the destinations) knows these too: a family that no socket has, the
connection's number, and where it comes from, which the answers to its checks tell::

    family  port  number  IPv6 address, or an IPv4 one mapped  zeros
    2       2     4       16                                   4      bytes
"""

import ipaddress
import struct
from typing import Final

from sfu.transport.destinations import STREAM_FAMILY

_ROW: Final = struct.Struct(">2sHI16s4x")
_V4_MAPPED: Final = bytes(10) + b"\xff\xff"
_SITE_BYTES: Final = 8

NUMBERS: Final = 1 << 32
"""Connection numbers, before they begin anew."""


def pack_stream_address(host: str, port: int, number: int) -> bytes:
    """The address row of a connection.

    Args:
        host: IPv4 or IPv6 address that it comes from; a scope is left out.
        port: TCP port that it comes from.
        number: 0 to NUMBERS - 1, which no other connection has.

    Raises:
        ValueError: ``host`` is no address.
    """
    return _ROW.pack(STREAM_FAMILY, port, number, _packed(host))


def is_stream(row: bytes) -> bool:
    """Whether an address row is that of a connection."""
    return row[:2] == STREAM_FAMILY


def site_of(host: str) -> bytes:
    """What counts as one place: an IPv4 address, or the /64 that one IPv6 site has for itself.

    Raises:
        ValueError: ``host`` is no address.
    """
    packed = _packed(host)
    return packed if packed.startswith(_V4_MAPPED) else packed[:_SITE_BYTES]


def _packed(host: str) -> bytes:
    address = ipaddress.ip_address(host.partition("%")[0])
    packed = address.packed
    return packed if address.version == 6 else _V4_MAPPED + packed
