"""Transport-wide congestion feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1).

     0                   1                   2                   3
     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    |      base sequence number     |      packet status count      |
    |                 reference time                | fb pkt. count |
    |          packet chunk         |  ...          |  recv delta   |

Arrival times are in ticks of 250 µs, the reference time in 64 ms. A packet's status is a symbol:
not received, received with a delta of one byte, received with a delta of two. Symbols are held as
the ASCII digits 0, 1 and 2, which ``int`` reads in base 2 or 4 as the chunks pack them.
"""

import struct
from typing import Final

import msgspec
import numpy as np

from sfu.units import I64, U8, U16
from sfu.wire.errors import WireError

TICK_US: Final = 250
TICKS_PER_REFERENCE: Final = 256
MOST_PACKETS: Final = 0xFFFF
NOT_RECEIVED: Final = -1
"""Marks a packet that did not arrive in a column of arrival times."""

_HEADER = struct.Struct("!HHI")
_CHUNK = struct.Struct("!H")
_ZERO, _LARGE, _RESERVED = b"0", b"2", b"3"
_LONGEST_RUN = 0x1FFF
_ONE_BIT, _ONE_BIT_SYMBOLS = 0x8000, 14
_TWO_BIT, _TWO_BIT_SYMBOLS = 0xC000, 7
_TICK_US = np.array(TICK_US)
_NOT_RECEIVED = np.array(NOT_RECEIVED)
_LARGE_DELTA = np.array(0x100, np.uint64)
_TWO = np.array(ord("2"), np.uint8)
_EIGHT_BITS = tuple(format(byte, "08b").encode() for byte in range(256))
_FOUR_PAIRS = tuple(
    bytes(ord("0") + (byte >> shift & 3) for shift in (6, 4, 2, 0)) for byte in range(256)
)


class Arrivals(msgspec.Struct, frozen=True):
    """What one feedback packet says.

    Attributes:
        base: first transport-wide sequence number it speaks of.
        count: how many it speaks of; those not in ``sequence_number`` did not arrive (yet).
        feedback_number: counts feedback packets, 8 bits.
        sequence_number: of the packets that arrived, in sending order; uint16, shape (n,).
        ticks: when they arrived, in 250 µs of the receiver's clock; int64, shape (n,). Wraps
            with the reference time, after twelve days.
    """

    base: int
    count: int
    feedback_number: int
    sequence_number: U16
    ticks: I64


def build_feedback(base: int, arrivals_us: I64, feedback_number: int) -> tuple[bytes, int]:
    """Control information about consecutive packets, as many as one feedback packet can tell of.

    Args:
        base: transport-wide sequence number of the first, 16 bits.
        arrivals_us: when each arrived, in microseconds of a monotonic clock, or ``NOT_RECEIVED``;
            int64, shape (n,), n up to ``MOST_PACKETS``. In sending order, so times may go back.
        feedback_number: counts feedback packets, 8 bits.

    Returns:
        The control information, unpadded, and the number of packets it tells of: fewer than n
        when two that follow each other are 8.19 s or more apart. Build the rest with the next
        feedback number.

    Raises:
        ValueError: nothing arrived, or too many packets.
    """
    received = (arrivals_us > _NOT_RECEIVED).nonzero()[0]
    if not len(received) or len(arrivals_us) > MOST_PACKETS:
        raise ValueError("feedback about no packet, or about too many")
    deltas = arrivals_us[received] // _TICK_US
    reference = int(deltas[0]) // TICKS_PER_REFERENCE
    deltas[1:] -= deltas[:-1].copy()
    deltas[0] -= reference * TICKS_PER_REFERENCE
    # As an unsigned number, a negative delta is large, too.
    small = deltas.view(np.uint64) < _LARGE_DELTA
    count = len(arrivals_us)
    if not small.all():
        too_far = (deltas != deltas.astype(np.int16)).nonzero()[0]
        if len(too_far):
            # What was lost just before the packet that is too far away goes with it.
            kept = int(too_far[0])
            count = int(received[kept - 1]) + 1
            received, deltas, small = received[:kept], deltas[:kept], small[:kept]
    symbols = np.full(count, _ZERO[0], np.uint8)
    symbols[received] = _TWO - small
    head = _HEADER.pack(base, count, (reference & 0xFFFFFF) << 8 | feedback_number & 0xFF)
    return head + _encode_chunks(symbols.tobytes()) + _encode_deltas(deltas, small), count


