"""Real wires: a process, real sockets, real time (of which only the lower bound is certain)."""

import socket
import time
from collections.abc import Iterator

import pytest

from benchmarks import metering
from benchmarks.emulation.links import Links, NoWireLeft, Report, links

DELAY = 0.02


@pytest.fixture
def wires() -> Iterator[tuple[Links, Report]]:
    with links(metering.cores()[0], 2, DELAY) as found:
        yield found


def end() -> socket.socket:
    found = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    found.bind(("127.0.0.1", 0))
    found.settimeout(10)
    return found


def test_two_who_know_of_each_other_talk_both_ways_later(wires: tuple[Links, Report]) -> None:
    with end() as ada, end() as bo:
        to_ada = wires[0].between("a connection", ada.getsockname())
        to_bo = wires[0].between("a connection", bo.getsockname())
        ada.connect(to_bo)
        bo.connect(to_ada)
        for sender, receiver in ((ada, bo), (bo, ada)):
            begun = time.monotonic()
            sender.send(b"hello")
            # Connected sockets take nothing from anybody else: it came by the right end.
            assert receiver.recv(100) == b"hello"
            assert time.monotonic() - begun >= DELAY


def test_a_server_is_reached_and_answers_whoever_spoke_first(wires: tuple[Links, Report]) -> None:
    with end() as server, end() as client:
        client.connect(wires[0].towards(server.getsockname()))
        client.send(b"question")
        question, source = server.recvfrom(100)
        server.sendto(b"answer", source)
        assert (question, client.recv(100)) == (b"question", b"answer")


def test_what_was_carried_is_told_in_the_end() -> None:
    with links(metering.cores()[0], 1, DELAY) as (wires, report), end() as one, end() as other:
        one.connect(wires.towards(other.getsockname()))
        for number in range(10):
            one.send(bytes([number]))
        assert [other.recv(100) for _ in range(10)] == [bytes([number]) for number in range(10)]
    assert report.carried == 10
    assert report.late >= 0


def test_there_are_no_more_wires_than_were_asked_for(wires: tuple[Links, Report]) -> None:
    wires[0].towards(("127.0.0.1", 9))
    wires[0].between("a connection", ("127.0.0.1", 9))
    wires[0].between("a connection", ("127.0.0.1", 10))
    with pytest.raises(NoWireLeft, match="all 2 wires"):
        wires[0].towards(("127.0.0.1", 9))
