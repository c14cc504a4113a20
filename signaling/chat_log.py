"""What was said in a room, as far back as it is kept."""

from collections import deque

from signaling.messages.records import ChatMessage

MAX_MESSAGES = 200
MAX_BYTES = 256 * 1024


class ChatLog:
    """Numbers every message and keeps the last ones, within a count and a size.

    Args:
        keep: False for a room without history: messages are numbered, none is kept.
    """

    def __init__(self, keep: bool = True) -> None:
        self._keep = keep
        self._messages: deque[ChatMessage] = deque()
        self._bytes = 0
        self._last_order = 0

    def next_order(self) -> int:
        """The place of the next message; counts from 1 without gaps."""
        self._last_order += 1
        return self._last_order

    def append(self, message: ChatMessage) -> None:
        """Keeps a message, and forgets the oldest beyond the limits."""
        if not self._keep:
            return
        self._messages.append(message)
        self._bytes += _size(message)
        while len(self._messages) > MAX_MESSAGES or self._bytes > MAX_BYTES:
            self._bytes -= _size(self._messages.popleft())

    def after(self, order: int) -> list[ChatMessage]:
        """Kept messages beyond ``order``, oldest first."""
        return [message for message in self._messages if message.order > order]


def _size(message: ChatMessage) -> int:
    return 200 + 4 * len(message.payload) + 4 * len(message.name or "")
