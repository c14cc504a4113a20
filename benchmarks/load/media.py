"""Rooms full of synthetic people, in front of a worker or of the probe, and what forwarding costs.

Both get the same packets from the same crowd in the same thread; only how the connections came
about differs. A measurement is bracketed by silence, so that every packet that was sent in it has
arrived, or is lost, when it ends.
"""

import asyncio
import random
import secrets
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from benchmarks.forwarding_load import Load
from benchmarks.forwarding_probe import Plan, PlannedPerson, PlannedStream
from benchmarks.metering import CpuTime, cpu_time
from benchmarks.peers.synthetic.crowd import Crowd
from benchmarks.peers.synthetic.crowd_peer import CrowdPeer
from benchmarks.peers.synthetic.crowd_transport import CrowdTransport
from benchmarks.peers.synthetic.latency import Latencies
from benchmarks.peers.synthetic.published import FrameShape, VideoTrack
from benchmarks.peers.synthetic.worker_control import WorkerControl
from sfu.transport.srtp import SrtpProfile, SrtpSession
from sfu.worker.engine import PACKETS_KEPT

AT_ONCE = 16
"""Requests that are under way at a time while rooms are filled."""

DRAIN = 0.4
"""Seconds without any packet after which the last has arrived."""

LONGEST_DRAIN = 10.0

WARM_UP = 1.0

RUSH = 4000.0
"""Packets a second while memory is filled."""

Task: TypeAlias = Callable[[], Awaitable[object]]


@dataclass(frozen=True)
class Measured:
    """What a load cost, and what became of its packets.

    Attributes:
        sent: packets published.
        expected: packets that should have been forwarded.
        received: different packets that were.
        seconds: for which was published.
        cpu: of the forwarder.
        load_share: of a core that the crowd used.
        latencies: of the checked people, from the publisher's send call on.
        duplicates: packets that came twice.
        out_of_order: packets that came after a later one.
        faults: checked packets that did not decrypt, or were not what was sent.
    """

    sent: int
    expected: int
    received: int
    seconds: float
    cpu: CpuTime
    load_share: float
    latencies: Latencies
    duplicates: int
    out_of_order: int
    faults: int

    @property
    def micros(self) -> float:
        """µs of CPU per forwarded packet, kernel included."""
        return self.cpu.ran / 1000 / max(1, self.received)

    @property
    def share(self) -> float:
        """Of a core."""
        return self.cpu.ran / 1e9 / self.seconds

    @property
    def delivered(self) -> float:
        """Per cent."""
        return 100 * self.received / max(1, self.expected)


def measure(crowd: Crowd, receivers: int, pid: int, seconds: float) -> Measured:
    """Let a crowd talk that holds its tongue so far.

    Args:
        crowd: attached to no loop.
        receivers: of every published packet.
        pid: of the forwarder.
        seconds: how long.
    """
    tally, table = crowd.tally, crowd.table
    tally.latencies = Latencies()
    before = (
        tally.published,
        int(table.received.sum()),
        int(table.duplicates.sum()),
        int(table.out_of_order.sum()),
        tally.refused + tally.corrupt + tally.strays,
    )
    cpu, own = cpu_time(pid), time.process_time_ns()  # the forwarder may be our child
    crowd.resume()
    begun = time.monotonic()
    crowd.run(seconds)
    crowd.hold()
    elapsed = time.monotonic() - begun
    own = time.process_time_ns() - own
    drain(crowd)
    return Measured(
        sent=tally.published - before[0],
        expected=(tally.published - before[0]) * receivers,
        received=int(table.received.sum()) - before[1],
        seconds=elapsed,
        cpu=cpu_time(pid) - cpu,
        load_share=own / 1e9 / elapsed,
        latencies=tally.latencies,
        duplicates=int(table.duplicates.sum()) - before[2],
        out_of_order=int(table.out_of_order.sum()) - before[3],
        faults=tally.refused + tally.corrupt + tally.strays - before[4],
    )


def drain(crowd: Crowd) -> None:
    """Fall silent, and receive what is still under way, however late a busy machine makes it."""
    crowd.hold()
    end = time.monotonic() + LONGEST_DRAIN
    before = -1
    while crowd.tally.packets != before and time.monotonic() < end:
        before = crowd.tally.packets
        crowd.run(DRAIN)


def settle(crowd: Crowd) -> None:
    """Let a crowd warm up, and fall silent."""
    if crowd.silent:
        crowd.resume()
    crowd.run(WARM_UP)
    drain(crowd)


