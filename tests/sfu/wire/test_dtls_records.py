"""Datagrams of whole records, and nothing else."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from sfu.wire.dtls_records import (
    RECORD_HEADER,
    is_one_data_record,
    pack_datagrams,
    whole_records,
)


def record(kind: int, body: bytes, version: bytes = b"\xfe\xfd") -> bytes:
    return bytes((kind,)) + version + bytes(8) + len(body).to_bytes(2, "big") + body


RECORDS = st.builds(record, st.integers(20, 23), st.binary(min_size=1, max_size=700))


@given(st.lists(RECORDS), st.integers(1, 1500))
def test_records_keep_their_order_and_whole(records: list[bytes], most: int) -> None:
    datagrams = pack_datagrams(b"".join(records), most)
    assert [found for datagram in datagrams for found in whole_records(datagram)] == records
    for datagram in datagrams:
        assert len(datagram) <= most or len(whole_records(datagram)) == 1
    for one, two in itertools.pairwise(datagrams):
        assert len(one) + len(whole_records(two)[0]) > most, "each is as full as it may be"


@given(st.lists(RECORDS, min_size=1, max_size=3), st.integers(1, 20))
def test_what_is_cut_off_is_left_out(records: list[bytes], cut: int) -> None:
    kept = whole_records(b"".join(records)[: -min(cut, len(records[-1]))])
    assert kept == records[:-1]


def test_what_is_no_record_ends_the_datagram() -> None:
    good = record(23, b"x")
    for bad in (
        b"junk",
        bytes(RECORD_HEADER),
        record(19, b"x"),
        record(24, b"x"),
        record(22, b"x", b"\x03\x03"),
        record(22, b"x", b"\xfe\xfc"),
    ):
        assert whole_records(good + bad + good) == [good]
    assert whole_records(record(22, b"x", b"\xfe\xff")) != []
    assert whole_records(memoryview(good)) == [good]


@given(st.lists(RECORDS, max_size=2), st.binary(max_size=3), st.integers(0, 2))
def test_one_record_of_data_and_nothing_else(records: list[bytes], more: bytes, cut: int) -> None:
    datagram = b"".join(records) + more
    datagram = datagram[: len(datagram) - cut]
    expected = whole_records(datagram) == [datagram] and datagram[0] == 23
    assert is_one_data_record(datagram) == expected


def test_data_of_another_version_is_no_record_of_data() -> None:
    assert is_one_data_record(record(23, b"x"))
    assert not is_one_data_record(record(23, b"x", b"\xfe\xff"))
    assert not is_one_data_record(record(23, b""))
    assert not is_one_data_record(b"")


@given(st.binary(max_size=200))
def test_any_bytes_are_taken(data: bytes) -> None:
    assert data.startswith(b"".join(whole_records(data)))
