"""An event loop whose clock stands still while there is work, and jumps when there is none."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from aiortc import rtcsctptransport
from typing_extensions import override

from sfu.worker import sctp_clock


class _Selector(selectors.SelectSelector):
    """Instead of waiting for a file, lets time pass."""

    passed = 0.0

    @override
    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout is None:
            raise RuntimeError("waits for ever")
        if not ready and timeout:
            self.passed += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """Time begins at 0 and passes only in ``call_later`` and ``sleep``."""

    def __init__(self) -> None:
        self._virtual = _Selector()
        super().__init__(self._virtual)

    @override
    def time(self) -> float:
        return self._virtual.passed


class _Clock:
    """As much of the ``time`` module as is used."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.time = now


def _error_of(task: asyncio.Task[Any]) -> BaseException | None:
    return task.exception() if task.done() and not task.cancelled() else None


def run_virtually(main: Coroutine[Any, Any, None]) -> None:
    """Run to the end, in virtual time; the wall clock that SCTP reads is virtual too.

    What a timer or a task raises is raised.
    """
    loop = VirtualLoop()
    failures: list[BaseException] = []

    def failed(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        failures.append(context.get("exception") or RuntimeError(context["message"]))

    tasks: list[asyncio.Task[Any]] = []

    def make_task(
        loop: asyncio.AbstractEventLoop,
        work: Coroutine[Any, Any, Any],
        **options: Any,  # noqa: ANN401
    ) -> asyncio.Task[Any]:
        task = asyncio.Task(work, loop=loop, **options)
        tasks.append(task)
        return task

    loop.set_exception_handler(failed)
    loop.set_task_factory(make_task)  # type: ignore[arg-type]
    with pytest.MonkeyPatch.context() as patch, asyncio.Runner(loop_factory=lambda: loop) as runner:
        patch.setattr(rtcsctptransport, "time", _Clock(loop.time))
        patch.setattr(sctp_clock, "time", _Clock(loop.time))
        runner.run(main)
        failures += [error for task in tasks if (error := _error_of(task)) is not None]
    if failures:
        raise failures[0]
