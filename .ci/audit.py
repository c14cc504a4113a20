"""Known vulnerabilities in what the lock files name: pip-audit for Python, npm audit for the page.

    python .ci/audit.py            fails on a known vulnerability
    python .ci/audit.py --cached   the same, but asks at most once a day for the same lock files

Where no database of advisories is reached (no network, a mirror without them) nothing fails: what
was not audited is named instead. What was found is kept in ``.venv``, so that ``make check`` stays
quick.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
PYTHON_LOCKS = ("requirements.lock", "requirements-dev.lock")
NPM_FOLDER = "web"
PIP_AUDIT = "pip-audit==2.10.1"
STAMP = ROOT / ".venv" / "audit.stamp"
FRESH = 24 * 3600.0
"""Seconds for which an answer is good: advisories come every day."""

FRESH_SILENCE = 3600.0
"""The same when there was none."""

PATIENCE = 90.0


@dataclass
class Verdict:
    """What is known of one lock file.

    Attributes:
        vulnerable: a line per known vulnerability.
        unasked: why something was not audited; empty if all was.
    """

    vulnerable: list[str] = field(default_factory=list)
    unasked: str = ""


def of_pip_audit(output: str) -> Verdict:
    """From ``pip-audit --format json``, which exits as if clean where it could not ask."""
    try:
        dependencies: list[dict[str, Any]] = json.loads(output)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return Verdict(unasked="no answer from pip-audit")
    found = [
        f"{one['name']} {one['version']}: {bug['id']}"
        f" (fixed in {', '.join(bug.get('fix_versions') or ['no version'])})"
        for one in dependencies
        for bug in one.get("vulns", [])
    ]
    skipped = [one["name"] for one in dependencies if "skip_reason" in one]
    if not skipped:
        return Verdict(found)
    return Verdict(
        found, f"{len(skipped)} of {len(dependencies)} packages are not known to PyPI here"
    )


def of_npm_audit(output: str) -> Verdict:
    """From ``npm audit --json``."""
    try:
        report = json.loads(output)
        advisories: dict[str, Any] = report["vulnerabilities"]
    except (ValueError, KeyError, TypeError):
        return Verdict(unasked="no answer from the npm registry")
    return Verdict(
        [
            f"{name} {one.get('range', '')}: {one.get('severity')}"
            for name, one in advisories.items()
        ]
    )


def _asked(command: list[str], folder: Path) -> str:
    environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
    try:
        done = subprocess.run(  # noqa: S603 - our own commands
            command,
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout


def audit() -> dict[str, Verdict]:
    """Asks about all lock files."""
    uv, npm = ROOT / ".venv/bin/uv", shutil.which("npm") or "npm"
    tool = [str(uv), "--quiet", "tool", "run", "--from", PIP_AUDIT, "pip-audit"]
    flags = ["--disable-pip", "--require-hashes", "--progress-spinner", "off", "--format", "json"]
    with ThreadPoolExecutor() as threads:
        npm_answer = threads.submit(
            _asked, [npm, "audit", "--omit=dev", "--json"], ROOT / NPM_FOLDER
        )
        answers = {
            name: threads.submit(_asked, [*tool, *flags, "--requirement", name], ROOT)
            for name in PYTHON_LOCKS
        }
    verdicts = {name: of_pip_audit(answer.result()) for name, answer in answers.items()}
    verdicts[f"{NPM_FOLDER}/package-lock.json"] = of_npm_audit(npm_answer.result())
    return verdicts


def digest() -> str:
    """Of all lock files."""
    lock_files = [ROOT / name for name in (*PYTHON_LOCKS, f"{NPM_FOLDER}/package-lock.json")]
    return hashlib.sha256(b"\0".join(one.read_bytes() for one in lock_files)).hexdigest()


def remembered(stamp: Path, current: str, now: float) -> list[str] | None:
    """What was not audited when these lock files were asked about; None if that is long ago."""
    try:
        age = now - stamp.stat().st_mtime
        kept, *unasked = stamp.read_text().splitlines()
    except (OSError, ValueError):
        return None
    good_for = FRESH_SILENCE if unasked else FRESH
    return unasked if kept == current and age < good_for else None


def main(arguments: list[str]) -> int:
    """Returns the exit status."""
    current = digest()
    unasked = remembered(STAMP, current, time.time()) if "--cached" in arguments else None  # noqa: TID251
    if unasked is None:
        STAMP.unlink(missing_ok=True)
        verdicts = audit()
        vulnerable = [f"{name}: {bug}" for name, one in verdicts.items() for bug in one.vulnerable]
        unasked = [f"{name}: {one.unasked}" for name, one in verdicts.items() if one.unasked]
        if vulnerable:
            print("\n".join(f"known vulnerability: {line}" for line in vulnerable))  # noqa: T201
            return 1
        STAMP.write_text("\n".join([current, *unasked]))
    for line in unasked:
        print(f"not audited: {line}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
