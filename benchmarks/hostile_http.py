"""A thousand hostile HTTP and WebSocket clients a second during a call: what does the call notice?

    python -m benchmarks.hostile_http                              a minute, 1,000 a second
    python -m benchmarks.hostile_http --seconds 5 --rate 200       a taste

Half-open, slow, giant, garbage, bad upgrades, garbage frames, silence, many small requests, bodies
that never come; from 127.0.0.x, a tenth of them from one address. Meanwhile three people are in a
mesh and four on the SFU, two write to one another, and somebody new comes in every second.
"""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

import msgspec
import typer
import uvloop
from rich.console import Console
from rich.table import Table

from benchmarks import metering, processes
from benchmarks.load.client import Closed
from benchmarks.load.handshake import Refused as NotUpgraded
from benchmarks.load.hostile import count_exceptions
from benchmarks.load.hostile_http import Deeds, command
from benchmarks.load.lateness import Lateness
from benchmarks.load.party import Party
from benchmarks.peers.following import Follower
from benchmarks.peers.synthetic import Identity
from benchmarks.peers.synthetic.received import ReceivedStream
from benchmarks.peers.synthetic.room_member import RoomMember
from benchmarks.peers.synthetic.signaling import Refused
from benchmarks.processes import Server
from benchmarks.progress import ProgressBar, Steps, progress_display
from benchmarks.stats import percentile

SETTINGS: Final = {
    "CROSSOVER_WORKERS": "1",
    "CROSSOVER_SFU_HOST": "127.0.0.1",
    "CROSSOVER_SFU_PORT": "0",
    "CROSSOVER_ANNOUNCED_IPS": "127.0.0.1",
    "CROSSOVER_LIMITED_FROM": "0",
    "CROSSOVER_CONNECTIONS_PER_ADDRESS": "256",
    "CROSSOVER_REQUESTS_PER_SECOND": "50",
}
"""The limits of an ordinary server."""

IN_MESH: Final = 3
ON_SFU: Final = 4
TALK: Final = 0.05
"""Seconds between two chat messages."""

ORDINARY: Final = 3.0
"""Seconds of peace before the siege, to compare with."""

AFTERMATH: Final = 45.0
"""Seconds after the siege in which its traces have to go: sessions are kept for 30."""

MOST_GROWTH: Final = 256 * 1024
"""KiB by which the server's memory may grow."""

_FAILURES: Final = (OSError, TimeoutError, Closed, NotUpgraded, Refused)


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """How the call fared.

    Attributes:
        strangers: what they did and saw.
        members_lost: people of the call who were gone, or not seen by all, at its end.
        packets: media packets that the members received during the siege.
        lost: of all that were sent to them, those that did not come, nor again.
        recovered: those that were asked for again, and came.
        said: chat messages.
        unheard: of them, those that did not arrive.
        chat_ms: p50, p99 and longest delay of chat, before and during the siege.
        newcomers: people who came in meanwhile.
        turned_away: of them, those who could not.
        newcomer_ms: p50 and longest time from connecting to being in a room.
        memory_kib: of the signaling process (PSS): before, at most, and after.
        cpu: share of a core that the signaling process used.
        late_ms: by which the measuring program itself was late at worst.
        exceptions: tracebacks and errors in the server's log.
        log_lines: lines in the server's log.
    """

    strangers: Deeds
    members_lost: int
    packets: int
    lost: int
    recovered: int
    said: int
    unheard: int
    chat_ms: tuple[tuple[float, float, float], tuple[float, float, float]]
    newcomers: int
    turned_away: int
    newcomer_ms: tuple[float, float]
    memory_kib: tuple[int, int, int]
    cpu: float
    late_ms: float
    exceptions: int
    log_lines: int

    @property
    def bounded(self) -> bool:
        """Whether memory stayed within bounds."""
        before, most, _ = self.memory_kib
        return most - before <= MOST_GROWTH

    @property
    def unharmed(self) -> bool:
        """Whether the call noticed nothing but some delay, and everybody could come in."""
        harm = self.members_lost + self.lost + self.unheard + self.turned_away + self.exceptions
        return not harm and self.bounded


