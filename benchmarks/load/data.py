"""A room in which everybody sends messages to everybody, through one worker, and what it costs.

Every member has two transports, as a page has: it sends on one and receives on the other, each with
ICE, DTLS and SCTP of its own. A message carries when it was sent; all live in one thread, so that
is the clock it is held against when it arrives. What keeps this thread busy counts as delay.
"""

import asyncio
import random
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import uvloop

from benchmarks import metering, processes
from benchmarks.metering import CpuTime, cpu_time
from benchmarks.peers.synthetic.latency import Latencies
from benchmarks.peers.synthetic.lean_sctp import SACK_DELAY, LeanSctp, OnMessage
from benchmarks.peers.synthetic.peer_transport import PeerTransport
from benchmarks.peers.synthetic.synthetic_peer import SyntheticPeer
from benchmarks.peers.synthetic.worker_control import ControlSignaling, Router, WorkerControl

MESSAGE_BYTES: Final = 100

_BINARY: Final = 53
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.001, 0.01
"""Seconds between two looks at who is to speak; uvloop does not sleep for less."""

_DRAIN: Final = 0.5
_JOINING_AT_ONCE: Final = 8
_head = struct.Struct("!LLd")


@dataclass(frozen=True)
class DataLoad:
    """Who says how much.

    Attributes:
        members: of the one room.
        per_second: messages of each member a second.
        lossy: whether messages may be lost (unordered, never sent again).
    """

    members: int
    per_second: float
    lossy: bool = True


@dataclass(frozen=True)
class DataMeasured:
    """What a load cost, and what became of its messages.

    Attributes:
        sent: messages sent by members.
        expected: messages that should have arrived.
        received: messages that did.
        disordered: that came after a later one of the same member.
        packets: SCTP packets with messages that members received.
        seconds: for which was sent.
        cpu: of the worker.
        load_share: of its core that this program used.
        latencies: from the call that sent a message to its arrival with a member.
        dropped: datagrams that the kernel dropped at the worker's port.
    """

    sent: int
    expected: int
    received: int
    disordered: int
    packets: int
    seconds: float
    cpu: CpuTime
    load_share: float
    latencies: Latencies
    dropped: int

    @property
    def per_second(self) -> float:
        """Messages delivered a second."""
        return self.received / self.seconds

    @property
    def micros(self) -> float:
        """µs of CPU per message delivered, kernel included."""
        return self.cpu.ran / 1000 / max(1, self.received)

    @property
    def share(self) -> float:
        """Of the worker's core; what was left to do when the last had spoken counts too."""
        return min(1.0, self.cpu.ran / 1e9 / self.seconds)

    @property
    def delivered(self) -> float:
        """Per cent."""
        return 100 * self.received / max(1, self.expected)

    @property
    def per_packet(self) -> float:
        """Messages in a packet."""
        return self.received / max(1, self.packets)


class _Signaling(ControlSignaling):
    """One transport to send, one to receive."""

    directions = True


@dataclass
class _Tally:
    """What all members together have received."""

    received: int = 0
    disordered: int = 0
    latencies: list[float] = field(default_factory=list)


class DataMember:
    """A member that sends numbered messages, and checks those that come.

    Args:
        peer: its ICE and DTLS.
        number: among the members.
        tally: where arrivals are noted.
    """

    def __init__(self, peer: SyntheticPeer, number: int, tally: _Tally) -> None:
        self.peer = peer
        self.number = number
        self.due = 0.0
        self.sent = 0
        self.speaking = False
        self.incoming: LeanSctp | None = None
        self._outgoing: LeanSctp | None = None
        self._tally = tally
        self._newest: dict[int, int] = {}
        self._lossy = False

    @property
    def associations(self) -> list[LeanSctp]:
        """Those that stand."""
        return [one for one in (self._outgoing, self.incoming) if one is not None]

    async def publish(self, lossy: bool) -> str:
        """Open the way out; the data producer's id."""
        leg = await self.peer.leg("send")
        self._outgoing = _associated(leg.transport, self.peer.rng, lambda *_: None)
        self._lossy = lossy
        stream: dict[str, object] = {"streamId": 0, "ordered": not lossy}
        if lossy:
            stream["maxRetransmits"] = 0
        return await self.peer.signaling.produce_data(leg.id, stream, "crossover", "crossover")

    async def subscribe(self, producer_ids: Sequence[str]) -> None:
        """Open the way in."""
        leg = await self.peer.leg("recv")
        self.incoming = _associated(leg.transport, self.peer.rng, self._take)
        for one in producer_ids:
            await self.peer.signaling.consume_data(leg.id, one)

    def speak(self, now: float) -> None:
        """Send one message."""
        assert self._outgoing is not None
        self.sent += 1
        head = _head.pack(self.number, self.sent, now)
        data = head + bytes(MESSAGE_BYTES - len(head))
        self._outgoing.send(0, _BINARY, data, ordered=not self._lossy)

    def _take(self, stream: int, ppid: int, data: bytes) -> None:
        sender, number, then = _head.unpack_from(data)
        tally = self._tally
        tally.received += 1
        tally.latencies.append(time.monotonic() - then)
        if number <= self._newest.get(sender, 0):
            tally.disordered += 1
        else:
            self._newest[sender] = number


