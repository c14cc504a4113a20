"""Members who follow their room across hand-overs, at a real server with a real worker."""

import os
import signal
from collections.abc import AsyncIterator, Iterator

import pytest

from benchmarks import metering, processes
from benchmarks.load.crossing import scripts, workers_of
from benchmarks.load.party import Party
from benchmarks.progress import SilentSteps
from benchmarks.questions.handover import crossing_at

PEOPLE = 2


@pytest.fixture(scope="module")
def server() -> Iterator[processes.Server]:
    with processes.crossover(metering.cores()[0], **crossing_at(PEOPLE, 0.2)) as running:
        yield running


@pytest.fixture
async def party(server: processes.Server) -> AsyncIterator[Party]:
    made = await Party.gather(server.url, PEOPLE)
    yield made
    made.close()


async def test_there_and_back(party: Party) -> None:
    ada, bo = party.people
    await party.until(lambda: ada.sfu is not None and ada.sfu.reachable is True, "prewarm")
    assert ada.sfu is not None
    assert not ada.sfu.received
    cleo = await party.join()
    await party.rest("sfu")
    there = party.passage("sfu")
    assert ada.mesh is None
    assert cleo.mesh is None
    assert len(there.ready) == PEOPLE + 1
    assert there.begun < max(there.ready.values()) <= there.committed < there.over
    assert {(one.viewer, one.member) for one in there.sights} == {
        ("Person 1", "Person 2"),
        ("Person 2", "Person 1"),
    }
    assert max(there.gaps) < 1.0
    assert [one.way for one in ada.tiles[bo.id].switches] == ["mesh", "sfu"]
    assert [one.way for one in ada.tiles[cleo.id].switches] == ["sfu"]
    await party.leave(cleo)
    await party.rest("mesh")
    back = party.passage("mesh")
    assert max(back.gaps) < 1.0
    assert [one.way for one in ada.tiles[bo.id].switches] == ["mesh", "sfu", "mesh"]
    numbers = [one.number for one in ada.tiles[bo.id].arrivals]
    assert len(set(numbers)) < len(numbers), "both ways carried the same packets for a while"
    assert {one.what for one in ada.moments} == {"prepare", "ready", "commit", "let go"}


async def test_who_cannot_makes_the_room_stay_and_the_newcomer_comes_to_it(party: Party) -> None:
    ada, bo = party.people
    ada.course.verdict = lambda *_: False  # type: ignore[method-assign]
    cleo = await party.join()
    await party.until(lambda: any(one.what == "abort" for one in bo.moments), "abort")
    await party.rest("mesh")
    assert bo.mesh is not None
    assert set(bo.mesh.links) == {ada.id, cleo.id}
    assert [one.way for one in bo.tiles[ada.id].switches if one.way == "sfu"] in ([], ["sfu"])


async def test_a_dead_sfu_gives_the_room_back_to_the_mesh(
    party: Party, server: processes.Server
) -> None:
    cleo = await party.join()
    await party.rest("sfu")
    [worker] = workers_of(server)
    os.kill(worker, signal.SIGKILL)
    await party.until(lambda: cleo.course.mode == "mesh", "mesh")
    await party.rest()


async def test_scripts_end_well(server: processes.Server) -> None:
    outcomes = await scripts(server.url, 2, 1, SilentSteps())
    assert [outcome.fault for outcome in outcomes] == ["", ""]
    assert all(outcome.script for outcome in outcomes)


async def test_whatever_is_wrong_is_told(party: Party) -> None:
    ada, bo = party.people
    assert party.faults() == []
    assert ada.mesh is not None
    ada.mesh.links[bo.id].close()
    await party.until(lambda: bool(party.faults()), "a fault")
    ada.others |= {"a ghost"}
    assert "Person 1 believes in 2 others" in party.faults()
