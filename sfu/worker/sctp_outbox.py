"""Messages that wait for SCTP to have room, in order, and no more than a peer may leave lying."""

from collections import deque
from collections.abc import Collection
from typing import Final, NamedTuple

MOST_BUFFERED: Final = 1 << 20
"""Bytes that may wait for one peer; one that takes them more slowly than they come loses some."""

_MESSAGE_OVERHEAD = 64


class OutgoingMessage(NamedTuple):
    """One message.

    Attributes:
        stream: it goes out on.
        ppid: payload protocol identifier (RFC 8831 §8).
        data: not empty.
        ordered: whether it may not overtake those before it on its stream.
        max_retransmits: how often it is sent again at most; None for as often as it takes.
        expires: when it need not be sent any more, in the clock of ``take``; None for never.
    """

    stream: int
    ppid: int
    data: bytes
    ordered: bool = True
    max_retransmits: int | None = None
    expires: float | None = None

    @property
    def cost(self) -> int:
        """Bytes it counts for: its own, and what a message takes besides."""
        return len(self.data) + _MESSAGE_OVERHEAD


class SctpOutbox:
    """The messages that wait for one peer.

    Attributes:
        buffered: bytes they count for.
    """

    def __init__(self, most: int = MOST_BUFFERED) -> None:
        self.buffered = 0
        self._most = most
        self._messages: deque[OutgoingMessage] = deque()

    def put(self, message: OutgoingMessage) -> bool:
        """Add a message; False when there is no room for it."""
        if self.buffered + message.cost > self._most:
            return False
        self.buffered += message.cost
        self._messages.append(message)
        return True

    def take(self, blocked: Collection[int], now: float) -> OutgoingMessage | None:
        """The first message that has not expired and whose stream is not blocked, if any."""
        passed_over = []
        found = None
        while self._messages and found is None:
            message = self._messages.popleft()
            if message.stream in blocked:
                passed_over.append(message)
                continue
            self.buffered -= message.cost
            if message.expires is None or now < message.expires:
                found = message
        if passed_over:
            self._messages.extendleft(reversed(passed_over))
        return found

    def __len__(self) -> int:
        """Messages that wait."""
        return len(self._messages)

    def holds(self, stream: int) -> bool:
        """Whether a message for a stream waits."""
        return any(message.stream == stream for message in self._messages)

    def discard(self, stream: int) -> None:
        """Give up the messages for a stream."""
        kept = deque(message for message in self._messages if message.stream != stream)
        self._messages = kept
        self.buffered = sum(message.cost for message in kept)
