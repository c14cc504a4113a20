"""Rooms of synthetic people on a running Crossover: what arrives, how late, and how much.

    python -m benchmarks.load_test --rooms 5 --publishers 4 --subscribers 16 --bitrate 600k

Everybody joins over the signaling WebSocket and connects by ICE, DTLS and SRTP, as a browser does.
Publishers send VP8-like video and see each other; subscribers watch all publishers of their room.
"""

import asyncio
import itertools
import math
import os
import random
import re
import resource
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer
import uvloop
from rich.console import Console
from rich.table import Table

from benchmarks.load.client import Closed
from benchmarks.load.handshake import Refused as NotUpgraded
from benchmarks.load.media import in_turns
from benchmarks.peers.synthetic.crowd import Crowd
from benchmarks.peers.synthetic.crowd_peer import CrowdPeer
from benchmarks.peers.synthetic.latency import Latencies
from benchmarks.peers.synthetic.room_member import RoomMember
from benchmarks.peers.synthetic.signaling import Refused
from benchmarks.peers.synthetic.transports import ConnectFailed
from benchmarks.progress import ProgressBar, Steps, progress_display

DRAIN: Final = 0.5
"""Seconds without any packet after which the last has arrived."""

LONGEST_DRAIN: Final = 10.0

WARM_UP: Final = 1.0

CANNOT_CONNECT: Final = 2
"""Exit status."""

_UNITS: Final = {"": 1, "k": 1_000, "m": 1_000_000}


class CannotConnect(Exception):  # noqa: N818 - reads as what is the matter
    """The test could not begin; the message is a sentence for its user."""


