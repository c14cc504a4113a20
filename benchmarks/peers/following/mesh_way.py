"""The mesh of one synthetic member: a link to each of the others."""

import time
from collections.abc import Callable
from typing import Final, Literal

import msgspec

from benchmarks.peers.following.link import Candidate, Description, Link, Person
from benchmarks.peers.following.sighting import watch
from benchmarks.peers.following.tiles import Tiles
from benchmarks.peers.synthetic.signaling import Json

PATIENCE: Final = 1.0
"""Seconds after which who leads offers again: the other may not have wanted a link at first."""

Word = Literal["offer", "answer", "ice-candidate"]
Say = Callable[[Word, str, Json], None]
"""Tells a member something, by its id."""


class MeshWay:
    """Of two members, the one with the smaller id offers, controls ICE and begins DTLS.

    Args:
        own_id: our member id.
        person: us.
        tiles: told of every frame.
        say: carries our words to another member.

    Attributes:
        links: by member id.
    """

    def __init__(self, own_id: str, person: Person, tiles: Tiles, say: Say) -> None:
        self.links: dict[str, Link] = {}
        self._own_id = own_id
        self._person = person
        self._tiles = tiles
        self._say = say
        self._offered: dict[str, float] = {}

    @property
    def connected(self) -> frozenset[str]:
        """Members with whom media is exchanged."""
        return frozenset(one for one, link in self.links.items() if link.connected)

    def stands(self, others: frozenset[str]) -> bool:
        """Whether there is a connection to each of these."""
        return others <= self.connected

    def receive(self, word: str, member_id: str, payload: Json) -> None:
        """Something another member says."""
        match word:
            case "offer":
                self._answer(member_id, msgspec.convert(payload, Description))
            case "answer":
                description = msgspec.convert(payload, Description)
                link = self._link(member_id, description.link)
                if link is not None:
                    link.describe(description)
            case _:
                candidate = msgspec.convert(payload, Candidate)
                link = self._link(member_id, candidate.link)
                if link is not None:
                    link.locate(candidate)

    def look(self, others: frozenset[str]) -> None:
        """Do what is due for links with exactly these members; call it often."""
        now = time.monotonic()
        for member_id in self.links.keys() - others:
            self._drop(member_id)
        for link in self.links.values():
            link.look()
        for member_id in others:
            if self._own_id < member_id and self._wants_offer(member_id, now):
                self._offer(member_id, now)

    def close(self) -> None:
        """End all links."""
        for member_id in list(self.links):
            self._drop(member_id)

    def _wants_offer(self, member_id: str, now: float) -> bool:
        link = self.links.get(member_id)
        if link is None or link.failed:
            return True
        return not link.connected and now - self._offered[member_id] > PATIENCE

    def _offer(self, member_id: str, now: float) -> None:
        link = self._replace(member_id, Link(self._person, leads=True))
        self._offered[member_id] = now
        self._say("offer", member_id, link.description())
        self._say("ice-candidate", member_id, link.candidate())

    def _answer(self, member_id: str, offer: Description) -> None:
        if self._own_id < member_id or self._link(member_id, offer.link) is not None:
            return
        link = self._replace(member_id, Link(self._person, leads=False, link_id=offer.link))
        link.describe(offer)
        self._say("answer", member_id, link.description())
        self._say("ice-candidate", member_id, link.candidate())

    def _link(self, member_id: str, link_id: str) -> Link | None:
        link = self.links.get(member_id)
        return link if link is not None and link.id == link_id else None

    def _replace(self, member_id: str, link: Link) -> Link:
        self._drop(member_id)
        self.links[member_id] = link
        watch(
            link.transport,
            "mesh",
            lambda ssrc: self._tiles[member_id] if _is_camera(link, ssrc) else None,
        )
        return link

    def _drop(self, member_id: str) -> None:
        link = self.links.pop(member_id, None)
        if link is not None:
            link.close()


def _is_camera(link: Link, ssrc: int) -> bool:
    camera = link.streams.get("camera")
    return camera is not None and camera.ssrc == ssrc
