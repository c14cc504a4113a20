"""WebSocket frames as a server writes them, read by somebody else's reader."""

import asyncio

import pytest
from aiohttp import WSMsgType
from aiohttp._websocket.reader import WebSocketDataQueue, WebSocketReader
from aiohttp.base_protocol import BaseProtocol

from signaling.http.frames import PING, text_frame


def read(*frames: bytes) -> list[tuple[WSMsgType, object]]:
    """What aiohttp's client makes of these bytes."""
    loop = asyncio.new_event_loop()
    try:
        queue = WebSocketDataQueue(BaseProtocol(loop), 1 << 30, loop=loop)
        reader = WebSocketReader(queue, 1 << 30, compress=False, decode_text=True)
        for frame in frames:
            reader.feed_data(frame)
        return [(message.type, message.data) for message, *_ in queue._buffer]
    finally:
        loop.close()


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 1_000_000])
def test_text_frame(size: int) -> None:
    payload = bytes(97 + number % 26 for number in range(size))
    frame = text_frame(payload)
    assert read(frame) == [(WSMsgType.TEXT, payload.decode())]
    assert len(frame) - size == (2 if size < 126 else 4 if size < 65_536 else 10)


def test_frames_follow_each_other() -> None:
    texts = ["first", "", "é😀" * 50, "x" * 70_000]
    assert read(*(text_frame(text.encode()) for text in texts)) == [
        (WSMsgType.TEXT, text) for text in texts
    ]
    together = b"".join(text_frame(text.encode()) for text in texts)
    assert [data for _, data in read(together)] == texts


def test_frames_are_final_text_and_not_masked() -> None:
    for size in (5, 200, 70_000):
        frame = text_frame(b"x" * size)
        assert frame[0] == 0b1000_0001
        assert frame[1] & 0b1000_0000 == 0


def test_ping() -> None:
    assert read(PING, text_frame(b"x")) == [(WSMsgType.PING, b""), (WSMsgType.TEXT, "x")]
