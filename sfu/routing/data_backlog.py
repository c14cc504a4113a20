"""Messages that wait for a data consumer to be resumed, in order, and no more than bounds allow."""

from collections import deque
from typing import Final, NamedTuple

MOST_BYTES: Final = 256 * 1024
"""Of all that waits: as much as one message may have."""

MOST_MESSAGES: Final = 512


class Message(NamedTuple):
    """One message.

    Attributes:
        kind: payload protocol identifier (RFC 8831 §8): whether it is text, and whether empty.
        data: what it says.
    """

    kind: int
    data: bytes


class DataBacklog:
    """The messages that wait for one consumer.

    Attributes:
        size: bytes of them all.
    """

    def __init__(self, most_bytes: int = MOST_BYTES, most_messages: int = MOST_MESSAGES) -> None:
        self.size = 0
        self._most_bytes = most_bytes
        self._most_messages = most_messages
        self._messages: deque[Message] = deque()

    def __len__(self) -> int:
        """Messages that wait."""
        return len(self._messages)

    def has_room(self, data: bytes) -> bool:
        """Whether one more message, of this data, may wait."""
        return (
            len(self._messages) < self._most_messages and self.size + len(data) <= self._most_bytes
        )

    def make_room(self, data: bytes) -> int:
        """Give up the oldest messages until there is room for this data; how many were given up.

        For data that is longer than all that may wait, everything is given up in vain.
        """
        given_up = 0
        while self._messages and not self.has_room(data):
            self.size -= len(self._messages.popleft().data)
            given_up += 1
        return given_up

    def put(self, message: Message) -> bool:
        """Let a message wait after all others; False when there is no room for it."""
        if not self.has_room(message.data):
            return False
        self.size += len(message.data)
        self._messages.append(message)
        return True

    def take_all(self) -> list[Message]:
        """All that waits, oldest first; nothing waits any more."""
        taken = list(self._messages)
        self._messages.clear()
        self.size = 0
        return taken
