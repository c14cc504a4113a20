"""One load on one of the servers that are compared, whatever it is.

Everybody is a synthetic peer with a UDP socket, real ICE, DTLS and SRTP. Publishers and subscribers
have transports of their own at every server. What is measured is bracketed by silence (see
``benchmarks.load.media``); retransmissions are not asked for, so that *delivered* is what came at
once.
"""

import asyncio
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import uvloop

from benchmarks import metering
from benchmarks.forwarding_load import Load
from benchmarks.load import media
from benchmarks.load.media import Measured, Task
from benchmarks.peers.contestant import (
    Contestant,
    RefusedByServer,
    Server,
    machine_address,
)
from benchmarks.peers.synthetic.crowd import Crowd
from benchmarks.peers.synthetic.latency import Latencies
from benchmarks.peers.synthetic.published import FRAMES_PER_SECOND, FrameShape, VideoTrack
from benchmarks.peers.synthetic.transports import ConnectFailed

ENOUGH: Final = 99.9
"""Per cent of the packets that have to arrive, at capacity."""

LATE: Final = 0.25
"""Seconds after which a packet is as good as lost: no player waits longer in a conversation."""

FULL_LOAD: Final = 0.9
"""Of its core, used by the crowd or taken from it by other programs, above which the crowd, and not
the server, may be what is measured."""

_CHECKED_OF_ONE_STREAM: Final = 8
"""People who time what they get, spread evenly over the order of joining."""

_PAUSE: Final = 1.2
"""Seconds between two joins: some servers ask for a key frame no more often than every second."""

_FIRST_PACKET: Final = 10.0
_GLANCE: Final = 0.001

_SMALLER: Final = 0.6
_FEWEST: Final = 10


@dataclass(frozen=True)
class Joins:
    """What joining costs.

    Attributes:
        seconds: of each, from the first word of signaling to the first packet.
        kib: proportional set size per subscriber.
    """

    seconds: tuple[float, ...]
    kib: float


@dataclass(frozen=True)
class Served:
    """An audience, and how it was served.

    Attributes:
        subscribers: of each stream.
        measured: what became of the packets.
        dropped: datagrams that found no room in the crowd's own sockets.
        waited: of the time, how much other programs kept the crowd from its core.
    """

    subscribers: int
    measured: Measured
    dropped: int
    waited: float = 0.0

    @property
    def well(self) -> bool:
        """Whether enough arrived in time, and the server was done when its publishers were.

        More than its whole core, in the time of publishing, means that it went on afterwards.
        """
        measured = self.measured
        in_time = measured.latencies.percentile(99) <= LATE and measured.share <= 1
        return measured.delivered >= ENOUGH and in_time

    @property
    def crowded(self) -> bool:
        """Whether the crowd had no room or no time left, so that nothing is known of the server.

        So it was, too, when packets from before the measurement came in it.
        """
        measured = self.measured
        overdue = measured.delivered > 100
        return overdue or self.dropped > 0 or measured.load_share + self.waited > FULL_LOAD


@dataclass(frozen=True)
class Capacity:
    """How large an audience of one stream may be.

    Attributes:
        steps: in order of size, each audience once.
        turned_away: whether the end was that people who came after the last step were not let in.
    """

    steps: tuple[Served, ...]
    turned_away: bool = False

    @property
    def subscribers(self) -> int:
        """The largest audience that was served, with all smaller ones; 0 for none."""
        largest = 0
        for step in self.steps:
            if not step.well:
                break
            largest = step.subscribers
        return largest

    @property
    def limited(self) -> bool:
        """Whether the end was the server's; if not, its capacity is this or more."""
        after = next((step for step in self.steps if not step.well), None)
        return self.turned_away if after is None else not after.crowded


# ---- a load --------------------------------------------------------------------------------------


def run(contestant: Contestant, load: Load, seconds: float) -> Served:
    """What a load costs, and what becomes of its packets."""
    return uvloop.run(_run(contestant, load, seconds))


async def _run(contestant: Contestant, load: Load, seconds: float) -> Served:
    crowd = _crowd(load.people * load.everyone)
    async with contestant.running(metering.cores()[0], crowd) as server:
        published = {
            person: await _publish(server, crowd, load, person) for person in load.publishers
        }
        await media.in_turns(
            [
                _subscribing(server, load, person, others)
                for person, others in _audience(load, published).items()
            ]
        )
        served = _serve(crowd, load.people - 1, server.pid, seconds)
        crowd.close()
        return served


def _audience(load: Load, published: Mapping[int, str]) -> dict[int, list[str]]:
    """What everybody subscribes to who subscribes to anything."""
    wanted = {
        person: [
            published[one] for one in load.room_of(person) if one in published and one != person
        ]
        for person in range(load.everyone)
    }
    return {person: others for person, others in wanted.items() if others}


def _subscribing(server: Server, load: Load, person: int, others: Sequence[str]) -> Task:
    return lambda: server.subscribe(_room(load, person), others, is_checked(load, person))


