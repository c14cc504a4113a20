"""SECURITY.md names tests: they exist, and so do the files it says the protection is in."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCUMENT = (ROOT / "SECURITY.md").read_text()
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", DOCUMENT)))
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in DOCUMENT.partition("## What stops what")[2].splitlines()
    if line.startswith("| ") and not line.startswith("| threat")
]


@pytest.mark.parametrize(("path", "name"), NAMED, ids=[f"{path}::{name}" for path, name in NAMED])
def test_named_test_exists(path: str, name: str) -> None:
    tree = ast.parse((ROOT / path).read_text())
    tests = [
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert name.startswith("test_")
    assert name in tests


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_every_threat_has_a_proof(row: list[str]) -> None:
    threat, stopped_by, _, proof = row
    assert threat
    assert stopped_by
    assert re.search(r"`tests/[\w/]+\.py::test_\w+`", proof)


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_named_places_exist(row: list[str]) -> None:
    """The first is a path; those after it may be named from the same folder or the package."""
    folder = ROOT
    for place in re.findall(r"`([\w./]+)`", row[2]):
        candidates = [ROOT / place, folder / place, ROOT / "signaling" / place]
        found = next((one for one in candidates if one.exists()), None)
        assert found is not None, place
        folder = found if found.is_dir() else found.parent


def test_rows_were_found() -> None:
    assert len(ROWS) > 30
    assert len(NAMED) > 40
