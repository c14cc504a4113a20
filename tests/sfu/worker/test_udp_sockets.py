"""One suite for all kinds of worker sockets, over real ones on loopback."""

import ctypes
import errno
import os
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from sfu.transport.destinations import Destinations
from sfu.transport.packet_ring import MOST_RECEIVED, PacketRing
from sfu.transport.srtp import SrtpProfile, SrtpSession
from sfu.transport.transmit_ring import TransmitRing
from sfu.worker import udp_socket
from sfu.worker.batched_socket import BatchedSocket
from sfu.worker.portable_socket import PortableSocket
from sfu.worker.udp_socket import UdpSocket, open_port

KINDS = ["segments", "batches", "portable"]


@dataclass
class Bench:
    """A socket with its rings, and peers to send to."""

    socket: Any
    ring: TransmitRing
    received: PacketRing
    destinations: Destinations
    port: int
    session: SrtpSession
    peers: list[socket.socket]
    numbers: int = 0

    def peer(self, host: str = "127.0.0.1") -> int:
        """Open one more peer; its slot."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        opened = socket.socket(family, socket.SOCK_DGRAM)
        opened.bind((host, 0))
        opened.settimeout(1.0)
        self.peers.append(opened)
        return self.destinations.allocate(self.socket.address(host, opened.getsockname()[1]))

    def write(self, slots: list[int], sizes: list[int], group: int = 0) -> None:
        """Write a burst for some subscribers: packets of these sizes, all different."""
        block = self.ring.block(len(slots), len(sizes), group)
        for subscriber, slot in enumerate(slots):
            for place, size in enumerate(sizes):
                self.numbers += 1
                header = b"\x80\x60" + self.numbers.to_bytes(2, "big") + bytes(8)
                data = header + os.urandom(size - 12)
                block.packets[subscriber, place, :size] = np.frombuffer(data, np.uint8)
                block.lengths[subscriber, place] = size
                block.slots[subscriber, place] = slot
                self.ring.contexts.append(self.session.context)

    def protected(self) -> dict[int, list[bytes]]:
        """Send what was written; what each slot should get."""
        expected: dict[int, list[bytes]] = {}
        send = self.ring.sender

        def note(ring: TransmitRing) -> None:
            for row in range(len(ring)):
                if ring.lengths[row]:
                    data = ring.rows[row, : ring.lengths[row]].tobytes()
                    expected.setdefault(int(ring.slots[row]), []).append(data)
            send(ring)

        self.ring.sender = note
        self.ring.flush()
        self.ring.sender = send
        return expected

    def arrived(self, slot: int, count: int) -> list[bytes]:
        peer = self.peers[slot]
        return [peer.recv(4096) for _ in range(count)]

    def nothing_more(self) -> bool:
        for peer in self.peers:
            peer.setblocking(False)
            try:
                peer.recv(4096)
            except BlockingIOError:
                peer.settimeout(1.0)
            else:
                return False
        return True

    def receive(self, count: int) -> int:
        """Receive until so many datagrams are there in one batch."""
        deadline = time.monotonic() + 2
        while time.monotonic() < deadline:
            got: int = self.socket.receive()
            if got:
                assert got == count
                return got
        return 0


def make(kind: str, host: str = "", *, arrivals: bool = False, rows: int = 64) -> Bench:
    ring, received, destinations = TransmitRing(rows), PacketRing(16, headroom=16), Destinations(16)
    opened = open_port(host, 0)
    made: UdpSocket
    if kind == "portable":
        made = PortableSocket(opened, destinations, ring, received, arrivals=arrivals)
    else:
        made = BatchedSocket(
            opened,
            destinations,
            ring,
            received,
            arrivals=arrivals,
            segmentation=kind == "segments",
        )
    session = SrtpSession.outbound(SrtpProfile.AES_128_GCM, os.urandom(28))
    return Bench(made, ring, received, destinations, opened.getsockname()[1], session, [])


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def opened() -> Iterator[Callable[..., Bench]]:
    benches = []

    def open_one(kind: str, host: str = "", *, arrivals: bool = False) -> Bench:
        benches.append(make(kind, host, arrivals=arrivals))
        return benches[-1]

    yield open_one
    for bench in benches:
        bench.socket.close()
        for peer in bench.peers:
            peer.close()


@pytest.fixture
def bench(kind: str, opened: Callable[..., Bench]) -> Bench:
    return opened(kind)


class Fault:
    """Lets so many messages pass, and then fails every one while ``error`` is set.

    With ``runs_only``, datagrams that are sent one by one pass.
    """

    def __init__(
        self, bench: Bench, error: int, passing: int = 0, *, runs_only: bool = False
    ) -> None:
        self.error = error
        self.passing = passing
        target = bench.socket
        if isinstance(target, PortableSocket):
            self.port = target._port
            target._port = FaultyPort(self)  # type: ignore[assignment]
            return
        sendmmsg, sendto = target._sendmmsg, target._sendto

        def failing_sendmmsg(descriptor: int, messages: int, count: int, flags: int) -> int:
            if self.fails():
                ctypes.set_errno(self.error)
                return -1
            sent = int(sendmmsg(descriptor, messages, min(count, self.passing or count), flags))
            self.passing = max(0, self.passing - sent)
            return sent

        def failing_sendto(*arguments: object) -> int:
            if self.fails() and not runs_only:
                ctypes.set_errno(self.error)
                return -1
            return int(sendto(*arguments))

        target._sendmmsg, target._sendto = failing_sendmmsg, failing_sendto

    def fails(self) -> bool:
        return bool(self.error) and not self.passing


class FaultyPort:
    """A socket that fails to send."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.close = fault.port.close

    def sendto(self, data: bytes, name: tuple[str, int]) -> int:
        if self.fault.fails():
            raise OSError(self.fault.error, "fault")
        self.fault.passing = max(0, self.fault.passing - 1)
        return self.fault.port.sendto(data, name)


