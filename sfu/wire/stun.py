"""STUN messages as an ICE-lite server needs them (RFC 8489, RFC 8445 §7 and §16).

     0                   1                   2                   3
     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    |0 0|     STUN message type     |         message length        |
    |                  magic cookie 0x2112A442                      |
    |                  transaction id (96 bits)                     |
    |  attribute type               |  length                       |
    |  value, padded to 32 bits ...                                 |

Reading a message checks its framing and fingerprint. Whether it is authentic is asked separately
(``verify_integrity``), because the key depends on the username inside.
"""

import hmac
import struct
import zlib
from collections.abc import Iterable
from enum import IntEnum
from typing import Final

import msgspec

from sfu.units import Octets
from sfu.wire.errors import WireError

BINDING: Final = 0x001
COOKIE: Final = 0x2112A442
HEADER_SIZE: Final = 20

_HEADER = struct.Struct("!HHI12s")
_TLV = struct.Struct("!HH")
_INTEGRITY_SIZE = 20
_FINGERPRINT_XOR = 0x5354554E
_OPTIONAL = 0x8000


class MessageClass(IntEnum):
    """The two class bits (RFC 8489 §5)."""

    REQUEST = 0
    INDICATION = 1
    SUCCESS = 2
    ERROR = 3


_CLASSES = tuple(MessageClass)


class Attribute(IntEnum):
    """Attribute types; those below 0x8000 must be understood or refused (RFC 8489 §14)."""

    MAPPED_ADDRESS = 0x0001
    USERNAME = 0x0006
    MESSAGE_INTEGRITY = 0x0008
    ERROR_CODE = 0x0009
    UNKNOWN_ATTRIBUTES = 0x000A
    REALM = 0x0014
    NONCE = 0x0015
    XOR_MAPPED_ADDRESS = 0x0020
    PRIORITY = 0x0024
    USE_CANDIDATE = 0x0025
    SOFTWARE = 0x8022
    FINGERPRINT = 0x8028
    ICE_CONTROLLED = 0x8029
    ICE_CONTROLLING = 0x802A


_INTEGRITY = int(Attribute.MESSAGE_INTEGRITY)
_FINGERPRINT = int(Attribute.FINGERPRINT)
_KNOWN = frozenset(int(attribute) for attribute in Attribute)


class StunMessage(msgspec.Struct, frozen=True):
    """One message.

    Attributes:
        method: 12 bits; ``BINDING`` in ICE.
        message_class: request, indication, success or error.
        transaction_id: 12 bytes.
        attributes: values by type, without padding; of a repeated type the first (RFC 8489 §14).
            What follows MESSAGE-INTEGRITY is left out, as §14.5 demands.
        unknown: comprehension-required types that are not understood, in order, each once: a
            request with any is answered by error 420.
        integrity_at: offset of MESSAGE-INTEGRITY, None when there is none.
        has_fingerprint: whether there was one (it was then right).
        raw: the whole message.
    """

    method: int
    message_class: MessageClass
    transaction_id: bytes
    attributes: dict[int, bytes]
    unknown: tuple[int, ...]
    integrity_at: int | None
    has_fingerprint: bool
    raw: bytes


def parse_stun(data: Octets) -> StunMessage:
    """Read one message that fills the datagram.

    Raises:
        WireError: wrong cookie, length or fingerprint, or attributes that exceed the message.
    """
    size = len(data)
    if size < HEADER_SIZE:
        raise WireError(f"STUN message of {size} bytes")
    kind, length, cookie, transaction_id = _HEADER.unpack_from(data)
    if kind > 0x3FFF or cookie != COOKIE or length != size - HEADER_SIZE or length % 4:
        raise WireError("not a STUN header")
    raw = bytes(data)
    attributes, integrity_at, has_fingerprint = _parse_attributes(raw)
    return StunMessage(
        method=kind & 0x000F | kind >> 1 & 0x0070 | kind >> 2 & 0x0F80,
        message_class=_CLASSES[kind >> 7 & 2 | kind >> 4 & 1],
        transaction_id=transaction_id,
        attributes=attributes,
        unknown=tuple(
            attribute
            for attribute in attributes
            if attribute < _OPTIONAL and attribute not in _KNOWN
        ),
        integrity_at=integrity_at,
        has_fingerprint=has_fingerprint,
        raw=raw,
    )


