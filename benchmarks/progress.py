"""How a question tells what it is doing."""

from typing import Protocol

from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn


class Steps(Protocol):
    """What a measurement reports to while it runs."""

    def begin(self, what: str, total: int) -> None:
        """The next step, which takes ``total`` advances."""

    def advance(self, by: int = 1) -> None:
        """Part of the step is done."""


class SilentSteps:
    """Reports to nobody."""

    def begin(self, what: str, total: int) -> None:
        """Nothing."""

    def advance(self, by: int = 1) -> None:
        """Nothing."""


class ProgressBar:
    """One line per step: the current one moves, those before it stay."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task: TaskID | None = None

    def begin(self, what: str, total: int) -> None:
        """Finishes the step before."""
        for task in self._progress.tasks:
            self._progress.update(task.id, completed=task.total)
        self._task = self._progress.add_task(what, total=total)

    def advance(self, by: int = 1) -> None:
        """Moves the bar."""
        if self._task is not None:
            self._progress.advance(self._task, by)


def progress_display() -> Progress:
    """Refreshes twice a second: drawing must not compete with the measurement."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:.0f}/{task.total:.0f}"),
        TimeElapsedColumn(),
        refresh_per_second=2,
    )
