from pathlib import Path

import pytest

from benchmarks.record import Bar, Figure, Findings, Machine, Record, cells, headings

AT_MOST_25 = Bar(kind="at most", limit=25)
TIMES_PEER = Bar(kind="at most", limit=1.2, times_peer=True)


def figure(value: float, peer: float | None = None, bar: Bar | None = None) -> Figure:
    return Figure(name="cost", value=value, unit="µs", peer=peer, bar=bar)


def a_record() -> Record:
    findings = Findings(
        parameters={"sockets": 1000, "kind": "chat"},
        figures=[figure(6, peer=5, bar=TIMES_PEER), figure(26, bar=AT_MOST_25)],
        samples={"cost": [5.0, 6.0, 7.0]},
        peer="Node ws",
        notes=["A note."],
    )
    machine = Machine(cpu="A CPU", cpus=2, kernel="Linux 6", versions={"Python": "3.11"})
    return Record(
        question="signaling",
        quick=True,
        date="2026-01-02T03:04:05+00:00",
        commit="abcdef",
        machine=machine,
        findings=findings,
    )


@pytest.mark.parametrize(
    ("found", "met"),
    [
        (figure(1), None),
        (figure(25, bar=AT_MOST_25), True),
        (figure(25.1, bar=AT_MOST_25), False),
        (figure(50, bar=Bar(kind="below", limit=50)), False),
        (figure(0, bar=Bar(kind="exactly", limit=0)), True),
        (figure(6, peer=5, bar=TIMES_PEER), True),
        (figure(6.1, peer=5, bar=TIMES_PEER), False),
        (figure(6, bar=TIMES_PEER), None),
    ],
)
def test_bar(found: Figure, met: bool | None) -> None:
    assert found.met is met


def test_row() -> None:
    assert cells(figure(6, peer=5, bar=TIMES_PEER)) == [
        *("cost", "6.00 µs", "5.00", "1.20", "≤ 1.2 of theirs", "yes")
    ]
    assert cells(figure(26, bar=AT_MOST_25)) == ["cost", "26.0 µs", "", "", "≤ 25", "**no**"]


def test_headings_fit_the_cells() -> None:
    record = a_record()
    assert len(headings(record.findings)) == len(cells(record.findings.figures[0]))


def test_json_and_back(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "record.json"
    a_record().write(path)
    assert Record.read(path) == a_record()
