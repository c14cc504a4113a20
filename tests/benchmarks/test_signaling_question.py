from pathlib import Path

from typer.testing import CliRunner

from benchmarks import processes
from benchmarks.__main__ import app
from benchmarks.progress import SilentSteps
from benchmarks.questions import QUESTIONS, named, signaling
from benchmarks.record import record

TINY = signaling.Scale(
    idle=20,
    room_size=3,
    fan_outs=3,
    joiners=9,
    sockets=6,
    relay_room=3,
    burst=20,
    paced=2,
    repetitions=1,
    hostile=64,
)


def test_answers_with_a_real_server(tmp_path: Path) -> None:
    findings = signaling.measure(TINY, SilentSteps())
    figures = {figure.name: figure for figure in findings.figures}
    assert figures["idle connections served"].value == 20
    assert figures["hostile frames: exceptions in the server's log"].value == 0
    assert figures["hostile frames: lost chat messages"].value == 0
    assert (findings.peer == "Node ws") == processes.has_ws_relay()
    for shape in ("bursts", "paced"):
        assert figures[f"chat, {shape}: CPU per delivered message"].value > 0
    signaling.draw(record("signaling", True, findings), tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"signaling.svg", "signaling.png"}


def test_questions_have_names_of_their_own() -> None:
    assert len({question.name for question in QUESTIONS}) == len(QUESTIONS)
    assert named("signaling") is not None
    assert named("no such question") is None


def test_command_lists_the_questions() -> None:
    shown = CliRunner().invoke(app, []).output
    assert all(question.name in shown for question in QUESTIONS)


def test_command_refuses_what_it_does_not_know() -> None:
    result = CliRunner().invoke(app, ["no-such-question"])
    assert result.exit_code == 2
    assert "no question no-such-question" in result.output


def test_lock_of_the_node_relay_names_no_address() -> None:
    assert "://" not in (processes.WS_RELAY / "package-lock.json").read_text()
