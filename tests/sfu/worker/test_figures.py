"""What a worker counts, beside what happened to it; in both forms of its port."""

import errno
import socket
from collections.abc import Callable

import pytest

from benchmarks.peers.synthetic import Router, SyntheticPeer
from sfu.control.figures import BATCH_BOUNDS, LAG_BOUNDS, MESSAGE_BOUNDS, Figures, Spread
from sfu.transport.transmit_ring import TransmitRing
from sfu.worker.app import Worker
from sfu.worker.figures import overrun, resident_bytes, spread_of
from sfu.worker.udp_socket import MOST_WAITING, SocketCounts, WaitingDatagrams, open_port


def figures_of(worker: Worker) -> Figures:
    figures = worker.introduction().figures
    assert figures is not None
    return figures


async def test_packets_and_bytes_are_those_that_were_sent_and_came(
    worker: Worker, room: Router
) -> None:
    async with SyntheticPeer(room.member("ada")) as ada, SyntheticPeer(room.member("bob")) as bob:
        camera = await ada.publish_video(300_000)
        picture = await bob.subscribe(camera.id)
        await bob.until(lambda: picture.received > 60)
        ada.legs["send"].transport.media.publishing.remove(camera.track)
        sent = camera.sent
        await bob.until(lambda: figures_of(worker).media.packets_in == sent)
        figures = figures_of(worker)
        assert figures.held.cameras == figures.held.consumers == 1
        assert figures.held.microphones == 0
        assert figures.transports.connected == len(worker.engine.transports) == 2
        counts = worker.port.counts
        assert sum(figures.port.batches.counts) == counts.receive_batches
        assert figures.port.batches.total == counts.received > sent
        assert sum(figures.port.messages.counts) == counts.messages
        assert figures.port.messages.total == counts.sent >= figures.media.packets_out
        media = figures.media
        assert media.packets_out == worker.engine.shared.ring.protected >= picture.received
        # A packet out is one that came, with another header and another tag.
        assert media.bytes_in / media.packets_in == pytest.approx(
            media.bytes_out / media.packets_out, rel=0.2
        )
        assert media.lost_in == media.lost_out == media.nacked_in == media.nacked_out == 0
        assert figures.process.cpu_seconds > 0


async def test_losses_and_repairs_of_both_sides(worker: Worker, room: Router) -> None:
    async with SyntheticPeer(room.member("ada")) as ada, SyntheticPeer(room.member("bob")) as bob:
        camera = await ada.publish_video(300_000)
        picture = await bob.subscribe(camera.id)
        await bob.until(lambda: picture.received > 10)
        ada.legs["send"].transport.drop_outgoing = every(10)
        await bob.until(lambda: figures_of(worker).media.repaired_in > 2)
        await bob.until(lambda: figures_of(worker).media.lost_in > 2)
        ada.legs["send"].transport.drop_outgoing = None
        # So many that some are missing whenever a report is due: what came again is not lost.
        bob.legs["recv"].transport.drop_incoming = every(2)
        await bob.until(lambda: figures_of(worker).media.repaired_out > 2)
        await bob.until(lambda: figures_of(worker).media.lost_out > 0)
        media = figures_of(worker).media
        asked = ada.legs["send"].transport.media.publishing.feedback
        assert media.nacked_out >= asked.nacked >= media.repaired_in
        assert media.nacked_in >= media.repaired_out
        assert media.pictures_out >= asked.pictures > 0


def every(number: int) -> Callable[[bytes], bool]:
    lost = [0]

    def loses(_: bytes) -> bool:
        lost[0] += 1
        return lost[0] % number == 0

    return loses


async def test_loop_is_looked_at_as_long_as_the_worker_serves(worker: Worker) -> None:
    lag = figures_of(worker).process.loop_lag
    assert len(lag.counts) == len(LAG_BOUNDS) + 1


# ---- what a call does not show -------------------------------------------------------------


def test_datagrams_that_wait_for_room_and_those_for_which_there_is_none() -> None:
    counts, room = SocketCounts(), [errno.EAGAIN]
    waiting = WaitingDatagrams(lambda data, address: room[0], counts)
    for _ in range(MOST_WAITING + 3):
        waiting.offer(b"x", b"")
    assert (counts.delayed, counts.dropped, counts.sent) == (MOST_WAITING, 3, 0)
    room[0] = 0
    assert not waiting.send()
    assert counts.sent == MOST_WAITING
    room[0] = errno.EPERM
    waiting.offer(b"x", b"")
    assert counts.failed == 1


async def test_what_the_port_counted_is_told(worker: Worker) -> None:
    counts = worker.port.counts
    counts.delayed, counts.dropped, counts.failed = 5, 3, 2
    worker.engine.shared.ring.refusals = 7
    port = figures_of(worker).port
    assert (port.delayed, port.dropped, port.failed, port.unprotected) == (5, 3, 2, 7)


async def test_what_the_tcp_port_counted_is_told(worker: Worker, room: Router) -> None:
    async with SyntheticPeer(room.member("ada"), protocol="tcp") as ada:
        await ada.leg("recv")
        streams = figures_of(worker).streams
        assert (streams.connections, streams.proven, streams.peers) == (1, 1, 1)
        assert (streams.accepted, streams.refused, streams.overdue) == (1, 0, 0)
        assert streams.received >= 2
        assert streams.sent >= 2
        assert streams.dropped == streams.queued_bytes == 0


def test_kernel_tells_what_it_had_no_room_for() -> None:
    opened = open_port("127.0.0.1", 0)
    with opened, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        assert overrun(opened) == 0
        for _ in range(50):
            stranger.sendto(bytes(1200), opened.getsockname())
        assert 0 < overrun(opened) < 50
    assert overrun(opened) == 0, "it is closed"


def test_memory_is_told_in_bytes() -> None:
    assert 10 << 20 < resident_bytes() < 10 << 30


# ---- spreads -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "place"), [(0, 0), (0.001, 0), (0.0011, 1), (2.5, 10), (2.6, 11), (1e9, 11)]
)
def test_value_is_counted_where_it_belongs(value: float, place: int) -> None:
    spread = Spread.within(LAG_BOUNDS)
    spread.note(value, LAG_BOUNDS)
    assert [n for n, count in enumerate(spread.counts) if count] == [place]
    assert spread.total == value


@pytest.mark.parametrize("bounds", [BATCH_BOUNDS, MESSAGE_BOUNDS])
def test_sizes_by_powers_of_two_are_those_of_the_bounds(bounds: tuple[int, ...]) -> None:
    for size in range(1, 1025):
        sizes = [0] * 33
        sizes[(size - 1).bit_length()] = 1
        expected = Spread.within(bounds)
        expected.note(size, bounds)
        assert spread_of(sizes, bounds, size) == expected


@pytest.mark.parametrize("rows", [1, 2, 31, 32, 33, 64])
def test_ring_adds_up_what_it_sends(rows: int) -> None:
    ring = TransmitRing(64)
    ring.lengths[:] = range(100, 164)
    assert ring._octets(rows) == sum(range(100, 100 + rows))
