from pathlib import Path

import pytest

from benchmarks.questions import QUESTIONS
from benchmarks.report import README, NoPlace, markdown, rewritten, update_readme
from tests.benchmarks.test_record import a_record

OPEN, CLOSE = "<!-- signaling: generated, do not edit -->", "<!-- end of signaling -->"


def test_only_what_is_between_the_markers_changes() -> None:
    before = f"# Title\n\n{OPEN}\nold\n{CLOSE}\n\n<!-- end of mesh -->\nrest"
    after = f"# Title\n\n{OPEN}\n\nnew\n\n{CLOSE}\n\n<!-- end of mesh -->\nrest"
    assert rewritten(before, "signaling", "new") == after
    assert rewritten(after, "signaling", "new") == after


@pytest.mark.parametrize(
    "document", ["", OPEN, CLOSE, CLOSE + OPEN, OPEN + OPEN + CLOSE, OPEN + CLOSE + CLOSE]
)
def test_markers_have_to_be_there_once(document: str) -> None:
    with pytest.raises(NoPlace):
        rewritten(document, "signaling", "new")


def test_table() -> None:
    assert markdown(a_record()).splitlines() == [
        "|  | Crossover | Node ws | ratio | bar | kept |",
        "| --- | ---: | ---: | ---: | --- | --- |",
        "| cost | 6.00 µs | 5.00 | 1.20 | ≤ 1.2 of theirs | yes |",
        "| cost | 26.0 µs |  |  | ≤ 25 | **no** |",
        "",
        "`python -m benchmarks signaling --quick`, 2026-01-02, commit abcdef, on A CPU, 2 CPUs, "
        "Linux 6; Python 3.11.",
        "Parameters: sockets 1,000, kind chat.",
        "A note.",
    ]


def test_without_a_peer_there_is_no_column_for_it() -> None:
    record = a_record()
    record.findings.peer = ""
    assert markdown(record).startswith("|  | Crossover | bar | kept |\n| --- | ---: | --- | --- |")


def test_every_question_has_its_place_in_the_readme(tmp_path: Path) -> None:
    copy = tmp_path / "README.md"
    copy.write_text(README.read_text())
    for question in QUESTIONS:
        record = a_record()
        record.question = question.name
        update_readme(record, tmp_path / "none", copy)
    assert "A note." in copy.read_text()


def test_plots_become_the_pictures_of_their_question(tmp_path: Path) -> None:
    copy, plots = tmp_path / "README.md", tmp_path / "plots"
    copy.write_text(f"{OPEN}\n{CLOSE}\n")
    plots.mkdir()
    for name in ("signaling.svg", "signaling-curves.svg", "signaling.png", "signalings.svg"):
        (plots / name).write_text(name)
    update_readme(a_record(), plots, copy)
    assert "![signaling](pictures/signaling.svg)" in copy.read_text()
    assert "![signaling curves](pictures/signaling-curves.svg)" in copy.read_text()
    shown = {one.name: one.read_text() for one in (tmp_path / "pictures").iterdir()}
    names = ["signaling-curves.svg", "signaling.svg"]
    assert shown == {name: name for name in names}