@dataclass(frozen=True)
class Order:
    """What is to be tested.

    Attributes:
        url: of the server, ``http://host:port``.
        rooms: rooms.
        publishers: in each; they see each other.
        subscribers: in each; they see all publishers.
        bits_per_second: of each publisher.
        seconds: how long to measure.
    """

    url: str
    rooms: int
    publishers: int
    subscribers: int
    bits_per_second: float
    seconds: float

    @property
    def people(self) -> int:
        """In all rooms."""
        return self.rooms * (self.publishers + self.subscribers)

    @property
    def receivers(self) -> int:
        """Of every publisher's packets."""
        return self.publishers - 1 + self.subscribers


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What was found.

    Attributes:
        people: who joined.
        joins_per_second: by signaling, ICE and DTLS.
        seconds: for which was published.
        sent: packets published.
        expected: packets that should have arrived.
        delivered: different packets that did.
        lost: packets that did not.
        duplicates: packets that came twice.
        out_of_order: packets that came after a later one.
        faults: checked packets that did not decrypt, or were not what was sent.
        megabits_per_second: received by all together.
        latency_ms: by percentile; of those whose packets are decrypted.
        crowd_share: of a core that this program used.
    """

    people: int
    joins_per_second: float
    seconds: float
    sent: int
    expected: int
    delivered: int
    lost: int
    duplicates: int
    out_of_order: int
    faults: int
    megabits_per_second: float
    latency_ms: dict[str, float]
    crowd_share: float


async def run(order: Order, steps: Steps) -> Outcome:
    """Fill the rooms, measure, leave.

    Raises:
        CannotConnect: the server is not there, or does not want so many people.
    """
    crowd = Crowd(order.rooms * order.publishers * order.receivers + 1, host="")
    crowd.attach()
    try:
        joined = time.monotonic()
        steps.begin("joining", order.people)
        rooms = await _fill(order, crowd, steps)
        joined = time.monotonic() - joined
        await _wire(order, rooms, crowd, steps)
        return await _measure(order, crowd, order.people / joined, steps)
    except (OSError, Closed, NotUpgraded, TimeoutError) as error:
        raise CannotConnect(f"{order.url} cannot be reached ({_why(error)}).") from error
    except Refused as error:
        raise CannotConnect(
            f"{order.url} refuses: {error}. A load test asks more of one address than the server's "
            "limits may allow; see CROSSOVER_CONNECTIONS_PER_ADDRESS and its neighbours."
        ) from error
    except ConnectFailed as error:
        raise CannotConnect(
            f"{order.url} can be reached, but not its media port ({error}); "
            "see CROSSOVER_ANNOUNCED_IPS."
        ) from error
    finally:
        crowd.close()


def _why(error: BaseException) -> str:
    return str(error) or type(error).__name__


async def _fill(order: Order, crowd: Crowd, steps: Steps) -> list[list[CrowdPeer]]:
    """Everybody of every room, connected; publishers first."""
    size = order.publishers + order.subscribers
    rooms: list[dict[int, CrowdPeer]] = [{} for _ in range(order.rooms)]
    ids: list[str] = [""] * order.rooms

    async def seat(number: int, place: int, member: RoomMember) -> None:
        peer = rooms[number][place] = CrowdPeer(member, crowd, checked=place == size - 1)
        if place < order.publishers:
            await peer.leg("send")
        if place >= order.publishers or order.publishers > 1:
            await peer.leg("recv")
        steps.advance()

    async def create(number: int) -> None:
        host = await RoomMember.create(order.url, f"Load test {number + 1}", "Synthetic 1")
        ids[number] = host.room_id
        await seat(number, 0, host)

    async def join(number: int, place: int) -> None:
        name = f"Synthetic {place + 1}"
        await seat(number, place, await RoomMember.join(order.url, ids[number], name))

    everyone = itertools.product(range(order.rooms), range(1, size))
    await in_turns(partial(create, number) for number in range(order.rooms))
    await in_turns(partial(join, number, place) for number, place in everyone)
    return [[room[place] for place in sorted(room)] for room in rooms]


async def _wire(order: Order, rooms: list[list[CrowdPeer]], crowd: Crowd, steps: Steps) -> None:
    """Publications and subscriptions; nothing is sent yet."""
    crowd.hold()
    steps.begin("publishing", order.rooms * order.publishers)
    published: list[list[str]] = []
    draw = random.Random(7)
    for room in rooms:
        published.append([])
        for peer in room[: order.publishers]:
            publication = await peer.publish_video(order.bits_per_second)
            crowd.shift(publication.track, draw.random() / 30)
            published[-1].append(publication.id)
            steps.advance()
    steps.begin("subscribing", order.rooms * order.publishers * order.receivers)

    async def subscribe(peer: CrowdPeer, producer_id: str) -> None:
        await peer.subscribe(producer_id)
        steps.advance()

    await in_turns(
        partial(subscribe, peer, producer_id)
        for room, ids in zip(rooms, published, strict=True)
        for place, peer in enumerate(room)
        for publisher, producer_id in enumerate(ids)
        if place != publisher
    )


async def _drain(crowd: Crowd) -> None:
    """Fall silent, and receive what is still under way."""
    crowd.hold()
    end = time.monotonic() + LONGEST_DRAIN
    before = -1
    while crowd.tally.packets != before and time.monotonic() < end:
        before = crowd.tally.packets
        await asyncio.sleep(DRAIN)


async def _measure(order: Order, crowd: Crowd, joins: float, steps: Steps) -> Outcome:
    crowd.resume()
    await asyncio.sleep(WARM_UP)
    await _drain(crowd)
    tally, table = crowd.tally, crowd.table
    tally.latencies = Latencies()
    sent, received, size = tally.published, int(table.received.sum()), tally.bytes
    duplicates, late = int(table.duplicates.sum()), int(table.out_of_order.sum())
    faults, cpu, begun = tally.refused + tally.corrupt, time.process_time(), time.monotonic()
    crowd.resume()
    steps.begin("measuring", math.ceil(order.seconds))
    for second in range(1, math.ceil(order.seconds) + 1):
        end = begun + min(second, order.seconds)
        await asyncio.sleep(max(0.0, end - time.monotonic()))
        steps.advance()
    crowd.hold()
    elapsed = time.monotonic() - begun
    spent = time.process_time() - cpu
    await _drain(crowd)
    sent = tally.published - sent
    delivered = int(table.received.sum()) - received
    expected = sent * order.receivers
    latencies = tally.latencies
    return Outcome(
        people=order.people,
        joins_per_second=round(joins, 1),
        seconds=round(elapsed, 2),
        sent=sent,
        expected=expected,
        delivered=delivered,
        lost=max(0, expected - delivered),
        duplicates=int(table.duplicates.sum()) - duplicates,
        out_of_order=int(table.out_of_order.sum()) - late,
        faults=tally.refused + tally.corrupt - faults,
        megabits_per_second=round((tally.bytes - size) * 8 / elapsed / 1e6, 2),
        latency_ms={
            name: round(1000 * latencies.percentile(percent), 3)
            for name, percent in (("p50", 50), ("p95", 95), ("p99", 99), ("p99.9", 99.9))
            if len(latencies)
        },
        crowd_share=round(spent / elapsed, 3),
    )


def table_of(outcome: Outcome) -> Table:
    """For the eyes of who ran it."""
    table = Table(show_header=False)
    table.add_column()
    table.add_column(justify="right")
    share = 100 * outcome.delivered / max(1, outcome.expected)
    for name, value in (
        ("people", f"{outcome.people:,}"),
        ("joins per second", f"{outcome.joins_per_second:,.0f}"),
        ("packets published", f"{outcome.sent:,}"),
        ("packets delivered", f"{outcome.delivered:,} of {outcome.expected:,}  ({share:.3f} %)"),
        ("packets lost", f"{outcome.lost:,}"),
        ("packets twice, late, broken",
         f"{outcome.duplicates:,}, {outcome.out_of_order:,}, {outcome.faults:,}"),
        ("received", f"{outcome.megabits_per_second:,.1f} Mbit/s, "
                     f"{outcome.delivered / outcome.seconds:,.0f} packets/s"),
        *((f"latency {name}", f"{value:.2f} ms") for name, value in outcome.latency_ms.items()),
        ("this program's share of a core", f"{outcome.crowd_share:.0%}"),
    ):  # fmt: skip
        table.add_row(name, value)
    return table


def parse_bitrate(text: str) -> float:
    """Bits per second from ``600k``, ``1.2M`` or a plain number.

    Raises:
        typer.BadParameter: it is none of these.
    """
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)\s*([kKmM]?)", text.strip())
    if match is None or not float(match[1]):
        raise typer.BadParameter(f"{text} is no bitrate: 600k or 1.2M, for example.")
    return float(match[1]) * _UNITS[match[2].lower()]


def parse_url(text: str) -> str:
    """``http://host:port`` from a WebSocket or page address.

    Raises:
        typer.BadParameter: it is something else, or encrypted.
    """
    match = re.match(r"(ws|http)://([^/]+)", text)
    if match is None:
        raise typer.BadParameter(f"{text} is no address like ws://127.0.0.1:3000.")
    return f"http://{match[2]}"


app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def test(  # noqa: PLR0913 - one per flag
    rooms: Annotated[int, typer.Option(min=1, help="Rooms.")] = 1,
    publishers: Annotated[int, typer.Option(min=1, help="Publishers in each room.")] = 1,
    subscribers: Annotated[int, typer.Option(min=0, help="Subscribers in each room.")] = 10,
    bitrate: Annotated[str, typer.Option(help="Of each publisher's video, such as 600k.")] = "600k",
    duration: Annotated[float, typer.Option(min=0.1, help="Seconds to measure.")] = 10.0,
    url: Annotated[str, typer.Option(help="Of the server.")] = "ws://127.0.0.1:3000",
    json: Annotated[Path | None, typer.Option(help="Where the figures go.", dir_okay=False)] = None,
) -> None:
    """Fill rooms of a running server with synthetic people and see what arrives."""
    order = Order(parse_url(url), rooms, publishers, subscribers, parse_bitrate(bitrate), duration)
    if order.receivers < 1:
        raise typer.BadParameter("Nobody would receive anything: ask for a subscriber.")
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        with progress_display() as display:
            outcome = uvloop.run(run(order, ProgressBar(display)))
    except CannotConnect as error:
        console = Console(stderr=True, highlight=False)
        console.print(f"[red]The load test cannot begin.[/red] {error}")
        raise typer.Exit(CANNOT_CONNECT) from None
    Console(highlight=False).print(table_of(outcome))
    if json is not None:
        json.write_bytes(msgspec.json.format(msgspec.json.encode(outcome), indent=1))


def main() -> None:
    """Entry point, for who runs it as a program or starts it from another."""
    app(prog_name=os.environ.get("CROSSOVER_COMMAND", "python -m benchmarks.load_test"))


if __name__ == "__main__":
    main()