@dataclass
class Talk:
    """Two people who write to one another.

    Attributes:
        delays: seconds from sending to the other's ear.
        said: messages.
    """

    one: RoomMember
    other: RoomMember
    delays: list[float] = field(default_factory=list)
    said: int = 0

    @classmethod
    async def begin(cls, url: str) -> "Talk":
        """In a room of their own."""
        one = await RoomMember.create(url, "talk", "One", mode=None)
        other = await RoomMember.join(url, one.room_id, "Other")
        talk = cls(one, other)
        one.client.on_text = lambda text: None
        other.client.on_text = talk._hear
        return talk

    def _hear(self, text: bytes) -> None:
        if text.startswith(b'{"type":"chat"'):
            self.delays.append(time.monotonic() - float(msgspec.json.decode(text)["payload"]))

    async def keep(self) -> None:
        """Until cancelled."""
        while True:
            payload = f"{time.monotonic()}"
            self.one.say("chat", roomId=self.one.room_id, payload=payload)
            self.said += 1
            await asyncio.sleep(TALK)

    def close(self) -> None:
        """Both are gone."""
        self.one.hang_up()
        self.other.hang_up()


@dataclass
class Door:
    """People who come in one after the other, and go again.

    Attributes:
        seconds: that each took from connecting to being in a room.
        failures: how the others failed.
    """

    url: str
    seconds: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    closed: bool = False

    async def keep(self) -> None:
        """Until it is closed; the last who has come in is not left standing."""
        while not self.closed:
            begun = time.monotonic()
            try:
                member = await RoomMember.create(self.url, "passing by", "Newcomer", mode=None)
            except _FAILURES as error:
                self.failures.append(repr(error))
            else:
                self.seconds.append(time.monotonic() - begun)
                member.hang_up()
            await asyncio.sleep(max(0.0, begun + 1.0 - time.monotonic()))


@dataclass
class Memory:
    """Of the signaling process, looked at again and again.

    Attributes:
        most: KiB.
    """

    pid: int
    most: int = 0

    def now(self) -> int:
        """KiB, PSS."""
        found = metering.memory(self.pid).pss
        self.most = max(self.most, found)
        return found


def run(seconds: float, rate: float, seed: int, steps: Steps, aftermath: float = AFTERMATH) -> Held:
    """Besiege a server of its own."""
    with (
        processes.crossover(metering.cores()[0], **SETTINGS) as server,
        processes.pinned_to(metering.cores()[1]),
    ):
        return uvloop.run(_run(server, (seconds, rate, seed), aftermath, steps))


async def _run(
    server: Server, siege: tuple[float, float, int], aftermath: float, steps: Steps
) -> Held:
    steps.begin("call", 1)
    talk, door, memory = await Talk.begin(server.url), Door(server.url), Memory(server.pid)
    mesh = await Party.gather(server.url, IN_MESH)
    identity = Identity()
    host = await Follower.create(server.url, "Person 1", mode="sfu", identity=identity)
    sfu = Party(server.url, host, identity)
    for _ in range(ON_SFU - 1):
        await sfu.join()
    await sfu.rest("sfu")
    talking = asyncio.create_task(talk.keep())
    coming = asyncio.create_task(door.keep())
    try:
        async with Lateness() as lateness:
            await asyncio.sleep(ORDINARY)
            before, ordinary, talk.delays = memory.now(), talk.delays, []
            said, counts, cpu = talk.said, Counts.of(mesh, sfu), metering.cpu_time(server.pid).ran
            begun = time.monotonic()
            strangers = await _besiege(server, siege, memory, steps)
            spent = (metering.cpu_time(server.pid).ran - cpu) / 1e9 / (time.monotonic() - begun)
            talking.cancel()
            door.closed = True
            await asyncio.sleep(2.0)
            await coming
            said, media = talk.said - said, Counts.of(mesh, sfu)
            faults = mesh.faults() + sfu.faults()
            late = max((late for _, late in lateness.delays), default=0.0)
        steps.begin("aftermath", round(aftermath))
        for _ in range(round(aftermath)):
            await asyncio.sleep(1.0)
            memory.now()
            steps.advance()
        log = server.log.read_text()
        return Held(
            strangers=strangers,
            members_lost=len(faults),
            packets=media.received - counts.received,
            lost=media.lost - counts.lost,
            recovered=media.recovered - counts.recovered,
            said=said,
            unheard=max(0, said - len(talk.delays)),
            chat_ms=(_spread(ordinary), _spread(talk.delays)),
            newcomers=len(door.seconds) + len(door.failures),
            turned_away=len(door.failures),
            newcomer_ms=_spread(door.seconds)[::2],
            memory_kib=(before, memory.most, memory.now()),
            cpu=round(spent, 3),
            late_ms=round(1000 * late, 1),
            exceptions=count_exceptions(log),
            log_lines=len(log.splitlines()),
        )
    finally:
        talking.cancel()
        coming.cancel()
        for party in (mesh, sfu):
            party.close()
        talk.close()