# ---- receiving ------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_receives_with_source(bench: Bench, host: str) -> None:
    slots = [bench.peer(host), bench.peer(host)]
    for peer, data in zip(bench.peers, (b"one", b"number two"), strict=True):
        peer.sendto(data, (host, bench.port))
    bench.receive(2)
    rows = [bench.received.rows[row, : bench.received.lengths[row]].tobytes() for row in range(2)]
    assert rows == [b"one", b"number two"]
    assert bench.socket.sources(2) == [bench.destinations.address(slot) for slot in slots]
    assert bench.socket.counts.received == 2


def test_no_datagram_is_no_error(bench: Bench) -> None:
    assert bench.socket.receive() == 0


def test_receives_again_and_again_from_row_0(bench: Bench) -> None:
    bench.peer()
    for length in (1200, 3, 0, 40):
        bench.peers[0].sendto(bytes(length), ("127.0.0.1", bench.port))
        bench.receive(1)
        assert bench.received.lengths[0] == length


def test_batch_is_at_most_the_ring(bench: Bench) -> None:
    bench.peer()
    for index in range(20):
        bench.peers[0].sendto(bytes((index,)), ("127.0.0.1", bench.port))
    assert bench.receive(16) == 16
    assert bench.receive(4) == 4
    assert bench.received.rows[3, 0] == 19


def test_too_long_a_datagram_is_cut_off(bench: Bench) -> None:
    bench.peer()
    bench.peers[0].sendto(b"x" * (MOST_RECEIVED + 100), ("127.0.0.1", bench.port))
    bench.peers[0].sendto(b"y", ("127.0.0.1", bench.port))
    bench.receive(2)
    assert bench.received.lengths[:2].tolist() == [MOST_RECEIVED, 1]


def test_notes_when_it_arrived(kind: str, opened: Callable[..., Bench]) -> None:
    bench = opened(kind, arrivals=True)
    bench.peer()
    for _ in range(2):
        before = time.time_ns()
        bench.peers[0].sendto(b"now", ("127.0.0.1", bench.port))
        bench.receive(1)
        assert bench.socket.arrivals is not None
        assert before - 1_000_000 <= bench.socket.arrivals[0] <= time.time_ns() + 1_000_000


# ---- sending --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sizes",
    [[100], [1100, 1100], [1100, 1100, 300], [1100] * 5],
    ids=lambda sizes: "-".join(map(str, sizes)),
)
def test_burst_reaches_its_subscribers(bench: Bench, sizes: list[int]) -> None:
    slots = [bench.peer(), bench.peer("::1"), bench.peer()]
    bench.write(slots, sizes)
    expected = bench.protected()
    for slot in slots:
        assert bench.arrived(slot, len(sizes)) == expected[slot]
    assert bench.nothing_more()
    assert bench.socket.counts.sent == 3 * len(sizes)


