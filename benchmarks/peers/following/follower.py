"""A synthetic member that follows the course of its room, as a page does."""

import asyncio
import random
import time
from typing import Final, Literal, NamedTuple, Self

from benchmarks.load.client import Client
from benchmarks.passage import Mode
from benchmarks.peers.following.broadcast import Broadcast
from benchmarks.peers.following.course import Course
from benchmarks.peers.following.link import Person
from benchmarks.peers.following.mesh_way import MeshWay, Word
from benchmarks.peers.following.sfu_way import SfuWay
from benchmarks.peers.following.tiles import Tiles
from benchmarks.peers.synthetic.dtls_association import Identity
from benchmarks.peers.synthetic.room_member import RoomMember
from benchmarks.peers.synthetic.signaling import Json

GLANCE: Final = 0.01
"""Seconds between two looks at what is due."""

_SIGNALS: Final = frozenset({"offer", "answer", "ice-candidate"})
_MEDIA: Final = frozenset(
    {"producer-added", "producer-removed", "router-lost", "router-moved", "transport-closed"}
)
_COURSE: Final = frozenset({"member-joined", "member-left", "prepare-hand-over", "mode-changed"})
_IDLE: Final = frozenset(
    {"producer-changed", "data-producer-added", "data-producer-removed", "layers-changed"}
    | {"member-presence", "host-changed"}
)
"""What is told as well, and need not be kept."""

_HEARD: Final = _SIGNALS | _MEDIA | _COURSE | _IDLE

What = Literal["prepare", "ready", "failed", "commit", "abort", "let go"]


class Moment(NamedTuple):
    """Something about a hand-over, as one member has seen it.

    Attributes:
        mode: what is aimed at, or in force, or let go of.
    """

    at: float
    what: What
    mode: Mode
    generation: int


