"""Control messages on a byte stream: four bytes of length (network order), then JSON.

JSON, because the ORTC bodies come from browsers as JSON and pass through as they are.
"""

from collections.abc import Iterator
from typing import Final, Generic, TypeVar

import msgspec

from sfu.control.messages import Command, Control, FromWorker

MOST_BYTES: Final = 1 << 20
"""Of one message; a longer one breaks the connection."""

_LENGTH: Final = 4

T = TypeVar("T")


class FramingError(ValueError):
    """The stream cannot be understood from here on; the connection has to be closed."""


_encode = msgspec.json.Encoder().encode


def encode(message: Control) -> bytes:
    """One message as it goes onto the stream."""
    body = _encode(message)
    return len(body).to_bytes(_LENGTH, "big") + body


class MessageStream(Generic[T]):
    """Cuts what arrives into messages.

    Args:
        decoder: of the messages that come from the other end.
    """

    def __init__(self, decoder: msgspec.json.Decoder[T]) -> None:
        self._decode = decoder.decode
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[T]:
        """The messages that are complete with these bytes.

        Raises:
            FramingError: a message is too long, or is none.
        """
        buffer = self._buffer
        buffer += data
        while len(buffer) >= _LENGTH:
            size = int.from_bytes(buffer[:_LENGTH], "big")
            if size > MOST_BYTES:
                raise FramingError(f"a control message of {size} bytes")
            if len(buffer) < _LENGTH + size:
                return
            body = bytes(buffer[_LENGTH : _LENGTH + size])
            del buffer[: _LENGTH + size]
            try:
                yield self._decode(body)
            except (msgspec.MsgspecError, RecursionError) as error:
                raise FramingError(f"no control message: {error}") from error


def commands() -> MessageStream[Command]:
    """The worker's end of the stream."""
    return MessageStream(msgspec.json.Decoder(Command))


def from_worker() -> MessageStream[FromWorker]:
    """Signaling's end of the stream."""
    return MessageStream(msgspec.json.Decoder(FromWorker))