def test_ring_is_used_again_and_again(bench: Bench) -> None:
    slots = [bench.peer(), bench.peer()]
    for sizes in ([500], [900, 900], [500], [400, 400, 400], [1200, 1200], [30]):
        bench.write(slots, sizes)
        expected = bench.protected()
        for slot in slots:
            assert bench.arrived(slot, len(sizes)) == expected[slot]


@pytest.mark.parametrize("groups", [range(8), [1] * 8], ids=["apart", "shared"])
def test_bursts_of_several_streams(bench: Bench, groups: Sequence[int]) -> None:
    slots = [bench.peer() for _ in range(3)]
    bursts = [[1100, 1100], [1100], [1100, 60], [200], [200], [1100], [900], [1200, 1200, 60]]
    for group, sizes in zip(groups, bursts, strict=True):
        bench.write(slots, sizes, group)
    expected = bench.protected()
    for slot in slots:
        assert bench.arrived(slot, 12) == expected[slot]
    assert bench.nothing_more()


def test_sends_only_the_rows_it_is_told(bench: Bench) -> None:
    slots = [bench.peer() for _ in range(3)]
    bench.write(slots, [1100, 1100])
    bench.write(slots, [700])
    send = bench.ring.sender

    def send_some(ring: TransmitRing) -> None:
        kept = ring.slots[: len(ring)] != slots[1]
        bench.socket.send(ring, kept.nonzero()[0])

    bench.ring.sender = send_some
    expected = bench.protected()
    bench.ring.sender = send
    for slot in (slots[0], slots[2]):
        assert bench.arrived(slot, 3) == expected[slot]
    assert bench.nothing_more()


def test_message_per_run(opened: Callable[..., Bench]) -> None:
    bench = opened("segments")
    slots = [bench.peer() for _ in range(3)]
    bench.write(slots, [1100] * 4)
    bench.ring.flush()
    assert (bench.socket.counts.messages, bench.socket.counts.runs) == (3, 3)
    bench.write(slots, [1100])
    bench.ring.flush()
    assert (bench.socket.counts.messages, bench.socket.counts.runs) == (6, 3)
    for _ in range(8):
        bench.write(slots, [1100], group=5)
    bench.ring.flush()
    assert (bench.socket.counts.messages, bench.socket.counts.runs) == (9, 6)
    assert bench.socket.counts.sent == 12 + 3 + 24


def test_packet_that_was_not_protected_is_not_sent(bench: Bench) -> None:
    slots = [bench.peer(), bench.peer()]
    bench.write(slots, [1100, 1100])
    first = bench.ring.rows[0, :12].copy()
    bench.ring.rows[1, :12] = first
    expected = bench.protected()
    assert [len(expected[slot]) for slot in slots] == [1, 2]
    for slot in slots:
        assert bench.arrived(slot, len(expected[slot])) == expected[slot]
    assert bench.nothing_more()
    bench.ring.append(first.tobytes(), slots[0], bench.session)
    bench.ring.flush()
    assert bench.nothing_more()


def test_follows_a_peer_that_moves(bench: Bench) -> None:
    slot = bench.peer()
    bench.write([slot], [100])
    bench.protected()
    bench.arrived(0, 1)
    bench.peer()
    bench.destinations.move(slot, bench.destinations.address(1))
    bench.write([slot], [100])
    expected = bench.protected()
    assert bench.arrived(1, 1) == expected[slot]


def test_sends_other_datagrams(bench: Bench) -> None:
    for slot in (bench.peer(), bench.peer("::1")):
        bench.socket.send_datagram(b"hello", bench.destinations.address(slot))
        assert bench.arrived(slot, 1) == [b"hello"]


def test_ipv4_alone(kind: str, opened: Callable[..., Bench]) -> None:
    bench = opened(kind, "127.0.0.1")
    slot = bench.peer()
    bench.write([slot], [700, 700])
    expected = bench.protected()
    bench.peers[0].sendto(b"back", ("127.0.0.1", bench.port))
    assert bench.arrived(slot, 2) == expected[slot]
    bench.receive(1)
    assert bench.socket.sources(1) == [bench.destinations.address(slot)]


