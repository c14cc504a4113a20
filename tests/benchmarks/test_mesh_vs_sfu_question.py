from pathlib import Path

import pytest

from benchmarks.comparison_points import Delays, Point, Points
from benchmarks.progress import SilentSteps
from benchmarks.questions import mesh_vs_sfu
from benchmarks.questions.mesh_vs_sfu import Rooms, Scale
from benchmarks.record import Record, record
from benchmarks.report import markdown

TINY = Scale(people=(3,), seconds=0.5, paired=1, far=(3,), calls=())


def test_answers_with_a_real_server_in_both_modes_near_and_far(tmp_path: Path) -> None:
    found = mesh_vs_sfu.measure(TINY, SilentSteps())
    left_out = [note for note in found.notes if "left out" in note]
    assert left_out == []
    # What is carried follows from what is sent, however slow a busy machine is about it.
    for where in ("loopback", "far"):
        for mode, connections in (("mesh", 2), ("sfu", 2)):
            assert found.samples[f"{where}, {mode}: people"] == [3]
            assert found.samples[f"{where}, {mode}: connections"] == [connections]
            assert found.samples[f"{where}, {mode}: upload"][0] > 0
            assert found.samples[f"{where}, {mode}: joined of 3"][0] > 0
    assert found.samples["middle, sfu: people"] == [3]
    carried = [note for note in found.notes if note.startswith("Emulated links")]
    assert len(carried) == 3
    assert not any(" 0 datagrams" in note for note in carried)
    written = record("mesh-vs-sfu", True, found)
    written.write(tmp_path / "record.json")
    mesh_vs_sfu.draw(Record.read(tmp_path / "record.json"), tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {
        "record.json",
        "mesh-vs-sfu.svg",
        "mesh-vs-sfu.png",
    }
    assert "| 3 | mesh |" in markdown(written)


def test_nothing_measured_is_said_and_draws_nothing(tmp_path: Path) -> None:
    found = mesh_vs_sfu.findings(TINY, Rooms(notes=["3 people, sfu: left out, stuck."]))
    assert found.figures == []
    assert "3 people, sfu: left out, stuck." in found.notes
    mesh_vs_sfu.draw(record("mesh-vs-sfu", True, found), tmp_path)
    assert list(tmp_path.iterdir()) == []


def point(upload: float, client: float, whole: float, delays: Delays | None = None) -> Point:
    return Point(
        upload=upload, download=1, rate=1, errors=[1.5, -2.5], packets_up=1, packets_down=1,
        beside_up=1, beside_down=1, connections=2, client_cpu=client, server_cpu=0.1,
        whole_cpu=whole, media=delays,
    )  # fmt: skip


NOTHING: Points = {"mesh": {}, "sfu": {}}


def test_each_crossing_is_told_where_there_is_one() -> None:
    near: Points = {
        "mesh": {2: point(1, 0.1, 0.1), 4: point(3, 0.3, 0.3)},
        "sfu": {2: point(1, 0.1, 0.2), 4: point(1, 0.2, 0.4), 8: point(1, 0.3, 0.9)},
    }
    found = mesh_vs_sfu.crossovers(near, NOTHING)
    first = {what: None if one is None else one.first for what, one in found.items()}
    assert first == {
        "a user's upload": 4,
        "CPU of a user's device (synthetic)": 4,
        "CPU of a user's device (Chromium)": None,
        "CPU of all devices and the server (synthetic)": None,
        "CPU of all devices and the server (Chromium)": None,
    }


def test_the_error_is_the_worst_of_anybody_and_latency_is_refused_where_it_cannot_be_told() -> None:
    calm, none = Delays(0.5, 1.0), None
    near: Points = {"mesh": {6: point(1, 1, 1, calm)}, "sfu": {6: point(1, 1, 1, Delays(1, 3))}}
    assert [figure.value for figure in mesh_vs_sfu._errors(near)] == [2.5, 2.5]
    added = {figure.name: figure for figure in mesh_vs_sfu._added(near)}
    assert added["the SFU adds, p50"].value == pytest.approx(0.5)
    assert added["the SFU adds, p99"].met
    refused: Points = {"mesh": {6: point(1, 1, 1, calm)}, "sfu": {6: point(1, 1, 1, none)}}
    assert list(mesh_vs_sfu._added(refused)) == []


def test_meshes_end_at_the_cap() -> None:
    assert mesh_vs_sfu.modes_of(8) == ("mesh", "sfu")
    assert mesh_vs_sfu.modes_of(9) == ("sfu",)


def test_the_scales_hold_what_the_bars_are_about() -> None:
    assert mesh_vs_sfu.FULL.people == tuple(range(2, 13))
    for scale in (mesh_vs_sfu.FULL, mesh_vs_sfu.QUICK):
        assert mesh_vs_sfu.PAIRED in scale.people
        assert scale.paired >= 3
        assert scale.calls == (2, 4, 6)
