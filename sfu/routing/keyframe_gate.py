"""Where a subscriber waits for key frames."""

from collections.abc import Iterable

from sfu.routing.received_stream import KeyFrameWaiter, ReceivedStream


class KeyFrameGate:
    """The streams on whose next key frame somebody waits.

    Args:
        waiter: is told of the key frame.
    """

    __slots__ = ("_streams", "_waiter")

    def __init__(self, waiter: KeyFrameWaiter) -> None:
        self._waiter = waiter
        self._streams: list[ReceivedStream] = []

    def __contains__(self, stream: ReceivedStream) -> bool:
        """Whether a key frame of the stream is waited for."""
        return stream in self._streams

    def __len__(self) -> int:
        """Streams that are waited for."""
        return len(self._streams)

    def wait_for(self, streams: Iterable[ReceivedStream]) -> None:
        """Wait for these streams and no others."""
        wanted = list(streams)
        if wanted == self._streams:
            return
        for stream in self._streams:
            if stream not in wanted and self._waiter in stream.waiting:
                stream.waiting.remove(self._waiter)
        for stream in wanted:
            if stream not in self._streams:
                stream.waiting.append(self._waiter)
        self._streams = wanted

    def opened(self, stream: ReceivedStream) -> None:
        """The stream has served its waiters, and keeps none of them."""
        if stream in self._streams:
            self._streams.remove(stream)
