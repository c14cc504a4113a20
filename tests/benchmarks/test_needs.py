from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmarks import __main__ as command
from benchmarks import needs
from benchmarks.progress import Steps
from benchmarks.questions import QUESTIONS, Question, named
from benchmarks.record import Findings, Record


def no_answer(_quick: bool, _steps: Steps) -> Findings:
    raise AssertionError("it was asked all the same")


def no_plot(_record: Record, _folder: Path) -> None:
    raise AssertionError("there is nothing to draw")


def test_a_question_that_lacks_something_is_skipped_with_a_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lacking = Question("it", "What?", no_answer, no_plot, lambda: "Install it: apt-get install it.")
    monkeypatch.setattr(command, "QUESTIONS", (lacking,))
    result = CliRunner().invoke(command.app, ["all"])
    assert result.exit_code == 0
    assert "it is skipped. Install it: apt-get install it." in result.output


def test_chromium_and_the_page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    page = tmp_path / "index.html"
    monkeypatch.setattr(needs, "PAGE", page)
    monkeypatch.setenv("CHROMIUM", "/bin/true")
    assert needs.chromium_and_page() == "The page is not built: make page."
    page.write_text("")
    assert needs.chromium_and_page() is None
    monkeypatch.delenv("CHROMIUM")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "apt-get install chromium" in (needs.chromium_and_page() or "")


def test_who_drives_tabs_says_so() -> None:
    for name in ("call", "handover"):
        question = named(name)
        assert question is not None
        assert question.missing is needs.chromium_and_page


def test_the_question_that_reads_records_comes_last() -> None:
    assert QUESTIONS[-1].name == "scale"
