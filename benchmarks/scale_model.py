"""From what one machine shows to what a cluster needs: the formulas, and how far they hold.

Pure. Measured are points (a load on one worker, and the share of its core that it took) and some
costs of signaling; everything else is model. A busy worker, one that lets packets gather, uses

    share of a core = (a · packets out + b · packets in + c · transports) / second

with a, b and c fitted to the points so that relative errors are least. A worker that is not busy
uses more per packet, for it sends at once; but it has cores to spare, and is no case for a cluster.

A room then costs, for each of its ``n`` people:

    SFU CPU        share of its room / n  +  joins · CPU per join · transports
    signaling CPU  joins · (connection + join(n) + requests · message)  +  chat · n · delivery
    egress         Σ over what it receives: payload + packets · headers

and a cluster of ``users`` people the largest of CPU, egress and memory over what a machine is
filled to, rounded up, and a machine to spare. A room lives on one worker, and must fit one core.

An encoding that nobody receives is charged b per packet, like those of the points, all of which
were forwarded; so rooms of many cameras may well cost less than this.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final, Literal

import numpy as np

BUSY: Final = 0.25
"""Share of a core from which a worker lets packets gather (``sfu.worker.gathering``), and the model
holds."""

PACKET_BYTES: Final = 1100
"""Payload of a full packet of video."""

HEADER_BYTES: Final = 20 + 8 + 12 + 20 + 16
"""Around every payload: IPv4, UDP, RTP, its extensions, the SRTP tag (AES-GCM)."""

FRAMES_PER_SECOND: Final = 30
AUDIO_KBPS: Final = 32
AUDIO_PACKETS: Final = 50
"""A second, of one microphone."""


class TooFewPoints(Exception):  # noqa: N818 - reads as what is the matter
    """The coefficients cannot be fitted."""


@dataclass(frozen=True)
class Point:
    """A load on one worker, as it was measured.

    Attributes:
        name: of the load.
        packets_in: a second, published.
        packets_out: a second, forwarded.
        transports: connected.
        share: of a core.
    """

    name: str
    packets_in: float
    packets_out: float
    transports: float
    share: float

    @property
    def busy(self) -> bool:
        """Whether the model is about it."""
        return self.share >= BUSY

    @property
    def terms(self) -> list[float]:
        """What the coefficients are multiplied with, in their order."""
        return [self.packets_out, self.packets_in, self.transports]


@dataclass(frozen=True)
class WorkerCost:
    """Fitted; seconds of CPU.

    Attributes:
        per_packet_out: a.
        per_packet_in: b.
        per_transport: c, each second: ICE consent, RTCP.
    """

    per_packet_out: float
    per_packet_in: float
    per_transport: float

    def share(self, point: Point) -> float:
        """Of a core, by the model."""
        return (
            self.per_packet_out * point.packets_out
            + self.per_packet_in * point.packets_in
            + self.per_transport * point.transports
        )

    def error(self, point: Point) -> float:
        """Of the prediction, per cent of what was measured."""
        return 100 * (self.share(point) - point.share) / point.share


def fit(points: Sequence[Point]) -> WorkerCost:
    """Least relative errors over the busy points, no coefficient below zero.

    Raises:
        TooFewPoints: there are fewer busy points than coefficients.
    """
    busy = [point for point in points if point.busy]
    count = len(fields(WorkerCost))
    if len(busy) < count:
        raise TooFewPoints(f"{len(busy)} loads take {BUSY:.0%} of a core or more; {count} have to")
    rows = np.array([[term / point.share for term in point.terms] for point in busy])
    ones = np.ones(len(busy))
    best, least = np.zeros(count), math.inf
    for size in range(1, count + 1):
        for kept in itertools.combinations(range(count), size):
            some = np.linalg.lstsq(rows[:, kept], ones, rcond=None)[0]
            error = float(((rows[:, kept] @ some - ones) ** 2).sum())
            if (some >= 0).all() and error < least:
                best, least = np.zeros(count), error
                best[list(kept)] = some
    return WorkerCost(*best.tolist())


def left_out(points: Sequence[Point]) -> dict[str, float]:
    """The error at each busy point of a model that was fitted to all others, per cent.

    Raises:
        TooFewPoints: there are too few for that.
    """
    busy = [point for point in points if point.busy]
    return {one.name: fit([other for other in busy if other is not one]).error(one) for one in busy}


# ---- what people do ----------------------------------------------------------------------------


@dataclass(frozen=True)
class SignalingCost:
    """Measured; seconds of CPU, and KiB.

    Attributes:
        connection: opened and greeted.
        join: of a room of ``joined_room`` people, telling them included.
        joined_room: see ``join``.
        message: relayed to one other, by itself.
        delivery: of one message to one member, among many.
        connection_kib: of memory, of an open connection.
    """

    connection: float
    join: float
    joined_room: int
    message: float
    delivery: float
    connection_kib: float


@dataclass(frozen=True)
class Habits:
    """Assumed, of everybody.

    Attributes:
        joins: an hour.
        chats: an hour; each goes to everybody in the room.
        pings: an hour.
        open_microphones: at a time in a room, at most.
        relayed: share of the pairs of a mesh whose media takes a TURN server.
        encodings: kbit/s of a camera on the SFU (simulcast).
        transports: that each has to the SFU.
    """

    joins: float = 2.0
    chats: float = 10.0
    pings: float = 240.0
    open_microphones: int = 3
    relayed: float = 0.15
    encodings: tuple[int, ...] = (150, 500, 1200)
    transports: int = 2


@dataclass(frozen=True)
class Room:
    """A kind of room.

    Attributes:
        name: as tables say it.
        people: in it.
        mode: by which its media travels.
        tiles: of others that each sees at a time (what is not seen is not sent).
        publishers: who send a camera and a microphone.
    """

    name: str
    people: int
    mode: Literal["mesh", "sfu"]
    tiles: int
    publishers: int

    @property
    def tile_kbps(self) -> int:
        """Of each tile: the encoding that suits its size; a mesh sends each as much of it."""
        if self.tiles <= 1:
            return 1200
        return 500 if self.tiles <= 4 or self.mode == "mesh" else 150


ROOMS: Final = (
    *(Room(f"mesh of {n}", n, "mesh", n - 1, n) for n in (2, 4, 6)),
    *(Room(f"SFU room of {n}, 9 tiles", n, "sfu", min(9, n - 1), n) for n in (10, 25, 50, 100)),
    Room("broadcast to 1,000", 1001, "sfu", 1, 1),
)


def packets(kbps: float) -> float:
    """A second, of video."""
    whole = max(1, round(kbps * 1000 / 8 / PACKET_BYTES / FRAMES_PER_SECOND))
    return float(FRAMES_PER_SECOND * whole)


@dataclass(frozen=True)
class Received:
    """What one member receives each second."""

    packets: float
    bits: float


def received(room: Room, habits: Habits) -> Received:
    """By each member who does not publish, or sees all others who do."""
    others = room.publishers - (room.publishers == room.people)
    tiles = min(room.tiles, others)
    voices = min(habits.open_microphones, others)
    count = tiles * packets(room.tile_kbps) + voices * AUDIO_PACKETS
    payload = 1000 * (tiles * room.tile_kbps + voices * AUDIO_KBPS)
    return Received(count, payload + 8 * HEADER_BYTES * count)


def load_of(room: Room, habits: Habits) -> Point:
    """A room on the SFU as a worker has it; ``share`` is not known."""
    watching = room.people - (room.publishers < room.people) * room.publishers
    sent = sum(packets(kbps) for kbps in habits.encodings)
    voices = min(habits.open_microphones, room.publishers)
    return Point(
        room.name,
        room.publishers * sent + voices * AUDIO_PACKETS,
        watching * received(room, habits).packets,
        room.people * habits.transports,
        math.nan,
    )


# ---- what that takes ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Measured:
    """Everything that the model stands on.

    Attributes:
        worker: fitted to measured points.
        worker_join: seconds of a worker's CPU for one transport.
        signaling: costs.
        transport_kib: of a worker's memory; 0 where it was not measured.
    """

    worker: WorkerCost
    worker_join: float
    signaling: SignalingCost
    transport_kib: float = 0.0


@dataclass(frozen=True)
class Demand:
    """Of one user.

    Attributes:
        sfu: cores.
        signaling: cores.
        egress: bit/s.
        kib: of memory.
    """

    sfu: float
    signaling: float
    egress: float
    kib: float

    @property
    def gigabytes(self) -> float:
        """Of egress, in an hour (10⁹ bytes)."""
        return self.egress * 3600 / 8 / 1e9


def demand(room: Room, measured: Measured, habits: Habits) -> Demand:
    """What one of the people in such a room needs."""
    costs, per_hour = measured.signaling, habits.joins / 3600
    others = room.people - 1
    told = costs.join + max(0, room.people - costs.joined_room) * costs.delivery
    streams = min(room.tiles, others) + min(habits.open_microphones, others)
    # In a mesh: an offer or an answer to each of the others, and candidates. On the SFU: enter,
    # open and connect a transport twice, produce twice, consume and resume each stream.
    requests = others * 6.0 if room.mode == "mesh" else 7.0 + 2 * streams
    signaling = per_hour * (costs.connection + told + requests * costs.message)
    signaling += habits.pings / 3600 * costs.message
    signaling += habits.chats / 3600 * room.people * costs.delivery
    bits = received(room, habits).bits
    if room.mode == "mesh":
        return Demand(0.0, signaling, habits.relayed * bits, costs.connection_kib)
    load = load_of(room, habits)
    sfu = measured.worker.share(load) / room.people
    sfu += per_hour * habits.transports * measured.worker_join
    watching = load.packets_out / received(room, habits).packets / room.people
    kib = costs.connection_kib + habits.transports * measured.transport_kib
    return Demand(sfu, signaling, watching * bits, kib)


@dataclass(frozen=True)
class Prices:
    """What a machine is, and what it costs; set them to yours.

    Attributes:
        vcpu_hour: price of a vCPU for an hour.
        gigabyte: price of 10⁹ bytes sent to the Internet.
        vcpus: of a machine; each does what the measured core does.
        gbit: Gbit/s that a machine sends.
        gib: of its memory.
        filled: share of each of these that is used at the busiest hour.
        spare: machines kept for one that fails.
    """

    vcpu_hour: float = 0.04
    gigabyte: float = 0.05
    vcpus: int = 8
    gbit: float = 10.0
    gib: float = 16.0
    filled: float = 0.6
    spare: int = 1


def machines(users: int, one: Demand, prices: Prices) -> int:
    """How many, spare ones included."""
    needs = (
        users * (one.sfu + one.signaling) / (prices.vcpus * prices.filled),
        users * one.egress / (prices.gbit * 1e9 * prices.filled),
        users * one.kib / (prices.gib * 2**20 * prices.filled),
    )
    return max(1, math.ceil(max(needs))) + prices.spare


@dataclass(frozen=True)
class Cost:
    """Of one user for one hour.

    Attributes:
        machines: his share of them.
        egress: what he receives.
    """

    machines: float
    egress: float

    @property
    def total(self) -> float:
        """Both together."""
        return self.machines + self.egress


def cost(users: int, one: Demand, prices: Prices) -> Cost:
    """What one user costs when there are so many."""
    rented = machines(users, one, prices) * prices.vcpus * prices.vcpu_hour
    return Cost(rented / users, one.gigabytes * prices.gigabyte)
