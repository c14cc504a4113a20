"""What forwarding costs: CPU per forwarded packet of the packet-path modules, kernel included.

A worker's packet path without the worker: receive, decrypt, keep for retransmission, fan out,
encrypt, send. Real SRTP, real UDP on loopback; no ICE, DTLS or RTCP.

    python -m benchmarks.fan_out                     every load, 4 seconds each
    python -m benchmarks.fan_out 10x10 --gather 1    one load, gathering for 1 ms

CPU is the process's own, from ``schedstat``.
"""

import argparse
import random
import select
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np
from typing_extensions import override

from benchmarks.forwarding_load import (
    FIRST_SSRC,
    LOADS,
    PAYLOAD_TYPE,
    Load,
    Outcome,
    Person,
    fork_load,
    outcome,
    people_of,
)
from benchmarks.metering import cores
from benchmarks.processes import pinned_to
from sfu.media.packet_store import PacketMemory, PacketStore
from sfu.media.sequence_map import SequenceMap
from sfu.routing.fan_out import MOST_PACKETS, FanOut, Subscription, pack_head
from sfu.transport.destinations import Destinations
from sfu.transport.packet_ring import PacketRing
from sfu.transport.srtp import SrtpProfile, SrtpSession, unprotect_all
from sfu.transport.transmit_ring import CAPACITY, TransmitRing
from sfu.units import Seconds
from sfu.wire.serial import Unwrapper
from sfu.worker.batched_socket import BatchedSocket
from sfu.worker.gathering import averaged, gathering_time
from sfu.worker.portable_socket import PortableSocket
from sfu.worker.udp_socket import SocketCounts, UdpSocket, open_port

RECEIVE_ROWS = 256
STORED_PACKETS = 256
PACKETS_IN_MEMORY = 16_384

_unpack_header = struct.Struct("!HHII").unpack_from


class PacketPath(Protocol):
    """What can be measured."""

    port: socket.socket
    counts: SocketCounts

    def forward_batch(self) -> int:
        """Receive a batch, forward it, and return its size."""


class Stream:
    """A publisher's stream as the forwarder knows it."""

    __slots__ = ("fan_out", "store", "unwrapper")

    def __init__(self, fan_out: FanOut, memory: PacketMemory) -> None:
        self.fan_out = fan_out
        self.store = PacketStore(memory, STORED_PACKETS)
        self.unwrapper = Unwrapper()


class Forwarder:
    """The packet path for a load's rooms."""

    def __init__(
        self,
        load: Load,
        people: list[Person],
        profile: SrtpProfile,
        portable: bool = False,
        rows: int = CAPACITY,
    ) -> None:
        self.received = PacketRing(RECEIVE_ROWS)
        self.ring = TransmitRing(rows)
        destinations = Destinations(len(people))
        kind = PortableSocket if portable else BatchedSocket
        self.port = open_port("", 0)
        self._socket: UdpSocket = kind(self.port, destinations, self.ring, self.received)
        self.counts = self._socket.counts
        self._bytes = self.received.rows.reshape(-1).data
        self._row_bytes = self.received.rows.shape[1]
        self._heads = np.zeros((RECEIVE_ROWS, 2), np.uint32)
        self._head_bytes = self._heads.data.cast("B")
        self._inbound = [SrtpSession.inbound(profile, one.publishing_key) for one in people]
        self._contexts = {
            one.address: session.context for one, session in zip(people, self._inbound, strict=True)
        }
        outbound = [SrtpSession.outbound(profile, one.receiving_key) for one in people]
        slots = [destinations.allocate(one.address) for one in people]
        self._streams: dict[int, Stream] = {}
        draw = random.Random(11)
        memory = PacketMemory(PACKETS_IN_MEMORY)
        for publisher in load.publishers:
            fan_out = FanOut(
                publisher, publisher // load.people, PAYLOAD_TYPE, self.ring, destinations
            )
            for person in load.room_of(publisher):
                if person != publisher:
                    numbers = SequenceMap(draw.randrange(1 << 15), draw.randrange(1 << 32))
                    ssrc = 1_000_000 + publisher
                    fan_out.add(Subscription(slots[person], outbound[person], ssrc, 100, numbers))
            self._streams[FIRST_SSRC + publisher] = Stream(fan_out, memory)

    def forward_batch(self) -> int:
        """Receive a batch, forward it, and return its size."""
        count = self._socket.receive()
        if not count:
            return 0
        received = self.received
        contexts = [self._contexts[source] for source in self._socket.sources(count)]
        if any(unprotect_all(contexts, received.packets, received.packet_lengths)):
            raise RuntimeError("a packet of the load did not decrypt")
        heads, data, row_bytes = self._head_bytes, self._bytes, self._row_bytes
        first, expected, length, stream = 0, -1, -1, -1
        for row, size in enumerate(received.lengths[:count].tolist()):
            flags, number, timestamp, ssrc = _unpack_header(data, row * row_bytes)
            pack_head(heads, row * 8, flags, number, timestamp)
            if (
                ssrc != stream
                or number != expected
                or size != length
                or row - first == MOST_PACKETS
            ):
                if row:
                    self._forward_burst(stream, first, row, length)
                first, stream, length = row, ssrc, size
            expected = number + 1 & 0xFFFF
        self._forward_burst(stream, first, count, length)
        self.ring.flush()
        return count

    def _forward_burst(self, ssrc: int, first: int, end: int, length: int) -> None:
        stream = self._streams[ssrc]
        heads = self._heads[first:end]
        number = stream.unwrapper.unwrap(int(heads[0, 0]) >> 16)
        if end - first > 1:
            stream.unwrapper.unwrap(number + end - first - 1 & 0xFFFF)
        packets, lengths = self.received.rows[first:end, :length], self.received.lengths[first:end]
        if number in stream.store:
            return
        stream.store.add(number, packets, lengths.tolist())
        stream.fan_out.forward(packets, heads, lengths, number)


