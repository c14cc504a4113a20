from pathlib import Path

from benchmarks.progress import SilentSteps
from benchmarks.questions import data
from benchmarks.record import record

TINY = data.Scale(seconds=0.3, rounds=1, rates=(5, 20), warm_up=0.1)


def test_answers_with_a_real_worker(tmp_path: Path) -> None:
    findings = data.measure(TINY, SilentSteps())
    figures = {figure.name: figure for figure in findings.figures}
    for kind in ("lossy", "reliable"):
        name = f"10 members, 10 messages/s each, all to all, {kind}"
        assert figures[f"{name}: delivered"].value == 100
        assert 0 < figures[f"{name}: one way, p50"].value <= figures[f"{name}: one way, p99"].value
    slow = "20 members, 100-byte messages, all to all, 5 messages/s each"
    assert figures[f"{slow}: CPU per message"].value > 0
    assert figures[f"{slow}: messages in a packet"].value >= 1
    alone, together = (
        figures[f"SCTP, DTLS and system call of a message {how}"].value
        for how in ("alone in its packet", "with seven others")
    )
    assert 0 < together < alone
    assert len(findings.samples["crowd: micros"]) == 2
    data.draw(record("data", True, findings), tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"data.svg", "data.png"}
