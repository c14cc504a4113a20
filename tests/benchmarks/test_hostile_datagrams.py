import random
import socket

from benchmarks.hostile_datagrams import Siege
from benchmarks.load.hostile_datagrams import (
    MOST_BYTES,
    Attackers,
    Malice,
    browser_captures,
    under_name_of,
)
from sfu.wire.demux import Protocol, protocol_of

CHECK = b"\x00\x01\x00\x00\x21\x12\xa4\x42" + bytes(12)
CAPTURES = [CHECK, b"\x16\xfe\xfd" + bytes(60), b"\x80\x60" + bytes(100), b"\x80\xc8" + bytes(40)]


def siege(lost: int = 0, memory: tuple[int, int] = (1000, 1000), exceptions: int = 0) -> Siege:
    return Siege(
        datagrams=1,
        forged=0,
        seconds=1,
        expected=1,
        lost=lost,
        faults=0,
        dropped=0,
        waited=0,
        closed=0,
        exceptions=exceptions,
        log_lines=1,
        memory_kib=memory,
        micros=1,
        latency_p99_ms=(1, 1),
    )


def test_malice_is_the_same_for_the_same_seed_and_of_every_kind() -> None:
    first = Malice(CAPTURES, random.Random(1))
    again = Malice(CAPTURES, random.Random(1))
    drawn = [first.draw() for _ in range(3000)]
    assert drawn == [again.draw() for _ in range(3000)]
    assert {protocol_of(one) for one in drawn} == set(Protocol)
    assert max(map(len, drawn)) <= MOST_BYTES
    assert b"" in drawn


def test_a_good_check_is_never_repeated_whole() -> None:
    malice = Malice(CAPTURES, random.Random(2))
    assert CHECK not in [malice.draw() for _ in range(5000)]


def test_captures_of_a_browser_are_at_hand() -> None:
    assert len(browser_captures()) > 10


def test_a_forged_packet_names_its_victim() -> None:
    packet = under_name_of(("127.0.0.9", 4000), ("127.0.0.1", 5000), b"hello")
    assert socket.inet_ntoa(packet[12:16]) == "127.0.0.9"
    assert int.from_bytes(packet[20:22], "big") == 4000
    assert packet.endswith(b"hello")


def test_attackers_come_from_many_addresses() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(2)
        attackers = Attackers(server.getsockname(), [("127.0.0.1", 9)], random.Random(3))
        for _ in range(50):
            attackers.send(b"x")
        sources = {server.recvfrom(10)[1][0] for _ in range(attackers.sent)}
        attackers.close()
    assert len(sources) > 20


def test_a_siege_is_judged() -> None:
    assert siege().unharmed
    assert siege(memory=(1000, 1040)).unharmed
    assert not siege(lost=1).unharmed
    assert not siege(exceptions=1).unharmed
    assert not siege(memory=(1000, 1060)).unharmed
