import numpy as np
import pytest

from sfu.congestion.sent_packets import REMEMBERED, Found, SentPackets
from sfu.transport.srtp import SrtpProfile, SrtpSession
from sfu.transport.transmit_ring import TransmitRing
from sfu.units import Seconds
from sfu.wire.header_rewriter import TRANSPORT_SEQUENCE_OFFSET

TAG = SrtpProfile.AES_128_GCM.rtp_overhead


class Network:
    """A transmit ring whose packets are noted, and a clock."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.ring = TransmitRing(64)
        self.sent = SentPackets(8, lambda: self.now)
        self.ring.observer = self.sent.note
        self._sessions: dict[int, SrtpSession] = {}
        self._next = 0

    def add(self, slot: int, number: int, size: int = 60) -> None:
        """Write one packet of so many bytes before protection."""
        packet = bytearray(size)
        packet[:4] = bytes((0x90, 96)) + (self._next & 0xFFFF).to_bytes(2, "big")
        packet[8:16] = bytes((0, 0, 0, 7, 0xBE, 0xDE, 0, 3))
        at = TRANSPORT_SEQUENCE_OFFSET
        packet[at : at + 2] = (number & 0xFFFF).to_bytes(2, "big")
        self._next += 1
        key = bytes(range(slot, slot + 28))
        session = self._sessions.setdefault(
            slot, SrtpSession.outbound(SrtpProfile.AES_128_GCM, key)
        )
        self.ring.append(bytes(packet), slot, session)

    def flush(self, after: float = 0.0) -> None:
        self.now += after
        self.ring.flush()

    def take(self, slot: int, *numbers: int) -> Found:
        column = np.array(numbers, np.int64) & 0xFFFF
        return self.sent.take(np.full(len(numbers), slot), column)


@pytest.fixture
def network() -> Network:
    made = Network()
    made.sent.open(3)
    return made


def test_packets_are_found_by_slot_and_number(network: Network) -> None:
    network.sent.open(5)
    for number in range(3):
        network.add(3, number, 60 + number)
        network.add(5, number, 80 + number)
    network.flush(after=1.0)
    network.add(3, 3, 100)
    network.flush(after=0.5)
    found = network.take(3, 1, 3, 4)
    assert found.known.tolist() == [True, True, False]
    assert found.sent == pytest.approx([1001.0, 1001.5], abs=2e-6)
    assert found.sizes.tolist() == [61 + TAG, 100 + TAG]
    assert found.probes.tolist() == [0, 0]
    assert network.take(5, 0, 1, 2).sizes.tolist() == [80 + TAG, 81 + TAG, 82 + TAG]


def test_nothing_is_found_twice_or_where_nobody_asked(network: Network) -> None:
    network.add(3, 7)
    network.add(4, 7)
    network.flush()
    assert network.take(3, 7).known.tolist() == [True]
    assert network.take(3, 7).known.tolist() == [False]
    assert network.take(4, 7).known.tolist() == [False]


def test_numbers_wrap_and_old_packets_give_way(network: Network) -> None:
    first = 0xFFFF - 10
    count = REMEMBERED + 30
    for number in range(first, first + count):
        network.add(3, number, 40 + number % 50)
    network.flush()
    gone = range(first, first + 30)
    kept = range(first + 30, first + count)
    assert not network.take(3, *gone).known.any()
    found = network.take(3, *kept)
    assert found.known.all()
    assert found.sizes.tolist() == [40 + number % 50 + TAG for number in kept]


def test_more_than_the_log_holds(network: Network) -> None:
    for number in range(20_000):
        network.add(3, number)
    network.flush()
    assert network.take(3, 19_999, 19_999 - REMEMBERED + 1).known.tolist() == [True, True]
    assert network.take(3, 19_999 - REMEMBERED).known.tolist() == [False]


def test_a_slot_that_is_given_to_another_knows_nothing(network: Network) -> None:
    network.add(3, 0)
    network.flush()
    network.sent.close(3)
    assert len(network.sent) == 0
    network.sent.open(3)
    assert not network.take(3, 0).known.any()
    network.add(3, 1)
    network.flush()
    network.sent.forget(3)
    assert not network.take(3, 1).known.any()


def test_probes_carry_their_cluster(network: Network) -> None:
    for number in range(4):
        network.add(3, number)
        if number in (1, 2):
            network.sent.note_probe(3, number, 17)
    network.sent.note_probe(4, 0, 18)  # of nobody
    network.flush()
    assert network.take(3, 0, 1, 2, 3).probes.tolist() == [0, 17, 17, 0]
    network.add(3, 1 + REMEMBERED)
    network.flush()
    assert network.take(3, 1 + REMEMBERED).probes.tolist() == [0]


def test_what_could_not_be_protected_was_not_sent(network: Network) -> None:
    network.add(3, 0)
    network._next -= 1  # the same packet number, refused by libsrtp
    network.add(3, 1)
    network.flush()
    assert network.take(3, 0, 1).known.tolist() == [True, False]


def test_without_an_observer_a_flush_notes_nothing(network: Network) -> None:
    network.ring.observer = None
    network.add(3, 0)
    network.flush()
    assert not network.take(3, 0).known.any()


def test_time_is_kept_for_months(network: Network) -> None:
    network.now += 300 * 86_400
    network.add(3, 0)
    network.flush()
    assert network.take(3, 0).sent == pytest.approx([Seconds(network.now)], abs=2e-6)
