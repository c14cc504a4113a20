import base64

import pytest

from benchmarks.load.handshake import Handshake, Refused

KEY = base64.b64decode("dGhlIHNhbXBsZSBub25jZQ==")
ANSWER = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
)
"""RFC 6455 §1.3."""


def test_request_names_host_and_key() -> None:
    request = Handshake("127.0.0.1:3000", KEY).request
    assert request.startswith(b"GET /ws HTTP/1.1\r\nHost: 127.0.0.1:3000\r\n")
    assert b"\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" in request
    assert request.endswith(b"\r\n\r\n")


def test_keys_differ() -> None:
    assert Handshake("host").request != Handshake("host").request


@pytest.mark.parametrize("cut", [0, 1, 20, len(ANSWER) - 1])
def test_answer_in_two_parts(cut: int) -> None:
    handshake = Handshake("host", KEY)
    assert handshake.feed(ANSWER[:cut]) is None
    assert handshake.feed(ANSWER[cut:] + b"\x81") == b"\x81"


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 403 Forbidden\r\n\r\n",
        ANSWER.replace(b"s3p", b"S3p"),
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        b"\x16\x03\x01\r\n\r\n",
    ],
)
def test_refused(answer: bytes) -> None:
    with pytest.raises(Refused):
        Handshake("host", KEY).feed(answer)
