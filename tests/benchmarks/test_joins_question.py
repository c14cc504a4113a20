import itertools
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from benchmarks import metering, processes
from benchmarks.load import arrivals, reconnects
from benchmarks.load.arrivals import Join, Room
from benchmarks.load.party import Party
from benchmarks.load.reconnects import Cycle, Loss
from benchmarks.peers.following import Follower
from benchmarks.peers.synthetic import Identity, Refused
from benchmarks.progress import SilentSteps
from benchmarks.questions import joins
from benchmarks.record import Figure, Findings, record

TINY = joins.Scale(sfu_singles=0, sfu_rushes=0, mesh_singles=1, mesh_rushes=1, losses=0)


@pytest.fixture(scope="module")
def server() -> Iterator[processes.Server]:
    with processes.crossover(metering.cores()[0], **joins.LEFT_ALONE) as running:
        yield running


@pytest.fixture
async def party(server: processes.Server) -> AsyncIterator[Party]:
    host = await Follower.create(server.url, "Person 1", "mesh")
    made = Party(server.url, host, Identity())
    await made.join()
    await made.rest("mesh")
    yield made
    made.close()


def nothing() -> Findings:
    return Findings(parameters={}, figures=[], samples={})


def figures(findings: Findings) -> dict[str, Figure]:
    return {figure.name: figure for figure in findings.figures}


def test_answers_with_a_real_server(tmp_path: Path) -> None:
    findings = joins.measure(TINY, SilentSteps())
    everybody = figures(findings)["of 10 joins, those after which both sides had media"]
    assert everybody.met is True
    for manner in ("one by one", "all at once"):
        assert len(findings.samples[f"join in a mesh, {manner}: ms"]) == 5
    joins.draw(record("joins", True, findings), tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"joins.svg", "joins.png"}


async def test_people_arrive_on_the_sfu_in_either_manner(server: processes.Server) -> None:
    rooms = [Room("sfu", 2, 0.0), Room("sfu", 2)]
    found = await arrivals.fill(server.url, rooms, SilentSteps())
    assert [join.fault for join in found.joins] == [""] * 4
    assert all(join.seconds is not None and join.seconds > 0 for join in found.joins)
    assert len(found.late) == 2


async def test_who_is_not_let_in_is_told_with_the_reason(server: processes.Server) -> None:
    [*joined, refused] = (
        await arrivals.fill(server.url, [Room("mesh", 5, 0.0)], SilentSteps())
    ).joins
    assert [join.fault for join in joined] == [""] * 4, "a mesh of five is the most there"
    assert refused.seconds is None
    assert refused.fault.startswith("Refused: room-full")


async def test_who_has_no_pictures_has_not_arrived(
    server: processes.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrivals, "PATIENCE", 1.0)
    monkeypatch.setattr(Follower, "_look", lambda _: None)
    [join] = (await arrivals.fill(server.url, [Room("mesh", 1, 0.0)], SilentSteps())).joins
    assert join.fault == "his pictures were not everywhere within 1 s"


async def test_every_loss_is_recovered_from(server: processes.Server) -> None:
    found = await reconnects.cycles(
        server, list(Loss), {"sfu": 3, "mesh": 2}, joins.SEED, SilentSteps()
    )
    assert [(cycle.loss, cycle.fault) for cycle in found.cycles] == [(loss, "") for loss in Loss]
    assert all(cycle.seconds is not None and cycle.gap is not None for cycle in found.cycles)


async def test_a_session_that_is_forgotten_is_no_recovery(
    party: Party, server: processes.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def forgotten(*_: object) -> bool:
        return False

    monkeypatch.setattr(Follower, "resume", forgotten)
    cycle = await reconnects._cycle(server, party, 2, Loss.SIGNALING_MESH, random.Random(1))
    assert cycle.fault == "Stuck: the server has forgotten the session"


async def test_a_resumed_member_hears_what_it_has_missed(
    party: Party, server: processes.Server
) -> None:
    ada, bo = party.people
    before = bo.member.client
    bo.cut()
    cleo = await party.join()
    assert cleo.id not in bo.others
    assert await bo.resume(server.url) is True
    assert bo.member.client is not before
    await party.rest("mesh")
    assert bo.others == {ada.id, cleo.id}


async def test_a_token_that_is_none_resumes_nothing(party: Party, server: processes.Server) -> None:
    _, bo = party.people
    bo.cut()
    bo.member.client.greeting["resumeToken"] = "none"
    assert await bo.resume(server.url) is False
    with pytest.raises(Refused):
        await bo.member.ask("pin-mode", mode="mesh")


@pytest.mark.parametrize("count", [1, 7, 20, 100])
def test_a_plan_has_as_many_losses_as_were_asked_for(count: int) -> None:
    lost = joins.plan(count, random.Random(1))
    assert len(lost) == count


def test_the_full_plan_is_what_the_bars_are_about() -> None:
    lost = joins.plan(joins.FULL.losses, random.Random(joins.SEED))
    assert sum(room.joins for room in joins.FULL.rooms) == 500
    assert {room.mode for room in joins.FULL.rooms} == {"sfu", "mesh"}
    assert joins.SIZES["mesh"] == 6
    assert len(lost) == 100
    assert Counter(lost)[Loss.WORKER] == 10
    kills = [place for place, loss in enumerate(lost) if loss is Loss.WORKER]
    assert {later - earlier for earlier, later in itertools.pairwise(kills)} == {10}


def test_what_failed_is_told() -> None:
    found, room = nothing(), Room("sfu", 2, 1.0)
    joins.note_joins([Join(room, 0.1, 0.2), Join(room, fault="Closed: gone")], found)
    joins.note_cycles(
        [Cycle(Loss.WORKER, 1.0, 0.9), Cycle(Loss.PATH, fault="Stuck: no frames")], found
    )
    told = figures(found)
    assert told["of 2 joins, those after which both sides had media"].met is False
    assert told["of 2 losses, those after which everybody saw everybody again"].met is False
    assert found.samples["join on the SFU, one by one: ms"] == [200.0]
    assert found.notes == [
        "1 joins failed on the SFU: Closed: gone.",
        "path to the SFU lost, ICE restarted: not recovered: Stuck: no frames.",
    ]


def test_a_load_generator_that_was_late_is_told() -> None:
    assert "bottleneck" not in joins._disturbance("joins", [0.01], 0.01)
    assert "bottleneck" in joins._disturbance("joins", [0.01, 0.5], 0.01)
    assert "bottleneck" in joins._disturbance("joins", [], 0.5)
