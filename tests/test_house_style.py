"""Rules about the shape of the tree that no linter states."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from signaling.messages import typescript

ROOT = Path(__file__).parent.parent
PACKAGES = ("sfu", "signaling", "benchmarks")
MOST_LINES = 400
MOST_METHODS = 25
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "base", "manager"}


def sources() -> Iterator[Path]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "node_modules" not in path.parts:
                yield path


SOURCES = [pytest.param(path, id=str(path.relative_to(ROOT))) for path in sources()]


@pytest.mark.parametrize("path", SOURCES)
def test_file_fits_in_one_head(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= MOST_LINES


@pytest.mark.parametrize("path", SOURCES)
def test_class_has_one_job(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ClassDef):
            methods = [
                n for n in node.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)
            ]
            assert len(methods) <= MOST_METHODS, f"{node.name} has {len(methods)} methods"


@pytest.mark.parametrize("path", SOURCES)
def test_name_says_something(path: Path) -> None:
    assert path.stem not in VAGUE_NAMES


def test_generated_types_are_current() -> None:
    committed = (ROOT / "web/src/signaling/protocol.ts").read_text()
    assert committed == typescript.render(), "run `make types`"


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_python_lock_names_no_address(name: str) -> None:
    assert "://" not in (ROOT / name).read_text()


def test_npm_lock_names_no_address() -> None:
    lock = json.loads((ROOT / "web/package-lock.json").read_text())
    assert [name for name, entry in lock["packages"].items() if "resolved" in entry] == []
