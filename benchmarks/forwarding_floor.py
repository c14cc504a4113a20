"""What forwarding cannot cost less than on this machine: system calls and cryptography alone.

The same load as ``benchmarks.fan_out``, received and decrypted; and for every packet received, a
packet for each subscriber is encrypted and sent, straight from memory: nothing is copied, rewritten
or kept, and the messages stand ready. What a packet path costs beyond that is its own.

    python -m benchmarks.forwarding_floor                every load: floor, packet path, ratio
    python -m benchmarks.forwarding_floor 10x10 --rounds 5

Floor and packet path take turns, because the speed of a shared machine drifts.
"""

import itertools
import statistics

import numpy as np

from benchmarks.fan_out import RECEIVE_ROWS, Forwarder, arguments, measure
from benchmarks.forwarding_load import LOADS, PACKET_BYTES, Load, Person
from sfu.transport.destinations import ADDRESS_BYTES
from sfu.transport.packet_ring import PacketRing
from sfu.transport.srtp import Context, SrtpProfile, SrtpSession, protect_all, unprotect_all
from sfu.transport.transmit_ring import CAPACITY
from sfu.worker import kernel
from sfu.worker.udp_socket import SocketCounts, open_port

_MOST_PACKETS = 8
_NUMBERS = np.arange(1 << 17).astype(">u2")


class _Burst:
    """Messages that stand ready: a burst of some packets for some people."""

    def __init__(
        self,
        rows: PacketRing,
        people: list[Person],
        contexts: list[Context],
        packets: int,
        size: int,
    ) -> None:
        count = len(people)
        shape = (count, packets)
        self.contexts = [context for context in contexts for _ in range(packets)]
        self.lengths = rows.lengths[: count * packets]
        self.numbers = rows.column(2, ">u2")[: count * packets].reshape(shape)
        self._addresses = np.frombuffer(b"".join(one.address for one in people), np.uint8)
        self._iovecs = np.zeros(count * packets, kernel.IOVEC)
        self._iovecs["base"] = kernel.addresses_of(rows.rows)[: count * packets]
        self._iovecs["length"] = size
        self._control = kernel.SEGMENT_CONTROL.copy()
        size_at = kernel.SEGMENT_SIZE_OFFSET
        self._control[size_at : size_at + 2].view(np.uint16)[0] = size
        self.messages = np.zeros(count, kernel.MESSAGE)
        addresses = self._addresses.reshape(count, ADDRESS_BYTES)
        self.messages["name"] = kernel.addresses_of(addresses)
        self.messages["name_length"] = ADDRESS_BYTES
        self.messages["iovec"] = kernel.addresses_of(self._iovecs)[::packets]
        self.messages["iovec_length"] = packets
        self.messages["control"] = self._control.ctypes.data
        self.messages["control_length"] = len(self._control) if packets > 1 else 0
        self.start: int = self.messages.ctypes.data


class Floor:
    """Receives, decrypts, encrypts, sends, and nothing else."""

    def __init__(self, load: Load, people: list[Person], profile: SrtpProfile) -> None:
        self.port = open_port("", 0)
        self.counts = SocketCounts()
        self._inbound = [SrtpSession.inbound(profile, one.publishing_key).context for one in people]
        self._person = {one.address: person for person, one in enumerate(people)}
        outbound = [SrtpSession.outbound(profile, one.receiving_key).context for one in people]
        self._rows = PacketRing(CAPACITY)
        self._rows.rows[:, :2] = 0x80, 0x60
        self._next = 0
        self._bursts: dict[tuple[int, int], list[_Burst]] = {}
        for publisher in load.publishers:
            others = [person for person in load.room_of(publisher) if person != publisher]
            for packets in range(1, _MOST_PACKETS + 1):
                most = CAPACITY // packets
                self._bursts[publisher, packets] = [
                    _Burst(
                        self._rows,
                        [people[person] for person in others[first : first + most]],
                        [outbound[person] for person in others[first : first + most]],
                        packets,
                        PACKET_BYTES + profile.rtp_overhead,
                    )
                    for first in range(0, len(others), most)
                ]
        self._prepare_receiving()

    def _prepare_receiving(self) -> None:
        self._received = PacketRing(RECEIVE_ROWS)
        self._sources = np.zeros((RECEIVE_ROWS, ADDRESS_BYTES), np.uint8)
        self._keys = self._sources.view(f"V{ADDRESS_BYTES}")[:, 0]
        self._iovecs = np.zeros(RECEIVE_ROWS, kernel.IOVEC)
        self._iovecs["base"] = kernel.addresses_of(self._received.rows)
        self._iovecs["length"] = self._received.rows.shape[1]
        self._messages = np.zeros(RECEIVE_ROWS, kernel.MESSAGE)
        self._messages["name"] = kernel.addresses_of(self._sources)
        self._messages["name_length"] = ADDRESS_BYTES
        self._messages["iovec"] = kernel.addresses_of(self._iovecs)
        self._messages["iovec_length"] = 1
        self._start: int = self._messages.ctypes.data
        self._lengths = self._messages["length"]

    def forward_batch(self) -> int:
        """Receive a batch, send as much as forwarding it would, and return its size."""
        received, flags = self._received, kernel.MSG_DONTWAIT
        count: int = kernel.recvmmsg(self.port.fileno(), self._start, RECEIVE_ROWS, flags, None)
        if count <= 0:
            return 0
        self.counts.received += count
        received.lengths[:count] = self._lengths[:count]
        persons = [self._person[key] for key in self._keys[:count].tolist()]
        contexts = [self._inbound[person] for person in persons]
        unprotect_all(contexts, received.packets, received.packet_lengths)
        for person, packets in itertools.groupby(persons):
            left = sum(1 for _ in packets)
            while left:
                some = min(left, _MOST_PACKETS)
                self._send(person, some)
                left -= some
        return count

    def _send(self, person: int, packets: int) -> None:
        first = self._next
        self._next = first + packets & 0xFFFF
        rows = self._rows
        for burst in self._bursts[person, packets]:
            burst.lengths[:] = PACKET_BYTES
            burst.numbers[:] = _NUMBERS[first : first + packets]
            protect_all(burst.contexts, rows.packets, rows.packet_lengths)
            sent: int = kernel.sendmmsg(
                self.port.fileno(), burst.start, len(burst.messages), kernel.MSG_DONTWAIT
            )
            self.counts.messages += sent
            self.counts.sent += sent * packets


def main() -> None:
    """Compare floor and packet path for the loads named on the command line, or all."""
    parser = arguments("CPU per forwarded packet: the machine's share, and ours")
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    gather = None if asked.gather == "auto" else float(asked.gather) / 1000
    profile = SrtpProfile.AES_128_CM_SHA1_80 if asked.cm else SrtpProfile.AES_128_GCM
    for name in asked.loads or LOADS:
        load, floors, paths = LOADS[name], [], []
        for _ in range(asked.rounds):
            floors.append(measure(load, profile, asked.seconds, Floor, gather))
            print(f"{name:10} floor {floors[-1]}", flush=True)
            paths.append(measure(load, profile, asked.seconds, Forwarder, gather))
            print(f"{name:10} path  {paths[-1]}", flush=True)
        ratios = [path.micros / floor.micros for floor, path in zip(floors, paths, strict=True)]
        print(f"{name:10} {statistics.median(ratios):.2f} times the floor", flush=True)


if __name__ == "__main__":
    main()
