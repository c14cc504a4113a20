import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.wire.errors import WireError
from sfu.wire.rtp import RtpPacket, encode_rtp, parse_rtp
from sfu.wire.rtp_columns import RtpColumns
from tests.sfu.wire.samples import ALL_RTP, some
from tests.sfu.wire.test_rtp import rtp_packets

ROWS, WIDTH, HEADROOM = 24, 512, 16


class Batch:
    """A receive buffer full of stale bytes, with the given packets in its first rows."""

    def __init__(self) -> None:
        self.buffer = np.full((ROWS, HEADROOM + WIDTH), 0x90, np.uint8)
        self.lengths = np.full(ROWS, WIDTH, np.int32)
        self.columns = RtpColumns(self.buffer[:, HEADROOM:], self.lengths)

    def parse(self, packets: list[bytes]) -> RtpColumns:
        for row, packet in enumerate(packets):
            self.buffer[row, HEADROOM : HEADROOM + len(packet)] = np.frombuffer(packet, np.uint8)
            self.lengths[row] = len(packet)
        self.columns.parse(len(packets))
        return self.columns


def agrees(columns: RtpColumns, row: int, data: bytes) -> bool:
    try:
        packet = parse_rtp(data)
    except WireError:
        return not columns.valid[row]
    block = 0 if packet.extension_profile is None else 4 + len(packet.extension)
    payload = 12 + 4 * len(packet.csrcs) + block
    return bool(columns.valid[row]) and (
        int(columns.sequence_number[row]),
        int(columns.timestamp[row]),
        int(columns.ssrc[row]),
        int(columns.payload_type[row]),
        bool(columns.marker[row]),
        int(columns.extension_offset[row]),
        int(columns.payload_offset[row]),
        int(columns.padding[row]),
    ) == (
        packet.sequence_number,
        packet.timestamp,
        packet.ssrc,
        packet.payload_type,
        packet.marker,
        payload - block,
        payload,
        packet.padding,
    )


USUAL = (
    rtp_packets()
    .map(lambda packet: b"\x90" + bytes((packet.payload_type,)) + encode_rtp(packet)[2:12])
    .flatmap(
        lambda head: st.integers(0, 5).map(
            lambda words: head + b"\xbe\xde\0" + bytes((words,)) + bytes(20)
        )
    )
)
ANY = st.one_of(USUAL, rtp_packets().map(encode_rtp), st.binary(max_size=60))


@some
@given(st.lists(st.lists(ANY, max_size=ROWS), min_size=1, max_size=3))
def test_columns_agree_with_the_packet_parser(batches: list[list[bytes]]) -> None:
    batch = Batch()
    for packets in batches:
        columns = batch.parse(packets)
        assert [agrees(columns, row, data) for row, data in enumerate(packets)] == [True] * len(
            packets
        )


@pytest.mark.parametrize("count", [1, 4, 7, ROWS])
def test_captures(count: int) -> None:
    batch = Batch()
    for first in range(0, len(ALL_RTP), count):
        packets = ALL_RTP[first : first + count]
        columns = batch.parse(packets)
        assert all(agrees(columns, row, data) for row, data in enumerate(packets))
        assert columns.valid[: len(packets)].all()


def test_row_of_length_zero_is_skipped() -> None:
    batch = Batch()
    packets = [ALL_RTP[0]] * 9
    batch.parse(packets)
    batch.lengths[[0, 4]] = 0
    batch.columns.parse(9)
    assert np.flatnonzero(~batch.columns.valid[:9]).tolist() == [0, 4]
    batch.columns.parse(1)
    assert not batch.columns.valid[0]


@pytest.mark.parametrize("count", [2, ROWS - 1])
def test_unusual_rows_leave_nothing_behind(count: int) -> None:
    batch = Batch()
    unusual = encode_rtp(
        RtpPacket(payload_type=96, sequence_number=1, timestamp=2, ssrc=3, csrcs=(1, 2), padding=9)
    )
    batch.parse([unusual] * count)
    usual = [data for data in ALL_RTP if data[0] == 0x90][:ROWS]
    columns = batch.parse(usual)
    assert all(agrees(columns, row, data) for row, data in enumerate(usual))