class Follower:
    """One member of a room that sends a camera and a microphone and receives everybody's.

    Use as ``async with``, or ``close`` it.

    Args:
        member: us, in the room.
        identity: our certificate; made if not given.
        rng: draws ids.
        bits_per_second: of our camera.

    Attributes:
        course: of the room.
        others: ids of the other members.
        tiles: what we receive of them.
        moments: of all hand-overs.
        mesh: that way, while there is one.
        sfu: that way, while there is one.
        before: the way through the router that the room is leaving, while it does.
    """

    def __init__(
        self,
        member: RoomMember,
        identity: Identity | None = None,
        rng: random.Random | None = None,
        bits_per_second: float = 150_000,
    ) -> None:
        room, rng = member.room, rng or random.Random()
        self.member = member
        self.course = Course(
            room["mode"], room["generation"], room.get("prewarm", False), time.monotonic()
        )
        self.others = frozenset(one["id"] for one in room["members"]) - {member.id}
        self.tiles = Tiles()
        self.tiles.want(self.course.mode)
        self.moments: list[Moment] = []
        self.mesh: MeshWay | None = None
        self.sfu: SfuWay | None = None
        self.before: SfuWay | None = None
        self._going_over: asyncio.Task[None] | None = None
        host = member.client.own_address
        self._person = Person(identity or Identity(), Broadcast(rng, bits_per_second), host, rng)
        self._reported: bool | None = None
        self._look()
        member.client.listen(_HEARD, self._hear)
        self._task = asyncio.create_task(self._keep())

    @classmethod
    async def create(
        cls, url: str, name: str, mode: str | None = None, identity: Identity | None = None
    ) -> Self:
        """Make a room and be in it; see ``RoomMember.create``."""
        return cls(await RoomMember.create(url, "a synthetic room", name, mode), identity)

    @classmethod
    async def join(
        cls, url: str, room_id: str, name: str, identity: Identity | None = None
    ) -> Self:
        """Enter a room; see ``RoomMember.join``."""
        return cls(await RoomMember.join(url, room_id, name), identity)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    @property
    def id(self) -> str:
        """Our member id."""
        return self.member.id

    @property
    def everybody(self) -> bool:
        """Whether all others come by the way that is aimed at."""
        return all(self.tiles[one].source == self.course.aim for one in self.others)

    async def leave(self) -> None:
        """Leave the room by the door."""
        self._end()
        await self.member.leave()

    def close(self) -> None:
        """Be gone; harmless when done twice."""
        self._end()
        self.member.hang_up()

    def cut(self) -> None:
        """Lose the connection to the server, and nothing else."""
        self.member.hang_up()

    async def resume(self, url: str) -> bool:
        """Go on over a new connection to the server; whether nothing was lost.

        Raises:
            OSError: nobody listens there.
            Closed: the server hung up.
            TimeoutError: it said nothing.
        """
        client = await Client.connect(url)
        client.listen(_HEARD, self._hear)
        older, self.member.client = self.member.client, client
        return await client.resume(older)

    def _end(self) -> None:
        self._task.cancel()
        self._person.broadcast.close()
        for way in (self.mesh, self.sfu, self.before):
            if way is not None:
                way.close()
        self.mesh = self.sfu = self.before = None

    # ---- the server's words ----------------------------------------------------------------------

    def _hear(self, message: Json) -> None:
        kind = message["type"]
        if kind in _SIGNALS:
            if self.mesh is not None:
                self.mesh.receive(kind, message["from"], message["payload"])
        elif kind in _MEDIA:
            self._hear_media(message)
        elif kind in _COURSE:
            self._follow(message)
            self._look()

    def _hear_media(self, message: Json) -> None:
        """While the room moves there are two ways through the SFU; additions are of the newer."""
        if message["type"] == "router-moved":
            if self.sfu is not None and self.sfu.router_id == message["routerId"]:
                if self.before is not None:
                    self.before.close()
                live = "sfu" in self.course.live
                self.before, self.sfu = (
                    self.sfu,
                    SfuWay(self.member, self._person, self.tiles, live),
                )
            return
        if self.before is not None and message["type"] != "producer-added":
            if message["type"] == "router-lost" and message["routerId"] == self.before.router_id:
                self.before.close()
                self.before = None
                return
            self.before.hear(message)
        if self.sfu is not None:
            self.sfu.hear(message)

    def _go_over(self) -> None:
        """Receive nothing any more by the router of before, once all of it comes by the next."""
        before, sfu = self.before, self.sfu
        if before is None or sfu is None or self._going_over is not None:
            return
        if sfu.stands and sfu.covered and before.covered <= sfu.covered:
            self._going_over = asyncio.create_task(before.stop_receiving())
            self._going_over.add_done_callback(lambda _: setattr(self, "_going_over", None))

    def _follow(self, message: Json) -> None:
        match message["type"]:
            case "member-joined":
                self.others |= {message["memberId"]} - {self.id}
            case "member-left":
                self.others -= {message["memberId"]}
            case "prepare-hand-over":
                self._prepare(message)
            case _:
                self._change(message)

    def _prepare(self, message: Json) -> None:
        now, mode, generation = time.monotonic(), message["mode"], message["generation"]
        if self.course.prepare(mode, generation, message["seconds"], now):
            self.moments.append(Moment(now, "prepare", mode, generation))

    def _change(self, message: Json) -> None:
        now, mode, generation = time.monotonic(), message["mode"], message["generation"]
        change = self.course.change(mode, generation, message["prewarm"], now)
        if change is not None:
            what: What = "abort" if change.aborted else "commit"
            self.moments.append(Moment(now, what, mode, generation))

    # ---- what is due -----------------------------------------------------------------------------

    async def _keep(self) -> None:
        while True:
            self._look()
            await asyncio.sleep(GLANCE)

    def _look(self) -> None:
        now = time.monotonic()
        gone = self.course.let_go(self.everybody, now)
        if gone is not None:
            self.moments.append(Moment(now, "let go", gone, self.course.generation))
        self.tiles.want(self.course.aim)
        self._build()
        if self.mesh is not None:
            self.mesh.look(self.others)
        self._answer(now)
        self._report()

    def _build(self) -> None:
        """Have the ways that are needed, and no other."""
        live, warm = self.course.live, self.course.warm
        if "mesh" in live and self.mesh is None:
            self.mesh = MeshWay(self.id, self._person, self.tiles, self._signal)
        elif "mesh" not in live and self.mesh is not None:
            self.mesh.close()
            self.mesh = None
        if warm and self.sfu is None:
            self.sfu = SfuWay(self.member, self._person, self.tiles)
        elif not warm and self.sfu is not None:
            self.sfu.close()
            self.sfu = None
        for way in (self.sfu, self.before):
            if way is not None:
                way.set_live("sfu" in live)
        self._go_over()

    def _answer(self, now: float) -> None:
        """Tell the server whether the way that it asks about stands."""
        asked = self.course.question
        if asked is None:
            return
        if asked.mode == "mesh":
            stands = self.mesh is not None and self.mesh.stands(self.others)
        else:
            stands = self.sfu is not None and self.sfu.stands
        verdict = self.course.verdict(stands, self.everybody, now)
        if verdict is not None:
            self.course.answered()
            what: What = "ready" if verdict else "failed"
            self.moments.append(Moment(now, what, asked.mode, asked.generation))
            word = "hand-over-ready" if verdict else "hand-over-failed"
            self.member.say(word, roomId=self.member.room_id, generation=asked.generation)

    def _report(self) -> None:
        """Tell the server whether the SFU is reached from a mesh."""
        if not self.course.prewarm or self.sfu is None or "sfu" in self.course.live:
            return
        reachable = self.sfu.reachable
        if reachable is not None and reachable != self._reported:
            self._reported = reachable
            self.member.say("report-sfu", roomId=self.member.room_id, reachable=reachable)

    def _signal(self, word: Word, member_id: str, payload: Json) -> None:
        self.member.say(word, to=member_id, roomId=self.member.room_id, payload=payload)
