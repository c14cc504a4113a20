"""What waits for a paused consumer: in order, within bounds, nothing given up without need."""

from hypothesis import given
from hypothesis import strategies as st

from sfu.routing.data_backlog import DataBacklog, Message

TEXT = 51


def test_all_comes_out_in_order_and_once() -> None:
    backlog = DataBacklog()
    messages = [Message(TEXT, b"%d" % number) for number in range(3)]
    assert all(backlog.put(message) for message in messages)
    assert len(backlog) == backlog.size == 3
    assert backlog.take_all() == messages
    assert backlog.take_all() == []
    assert len(backlog) == backlog.size == 0


def test_full_by_number_or_by_bytes() -> None:
    by_number, by_bytes = DataBacklog(most_messages=2), DataBacklog(most_bytes=10)
    assert [by_number.put(Message(TEXT, b"")) for _ in range(3)] == [True, True, False]
    assert [by_bytes.put(Message(TEXT, bytes(5))) for _ in range(3)] == [True, True, False]
    assert by_bytes.put(Message(TEXT, b"")), "which has no bytes"


def test_the_longest_message_there_is_may_wait() -> None:
    assert DataBacklog().put(Message(TEXT, bytes(262_144)))


def test_the_oldest_make_room() -> None:
    backlog = DataBacklog(most_bytes=10)
    for data in (b"aaaa", b"bbbb", b"cc"):
        backlog.put(Message(TEXT, data))
    assert backlog.make_room(b"dd") == 1
    assert backlog.make_room(b"dd") == 0, "there is room already"
    assert backlog.put(Message(TEXT, b"dd"))
    assert [message.data for message in backlog.take_all()] == [b"bbbb", b"cc", b"dd"]


def test_what_can_never_wait() -> None:
    backlog = DataBacklog(most_bytes=10)
    backlog.put(Message(TEXT, b"aaaa"))
    assert backlog.make_room(bytes(11)) == 1
    assert not backlog.put(Message(TEXT, bytes(11)))


@given(st.lists(st.binary(max_size=12), max_size=30), st.integers(1, 30), st.integers(1, 6))
def test_the_newest_that_fit_are_kept(data: list[bytes], most_bytes: int, most: int) -> None:
    backlog = DataBacklog(most_bytes, most)
    kept: list[bytes] = []
    for one in data:
        before = len(kept)
        while kept and (len(kept) >= most or sum(map(len, kept)) + len(one) > most_bytes):
            kept.pop(0)
        assert backlog.make_room(one) == before - len(kept)
        fits = len(one) <= most_bytes
        assert backlog.put(Message(TEXT, one)) == fits
        kept += [one] if fits else []
        assert backlog.size == sum(map(len, kept)) <= most_bytes
        assert len(backlog) == len(kept) <= most
    assert [message.data for message in backlog.take_all()] == kept
