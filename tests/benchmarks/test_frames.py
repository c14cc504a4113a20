import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.load.frames import (
    BINARY,
    CLOSE,
    PING,
    PONG,
    TEXT,
    Frame,
    FrameReader,
    ProtocolError,
    apply_mask,
    masked,
)
from signaling.http.frames import text_frame

MASK = bytes.fromhex("37fa213d")
payloads = st.one_of(
    st.binary(max_size=200),
    st.sampled_from([125, 126, 127, 65535, 65536]).map(lambda size: b"\xe9" * size),
)


def test_the_example_of_the_rfc() -> None:
    """RFC 6455 §5.7, "a single-frame masked text message"."""
    assert masked(TEXT, b"Hello", MASK) == bytes.fromhex("818537fa213d7f9f4d5158")


@given(st.binary(max_size=100), st.binary(min_size=4, max_size=4))
def test_masking_is_bytewise(payload: bytes, mask: bytes) -> None:
    expected = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
    assert apply_mask(payload, mask) == expected
    assert apply_mask(expected, mask) == payload


@pytest.mark.parametrize(
    ("size", "head"),
    [
        (125, b"\x81\xfd"),
        (126, b"\x81\xfe\x00\x7e"),
        (65535, b"\x81\xfe\xff\xff"),
        (65536, b"\x81\xff\x00\x00\x00\x00\x00\x01\x00\x00"),
    ],
)
def test_length_has_three_forms(size: int, head: bytes) -> None:
    frame = masked(TEXT, bytes(size), MASK)
    assert frame.startswith(head + MASK)
    assert len(frame) == len(head) + 4 + size


@given(st.lists(payloads, max_size=4), st.data())
def test_reads_what_the_server_writes_however_it_is_cut(
    messages: list[bytes], data: st.DataObject
) -> None:
    stream = b"".join(text_frame(message) for message in messages)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    reader = FrameReader()
    read = [
        frame
        for start, stop in zip([0, *cuts], [*cuts, len(stream)], strict=True)
        for frame in reader.feed(stream[start:stop])
    ]
    assert read == [Frame(TEXT, message) for message in messages]


@pytest.mark.parametrize("opcode", [TEXT, BINARY, CLOSE, PING, PONG])
def test_opcodes(opcode: int) -> None:
    assert FrameReader().feed(bytes((0x80 | opcode, 1)) + b"x") == [Frame(opcode, b"x")]


@pytest.mark.parametrize(
    "data",
    [
        masked(TEXT, b"a server does not mask", MASK),
        b"\x01\x01x",  # the first of several fragments
        b"\x80\x01x",  # a continuation
        b"\xc1\x01x",  # compressed
        b"\x83\x01x",  # reserved
    ],
)
def test_refuses(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        FrameReader().feed(data)