def fill_store(crowd: Crowd) -> None:
    """Have a worker keep as many packets for retransmission as it ever will.

    Its memory for them stands ready from the start, but counts only once it is used.
    """
    crowd.rush(PACKETS_KEPT + PACKETS_KEPT // 8, RUSH)
    drain(crowd)


def is_checked(load: Load, person: int) -> bool:
    """Whether a person of a load decrypts what he gets: the last of each room."""
    return person % load.people == load.people - 1


def shape_of(load: Load) -> FrameShape:
    """The frames of a load's publishers."""
    return FrameShape.of_whole_packets(load.kbps * 1000)


# ---- in front of a worker ------------------------------------------------------------------------


@dataclass(frozen=True)
class Joining:
    """How joining went.

    Attributes:
        people: who joined, each by DTLS.
        seconds: how long it took.
        cpu: of the worker.
    """

    people: int
    seconds: float
    cpu: CpuTime


async def join(
    control: WorkerControl, crowd: Crowd, load: Load, pid: int
) -> tuple[list[CrowdPeer], Joining]:
    """Connect everybody of a load, several at a time."""
    peers = []
    for room in range(load.rooms):
        router = await control.open_router(f"room-{room}")
        for place in range(load.people):
            person = room * load.people + place
            member = router.member(f"person-{person}")
            peers.append(CrowdPeer(member, crowd, checked=is_checked(load, person)))
    cpu, begun = cpu_time(pid), time.monotonic()
    await in_turns([_connecting(peer) for peer in peers])
    return peers, Joining(len(peers), time.monotonic() - begun, cpu_time(pid) - cpu)


def _connecting(peer: CrowdPeer) -> Task:
    return lambda: peer.leg("send")


async def publish(peers: Sequence[CrowdPeer], crowd: Crowd, load: Load) -> None:
    """Everybody who is to publish does, and the others of his room subscribe; still silent."""
    crowd.hold()
    draw = random.Random(7)
    publications = []
    for person in load.publishers:
        track = VideoTrack("0", crowd.rng, 0.0, shape=shape_of(load), key_frame_weight=1)
        publication = await peers[person].publish(track, "camera")
        publications.append((person, publication.id))
        crowd.shift(track, draw.random() / 30)
    await in_turns(
        [
            _subscribing(peers[other], producer_id)
            for person, producer_id in publications
            for other in load.room_of(person)
            if other != person
        ]
    )


def _subscribing(peer: CrowdPeer, producer_id: str) -> Task:
    return lambda: peer.subscribe(producer_id)


async def in_turns(tasks: Iterable[Task], at_once: int = AT_ONCE) -> None:
    """Carry out many tasks, some at a time; the first error ends it, and is raised."""
    waiting = iter(tasks)

    async def lane() -> None:
        for task in waiting:
            await task()

    lanes = [asyncio.create_task(lane()) for _ in range(at_once)]
    try:
        await asyncio.gather(*lanes)
    finally:
        for one in lanes:
            one.cancel()


# ---- in front of the probe -----------------------------------------------------------------------


def plan_probe(crowd: Crowd, load: Load) -> tuple[Plan, list[CrowdTransport]]:
    """A crowd with keys, and what the probe has to know of it."""
    profile = SrtpProfile.AES_128_GCM
    size = profile.key_length + profile.salt_length
    transports = [crowd.join(checked=is_checked(load, person)) for person in range(load.everyone)]
    people = [
        PlannedPerson(one.port, secrets.token_hex(size), secrets.token_hex(size))
        for one in transports
    ]
    streams = []
    for person in load.publishers:
        track = VideoTrack("0", crowd.rng, 0.0, shape=shape_of(load), key_frame_weight=1)
        transports[person].media.publishing.add(track)
        others = [other for other in load.room_of(person) if other != person]
        ssrcs = [1_000_000 + person] * len(others)
        streams.append(PlannedStream(track.streams[0].ssrc, person, others, ssrcs))
    return Plan(profile.value, people, streams), transports


def begin_plain(crowd: Crowd, plan: Plan, transports: Sequence[CrowdTransport], port: int) -> None:
    """Send to the probe from now on, though still silent."""
    profile = SrtpProfile(plan.profile)
    for transport, person in zip(transports, plan.people, strict=True):
        transport.begin_plain(
            "127.0.0.1",
            port,
            SrtpSession.outbound(profile, bytes.fromhex(person.sends_with)),
            SrtpSession.inbound(profile, bytes.fromhex(person.gets_with)),
        )
    for stream in plan.streams:
        for other, ssrc in zip(stream.subscribers, stream.ssrcs, strict=True):
            crowd.expect(transports[other], ssrc)
    crowd.hold()
    draw = random.Random(7)
    for stream in plan.streams:
        transport = transports[stream.sender]
        transport.wake()
        crowd.shift(transport.media.publishing.tracks[0], draw.random() / 30)