def _parse_attributes(raw: bytes) -> tuple[dict[int, bytes], int | None, bool]:
    """Values by type, offset of MESSAGE-INTEGRITY, and whether there is a fingerprint."""
    attributes: dict[int, bytes] = {}
    integrity_at = None
    at, size = HEADER_SIZE, len(raw)
    while at < size:
        attribute, length = _TLV.unpack_from(raw, at)
        end = at + 4 + length
        if end > size:
            raise WireError("STUN attribute exceeds the message")
        if attribute == _FINGERPRINT:
            if length != 4 or end != size:
                raise WireError("FINGERPRINT of a wrong length, or not the last attribute")
            _check_fingerprint(raw, at)
            return attributes, integrity_at, True
        if integrity_at is None:
            if attribute == _INTEGRITY:
                if length != _INTEGRITY_SIZE:
                    raise WireError("MESSAGE-INTEGRITY of a wrong length")
                integrity_at = at
            else:
                attributes.setdefault(attribute, raw[at + 4 : end])
        at = end + (-length & 3)
    return attributes, integrity_at, False


def verify_integrity(message: StunMessage, key: bytes) -> bool:
    """Whether the message was made by someone who has ``key``; False without MESSAGE-INTEGRITY.

    The comparison takes the same time wherever the difference is (RFC 8489 §14.5).
    """
    at = message.integrity_at
    if at is None:
        return False
    raw = message.raw
    given = raw[at + 4 : at + 4 + _INTEGRITY_SIZE]
    return hmac.compare_digest(_integrity(raw[:at], key), given)


def encode_stun(
    method: int,
    message_class: MessageClass,
    transaction_id: bytes,
    attributes: Iterable[tuple[int, bytes]] = (),
    key: bytes | None = None,
) -> bytes:
    """A message with the attributes in the given order, then integrity and fingerprint.

    Args:
        method: 12 bits.
        message_class: two bits.
        transaction_id: 12 bytes.
        attributes: (type, value) without padding.
        key: signs the message (the ICE password, RFC 8445 §7.2.2); None leaves it unsigned.
    """
    parts = [b""]
    for attribute, value in attributes:
        parts.append(_TLV.pack(attribute, len(value)) + value + bytes(-len(value) & 3))
    body = b"".join(parts)
    kind = (
        method & 0x000F
        | (method & 0x0070) << 1
        | (method & 0x0F80) << 2
        | (message_class & 1) << 4
        | (message_class & 2) << 7
    )
    message = _HEADER.pack(kind, len(body), COOKIE, transaction_id) + body
    if key is not None:
        message += _TLV.pack(_INTEGRITY, _INTEGRITY_SIZE) + _integrity(message, key)
    message = _with_length(message, len(message) + 8 - HEADER_SIZE)
    checksum = zlib.crc32(message) ^ _FINGERPRINT_XOR
    return message + struct.pack("!HHI", _FINGERPRINT, 4, checksum)


def _with_length(message: bytes, length: int) -> bytes:
    return message[:2] + length.to_bytes(2, "big") + message[4:]


def _integrity(before: bytes, key: bytes) -> bytes:
    """HMAC-SHA1 of what precedes the attribute, as if the message ended with it (§14.5)."""
    length = len(before) - HEADER_SIZE + 4 + _INTEGRITY_SIZE
    return hmac.digest(key, _with_length(before, length), "sha1")


def _check_fingerprint(raw: bytes, at: int) -> None:
    """CRC-32 of what precedes the attribute, exclusive-or "STUN" (§14.7)."""
    if zlib.crc32(raw[:at]) ^ _FINGERPRINT_XOR != int.from_bytes(raw[at + 4 : at + 8], "big"):
        raise WireError("FINGERPRINT does not match")
