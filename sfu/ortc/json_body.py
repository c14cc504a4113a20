"""From JSON that somebody sent to a struct, or to an error that can be shown to them."""

from typing import Final, TypeVar

import msgspec

from sfu.ortc.errors import invalid

MOST_BYTES: Final = 65_536
"""Of one body. A browser's whole capabilities take a tenth of it."""

Body = TypeVar("Body")


def decode_body(raw: bytes | msgspec.Raw, shape: type[Body], noun: str) -> Body:
    """Read one body; fields that are not known are passed over.

    Args:
        raw: UTF-8 JSON.
        shape: the struct.
        noun: what the sender calls it.

    Raises:
        OrtcError: ``invalid-parameters``: too long, not JSON, or not of that shape.
    """
    if len(bytes(raw)) > MOST_BYTES:
        raise invalid(f"The {noun} exceed {MOST_BYTES} bytes.")
    try:
        return msgspec.json.decode(raw, type=shape)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise invalid(f"The {noun} cannot be read: {error}.") from None