def run(path: PacketPath, gather: float | None, ended: int) -> tuple[int, int]:
    """Forward until the descriptor ``ended`` can be read; nanoseconds of CPU, and batches."""
    descriptor = path.port.fileno()
    poll = select.epoll()
    poll.register(descriptor, select.EPOLLIN)
    poll.poll()
    poll.register(ended, select.EPOLLIN)
    clock, work = time.monotonic, time.thread_time
    busy, rate, batches, wait = 0.0, 0.0, 0, Seconds(gather or 0.0)
    begun, then, worked = _cpu(), clock(), work()
    while poll.poll()[0][0] == descriptor:
        count = path.forward_batch()
        batches += 1
        if gather is None:
            now, working = clock(), work()
            elapsed = Seconds(now - then)
            busy, rate = averaged(busy, working - worked, elapsed), averaged(rate, count, elapsed)
            then, worked = now, working
            wait = gathering_time(busy, rate, wait)
        if wait:
            time.sleep(wait)
    return _cpu() - begun, batches


def _cpu() -> int:
    return int(Path("/proc/self/schedstat").read_text().split()[0])


@dataclass(frozen=True)
class Cost:
    """What forwarding cost, and what became of the packets.

    Attributes:
        micros: µs of CPU per forwarded packet, kernel included.
        share: of a core.
        batch: packets received per call.
        run: packets per message sent.
        outcome: what the load saw.
    """

    micros: float
    share: float
    batch: float
    run: float
    outcome: Outcome

    @override
    def __str__(self) -> str:
        arrived = 100 * self.outcome.received / max(1, self.outcome.expected)
        return (
            f"{self.micros:6.2f} µs  {self.share:6.1%} of a core  {arrived:6.2f} % delivered"
            f"  {self.batch:5.1f} per batch  {self.run:5.2f} per message"
        )


def measure(
    load: Load,
    profile: SrtpProfile,
    seconds: float,
    make: Callable[[Load, list[Person], SrtpProfile], PacketPath],
    gather: float | None = 0.0,
) -> Cost:
    """Let a load run.

    Args:
        load: who publishes how much to whom.
        profile: of everybody's SRTP.
        seconds: how long.
        make: makes what is measured, for the people of the load.
        gather: seconds to let packets gather after every batch; None to adapt.
    """
    server, crowd = cores()
    people = people_of(load, profile)
    with pinned_to(server):
        path = make(load, people, profile)
        port = path.port.getsockname()[1]
        child, pipe = fork_load(load, people, profile, port, seconds, crowd)
        cpu, batches = run(path, gather, pipe)
        result = outcome(child, pipe)
    counts = path.counts
    path.port.close()
    for person in people:
        person.socket.close()
    return Cost(
        micros=cpu / 1000 / max(1, counts.sent),
        share=cpu / 1e9 / seconds,
        batch=counts.received / max(1, batches),
        run=counts.sent / max(1, counts.messages),
        outcome=result,
    )


def arguments(about: str) -> argparse.ArgumentParser:
    """The command line that all benchmarks of forwarding share."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("loads", nargs="*", help=", ".join(LOADS))
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--gather", default="0", help="milliseconds after every batch, or auto")
    parser.add_argument("--cm", action="store_true", help="AES-CM with SHA-1 in place of AES-GCM")
    return parser


def main() -> None:
    """Measure the loads named on the command line, or all."""
    parser = arguments("CPU per forwarded packet")
    parser.add_argument("--portable", action="store_true", help="without batched system calls")
    parser.add_argument("--rows", type=int, default=CAPACITY, help="of the transmit ring")
    asked = parser.parse_args()
    gather = None if asked.gather == "auto" else float(asked.gather) / 1000
    profile = SrtpProfile.AES_128_CM_SHA1_80 if asked.cm else SrtpProfile.AES_128_GCM
    make = partial(Forwarder, portable=asked.portable, rows=asked.rows)
    for name in asked.loads or LOADS:
        cost = measure(LOADS[name], profile, asked.seconds, make, gather)
        print(f"{name:10} {cost}  {cost.outcome.gaps} gaps", flush=True)


if __name__ == "__main__":
    main()