def parse_feedback(fci: bytes) -> Arrivals:
    """Read the control information of one feedback packet.

    Raises:
        WireError: cut off, about no packet, or with a reserved symbol.
    """
    if len(fci) < _HEADER.size:
        raise WireError("transport feedback is cut off")
    base, count, times = _HEADER.unpack_from(fci)
    if not count:
        raise WireError("transport feedback about no packet")
    symbols, at = _parse_chunks(fci, count)
    if _RESERVED in symbols:
        raise WireError("reserved status symbol")
    numbers = np.arange(base, base + count).astype(np.uint16)
    digits = np.frombuffer(symbols, np.uint8)
    if _ZERO in symbols:
        received = (digits - _ZERO[0]).nonzero()[0]
        numbers, digits = numbers[received], digits[received]
    ticks = _parse_deltas(fci[at:], digits, _LARGE in symbols).cumsum(dtype=np.int64)
    ticks += ((times >> 8 ^ 0x800000) - 0x800000) * TICKS_PER_REFERENCE
    return Arrivals(base, count, times & 0xFF, numbers, ticks)


def _encode_chunks(symbols: bytes) -> bytes:
    chunks = bytearray()
    at, size = 0, len(symbols)
    while at < size:
        window = symbols[at : at + _ONE_BIT_SYMBOLS]
        first = symbols[at : at + 1]
        run = len(window) - len(window.lstrip(first))
        if run == len(window):
            longest = symbols[at : at + _LONGEST_RUN]
            run = len(longest) - len(longest.lstrip(first))
            chunk = int(first) << 13 | run
        elif _LARGE not in window:
            run = _ONE_BIT_SYMBOLS
            chunk = _ONE_BIT | int(window.ljust(run, _ZERO), 2)
        elif run >= _TWO_BIT_SYMBOLS:
            chunk = int(first) << 13 | run
        else:
            run = _TWO_BIT_SYMBOLS
            chunk = _TWO_BIT | int(window[:run].ljust(run, _ZERO), 4)
        chunks += _CHUNK.pack(chunk)
        at += run
    return bytes(chunks)


def _encode_deltas(deltas: I64, small: np.typing.NDArray[np.bool_]) -> bytes:
    if small.all():
        return deltas.astype(np.uint8).tobytes()
    pairs = np.empty((len(deltas), 2), np.uint8)
    pairs[:, 0], pairs[:, 1] = deltas >> 8 & 0xFF, deltas & 0xFF
    wanted = np.ones((len(deltas), 2), np.bool_)
    wanted[:, 0] = ~small
    return pairs[wanted].tobytes()


def _parse_chunks(fci: bytes, count: int) -> tuple[bytes, int]:
    """The symbols of ``count`` packets, and where the deltas begin."""
    parts = []
    missing, at = count, _HEADER.size
    while missing > 0:
        if at + 2 > len(fci):
            raise WireError("transport feedback has too few chunks")
        chunk = fci[at] << 8 | fci[at + 1]
        at += 2
        if chunk < _ONE_BIT:
            # A run of none is allowed and says nothing; the chunks are as many as the bytes.
            part = b"%d" % (chunk >> 13) * min(chunk & _LONGEST_RUN, missing)
        elif chunk < _TWO_BIT:
            part = _EIGHT_BITS[chunk >> 8 & 0x3F][2:] + _EIGHT_BITS[chunk & 0xFF]
        else:
            part = _FOUR_PAIRS[chunk >> 8 & 0x3F][1:] + _FOUR_PAIRS[chunk & 0xFF]
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)[:count], at


def _parse_deltas(data: bytes, digits: U8, any_large: bool) -> I64 | U8:
    """Deltas in ticks, one per digit 1 (unsigned byte) or 2 (signed, two bytes)."""
    if len(data) < len(digits):
        raise WireError("transport feedback has too few deltas")
    if not any_large:
        return np.frombuffer(data, np.uint8, len(digits))
    sizes = digits - _ZERO[0]
    ends = np.cumsum(sizes, dtype=np.int64)
    if ends[-1] > len(data):
        raise WireError("transport feedback has too few deltas")
    octets = np.frombuffer(data, np.uint8).astype(np.int64)
    low = octets[ends - 1]
    high = octets[ends - sizes]
    large = low + ((high << 8 ^ 0x8000) - 0x8000)
    return np.where(sizes == 2, large, low)