async def _besiege(
    server: Server, siege: tuple[float, float, int], memory: Memory, steps: Steps
) -> Deeds:
    seconds, rate, seed = siege
    parts = urlsplit(server.url)
    port = parts.port or 80
    steps.begin("siege", round(seconds))
    process = await asyncio.create_subprocess_exec(
        *command(("127.0.0.1", port), rate, seconds, seed),
        cwd=processes.ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    said = asyncio.ensure_future(process.communicate())
    while not said.done():
        await asyncio.wait({said}, timeout=1.0)
        memory.now()
        steps.advance()
    out, _ = await said
    return msgspec.json.decode(out, type=Deeds)


@dataclass(frozen=True)
class Counts:
    """Of the media that everybody receives, so far."""

    received: int
    lost: int
    recovered: int

    @classmethod
    def of(cls, mesh: Party, sfu: Party) -> "Counts":
        """All streams of all people."""
        streams = [*_streams(mesh), *_streams(sfu)]
        return cls(
            sum(stream.received for stream in streams),
            sum(stream.log.lost for stream in streams),
            sum(stream.recovered for stream in streams),
        )


def _streams(party: Party) -> Iterator[ReceivedStream]:
    for person in party.people:
        if person.mesh is not None:
            for link in person.mesh.links.values():
                yield from link.streams.values()
        if person.sfu is not None and person.sfu.peer is not None:
            for subscription in person.sfu.peer.subscriptions:
                yield subscription.stream


def _spread(seconds: list[float]) -> tuple[float, float, float]:
    """Milliseconds: p50, p99, longest."""
    if not seconds:
        return (0.0, 0.0, 0.0)
    found = percentile(seconds, 50), percentile(seconds, 99), max(seconds)
    return tuple(round(1000 * one, 1) for one in found)  # type: ignore[return-value]


def table_of(held: Held) -> Table:
    """For the eyes of who ran it."""
    table = Table(show_header=False)
    table.add_column()
    table.add_column(justify="right")
    strangers = held.strangers
    opened = sum(strangers.opened.values())
    before, most, after = (size / 1024 for size in held.memory_kib)
    answers = ", ".join(f"{count:,} {what}" for what, count in sorted(strangers.answers.items()))
    for name, value in (
        (
            "hostile connections",
            f"{opened:,}, {opened / max(strangers.seconds, 1e-3):,.0f} a second",
        ),
        ("at once, at most", f"{strangers.most_open:,}"),
        ("answers", answers),
        ("ended by the server", f"{strangers.ended:,}"),
        ("members lost", f"{held.members_lost}"),
        ("media packets lost", f"{held.lost:,} of {held.packets:,}; {held.recovered:,} sent again"),
        ("chat messages lost", f"{held.unheard:,} of {held.said:,}"),
        (
            "chat, p50 / p99 / longest, before",
            "{:.1f} / {:.1f} / {:.1f} ms".format(*held.chat_ms[0]),
        ),
        ("the same during the siege", "{:.1f} / {:.1f} / {:.1f} ms".format(*held.chat_ms[1])),
        ("newcomers turned away", f"{held.turned_away} of {held.newcomers}"),
        ("newcomers wait, p50 / longest", "{:.0f} / {:.0f} ms".format(*held.newcomer_ms)),
        ("signaling memory (PSS)", f"{before:.1f} MiB, {most:.1f} at most, {after:.1f} after"),
        ("signaling CPU", f"{held.cpu:.0%} of a core"),
        ("measuring program late by at most", f"{held.late_ms:.0f} ms"),
        ("exceptions and errors logged", f"{held.exceptions:,}"),
        ("lines logged", f"{held.log_lines:,}"),
    ):
        table.add_row(name, value)
    return table


def main(
    seconds: Annotated[float, typer.Option(min=1, help="How long.")] = 60,
    rate: Annotated[float, typer.Option(min=1, help="Connections a second.")] = 1000,
    seed: Annotated[int, typer.Option(help="The same strangers for the same seed.")] = 7230,
    aftermath: Annotated[float, typer.Option(min=0, help="Seconds to watch after it.")] = AFTERMATH,
    json: Annotated[Path | None, typer.Option(help="Where the figures go.", dir_okay=False)] = None,
) -> None:
    """Besiege a server; the exit status is 1 if the call noticed."""
    with progress_display() as display:
        held = run(seconds, rate, seed, ProgressBar(display), aftermath)
    console = Console(highlight=False)
    console.print(table_of(held))
    if json is not None:
        json.write_bytes(msgspec.json.format(msgspec.json.encode(held), indent=1))
    if not held.unharmed:
        console.print("[red]The call, or the server, was harmed.[/red]")
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
