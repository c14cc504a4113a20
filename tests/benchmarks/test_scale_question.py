from dataclasses import replace
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from benchmarks import scale
from benchmarks.forwarding_load import LOADS
from benchmarks.progress import SilentSteps
from benchmarks.questions import forwarding, signaling
from benchmarks.questions import scale as question
from benchmarks.record import Figure, Findings, record
from benchmarks.scale_model import ROOMS, Habits, Prices, TooFewPoints
from benchmarks.scale_records import (
    NotThere,
    packets_in,
    points,
    signaling_cost,
    stored,
    transport_kib,
    worker_join,
)


def findings(samples: dict[str, list[float]], **figures: float) -> Findings:
    told = [Figure(name=name, value=value, unit="") for name, value in figures.items()]
    return Findings(parameters={"room_size": 8}, figures=told, samples=samples)


def curve(name: str, *rows: tuple[float, ...]) -> dict[str, list[float]]:
    columns = ("rooms", "people", "kbps", "in_per_second", "out_per_second", "share")
    found = {
        f"curve, {name}: {column}": [row[place] for row in rows]
        for place, column in enumerate(columns)
    }
    found[f"curve, {name}: well"] = [1.0] * len(rows)
    found[f"curve, {name}: crowded"] = [0.0] * len(rows)
    return found


FORWARDED = findings(
    curve(
        "audience",
        (1, 501, 1200, 150, 75_000, 0.26),
        (1, 1001, 1200, 150, 150_000, 0.50),
        (1, 1401, 1200, 150, 210_000, 0.70),
    )
    | curve("rooms", (10, 10, 600, 6000, 54_000, 0.49), (14, 10, 600, 8400, 75_600, 0.68)),
    **{"CPU per join": 0.8},
)
SIGNALED = findings(
    {},
    **{
        "CPU per connection opened": 300.0,
        "CPU per join": 200.0,
        "offer, paced: CPU per delivered message": 60.0,
        "chat, paced: CPU per delivered message": 12.0,
        "server memory per idle connection": 16.0,
    },
)


def fill(folder: Path) -> None:
    for name, found in (("forwarding", FORWARDED), ("signaling", SIGNALED)):
        record(name, False, found).write(folder / f"{name}.json")


def test_answers_from_records(tmp_path: Path) -> None:
    fill(tmp_path)
    sources = question.gather(tmp_path, SilentSteps())
    assert sources.forwarding == FORWARDED
    assert sources.signaling == SIGNALED
    assert sources.peers is None
    found = question.calculate(sources, Prices(), Habits())
    names = [figure.name for figure in found.figures]
    assert "model: error at points it was not fitted to (5), median" in names
    assert sum(name.startswith("measured: ") for name in names) == 6
    assert all(any(room.name in note for note in found.notes) for room in ROOMS)
    assert len(found.samples["points: measured share"]) == 5
    question.draw(record("scale", True, found), tmp_path)
    assert {"scale.svg", "scale.png"} <= {path.name for path in tmp_path.iterdir()}


def test_measures_what_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forwarding, "measure", lambda *_: FORWARDED)
    monkeypatch.setattr(signaling, "measure", lambda *_: SIGNALED)
    sources = question.gather(tmp_path, SilentSteps())
    assert (sources.forwarding, sources.signaling) == (FORWARDED, SIGNALED)
    assert [one.partition(":")[0] for one in sources.told] == ["Forwarding", "Signaling"]


def test_a_record_of_too_few_loads_is_not_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path)
    few = findings(curve("rooms", (10, 10, 600, 6000, 54_000, 0.49)), **{"CPU per join": 0.8})
    record("forwarding", True, few).write(tmp_path / "forwarding.json")
    monkeypatch.setattr(forwarding, "measure", lambda *_: FORWARDED)
    assert question.gather(tmp_path, SilentSteps()).forwarding == FORWARDED
    with pytest.raises(TooFewPoints):
        question.calculate(
            replace(question.gather(tmp_path, SilentSteps()), forwarding=few), Prices(), Habits()
        )


def test_a_machine_too_busy_for_a_model_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = findings({}, **{"CPU per join": 0.8})
    monkeypatch.setattr(question, "RESULTS", tmp_path)
    monkeypatch.setattr(forwarding, "measure", lambda *_: few)
    monkeypatch.setattr(signaling, "measure", lambda *_: SIGNALED)
    found = question.answer(True, SilentSteps())
    assert found.notes[0].startswith("No model: 0 loads")
    question.draw(record("scale", True, found), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_only_records_of_this_machine_count(tmp_path: Path) -> None:
    fill(tmp_path)
    here = record("forwarding", False, FORWARDED).machine
    assert stored(tmp_path, "forwarding", here) is not None
    here.cpu = "another"
    assert stored(tmp_path, "forwarding", here) is None
    (tmp_path / "forwarding.json").write_text("{}")
    assert stored(tmp_path, "forwarding", here) is None
    assert stored(tmp_path, "peers", here) is None


def test_points_are_loads_that_were_carried() -> None:
    samples = {
        "10x10, ours: share": [0.5, 0.4, 0.6],
        "10x10, ours: delivered": [100.0, 100.0, 100.0],
        "5x20, ours: share": [0.6],
        "5x20, ours: delivered": [99.0],
    }
    samples |= curve("rooms", (10, 10, 600, 6000, 54_000, 0.49), (14, 10, 600, 8400, 75_600, 0.7))
    samples["curve, rooms: crowded"] = [0.0, 1.0]
    [one] = points(findings(samples))
    assert (one.name, one.packets_in, one.packets_out) == ("10x10", 6000, 54_000)
    assert (one.transports, one.share) == (100, 0.5)


def test_packets_of_publishers() -> None:
    assert packets_in(LOADS["1-to-1000"]) == 150
    assert packets_in(LOADS["10x10"]) == 6000


def test_records_of_another_version_are_told_apart() -> None:
    with pytest.raises(NotThere, match="CPU per join"):
        worker_join(findings({}))
    with pytest.raises(NotThere, match="CPU per connection opened"):
        signaling_cost(findings({}))
    with pytest.raises(NotThere, match="room_size"):
        signaling_cost(Findings(parameters={}, figures=[], samples={}))


def test_memory_is_known_where_it_was_compared() -> None:
    assert transport_kib(None) == transport_kib(findings({})) == 0
    assert transport_kib(findings({"Crossover: kib_per_subscriber": [70.0, 80.0, 90.0]})) == 80


def test_prices_are_settable(tmp_path: Path) -> None:
    fill(tmp_path)
    app = typer.Typer()
    app.command()(scale.main)
    runner = CliRunner()
    free = runner.invoke(app, ["--records", str(tmp_path), "--vcpu-hour", "0", "--gigabyte", "0"])
    assert free.exit_code == 0
    assert "0.0000 (0.0000 machines, 0.0000 egress)" in free.output
    dear = runner.invoke(app, ["--records", str(tmp_path), "--gigabyte", "10"])
    assert "0.0000 (0.0000 machines, 0.0000 egress)" not in dear.output
    assert runner.invoke(app, ["--filled", "2"]).exit_code == 2
