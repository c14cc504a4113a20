"""Lost sound comes again as the same bytes, and nothing is ever protected twice."""

import pytest

from sfu.media.repetition_limits import MOST_TIMES, STOCK
from sfu.ortc.encodings import Encoding
from sfu.routing.consumer import Consumer
from sfu.transport.sent_copies import LONGEST, SentCopies
from sfu.transport.srtp import SrtpProfile
from sfu.transport.transmit_ring import TransmitRing
from sfu.wire.rtcp_feedback import Nack
from tests.sfu.routing.publishing import Peer, World, parameters
from tests.sfu.routing.subscribing import OUTGOING, Audience, Subscriber, later


class Stage:
    """Somebody who speaks, and listeners whose datagrams are kept."""

    def __init__(self, listeners: int = 2, profile: SrtpProfile = SrtpProfile.AES_128_GCM) -> None:
        self.world = World()
        self.shared = self.world.shared
        self.shared.copies = SentCopies(self.shared.ring, frozenset({OUTGOING}), 64)
        self.audience = Audience(self.world)
        self.peer: Peer = self.world.peer()
        given = parameters(Encoding(ssrc=10), kind="audio", codec="opus", transport_cc=False)
        producer = self.peer.produce(given)
        self.listeners: list[Subscriber] = []
        self.consumers: list[Consumer] = []
        for _ in range(listeners):
            listener = self.audience.join(profile=profile)
            self.listeners.append(listener)
            self.consumers.append(listener.consume(producer, rtx=False))
        self.sent: dict[int, list[bytes]] = {one.slot: [] for one in self.listeners}
        deliver = self.shared.ring.sender

        def send(ring: TransmitRing) -> None:
            for row in range(len(ring)):
                datagram = ring.rows[row, : ring.lengths[row]].tobytes()
                self.sent[int(ring.slots[row])].append(datagram)
            deliver(ring)

        self.shared.ring.sender = send
        self.number = 65_530

    def speak(self, count: int = 1, size: int = 80) -> None:
        for _ in range(count):
            now = later(self.world, 0.02)
            packet = self.peer.rtp(self.number, round(now * 48_000), 10, bytes(size))
            self.peer.send(packet)
            self.number += 1
            self.audience.flush()

    def ask(self, listener: int, *newest: int) -> list[tuple[int, int, bytes]]:
        """Ask for packets, counted back from the newest; what is sent again."""
        consumer = self.consumers[listener]
        numbers = sorted(self.listeners[listener].sent(consumer).packets)
        lost = tuple(numbers[-1 - back] & 0xFFFF for back in newest)
        outbound = self.listeners[listener].outbound
        outbound.receive_rtcp([Nack(1, consumer.ssrc, lost)], self.world.now)
        again = list(self.shared.again)
        self.shared.again.clear()
        return again


@pytest.mark.parametrize("profile", list(SrtpProfile))
def test_the_same_bytes(profile: SrtpProfile) -> None:
    stage = Stage(profile=profile)
    stage.speak(12)
    for listener, subscriber in enumerate(stage.listeners):
        slot = subscriber.slot
        again = stage.ask(listener, 0, 5, 10)
        sent = stage.sent[slot]
        assert [datagram for _, _, datagram in again] == [sent[-1], sent[-6], sent[-11]]
        assert [of for of, _, _ in again] == [slot] * 3
        numbers = subscriber.transport_numbers
        assert [number for _, number, _ in again] == [numbers[-1], numbers[-6], numbers[-11]]
    assert stage.shared.counts.repaired_out == 6


def test_not_too_often() -> None:
    stage = Stage(1)
    stage.speak(3)
    assert len(stage.ask(0, 0)) == 1
    assert stage.ask(0, 0, 0) == []
    assert stage.shared.counts.repairs_denied == 2
    for _ in range(MOST_TIMES + 5):
        later(stage.world, 1.0)
        stage.ask(0, 0)
    assert stage.shared.counts.repaired_out == MOST_TIMES


def test_greed_is_bounded() -> None:
    stage = Stage(1)
    stage.speak(20)
    for _ in range(400):
        later(stage.world, 0.5)
        stage.ask(0, *range(20))
    assert stage.shared.counts.repaired_out <= STOCK + 20


def test_what_is_forgotten_or_never_was_is_passed_over() -> None:
    stage = Stage(1)
    stage.speak(40)
    assert len(stage.ask(0, 0, 39)) == 2
    stage.speak(40)
    assert len(stage.ask(0, 0, 79)) == 1
    consumer, outbound = stage.consumers[0], stage.listeners[0].outbound
    newest = max(stage.listeners[0].sent(consumer).packets)
    lost = ((newest + 1) & 0xFFFF, (newest + 0x7000) & 0xFFFF)
    outbound.receive_rtcp([Nack(1, consumer.ssrc, lost)], stage.world.now)
    assert stage.shared.again == []


def test_long_packets_are_not_kept() -> None:
    stage = Stage(1)
    stage.speak(1, size=LONGEST)
    assert stage.ask(0, 0) == []
    stage.speak()
    assert len(stage.ask(0, 0)) == 1


def test_each_gets_its_own() -> None:
    stage = Stage(3)
    stage.speak(30)  # more than once around
    for listener, subscriber in enumerate(stage.listeners):
        ((slot, _, datagram),) = stage.ask(listener, 3)
        assert (slot, datagram) == (subscriber.slot, stage.sent[subscriber.slot][-4])
