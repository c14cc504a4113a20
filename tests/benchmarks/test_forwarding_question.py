from pathlib import Path

from benchmarks import capacity_curve
from benchmarks.forwarding_load import LOADS
from benchmarks.progress import SilentSteps
from benchmarks.questions import forwarding
from benchmarks.record import record

TINY = forwarding.Scale(
    seconds=0.3,
    rounds=1,
    loads=("1x10",),
    joiners=3,
    relayed=0,
    coalescing=False,
    sixty=False,
    audiences=(),
    rooms=(1, 2),
    bitrates=(),
    workers=1,
)


def test_answers_with_a_real_worker_and_the_probe(tmp_path: Path) -> None:
    findings = forwarding.measure(TINY, SilentSteps())
    figures = {figure.name: figure for figure in findings.figures}
    delivered = figures["1 room of 10 at 600 kbit/s: delivered"]
    assert delivered.value == delivered.peer == 100
    cost = figures["1 room of 10 at 600 kbit/s: CPU per forwarded packet"]
    assert cost.peer is not None
    assert 0 < cost.peer < 1000
    assert 0 < cost.value < 1000
    assert figures["joins per second, DTLS connected"].value > 0
    forwarding.draw(record("forwarding", True, findings), tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {
        f"{name}.{kind}" for name in ("forwarding", "forwarding-curves") for kind in ("svg", "png")
    }
    curve = {name: findings.samples[f"curve, rooms: {name}"] for name in capacity_curve.COLUMNS}
    assert curve["rooms"][0] == 1, "and the load that was measured before is not done again"
    assert all(batch >= 1 for batch in curve["batch"] + curve["run"])
    [table] = [note for note in findings.notes if "| load |" in note]
    assert "| 1 room of 10 at 600 kbit/s |" in table


def test_every_bar_is_about_a_load() -> None:
    assert set(forwarding.BARS) | {forwarding.LARGEST, forwarding.HALF_LOADED} <= set(LOADS)
