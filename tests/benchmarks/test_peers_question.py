from pathlib import Path
from typing import NoReturn

import pytest
from typing_extensions import override

from benchmarks.peers.contestant import Absence
from benchmarks.peers.janus.contestant import Janus
from benchmarks.peers.ours import Crossover
from benchmarks.peers.synthetic.crowd import Crowd
from benchmarks.processes import StartFailed
from benchmarks.progress import SilentSteps
from benchmarks.questions import peers
from benchmarks.record import record
from benchmarks.report import markdown

TINY = peers.Scale(seconds=0.3, rounds=1, loads=("1x10",), joiners=0, growth=0, relayed=0)


class Absent(Janus):
    @override
    def absence(self) -> Absence | None:
        return Absence("not installed", "Janus is not installed: apt-get install janus")


def test_answers_with_a_real_worker_beside_itself_and_without_the_others(tmp_path: Path) -> None:
    twin = Crossover()
    twin.name = "another"
    found = peers.measure(TINY, [Crossover(), twin, Absent()], SilentSteps())
    assert "Janus is not installed: apt-get install janus." in found.notes
    for name in ("Crossover", "another"):
        assert found.samples[f"1x10, {name}: delivered"][0] > 0
        assert 0 < found.samples[f"1x10, {name}: micros"][0] < 1000
    written = record("peers", True, found)
    assert "another" in markdown(written)
    peers.draw(written, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"peers.svg", "peers.png"}


def test_a_server_that_fails_is_named_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(_core: int, _crowd: Crowd) -> NoReturn:
        raise StartFailed("it does not start")

    failing = Crossover()
    failing.name = "failing"
    monkeypatch.setattr(failing, "running", fail)
    found = peers.measure(TINY, [Crossover(), failing], SilentSteps())
    assert "failing could not be run: it does not start." in found.notes
    assert not any("failing" in name for name in found.samples)
    assert found.samples["1x10, Crossover: micros"]


def test_scales_hold_the_main_load() -> None:
    for scale in (peers.FULL, peers.QUICK):
        assert peers.MAIN in scale.loads
