"""Where packets go: the worker's peers as a structure of arrays, an entry per slot."""

import ipaddress
import struct
from typing import Final

import numpy as np
import numpy.typing as npt

from sfu.units import U8, U16, Mask

ADDRESS_BYTES = 28
"""Size of a socket address row: of ``struct sockaddr_in6``."""

STREAM_FAMILY: Final = b"\xff\xff"
"""First bytes of the address row of a TCP connection, which no socket sends to: see
``stream_addresses``."""

_IPV4, _IPV6 = 2, 10
_V4_ROW = struct.Struct("=H2s4s20x")
_V6_ROW = struct.Struct("=H2s4x16sI")
_V4_MAPPED = bytes(10) + b"\xff\xff"


def pack_address(host: str, port: int, *, dual_stack: bool = True) -> bytes:
    """An address as the kernel writes it: the key by which a peer is found, and sent to.

    Args:
        host: IPv4 or IPv6 address; a scope (``%3``) must be a number.
        port: UDP port.
        dual_stack: for an IPv6 socket that carries IPv4 too (as ``::ffff:a.b.c.d``); otherwise
            for an IPv4 socket.

    Returns:
        ``struct sockaddr_in6``, or ``struct sockaddr_in`` and zeros: ADDRESS_BYTES bytes.

    Raises:
        ValueError: ``host`` is no address, or is an IPv6 address for an IPv4 socket.
    """
    address = ipaddress.ip_address(host)
    wire_port = port.to_bytes(2, "big")
    if isinstance(address, ipaddress.IPv6Address):
        if not dual_stack:
            raise ValueError(f"{host} cannot be reached from an IPv4 socket")
        return _V6_ROW.pack(_IPV6, wire_port, address.packed, int(address.scope_id or 0))
    if dual_stack:
        return _V6_ROW.pack(_IPV6, wire_port, _V4_MAPPED + address.packed, 0)
    return _V4_ROW.pack(_IPV4, wire_port, address.packed)


def unpack_address(row: bytes) -> tuple[str, int]:
    """Host and port of an address row; IPv4-mapped addresses come back as IPv4."""
    port = int.from_bytes(row[2:4], "big")
    if row[:2] == _IPV4.to_bytes(2, "little"):
        return str(ipaddress.IPv4Address(row[4:8])), port
    _, _, packed, scope = _V6_ROW.unpack(row)
    if packed.startswith(_V4_MAPPED):
        return str(ipaddress.IPv4Address(packed[12:])), port
    host = str(ipaddress.IPv6Address(packed))
    return (f"{host}%{scope}" if scope else host), port


class Destinations:
    """The transports a worker can send to.

    A transport has one slot as long as it lives; roaming rewrites the slot's address. Rows are
    never moved, because the kernel is given pointers to them.

    Attributes:
        addresses: uint8, shape (capacity, ADDRESS_BYTES), socket addresses.
        pointers: uint64, shape (capacity,), where each address stands in memory.
        next_number: uint16, shape (capacity,), the transport-wide sequence number of the next
            packet (draft-holmer-rmcat-transport-wide-cc-extensions §2).
        is_stream: bool, shape (capacity,), slots whose address is a TCP connection.
        streams: how many of them there are.
    """

    def __init__(self, capacity: int) -> None:
        self.addresses: U8 = np.zeros((capacity, ADDRESS_BYTES), np.uint8)
        self.pointers: npt.NDArray[np.uint64] = np.arange(capacity, dtype=np.uint64)
        self.pointers *= np.uint64(ADDRESS_BYTES)
        self.pointers += np.uint64(self.addresses.ctypes.data)
        self.next_number: U16 = np.zeros(capacity, np.uint16)
        self.is_stream: Mask = np.zeros(capacity, np.bool_)
        self.streams = 0
        self._free = list(range(capacity - 1, -1, -1))

    def allocate(self, address: bytes) -> int:
        """Take a slot for a transport whose address is known.

        Raises:
            IndexError: all slots are taken.
        """
        slot = self._free.pop()
        self.next_number[slot] = 0
        self.move(slot, address)
        return slot

    def release(self, slot: int) -> None:
        """Give a slot back; nothing may be on its way to it."""
        self._free.append(slot)
        self._note_stream(slot, False)

    def move(self, slot: int, address: bytes) -> None:
        """Set the address of a slot: packets not yet sent go to the new one."""
        self.addresses[slot] = np.frombuffer(address, np.uint8)
        self._note_stream(slot, address.startswith(STREAM_FAMILY))

    def _note_stream(self, slot: int, is_stream: bool) -> None:
        self.streams += int(is_stream) - int(self.is_stream[slot])
        self.is_stream[slot] = is_stream

    def address(self, slot: int) -> bytes:
        """The address row of a slot."""
        row: bytes = self.addresses[slot].tobytes()
        return row

    def take_number(self, slot: int) -> int:
        """The transport-wide sequence number for one packet to a slot; the next one is its own."""
        number = int(self.next_number[slot])
        self.next_number[slot] = number + 1 & 0xFFFF
        return number
