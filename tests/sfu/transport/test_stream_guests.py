"""Who may have a TCP connection, on virtual time."""

import random

from sfu.transport import stream_guests
from sfu.transport.stream_guests import (
    MOST,
    MOST_OF_ONE,
    MOST_UNPROVEN,
    MOST_UNPROVEN_OF_ONE,
    PATIENCE,
    SILENCE,
    Guest,
    GuestBook,
)
from sfu.units import Seconds

START = Seconds(100.0)


def sites(count: int) -> list[bytes]:
    return [place.to_bytes(8, "big") for place in range(count)]


def admitted(book: GuestBook, number: int, site: bytes, now: Seconds = START) -> Guest:
    guest = book.admit(number, site, now)
    assert guest is not None
    return guest


def test_who_shows_nothing_has_to_go() -> None:
    book = GuestBook()
    stranger, peer = admitted(book, 1, b"a"), admitted(book, 2, b"a")
    book.prove(peer, Seconds(START + 1))
    assert book.overdue(Seconds(START + PATIENCE - 0.1)) == []
    assert book.overdue(Seconds(START + PATIENCE)) == [stranger]
    book.leave(stranger)
    book.leave(stranger)
    assert (len(book), book.proven) == (1, 1)


def test_who_is_silent_has_to_go() -> None:
    book = GuestBook()
    peer = admitted(book, 1, b"a")
    book.prove(peer, START)
    peer.heard = Seconds(START + 10)
    assert book.overdue(Seconds(START + SILENCE)) == []
    assert book.overdue(Seconds(START + 10 + SILENCE)) == [peer]


def test_one_place_has_few_strangers_and_more_peers() -> None:
    book = GuestBook()
    for number in range(MOST_OF_ONE):
        book.prove(admitted(book, number, b"a"), START)
    assert book.admit(MOST_OF_ONE, b"a", START) is None
    for number in range(MOST_UNPROVEN_OF_ONE):
        admitted(book, 10_000 + number, b"b")
    assert book.admit(20_000, b"b", START) is None
    assert book.refused == 2
    admitted(book, 20_001, b"c")


def test_of_too_many_strangers_the_oldest_give_way() -> None:
    book = GuestBook()
    guests = [admitted(book, place, site) for place, site in enumerate(sites(MOST_UNPROVEN + 3))]
    assert book.overdue(START) == guests[:3]


def test_there_is_an_end() -> None:
    book = GuestBook()
    for place, site in enumerate(sites(MOST)):
        book.prove(admitted(book, place, site), START)
    assert book.admit(MOST, b"another", START) is None


def test_nothing_is_left_of_those_who_left() -> None:
    book, rng = GuestBook(), random.Random(5)
    present: list[Guest] = []
    for number in range(3000):
        site = rng.choice(sites(5))
        guest = book.admit(number, site, Seconds(START + number))
        if guest is not None:
            present.append(guest)
        if present and rng.random() < 0.4:
            book.prove(rng.choice(present), Seconds(START + number))
        while len(present) > 100 or (present and rng.random() < 0.3):
            book.leave(present.pop(rng.randrange(len(present))))
        assert len(book) == len(present)
        assert book.proven == sum(one.proven for one in present)
    for guest in present:
        book.leave(guest)
    assert len(book) == book.proven == 0
    assert not book._of_one
    assert not book._unproven_of_one
    assert stream_guests.MOST_UNPROVEN < MOST
