"""Whether an SCTP packet is well-formed (RFC 9260 §3), asked before anybody acts on it.

    source port (2) | destination port (2) | verification tag (4) | checksum (4)
    chunks: type (1) | flags (1) | length (2) | value, padded to 32 bits ...

The checksum is left to whoever reads the packet. What is looked at here is what makes a careless
reader loop, overrun or allocate: lengths, the parameters inside chunks, stream numbers, and the gap
blocks of acknowledgements, of which one packet can name twenty million.
"""

from collections.abc import Callable
from typing import Final

from sfu.units import Octets

MOST_STREAMS: Final = 1024
"""Streams in each direction: as many as browsers have."""

MOST_GAP: Final = 4096
"""Chunks beyond the acknowledged ones that an acknowledgement may speak of."""

_COMMON_HEADER, _CHUNK_HEADER = 12, 4
_DATA, _INIT, _INIT_ACK, _SACK, _HEARTBEAT, _HEARTBEAT_ACK, _ABORT, _SHUTDOWN = range(8)
_ERROR, _COOKIE_ECHO, _RECONFIG, _FORWARD_TSN = 9, 10, 130, 192
_SHORTEST_INIT = 16
_RESET_OUTGOING, _RESET_RESPONSE, _ADD_OUTGOING = 13, 16, 17
_SHORTEST_PARAMETERS: Final = {_RESET_OUTGOING: 12, _RESET_RESPONSE: 8, _ADD_OUTGOING: 8}


def is_sound(packet: Octets) -> bool:
    """Whether all chunks of a packet are complete and within bounds."""
    data = bytes(packet)
    size = len(data)
    if size < _COMMON_HEADER + _CHUNK_HEADER:
        return False
    at, kinds = _COMMON_HEADER, []
    while at < size:
        if size - at < _CHUNK_HEADER:
            return False
        kind = data[at]
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if length < _CHUNK_HEADER or at + length > size:
            return False
        check = _CHECKS.get(kind)
        if check is not None and not check(data[at + _CHUNK_HEADER : at + length]):
            return False
        kinds.append(kind)
        at += length + (-length & 3)
    return len(kinds) == 1 or (_INIT not in kinds and _INIT_ACK not in kinds)


def _is_data(value: bytes) -> bool:
    """With data, on a stream that there is (RFC 9260 §3.3.1)."""
    return len(value) > 12 and _number(value, 4) < MOST_STREAMS


def _is_init(value: bytes) -> bool:
    """Without a tag or without streams it may not be answered (RFC 9260 §3.3.2)."""
    return (
        len(value) >= _SHORTEST_INIT
        and value[:4] != bytes(4)
        and _number(value, 8) > 0
        and _number(value, 10) > 0
        and _are_parameters(value[_SHORTEST_INIT:])
    )


def _is_sack(value: bytes) -> bool:
    """Gap blocks are ascending, apart, and near (RFC 9260 §3.3.4)."""
    if len(value) < 12:
        return False
    gaps, duplicates = _number(value, 8), _number(value, 10)
    if len(value) != 12 + 4 * (gaps + duplicates):
        return False
    before = 0
    for at in range(12, 12 + 4 * gaps, 4):
        start, end = _number(value, at), _number(value, at + 2)
        if not before < start <= end:
            return False
        before = end
    return before <= MOST_GAP


def _is_forward_tsn(value: bytes) -> bool:
    streams = range(4, len(value), 4)
    return (
        len(value) >= 4
        and not len(value) % 4
        and all(_number(value, at) < MOST_STREAMS for at in streams)
    )


def _is_reconfig(value: bytes) -> bool:
    """Its parameters are complete themselves (RFC 6525 §4)."""
    at = 0
    if not _are_parameters(value):
        return False
    while at < len(value):
        kind, length = _number(value, at), _number(value, at + 2)
        if length - 4 < _SHORTEST_PARAMETERS.get(kind, 0):
            return False
        if kind == _RESET_OUTGOING and length % 2:
            return False
        at += length + (-length & 3)
    return True


def _are_parameters(value: bytes) -> bool:
    """Type, length and value one after the other, up to the end."""
    at, size = 0, len(value)
    while at < size:
        if size - at < 4:
            return False
        length = _number(value, at + 2)
        if length < 4 or at + length > size:
            return False
        at += length + (-length & 3)
    return True


def _is_shutdown(value: bytes) -> bool:
    return len(value) == 4


def _number(value: bytes, at: int) -> int:
    return value[at] << 8 | value[at + 1]


_CHECKS: Final[dict[int, Callable[[bytes], bool]]] = {
    _DATA: _is_data,
    _INIT: _is_init,
    _INIT_ACK: _is_init,
    _SACK: _is_sack,
    _HEARTBEAT: _are_parameters,
    _HEARTBEAT_ACK: _are_parameters,
    _ABORT: _are_parameters,
    _SHUTDOWN: _is_shutdown,
    _ERROR: _are_parameters,
    _RECONFIG: _is_reconfig,
    _FORWARD_TSN: _is_forward_tsn,
}
