"""Control messages on a byte stream."""

import itertools

import pytest
from hypothesis import given, strategies

from sfu.control.framing import MOST_BYTES, FramingError, commands, encode, from_worker
from sfu.control.messages import CloseRouter, Command, Done

SENT = [CloseRouter(request=number, router_id="r" * (number % 60 + 1)) for number in range(20)]
STREAM = b"".join(encode(command) for command in SENT)


@given(strategies.lists(strategies.integers(0, len(STREAM)), max_size=30))
def test_however_it_is_cut(cuts: list[int]) -> None:
    stream, received = commands(), list[Command]()
    places = [0, *sorted(cuts), len(STREAM)]
    for start, end in itertools.pairwise(places):
        received += stream.feed(STREAM[start:end])
    assert received == SENT


def test_both_ends() -> None:
    assert list(from_worker().feed(encode(Done(request=1)))) == [Done(request=1)]
    with pytest.raises(FramingError):
        list(from_worker().feed(encode(SENT[0])))


@pytest.mark.parametrize(
    "data",
    [
        (MOST_BYTES + 1).to_bytes(4, "big"),
        b"\xff\xff\xff\xff",
        b"\x00\x00\x00\x00",
        b"\x00\x00\x00\x02{}",
        b"\x00\x00\x00\x02\xff\xfe",
        (20_000).to_bytes(4, "big") + b"[" * 20_000,
    ],
)
def test_what_cannot_be_understood(data: bytes) -> None:
    with pytest.raises(FramingError):
        list(commands().feed(data))


@given(strategies.binary(max_size=300))
def test_nothing_else_is_raised(data: bytes) -> None:
    try:
        list(commands().feed(data))
    except FramingError as error:
        assert str(error)


def test_what_came_before_the_fault_is_not_lost() -> None:
    received: list[Command] = []
    with pytest.raises(FramingError):
        received += commands().feed(STREAM + b"\xff\xff\xff\xff")
    assert received == SENT