def of_worker(load: DataLoad, seconds: float, warm_up: float = 1.0) -> DataMeasured:
    """A load on a worker of its own."""
    return of_rates(load, [load.per_second], seconds, warm_up)[0]


def of_rates(
    load: DataLoad, rates: Sequence[float], seconds: float, warm_up: float = 1.0
) -> list[DataMeasured]:
    """The same room at several rates, one after the other, on one worker."""
    return uvloop.run(_of_rates(load, rates, seconds, warm_up))


async def _of_rates(
    load: DataLoad, rates: Sequence[float], seconds: float, warm_up: float
) -> list[DataMeasured]:
    with processes.sfu_worker(metering.cores()[0]) as worker:
        async with WorkerControl.connected(worker.control) as control:
            room = await control.open_router("a room")
            tally = _Tally()
            members = await _join(room, load, tally)
            port = next(iter(members[0].peer.legs.values())).transport.connection.remote.port
            acknowledging = asyncio.create_task(_acknowledge(members))
            measured = []
            for rate in rates:
                await _talk(members, rate, warm_up)
                await asyncio.sleep(_DRAIN)
                measured.append(await _measure(members, rate, seconds, tally, worker.pid, port))
            acknowledging.cancel()
            for member in members:
                member.peer.close()
            return measured


async def _join(room: Router, load: DataLoad, tally: _Tally) -> list[DataMember]:
    rng = random.Random(1)
    members = [
        DataMember(SyntheticPeer(_Signaling(room, f"member-{n}"), data=True, rng=rng), n, tally)
        for n in range(load.members)
    ]
    gate = asyncio.Semaphore(_JOINING_AT_ONCE)

    async def publish(member: DataMember) -> str:
        async with gate:
            return await member.publish(load.lossy)

    async def subscribe(member: DataMember) -> None:
        async with gate:
            others = [one for number, one in enumerate(ids) if number != member.number]
            await member.subscribe(others)

    ids = await asyncio.gather(*map(publish, members))
    await asyncio.gather(*map(subscribe, members))
    transport = members[0].peer.legs["recv"].transport
    associations = [one for member in members for one in member.associations]
    await transport.until(lambda: all(one.established for one in associations))
    return members


async def _acknowledge(members: list[DataMember]) -> None:
    while True:
        await asyncio.sleep(SACK_DELAY)
        for member in members:
            for association in member.associations:
                association.acknowledge()


async def _talk(members: list[DataMember], per_second: float, seconds: float) -> None:
    """Everybody speaks at the same rate, and nobody at the same time."""
    begun = time.monotonic()
    for member in members:
        member.due = begun + member.number / len(members) / per_second
    end = begun + seconds
    while (now := time.monotonic()) < end:
        for member in members:
            while member.due <= now:
                member.speak(time.monotonic())
                member.due += 1 / per_second
        pause = min(one.due for one in members) - time.monotonic()
        await asyncio.sleep(min(_LONGEST_PAUSE, max(_SHORTEST_PAUSE, pause)))


async def _measure(
    members: list[DataMember], rate: float, seconds: float, tally: _Tally, pid: int, port: int
) -> DataMeasured:
    sent, received, disordered = sum(one.sent for one in members), tally.received, tally.disordered
    packets, dropped = _packets(members), metering.udp_drops(port)
    tally.latencies.clear()
    cpu, own, begun = cpu_time(pid), time.process_time_ns(), time.monotonic()
    await _talk(members, rate, seconds)
    elapsed = time.monotonic() - begun
    own = time.process_time_ns() - own
    in_time = tally.received
    await asyncio.sleep(_DRAIN)
    while in_time != tally.received:
        in_time = tally.received
        await asyncio.sleep(_DRAIN)
    latencies = Latencies()
    latencies.add_all(np.array(tally.latencies))
    said = sum(one.sent for one in members) - sent
    return DataMeasured(
        sent=said,
        expected=said * (len(members) - 1),
        received=tally.received - received,
        disordered=tally.disordered - disordered,
        packets=_packets(members) - packets,
        seconds=elapsed,
        cpu=cpu_time(pid) - cpu,
        load_share=own / 1e9 / elapsed,
        latencies=latencies,
        dropped=metering.udp_drops(port) - dropped,
    )


def _packets(members: list[DataMember]) -> int:
    return sum(one.incoming.packets for one in members if one.incoming is not None)


def _associated(transport: PeerTransport, rng: random.Random, on_message: OnMessage) -> LeanSctp:
    association = LeanSctp(transport.send_data, on_message, rng)
    transport.on_data = association.receive
    for data in transport.connection.take_data():
        association.receive(data)
    return association