def is_checked(load: Load, person: int) -> bool:
    """Whether a person times what comes: of one stream a few, else the last of each room."""
    if load.one_publisher:
        return person % load.people % max(1, load.people // _CHECKED_OF_ONE_STREAM) == 1
    return media.is_checked(load, person)


# ---- joining -------------------------------------------------------------------------------------


def join(contestant: Contestant, load: Load, joiners: int) -> Joins:
    """Have people join a stream that is on, one after the other; then all others of a load."""
    return uvloop.run(_join(contestant, load, joiners))


async def _join(contestant: Contestant, load: Load, joiners: int) -> Joins:
    crowd = _crowd(load.people)
    async with contestant.running(metering.cores()[0], crowd) as server:
        publication = await _publish(server, crowd, load, 0)
        await server.subscribe(_room(load, 0), [publication], False)
        # What a server keeps per stream, and not per subscriber, is in use from here on.
        crowd.detach()
        media.fill_store(crowd)
        crowd.attach()
        crowd.resume()
        seconds = []
        for _ in range(joiners):
            # At another moment between two frames each time.
            await asyncio.sleep(_PAUSE + crowd.rng.random() / FRAMES_PER_SECOND)
            seconds.append(await _first_packet(server, load, publication))
        crowd.hold()
        before = metering.memory_of_tree(server.pid).pss
        more = load.people - 2 - joiners
        await media.in_turns([_following(server, load, publication) for _ in range(more)])
        crowd.detach()
        media.settle(crowd)
        grown = metering.memory_of_tree(server.pid).pss - before
        crowd.close()
        return Joins(tuple(seconds), grown / more)


async def _first_packet(server: Server, load: Load, publication: str) -> float:
    begun = time.monotonic()
    (stream,) = await server.subscribe(_room(load, 0), [publication], False)
    while not stream.received:
        if time.monotonic() - begun > _FIRST_PACKET:
            raise ConnectFailed("a subscriber is connected, and nothing comes")
        await asyncio.sleep(_GLANCE)
    return time.monotonic() - begun


def _following(server: Server, load: Load, publication: str) -> Task:
    return lambda: server.subscribe(_room(load, 0), [publication], False)


# ---- capacity ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Search:
    """How capacity is looked for.

    Attributes:
        start: subscribers at first.
        growth: times as many at each step.
        most: subscribers at which to stop.
        seconds: of each step.
    """

    start: int
    growth: float
    most: int
    seconds: float

    def sizes(self) -> list[int]:
        """Audiences to try, in order."""
        sizes = [self.start]
        while sizes[-1] < self.most:
            sizes.append(min(self.most, max(sizes[-1] + 1, round(sizes[-1] * self.growth))))
        return sizes


def capacity(contestant: Contestant, load: Load, search: Search) -> Capacity:
    """Let the audience of one stream grow until, twice in a row, not enough arrives in time.

    If that is so from the start, begin again with a smaller audience.

    Args:
        contestant: who serves.
        load: what is published.
        search: how large audiences to try.
    """
    found = uvloop.run(_capacity(contestant, load, search))
    while not found.subscribers and found.limited and search.start > _FEWEST:
        search = replace(search, start=round(search.start * _SMALLER))
        found = uvloop.run(_capacity(contestant, load, search))
    return found


async def _capacity(contestant: Contestant, load: Load, search: Search) -> Capacity:
    crowd = _crowd(search.most)
    steps: list[Served] = []
    async with contestant.running(metering.cores()[0], crowd) as server:
        publication = await _publish(server, crowd, load, 0)
        present = 0
        for size in search.sizes():
            # The last of those who come later, too: a server may serve them last.
            every = max(1, (size - present) // (2 if present else _CHECKED_OF_ONE_STREAM))
            newcomers = [
                _growing(server, load, publication, place % every == 0)
                for place in range(1, size - present + 1)
            ]
            try:
                await media.in_turns(newcomers)
            except (ConnectFailed, RefusedByServer, TimeoutError):
                crowd.close()
                return Capacity(tuple(steps), turned_away=True)
            present = size
            served = _serve(crowd, size, server.pid, search.seconds)
            if not served.well:  # once may be chance
                served = _serve(crowd, size, server.pid, search.seconds)
            steps.append(served)
            if not served.well or served.crowded:
                break
            crowd.attach()
        crowd.close()
    return Capacity(tuple(steps))


def _growing(server: Server, load: Load, publication: str, checked: bool) -> Task:
    return lambda: server.subscribe(_room(load, 0), [publication], checked)


# ---- what all have in common ---------------------------------------------------------------------


def _crowd(streams: int) -> Crowd:
    """A crowd in the running loop, still silent."""
    crowd = Crowd(streams, host=machine_address())
    crowd.attach()
    crowd.hold()
    return crowd


async def _publish(server: Server, crowd: Crowd, load: Load, person: int) -> str:
    shape = FrameShape.of_whole_packets(load.kbps * 1000)
    track = VideoTrack("0", crowd.rng, 0.0, shape=shape, key_frame_weight=1)
    return await server.publish(_room(load, person), track)


def _spread(crowd: Crowd) -> None:
    """Have everybody's frames fall due within the same thirtieth of a second, not all at once."""
    tracks = [track for one in crowd.transports for track in one.media.publishing.tracks]
    draw = random.Random(7)
    for track in tracks:
        crowd.shift(track, tracks[0].due - track.due + draw.random() / FRAMES_PER_SECOND)


def _room(load: Load, person: int) -> str:
    return f"room-{person // load.people}"


def _serve(crowd: Crowd, receivers: int, pid: int, seconds: float) -> Served:
    crowd.detach()
    _spread(crowd)
    media.settle(crowd)
    ports = [one.port for one in crowd.transports if one.socket is not None]
    dropped, waited, begun = metering.udp_drops(*ports), metering.own_wait(), time.monotonic()
    measured = media.measure(crowd, receivers, pid, seconds)
    crowd.tally.latencies = Latencies()  # what comes from here on belongs to nobody
    waited, elapsed = metering.own_wait() - waited, time.monotonic() - begun
    dropped = metering.udp_drops(*ports) - dropped
    return Served(receivers, measured, dropped, waited / 1e9 / elapsed)