# ---- when the kernel will not ---------------------------------------------------------------


def test_waits_for_room_and_keeps_the_order(bench: Bench) -> None:
    slots = [bench.peer(), bench.peer()]
    fault = Fault(bench, errno.EAGAIN, passing=1)
    bench.write(slots, [1100, 1100])
    expected = bench.protected()
    assert bench.socket.waiting in {2, 3}
    bench.socket.send_datagram(b"cold", bench.destinations.address(slots[0]))
    bench.write(slots, [300])
    later = bench.protected()
    assert bench.socket.send_waiting()
    fault.error = 0
    assert not bench.socket.send_waiting()
    assert bench.socket.waiting == 0
    assert bench.arrived(slots[0], 4) == [*expected[slots[0]], b"cold", *later[slots[0]]]
    assert bench.arrived(slots[1], 3) == expected[slots[1]] + later[slots[1]]
    assert bench.socket.counts.dropped == 0
    assert bench.socket.counts.sent == 7


def test_drops_what_would_wait_too_long(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(udp_socket, "MOST_WAITING", 3)
    slot = bench.peer()
    fault = Fault(bench, errno.EAGAIN)
    bench.write([slot], [100] * 5)
    expected = bench.protected()
    fault.error = 0
    bench.socket.send_waiting()
    assert bench.arrived(slot, 3) == expected[slot][:3]
    assert bench.socket.counts.dropped == 2
    assert bench.nothing_more()


@pytest.mark.parametrize("error", [errno.ENOBUFS, errno.EPERM, errno.ENETUNREACH])
def test_other_errors_cost_one_packet_each(bench: Bench, error: int) -> None:
    slots = [bench.peer() for _ in range(4)]
    fault = Fault(bench, error, passing=2)
    bench.write(slots, [100])
    bench.protected()
    fault.error = 0
    bench.write(slots, [100])
    expected = bench.protected()
    counts = bench.socket.counts
    assert (counts.failed, counts.sent, bench.socket.waiting) == (2, 6, 0)
    assert bench.arrived(3, 1) == expected[slots[3]]


@pytest.mark.parametrize("error", [errno.EINVAL, errno.EIO, errno.EMSGSIZE])
def test_refused_run_is_sent_apart(opened: Callable[..., Bench], error: int) -> None:
    bench = opened("segments")
    slots = [bench.peer(), bench.peer()]
    Fault(bench, error, runs_only=True)
    bench.write(slots, [1100, 1100, 300])
    expected = bench.protected()
    for slot in slots:
        assert bench.arrived(slot, 3) == expected[slot]
    assert bench.socket.counts.sent == 6
    assert bench.socket.segmentation


def test_gives_segmentation_up_where_runs_are_refused(opened: Callable[..., Bench]) -> None:
    bench = opened("segments")
    slot = bench.peer()
    fault = Fault(bench, errno.EIO, runs_only=True)
    for _ in range(16):
        bench.write([slot], [40, 40])
        bench.ring.flush()
    assert not bench.socket.segmentation
    fault.error = 0
    bench.arrived(slot, 32)
    bench.write([slot], [40, 40])
    expected = bench.protected()
    assert bench.arrived(slot, 2) == expected[slot]
    assert bench.socket.counts.runs == 0


def test_interrupted_call_is_repeated(opened: Callable[..., Bench]) -> None:
    bench = opened("batches")
    slot = bench.peer()
    target, results = bench.socket, [errno.EINTR]
    real = target._sendmmsg

    def interrupted(*arguments: object) -> int:
        if results:
            ctypes.set_errno(results.pop())
            return -1
        return int(real(*arguments))

    target._sendmmsg = interrupted
    bench.write([slot], [40])
    expected = bench.protected()
    assert bench.arrived(slot, 1) == expected[slot]
    assert bench.socket.counts.failed == 0


def test_port_taken_is_an_error() -> None:
    with open_port("127.0.0.1", 0) as first, pytest.raises(OSError, match="in use"):
        open_port("127.0.0.1", first.getsockname()[1])


def test_without_ipv6_the_port_is_ipv4(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(udp_socket, "_open_dual_stack", lambda port: None)
    with open_port("", 0) as opened:
        assert opened.family == socket.AF_INET
