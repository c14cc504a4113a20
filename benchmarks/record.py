"""What one answered question leaves behind: figures, what they were made from, and where."""

import platform
import subprocess
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Literal

import msgspec

from benchmarks.stats import significant

ROOT = Path(__file__).parent.parent
RESULTS = Path(__file__).parent / "results"

_LIBRARIES = ("aiohttp", "uvloop", "msgspec", "numpy", "pylibsrtp")


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """What a figure has to keep to; ``times_peer``: a multiple of the peer's figure."""

    kind: Literal["at most", "at least", "below", "exactly"]
    limit: float
    times_peer: bool = False


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the table.

    Attributes:
        value: Ours.
        peer: The same from the server we compare with, measured in the same run.
    """

    name: str
    value: float
    unit: str
    peer: float | None = None
    bar: Bar | None = None

    @property
    def ratio(self) -> float | None:
        """Ours divided by the peer's."""
        return self.value / self.peer if self.peer else None

    @property
    def met(self) -> bool | None:
        """Whether the bar is kept; None without one, or without the peer it refers to."""
        if self.bar is None:
            return None
        value = self.ratio if self.bar.times_peer else self.value
        if value is None:
            return None
        match self.bar.kind:
            case "at most":
                return value <= self.bar.limit
            case "at least":
                return value >= self.bar.limit
            case "below":
                return value < self.bar.limit
            case "exactly":
                return value == self.bar.limit


class Findings(msgspec.Struct, kw_only=True):
    """What a question's measurement returns.

    Attributes:
        parameters: What was measured with, by name.
        samples: Every single measurement, by name.
        peer: Who we were compared with, as the table's column names it.
        notes: What a reader of the table should know.
    """

    parameters: dict[str, float | str]
    figures: list[Figure]
    samples: dict[str, list[float]]
    peer: str = ""
    notes: list[str] = msgspec.field(default_factory=list)


class Machine(msgspec.Struct, kw_only=True):
    """Where it was measured."""

    cpu: str
    cpus: int
    kernel: str
    versions: dict[str, str]

    def is_like(self, other: "Machine") -> bool:
        """Whether figures of both may be put together."""
        return (self.cpu, self.cpus, self.kernel) == (other.cpu, other.cpus, other.kernel)

    def in_words(self) -> str:
        """One line."""
        versions = ", ".join(f"{name} {version}" for name, version in self.versions.items())
        return f"{self.cpu}, {self.cpus} CPUs, {self.kernel}; {versions}"


class Record(msgspec.Struct, kw_only=True):
    """One answer, complete enough to be read years later."""

    question: str
    quick: bool
    date: str
    commit: str
    machine: Machine
    findings: Findings

    def write(self, path: Path) -> None:
        """As JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(msgspec.json.format(msgspec.json.encode(self), indent=1))

    @classmethod
    def read(cls, path: Path) -> "Record":
        """From JSON."""
        return msgspec.json.decode(path.read_bytes(), type=cls)


def record(question: str, quick: bool, findings: Findings) -> Record:
    """Adds when, where and with what code."""
    return Record(
        question=question,
        quick=quick,
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        commit=_commit(),
        machine=this_machine(),
        findings=findings,
    )


def cells(figure: Figure) -> list[str]:
    """A figure as a row: name, ours, the peer's, the ratio, the bar, whether it is kept."""
    peer = "" if figure.peer is None else significant(figure.peer)
    ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
    return [
        figure.name,
        f"{significant(figure.value)} {figure.unit}".rstrip(),
        peer,
        ratio,
        "" if figure.bar is None else _spoken(figure.bar),
        {True: "yes", False: "**no**", None: ""}[figure.met],
    ]


def headings(findings: Findings) -> list[str]:
    """The names of the columns of ``cells``."""
    return ["", "Crossover", findings.peer, "ratio" if findings.peer else "", "bar", "kept"]


def _spoken(bar: Bar) -> str:
    sign = {"at most": "≤ ", "at least": "≥ ", "below": "< ", "exactly": ""}[bar.kind]
    return f"{sign}{bar.limit:g}{' of theirs' if bar.times_peer else ''}"


def this_machine() -> Machine:
    """The one that this runs on."""
    return Machine(
        cpu=_cpu_model(),
        cpus=len(_lines("/proc/cpuinfo", "processor")) or 1,
        kernel=f"{platform.system()} {platform.release()}",
        versions={
            "Python": platform.python_version(),
            **{name: metadata.version(name) for name in _LIBRARIES},
            **_node_version(),
        },
    )


def _cpu_model() -> str:
    names = _lines("/proc/cpuinfo", "model name")
    return names[0] if names else platform.processor() or platform.machine()


def _lines(path: str, key: str) -> list[str]:
    try:
        text = Path(path).read_text()
    except OSError:
        return []
    return [line.partition(":")[2].strip() for line in text.splitlines() if line.startswith(key)]


def _node_version() -> dict[str, str]:
    version = _output(["node", "--version"])
    return {"Node": version.removeprefix("v")} if version else {}


def _commit() -> str:
    """The commit measured, with a plus sign if the tree differs from it."""
    commit = _output(["git", "rev-parse", "--short=12", "HEAD"])
    changed = _output(["git", "status", "--porcelain", "--untracked-files=no"])
    return f"{commit}+" if commit and changed else commit or "unknown"


def _output(command: Iterable[str]) -> str:
    try:
        return subprocess.run(
            list(command), cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""
