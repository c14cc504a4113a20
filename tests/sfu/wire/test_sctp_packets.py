"""Packets that a careless reader may be given, and those it may not."""

import struct

import pytest
from aiortc.rtcsctptransport import (
    AbortChunk,
    Chunk,
    CookieEchoChunk,
    DataChunk,
    ErrorChunk,
    ForwardTsnChunk,
    HeartbeatChunk,
    InitAckChunk,
    InitChunk,
    ReconfigChunk,
    SackChunk,
    ShutdownChunk,
    StreamAddOutgoingParam,
    StreamResetOutgoingParam,
    StreamResetResponseParam,
    parse_packet,
    serialize_packet,
)
from google_crc32c import value as crc32c
from hypothesis import given
from hypothesis import strategies as st

from sfu.wire.sctp_packets import MOST_GAP, MOST_STREAMS, is_sound


def packet(*chunks: tuple[int, bytes]) -> bytes:
    return bytes(12) + b"".join(
        struct.pack("!BBH", kind, 0, len(body) + 4) + body + bytes(-len(body) & 3)
        for kind, body in chunks
    )


INIT = struct.pack("!LLHHL", 1, 1 << 20, 10, 10, 7)
SACK = struct.pack("!LLHH", 5, 1 << 20, 0, 0)


def sample_chunks() -> list[Chunk]:
    init, init_ack = InitChunk(body=INIT), InitAckChunk(body=INIT)
    init.params = init_ack.params = [(0xC000, b""), (0x8008, b"\xc0\x82"), (7, bytes(24))]
    data = DataChunk(body=struct.pack("!LHHL", 1, MOST_STREAMS - 1, 0, 51) + b"x")
    sack = SackChunk(body=SACK)
    sack.gaps, sack.duplicates = [(2, 3), (5, 5), (7, MOST_GAP)], [9]
    heartbeat, abort, error = HeartbeatChunk(), AbortChunk(), ErrorChunk()
    heartbeat.params, error.params = [(1, b"info!")], [(3, bytes(8))]
    forward = ForwardTsnChunk()
    forward.streams = [(0, 1), (MOST_STREAMS - 1, 2)]
    reset = ReconfigChunk()
    reset.params = [
        (13, bytes(StreamResetOutgoingParam(1, 2, 3, [4, 5, 6]))),
        (16, bytes(StreamResetResponseParam(1, 1))),
        (17, bytes(StreamAddOutgoingParam(1, 1))),
    ]
    return [
        init, init_ack, data, sack, heartbeat, abort, error, forward, reset, ShutdownChunk(),
        CookieEchoChunk(body=b"cookie"),
    ]  # fmt: skip


@pytest.mark.parametrize("chunk", sample_chunks(), ids=lambda chunk: type(chunk).__name__)
def test_what_is_really_sent_is_sound(chunk: Chunk) -> None:
    assert is_sound(serialize_packet(5000, 5000, 1, chunk))


def test_several_chunks_and_unknown_ones_are_sound() -> None:
    data = struct.pack("!LHHL", 1, 0, 0, 51) + b"odd"
    assert is_sound(packet((0, data), (3, SACK), (0, data), (200, b"anything"), (11, b"")))


@pytest.mark.parametrize(
    "unsound",
    [
        b"",
        bytes(12),
        bytes(15),
        packet((0, struct.pack("!LHHL", 1, 0, 0, 51))),
        packet((0, struct.pack("!LHHL", 1, MOST_STREAMS, 0, 51) + b"x")),
        packet((1, INIT[:-1])),
        packet((1, bytes(4) + INIT[4:])),
        packet((1, INIT[:8] + bytes(2) + INIT[10:])),
        packet((1, INIT[:10] + bytes(2) + INIT[12:])),
        packet((1, INIT + bytes(4))),
        packet((1, INIT + b"\0\7\0\x09abcd")),
        packet((1, INIT), (11, b"")),
        packet((11, b""), (2, INIT)),
        packet((3, SACK[:-1])),
        packet((3, SACK[:8] + b"\0\1\0\0")),
        packet((3, SACK[:8] + b"\0\1\0\0" + struct.pack("!HH", 3, 2))),
        packet((3, SACK[:8] + b"\0\1\0\0" + struct.pack("!HH", 0, 2))),
        packet((3, SACK[:8] + b"\0\2\0\0" + struct.pack("!HHHH", 2, 4, 4, 5))),
        packet((3, SACK[:8] + b"\0\1\0\0" + struct.pack("!HH", 1, MOST_GAP + 1))),
        packet((3, SACK[:8] + b"\0\0\0\1")),
        packet((4, bytes(4))),
        packet((4, b"\0\1\0")),
        packet((7, bytes(3))),
        packet((130, b"\0\x0d\0\x0e" + bytes(10))),
        packet((130, b"\0\x0d\0\x11" + bytes(13))),
        packet((130, b"\0\x10\0\x04")),
        packet((130, b"\0\x11\0\x06ab")),
        packet((192, bytes(3))),
        packet((192, bytes(6))),
        packet((192, bytes(4) + struct.pack("!HH", MOST_STREAMS, 0))),
        packet((11, b""))[:-1] + b"\3",
        packet((11, b""))[:-1] + b"\5",
        packet((11, b"")) + b"\0",
    ],
)
def test_unsound(unsound: bytes) -> None:
    assert not is_sound(unsound)


KINDS = st.sampled_from([*range(16), 130, 192, 255])


@given(st.lists(st.tuples(KINDS, st.binary(max_size=60)), min_size=1, max_size=4), st.integers(0))
def test_what_is_sound_can_be_read(chunks: list[tuple[int, bytes]], cut: int) -> None:
    data = packet(*chunks)
    data = data[: max(16, len(data) - cut % 9)]
    if is_sound(data):
        checksum = struct.pack("<L", crc32c(data))
        parse_packet(data[:8] + checksum + data[12:])


@given(st.binary(max_size=120))
def test_any_bytes_are_judged(data: bytes) -> None:
    is_sound(data)
