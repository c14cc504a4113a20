"""Meshes over real sockets; a post office in place of the server."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable

import pytest

from benchmarks.peers.following.broadcast import Broadcast
from benchmarks.peers.following.link import Person
from benchmarks.peers.following.mesh_way import MeshWay, Say, Word
from benchmarks.peers.following.tiles import Tiles
from benchmarks.peers.synthetic.dtls_association import Identity
from benchmarks.peers.synthetic.signaling import Json

PATIENCE = 10.0
IDENTITIES = [Identity() for _ in range(3)]


class Member:
    """One member, with a mesh and nothing else."""

    def __init__(self, own_id: str, place: int, say: Say) -> None:
        rng = random.Random(place)
        self.id = own_id
        self.tiles = Tiles()
        self.broadcast = Broadcast(rng)
        self.person = Person(IDENTITIES[place], self.broadcast, "127.0.0.1", rng)
        self.mesh = MeshWay(own_id, self.person, self.tiles, say)


class Village:
    """Members, and the post office between them.

    Attributes:
        letters: all that has been said.
        delivers: whether words arrive.
        falsify: what becomes of them on the way.
    """

    def __init__(self, count: int = 3) -> None:
        self.letters: list[tuple[str, Word, str, Json]] = []
        self.delivers = True
        self.falsify: Callable[[Word, Json], Json] = lambda _, payload: payload
        ids = [f"member-{place}" for place in range(count)]
        self.members = {one: Member(one, place, self.carrier(one)) for place, one in enumerate(ids)}

    def carrier(self, sender: str) -> Say:
        def say(word: Word, to: str, payload: Json) -> None:
            self.letters.append((sender, word, to, payload))
            if self.delivers:
                self.members[to].mesh.receive(word, sender, self.falsify(word, payload))

        return say

    def others(self, one: str) -> frozenset[str]:
        return frozenset(self.members) - {one}

    def look(self) -> None:
        for one, member in self.members.items():
            member.mesh.look(self.others(one))

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self.look()
                await asyncio.sleep(0.005)

    @property
    def everybody_receives_everybody(self) -> bool:
        return all(
            len(member.tiles[other].arrivals) > 5
            for one, member in self.members.items()
            for other in self.others(one)
        )

    def close(self) -> None:
        for member in self.members.values():
            member.mesh.close()
            member.broadcast.close()


@pytest.fixture
async def village() -> AsyncIterator[Village]:
    made = Village()
    yield made
    made.close()


async def test_three_have_a_connection_for_each_pair(village: Village) -> None:
    await village.until(lambda: village.everybody_receives_everybody)
    for one, member in village.members.items():
        assert member.mesh.stands(village.others(one))
        for link in member.mesh.links.values():
            assert set(link.streams) == {"camera", "microphone"}
            camera, microphone = link.streams["camera"], link.streams["microphone"]
            assert (camera.log.lost, camera.corrupt, camera.picture_gaps) == (0, 0, 0)
            assert microphone.received > 5
            assert camera.key_frames >= 1
    assert sum(word == "offer" for _, word, _, _ in village.letters) == 3


async def test_every_frame_arrives_once_with_the_number_of_its_publisher(village: Village) -> None:
    await village.until(lambda: village.everybody_receives_everybody)
    numbers = [arrival.number for arrival in village.members["member-2"].tiles["member-0"].arrivals]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert {one.way for one in village.members["member-2"].tiles["member-0"].arrivals} == {"mesh"}


async def test_who_goes_is_let_go_and_the_others_stay_connected(village: Village) -> None:
    await village.until(lambda: village.everybody_receives_everybody)
    gone = village.members.pop("member-1")
    gone.mesh.close()
    gone.broadcast.close()
    village.look()
    assert set(village.members["member-0"].mesh.links) == {"member-2"}
    tile = village.members["member-0"].tiles["member-2"]
    before = len(tile.arrivals)
    await village.until(lambda: len(tile.arrivals) > before + 3)


async def test_an_offer_that_nobody_wanted_is_made_again(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmarks.peers.following.mesh_way.PATIENCE", 0.05)
    village.delivers = False
    village.look()
    village.delivers = True
    await village.until(lambda: village.everybody_receives_everybody)


async def test_words_of_another_link_change_nothing(village: Village) -> None:
    await village.until(lambda: village.everybody_receives_everybody)
    [offer] = [
        payload
        for sender, word, to, payload in village.letters
        if (sender, word, to) == ("member-0", "offer", "member-1")
    ]
    ada, bo = village.members["member-0"].mesh, village.members["member-1"].mesh
    links = dict(ada.links), dict(bo.links)
    bo.receive("offer", "member-0", offer)  # it came before
    for late in ("answer", "ice-candidate"):
        ada.receive(
            late,
            "member-1",
            {**offer, "link": "another", "address": "192.0.2.1", "port": 9},
        )
    ada.receive("offer", "member-1", offer)  # not theirs to make
    assert (ada.links, bo.links) == links


async def test_a_link_that_ends_on_one_side_is_built_again(village: Village) -> None:
    await village.until(lambda: village.everybody_receives_everybody)
    ada, bo = village.members["member-0"], village.members["member-1"]
    ended = bo.mesh.links.pop("member-0")
    ended.close()
    await village.until(lambda: ada.mesh.links["member-1"].id != ended.id)
    await village.until(lambda: bo.mesh.stands(village.others("member-1")))
    before = len(bo.tiles["member-0"].arrivals)
    await village.until(lambda: len(bo.tiles["member-0"].arrivals) > before + 3)


async def test_what_does_not_have_the_announced_certificate_is_not_talked_to(
    village: Village,
) -> None:
    forged = {"fingerprint": IDENTITIES[2].fingerprint}
    village.falsify = lambda word, payload: payload | forged if word == "answer" else payload
    village.look()
    link = village.members["member-0"].mesh.links["member-1"]
    await village.until(lambda: link.failed)
    assert not link.connected
    assert "certificate" in str(link.transport.failure)
