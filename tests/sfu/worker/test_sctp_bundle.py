from itertools import pairwise

from aiortc.rtcsctptransport import CookieAckChunk, DataChunk, parse_packet
from hypothesis import given
from hypothesis import strategies as st

from sfu.worker.sctp_bundle import COMMON_HEADER, MOST_BYTES, Bundle, sealed

LARGEST = MOST_BYTES - 12


def test_packet_is_read_as_it_was_written() -> None:
    data = DataChunk(flags=3)
    data.tsn, data.user_data = 7, b"hello"
    packet = sealed(COMMON_HEADER.pack(5000, 5001, 0xCAFE), [bytes(data), bytes(CookieAckChunk())])
    source, destination, tag, chunks = parse_packet(packet)  # which checks the checksum
    assert (source, destination, tag) == (5000, 5001, 0xCAFE)
    assert list(map(bytes, chunks)) == [bytes(data), bytes(CookieAckChunk())]


def test_nothing_is_no_packet() -> None:
    sent: list[list[bytes]] = []
    bundle = Bundle(sent.append)
    bundle.send()
    assert sent == []
    bundle.add(b"1234")
    bundle.send()
    bundle.send()
    assert sent == [[b"1234"]]


@given(st.lists(st.integers(1, LARGEST // 4).map(lambda words: bytes(4 * words)), max_size=40))
def test_chunks_keep_their_order_and_fill_packets(chunks: list[bytes]) -> None:
    sent: list[list[bytes]] = []
    bundle = Bundle(sent.append)
    for chunk in chunks:
        bundle.add(chunk)
    bundle.send()
    assert [chunk for packet in sent for chunk in packet] == chunks
    assert all(sum(map(len, packet)) <= LARGEST for packet in sent)
    for packet, following in pairwise(sent):
        assert sum(map(len, packet)) + len(following[0]) > LARGEST, "it had gone in"
