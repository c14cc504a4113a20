"""What the dependency audit makes of its tools' answers."""

import importlib.util
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parent.parent / ".ci" / "audit.py"


@pytest.fixture(scope="module")
def audit() -> ModuleType:
    spec = importlib.util.spec_from_file_location("audit", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["audit"] = module  # a dataclass looks itself up there
    spec.loader.exec_module(module)
    return module


def pip_answer(*dependencies: Mapping[str, object]) -> str:
    return json.dumps({"dependencies": dependencies, "fixes": []})


GOOD = {"name": "good", "version": "1", "vulns": []}
BAD = {"name": "bad", "version": "2", "vulns": [{"id": "PYSEC-1", "fix_versions": ["3"]}]}
UNKNOWN = {"name": "unknown", "skip_reason": "Dependency not found on PyPI"}


def answering(
    audit: ModuleType, monkeypatch: pytest.MonkeyPatch, python: str, npm: str
) -> list[int]:
    """Tools that answer so; grows with each question."""
    questions: list[int] = []

    def answer(command: list[str], folder: Path) -> str:
        questions.append(1)
        return python if "pip-audit" in command else npm

    monkeypatch.setattr(audit, "_asked", answer)
    return questions


@pytest.fixture(autouse=True)
def stamp(audit: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(audit, "STAMP", tmp_path / "stamp")
    return tmp_path / "stamp"


CLEAN_NPM = '{"vulnerabilities": {}}'


def test_a_vulnerability_fails_and_is_not_forgotten(
    audit: ModuleType, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(audit, monkeypatch, pip_answer(GOOD, BAD), CLEAN_NPM)
    for _ in range(2):
        assert audit.main(["--cached"]) == 1
        assert "requirements.lock: bad 2: PYSEC-1 (fixed in 3)" in capsys.readouterr().out


def test_npm_vulnerability_fails(
    audit: ModuleType, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = {"vulnerabilities": {"left-pad": {"severity": "high", "range": "<1.3"}}}
    answering(audit, monkeypatch, pip_answer(GOOD), json.dumps(answer))
    assert audit.main([]) == 1
    assert "left-pad <1.3: high" in capsys.readouterr().out


def test_a_clean_answer_is_silent_and_good_for_a_day(
    audit: ModuleType,
    stamp: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    questions = answering(audit, monkeypatch, pip_answer(GOOD), CLEAN_NPM)
    assert [audit.main(["--cached"]) for _ in range(3)] == [0, 0, 0]
    assert len(questions) == 3, "three lock files, once"
    assert audit.main([]) == 0
    assert len(questions) == 6, "asked again when told to"
    os.utime(stamp, (0, 0))
    assert audit.main(["--cached"]) == 0
    assert len(questions) == 9
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("output", ["", "nonsense", "[]", '{"statusCode": 405}'])
def test_no_answer_is_said_each_time_and_no_failure(
    audit: ModuleType,
    output: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    questions = answering(audit, monkeypatch, output, output)
    for _ in range(2):
        assert audit.main(["--cached"]) == 0
        assert capsys.readouterr().out.count("not audited") == 3
    assert len(questions) == 3


def test_silence_is_good_for_an_hour_only(audit: ModuleType, stamp: Path) -> None:
    stamp.write_text("digest\npython: nobody answers")
    os.utime(stamp, (1000.0, 1000.0))
    assert audit.remembered(stamp, "digest", 1000.0 + 3599) == ["python: nobody answers"]
    assert audit.remembered(stamp, "digest", 1000.0 + 3600) is None
    assert audit.remembered(stamp, "another digest", 1000.0) is None


def test_what_the_index_does_not_know_is_not_called_clean(audit: ModuleType) -> None:
    verdict = audit.of_pip_audit(pip_answer(GOOD, UNKNOWN))
    assert "1 of 2" in verdict.unasked
    both = audit.of_pip_audit(pip_answer(UNKNOWN, BAD))
    assert both.vulnerable
    assert both.unasked
