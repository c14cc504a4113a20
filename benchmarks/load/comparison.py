"""What one user of a room of a given size pays and waits for, in the mesh and through the SFU."""

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks import formula, metering
from benchmarks.emulation.links import Links
from benchmarks.load.gathering import CAMERA_BITS, Attendee, Gathering
from benchmarks.load.lateness import INTERVAL, Lateness
from benchmarks.load.talk import Talk
from benchmarks.passage import Mode
from benchmarks.peers.synthetic.latency import Latencies
from benchmarks.processes import Server
from benchmarks.traffic import Load
from sfu.transport.srtp import SrtpProfile
from sfu.wire.demux import Protocol

SETTLE: Final = 0.5
"""Seconds between the last one's entry and the measurement."""

MOST_LOAD: Final = 0.85
"""Of its core: a load generator that needs more may be what is measured."""

MOST_LATE: Final = 0.005
"""Share of its looks at the clock that may be late by more than 5 ms, for the slowest hundredth of
packets to be told of: half of them."""

_MEDIA: Final = (Protocol.RTP,)


@dataclass(frozen=True)
class Usage:
    """One user's traffic in one direction, in bits a second with IPv4 and UDP headers.

    Attributes:
        media: RTP.
        packets: of media, a second.
        beside: RTCP, STUN, DTLS and messages.
    """

    media: float
    packets: float
    beside: float


@dataclass(frozen=True)
class Burden:
    """Whether the program that plays all users was itself too busy.

    Attributes:
        share: of its core that it used.
        late: share of its looks at the clock, every 5 ms, that came more than 5 ms late.
        worst: seconds by which the latest was late.
        waited: share of the time for which other programs had its core.
    """

    share: float
    late: float
    worst: float
    waited: float

    @property
    def too_much(self) -> bool:
        """Whether delays are not to be told of."""
        return self.share > MOST_LOAD or self.late > MOST_LATE


@dataclass(frozen=True)
class Measured:
    """A room of so many people, for some seconds.

    Attributes:
        uploads: of each user.
        downloads: the same.
        connections: transports of a user: the most that anybody has.
        rate: bits a second that one user's camera and microphone are by the formula, sent once.
        client_cpu: of a core, of one user: what plays all users, divided by them.
        server_cpu: of a core: the server and its worker.
        media: from a packet's stamp to its receive call.
        messages: from the call that sends to the arrival in the receiver's code.
        lost: packets of media, and messages, that did not come.
        joined: seconds until the last one saw and was seen.
        kernel: IP octets that the kernel received on this machine meanwhile, by those that users
            did: 1 in a mesh on a machine that does nothing else.
    """

    mode: Mode
    people: int
    uploads: list[Usage]
    downloads: list[Usage]
    connections: int
    rate: float
    client_cpu: float
    server_cpu: float
    media: Latencies
    messages: Latencies
    lost: int
    joined: float
    burden: Burden
    kernel: float


async def measure(
    server: Server, mode: Mode, people: int, seconds: float, links: Links | None = None
) -> Measured:
    """Gather people, let them talk, count, and send them home.

    Args:
        server: with an SFU worker.
        mode: of the room.
        people: in it, 2 or more.
        seconds: that are measured.
        links: on which everything but signaling travels; None for this machine's loopback.

    Raises:
        Stuck: they do not come to see each other.
        TimeoutError: channels for messages cannot be opened.
    """
    gathering = await Gathering.assemble(server.url, mode, people, links)
    try:
        talk = await Talk.begin(gathering)
        try:
            await asyncio.sleep(SETTLE)
            return await _count(server, gathering, talk, seconds)
        finally:
            talk.close()
    finally:
        gathering.close()


async def _count(server: Server, gathering: Gathering, talk: Talk, seconds: float) -> Measured:
    everybody = gathering.attendees
    talk.forget()
    gathering.begin_latencies()
    async with Lateness() as lateness:
        lost, kernel = gathering.lost(), kernel_octets()
        before = [_reading(one) for one in everybody]
        cpu, own, begun = metering.cpu_time(server.pid), time.process_time_ns(), time.monotonic()
        await asyncio.sleep(seconds)
        after = [_reading(one) for one in everybody]
        passed = time.monotonic() - begun
        own = time.process_time_ns() - own
        cpu = metering.cpu_time(server.pid) - cpu
        kernel = kernel_octets() - kernel
        waited, delays = lateness.waited, [late for _, late in lateness.delays]
    share = own / 1e9 / passed
    received = sum(
        two.all_in.since(one.all_in).wire_octets for one, two in zip(before, after, strict=True)
    )
    return Measured(
        mode=gathering.mode,
        people=len(everybody),
        uploads=[
            _usage(one.media_out, two.media_out, one.all_out, two.all_out, passed)
            for one, two in zip(before, after, strict=True)
        ],
        downloads=[
            _usage(one.media_in, two.media_in, one.all_in, two.all_in, passed)
            for one, two in zip(before, after, strict=True)
        ],
        connections=max(len(one.transports) for one in everybody),
        rate=formula.wire_rate(formula.offered(CAMERA_BITS), _profile(everybody[0])),
        client_cpu=share / len(everybody),
        server_cpu=cpu.ran / 1e9 / passed,
        media=gathering.latencies(),
        messages=talk.latencies,
        lost=max(0, gathering.lost() - lost) + await _missing(talk),
        joined=gathering.joined,
        burden=Burden(share, len(delays) * INTERVAL / passed, max(delays, default=0.0), waited),
        kernel=kernel / received,
    )


@dataclass(frozen=True)
class _Reading:
    """All that one user's sockets have carried."""

    media_out: Load
    all_out: Load
    media_in: Load
    all_in: Load


def _reading(one: Attendee) -> _Reading:
    media_out = all_out = media_in = all_in = Load()
    for transport in one.transports:
        sent, received = transport.traffic
        media_out, all_out = media_out.plus(sent.of(*_MEDIA)), all_out.plus(sent.of())
        media_in, all_in = media_in.plus(received.of(*_MEDIA)), all_in.plus(received.of())
    return _Reading(media_out, all_out, media_in, all_in)


def _usage(
    media_before: Load, media_after: Load, all_before: Load, all_after: Load, seconds: float
) -> Usage:
    media = media_after.since(media_before)
    total = all_after.since(all_before)
    return Usage(
        media=8 * media.wire_octets / seconds,
        packets=media.datagrams / seconds,
        beside=8 * (total.wire_octets - media.wire_octets) / seconds,
    )


async def _missing(talk: Talk) -> int:
    """Messages that have not come, once those under way have had their time."""
    talk.close()
    await asyncio.sleep(0.2)
    return talk.sent - talk.received


def _profile(one: Attendee) -> SrtpProfile:
    dtls = one.transports[0].connection.dtls
    if dtls is None or dtls.keys is None:
        raise RuntimeError("media without keys")
    return dtls.keys.profile


def kernel_octets() -> int:
    """IP octets that this machine's kernel has received, headers included."""
    names, values = (
        line.split()
        for line in Path("/proc/net/netstat").read_text().splitlines()
        if line.startswith("IpExt:")
    )
    return int(values[names.index("InOctets")])
