"""Values of the STUN attributes that ICE uses, and the answers an ICE-lite server gives.

Addresses are (packed, port): 4 or 16 bytes in network order, as a ``sockaddr`` has them.
"""

from typing import Final, TypeAlias

import msgspec

from sfu.wire.errors import WireError
from sfu.wire.stun import BINDING, COOKIE, Attribute, MessageClass, StunMessage, encode_stun

Address: TypeAlias = tuple[bytes, int]

_COOKIE = COOKIE.to_bytes(4, "big")
_FAMILY_SIZES: Final = {1: 4, 2: 16}
_REASONS: Final = {
    400: b"Bad Request",
    401: b"Unauthenticated",
    420: b"Unknown Attribute",
    487: b"Role Conflict",
}


class StunError(msgspec.Struct, frozen=True):
    """An error answer's code, 300 to 699, and its words for the operator."""

    code: int
    reason: str


def username(message: StunMessage) -> tuple[str, str] | None:
    """The receiver's and the sender's username fragment (RFC 8445 §7.2.2); None when absent.

    Raises:
        WireError: not two fragments joined by a colon.
    """
    value = message.attributes.get(Attribute.USERNAME)
    if value is None:
        return None
    receiver, colon, sender = value.decode("ascii", "replace").partition(":")
    if not receiver or not colon or not value.isascii():
        raise WireError("USERNAME is not two fragments")
    return receiver, sender


def priority(message: StunMessage) -> int | None:
    """PRIORITY of the candidate the check may discover; None when absent.

    Raises:
        WireError: not four bytes.
    """
    return _number(message, Attribute.PRIORITY, 4)


def use_candidate(message: StunMessage) -> bool:
    """Whether the controlling agent nominates the pair (RFC 8445 §8.1.1)."""
    return Attribute.USE_CANDIDATE in message.attributes


def controlling(message: StunMessage) -> int | None:
    """Tie-breaker of a sender that takes itself for controlling, 64 bits; None when absent.

    Raises:
        WireError: not eight bytes.
    """
    return _number(message, Attribute.ICE_CONTROLLING, 8)


def controlled(message: StunMessage) -> int | None:
    """Tie-breaker of a sender that takes itself for controlled, 64 bits; None when absent.

    Raises:
        WireError: not eight bytes.
    """
    return _number(message, Attribute.ICE_CONTROLLED, 8)


def mapped_address(message: StunMessage) -> Address | None:
    """XOR-MAPPED-ADDRESS (RFC 8489 §14.2); None when absent.

    Raises:
        WireError: unknown family or wrong length.
    """
    value = message.attributes.get(Attribute.XOR_MAPPED_ADDRESS)
    if value is None:
        return None
    if len(value) < 4 or _FAMILY_SIZES.get(value[1]) != len(value) - 4:
        raise WireError("XOR-MAPPED-ADDRESS of a wrong length")
    port = int.from_bytes(value[2:4], "big") ^ COOKIE >> 16
    return _masked(value[4:], message.transaction_id), port


def encode_mapped_address(address: Address, transaction_id: bytes) -> bytes:
    """Value of XOR-MAPPED-ADDRESS."""
    packed, port = address
    family = 1 if len(packed) == 4 else 2
    head = bytes((0, family)) + (port ^ COOKIE >> 16).to_bytes(2, "big")
    return head + _masked(packed, transaction_id)


def error_code(message: StunMessage) -> StunError | None:
    """ERROR-CODE (RFC 8489 §14.8); None when absent.

    Raises:
        WireError: too short, or a code that does not exist.
    """
    value = message.attributes.get(Attribute.ERROR_CODE)
    if value is None:
        return None
    if len(value) < 4 or not 3 <= value[2] & 7 <= 6 or value[3] > 99:
        raise WireError("not an ERROR-CODE")
    return StunError((value[2] & 7) * 100 + value[3], value[4:].decode("utf-8", "replace"))


def unknown_attributes(message: StunMessage) -> tuple[int, ...]:
    """UNKNOWN-ATTRIBUTES of a 420 answer; empty when absent.

    Raises:
        WireError: half a type.
    """
    value = message.attributes.get(Attribute.UNKNOWN_ATTRIBUTES, b"")
    if len(value) % 2:
        raise WireError("UNKNOWN-ATTRIBUTES of an odd length")
    return tuple(int.from_bytes(value[at : at + 2], "big") for at in range(0, len(value), 2))


def binding_success(transaction_id: bytes, source: Address, key: bytes) -> bytes:
    """The answer to a good check: where it came from (RFC 8445 §7.3)."""
    value = encode_mapped_address(source, transaction_id)
    attributes = [(int(Attribute.XOR_MAPPED_ADDRESS), value)]
    return encode_stun(BINDING, MessageClass.SUCCESS, transaction_id, attributes, key)


def binding_error(
    transaction_id: bytes, code: int, key: bytes | None = None, unknown: tuple[int, ...] = ()
) -> bytes:
    """A refusal.

    Args:
        transaction_id: of the request.
        code: 400, 401, 420 or 487.
        key: None for 400 and 401, which are not signed (RFC 8489 §9.1.3).
        unknown: the types not understood, for 420.
    """
    value = bytes((0, 0, code // 100, code % 100)) + _REASONS.get(code, b"")
    attributes = [(int(Attribute.ERROR_CODE), value)]
    if unknown:
        types = b"".join(number.to_bytes(2, "big") for number in unknown)
        attributes.append((int(Attribute.UNKNOWN_ATTRIBUTES), types))
    return encode_stun(BINDING, MessageClass.ERROR, transaction_id, attributes, key)


def _masked(packed: bytes, transaction_id: bytes) -> bytes:
    size = len(packed)
    mask = int.from_bytes((_COOKIE + transaction_id)[:size], "big")
    return (int.from_bytes(packed, "big") ^ mask).to_bytes(size, "big")


def _number(message: StunMessage, attribute: Attribute, size: int) -> int | None:
    value = message.attributes.get(attribute)
    if value is None:
        return None
    if len(value) != size:
        raise WireError(f"{attribute.name} of {len(value)} bytes")
    return int.from_bytes(value, "big")
