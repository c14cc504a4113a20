"""Synthetic members of a room whose mode is pinned, and everything of them that can be counted."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from typing_extensions import override

from benchmarks.emulation.links import Links
from benchmarks.load.party import Party
from benchmarks.passage import Mode
from benchmarks.peers.following import Follower
from benchmarks.peers.following.mesh_way import Word
from benchmarks.peers.synthetic import Identity
from benchmarks.peers.synthetic.latency import Latencies
from benchmarks.peers.synthetic.peer_transport import PeerTransport
from benchmarks.peers.synthetic.received import ReceivedStream
from benchmarks.peers.synthetic.room_member import RoomMember
from benchmarks.peers.synthetic.signaling import Direction, Json, OpenedTransport

CAMERA_BITS: Final = 260_000
"""A second, of each camera: a frame is one packet, nearly full."""

QUIET: Final = 1.2
"""Seconds before the last one enters: key frames are granted again, once a second."""


class DistantMember(RoomMember):
    """Is told of another way to the SFU.

    Attributes:
        links: that way; None for the straight one.
    """

    links: Links | None = None

    @override
    async def open_transport(self, direction: Direction, data: bool) -> OpenedTransport:
        opened = await super().open_transport(direction, data)
        if self.links is None:
            return opened
        usable = next(one for one in opened.ice_candidates if one["protocol"].lower() == "udp")
        host, port = self.links.towards((usable.get("address") or usable["ip"], usable["port"]))
        candidate = {**usable, "address": host, "ip": host, "port": port}
        return replace(opened, ice_candidates=[candidate])


class Attendee(Follower):
    """A member whose links may take their time.

    Args:
        member: us, in the room.
        identity: our certificate.
        links: between us and everybody, or the SFU; None for straight ones.
    """

    def __init__(self, member: RoomMember, identity: Identity, links: Links | None) -> None:
        self._links = links
        super().__init__(member, identity, bits_per_second=CAMERA_BITS)

    @property
    def transports(self) -> list[PeerTransport]:
        """All that carry media."""
        if self.course.mode == "mesh":
            return [] if self.mesh is None else [one.transport for one in self.mesh.links.values()]
        peer = None if self.sfu is None else self.sfu.peer
        return [] if peer is None else [leg.transport for leg in peer.legs.values()]

    @property
    def streams(self) -> list[ReceivedStream]:
        """All that come from the others, cameras and microphones."""
        found = (one for transport in self.transports for one in _received(transport))
        return list(dict.fromkeys(found))

    @override
    def _signal(self, word: Word, member_id: str, payload: Json) -> None:
        if word == "ice-candidate" and self._links is not None:
            address = payload["address"], payload["port"]
            host, port = self._links.between(payload["link"], address)
            payload = {**payload, "address": host, "port": port}
        super()._signal(word, member_id, payload)


def _received(transport: PeerTransport) -> Iterator[ReceivedStream]:
    for one in transport.media.receiving.streams.values():
        if isinstance(one, ReceivedStream):
            yield one


class Gathering(Party):
    """So many attendees in a room of one mode.

    Attributes:
        attendees: who is there.
        joined: seconds from the last one's first word to the last picture that anybody had to wait
            for: of the newcomer, or the newcomer of the others.
    """

    def __init__(
        self, url: str, host: Attendee, identity: Identity, mode: Mode, links: Links | None
    ) -> None:
        super().__init__(url, host, identity)
        self.attendees = [host]
        self.joined = 0.0
        self.mode: Mode = mode
        self._links = links

    @classmethod
    async def assemble(
        cls, url: str, mode: Mode, count: int, links: Links | None = None
    ) -> "Gathering":
        """A new room with so many people in it, each of whom sees all others.

        Args:
            url: of the server.
            mode: how the room's media is to travel, whatever its size.
            count: people, 2 or more.
            links: that everybody's connections take; None for straight ones.

        Raises:
            Stuck: they do not come to see each other.
        """
        identity = Identity()
        member = await DistantMember.create(url, "a synthetic room", "Person 1", mode)
        host = Attendee(_distant(member, links), identity, links)
        found = cls(url, host, identity, mode, links)
        try:
            for _ in range(count - 2):
                await found.join()
            await found.rest(mode)
            await asyncio.sleep(QUIET)
            begun = time.monotonic()
            newcomer = await found.join()
            await found.rest(mode)
        except BaseException:
            found.close()
            raise
        found.joined = found.first_sights(newcomer) - begun
        return found

    @override
    async def join(self) -> Attendee:
        """One more enters."""
        name = f"Person {len(self.people) + 1}"
        room_id = self.people[0].member.room_id
        member = await DistantMember.join(self._url, room_id, name)
        person = Attendee(_distant(member, self._links), self._identity, self._links)
        self._names[person.id] = name
        self.people.append(person)
        self.attendees.append(person)
        return person

    def first_sights(self, newcomer: Follower) -> float:
        """When the last picture came that was there to be seen for the first time."""
        return max(
            viewer.tiles[member.id].arrivals[0].at
            for viewer, member in self.pairs()
            if newcomer in (viewer, member)
        )

    def begin_latencies(self) -> None:
        """Forget how long packets have taken so far."""
        for stream in self._streams():
            stream.latencies = Latencies()

    def latencies(self) -> Latencies:
        """Of every packet of everybody to everybody since, from stamp to receive call."""
        merged = Latencies()
        for stream in self._streams():
            merged.merge(stream.latencies)
        return merged

    def lost(self) -> int:
        """Packets that did not come, since the beginning."""
        return sum(stream.log.lost for stream in self._streams())

    def _streams(self) -> Sequence[ReceivedStream]:
        return [stream for one in self.attendees for stream in one.streams]


def _distant(member: RoomMember, links: Links | None) -> RoomMember:
    assert isinstance(member, DistantMember)
    member.links = links
    return member
