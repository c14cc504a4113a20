"""One thing that was looked at, and what was found."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARN = "warn"
    """It works, though not for everybody or not at its best."""
    FAIL = "fail"
    """Something will not work."""


@dataclass(frozen=True)
class Finding:
    """A verdict; no secret is ever in it.

    Attributes:
        subject: What was looked at, in a few words.
        level: How bad it is.
        found: One sentence.
        advice: One sentence: what to do; empty when nothing has to be done.
    """

    subject: str
    level: Level
    found: str
    advice: str = ""


def ok(subject: str, found: str) -> Finding:
    """All is well."""
    return Finding(subject, Level.OK, found)


def warn(subject: str, found: str, advice: str) -> Finding:
    """It could be better."""
    return Finding(subject, Level.WARN, found, advice)


def fail(subject: str, found: str, advice: str) -> Finding:
    """It will not work."""
    return Finding(subject, Level.FAIL, found, advice)


def exit_code(findings: Iterable[Finding]) -> int:
    """0: nothing has failed, though there may be warnings; 1: something has."""
    return int(any(one.level is Level.FAIL for one in findings))
