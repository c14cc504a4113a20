"""Worker processes: started, restarted, found again. Their program is a fake one."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from sfu.control.messages import CloseRouter, Done, FromWorker, WorkerStatus
from signaling.workers import keeper, worker_process
from signaling.workers.process_pool import PoolConfig, ProcessPool
from signaling.workers.worker_process import WorkerProcess, WorkerRecord, is_alive, runs_with
from tests.support.server import until

FAKE = (sys.executable, "-m", "tests.support.fake_worker")


class Pool(ProcessPool):
    """A pool that remembers what it has heard, and whom it has lost."""

    def __init__(self, config: PoolConfig) -> None:
        self.heard: list[tuple[str, FromWorker]] = []
        self.lost: list[str] = []
        super().__init__(config, os.environ, self._note, self.lost.append)

    def _note(self, worker: str, messages: list[FromWorker]) -> None:
        self.heard += [(worker, message) for message in messages]

    def process_of(self, worker: str) -> int | None:
        """As it says itself."""
        said = [m.process for w, m in self.heard if w == worker and isinstance(m, WorkerStatus)]
        return said[-1] if said else None

    async def is_there(self, *workers: str) -> None:
        await until(lambda: all(self.process_of(worker) for worker in workers))

    def abandon(self) -> None:
        """As a service that is killed leaves it: the workers live on."""
        for one in self._keepers.values():
            assert one._task is not None
            one._task.cancel()
            if one._link is not None:
                one._link.close()
        if self._lock is not None:
            self._lock.close()


Make = Callable[..., Pool]


@pytest.fixture
async def make(tmp_path: Path) -> AsyncIterator[Make]:
    made: list[Pool] = []

    def pool(workers: int = 1, **options: object) -> Pool:
        options = {"folder": tmp_path / "sfu", "program": FAKE, **options}
        made.append(Pool(PoolConfig(workers=workers, **options)))  # type: ignore[arg-type]
        return made[-1]

    yield pool
    for one in made:
        await one.close()


async def test_starts_workers_and_ends_them(make: Make, tmp_path: Path) -> None:
    pool = make(2)
    await pool.start()
    await pool.is_there("worker-0", "worker-1")
    processes = pool.processes
    assert len(processes) == 2
    pool.submit("worker-1", CloseRouter(request=5, router_id="r"))
    await until(lambda: ("worker-1", Done(request=5)) in pool.heard)
    pool.submit("worker-9", CloseRouter(request=5, router_id="r"))
    await pool.close()
    assert [is_alive(process) for process in processes] == [False, False]
    assert sorted(path.name for path in (tmp_path / "sfu").iterdir()) == ["lock"]
    await pool.close()


async def test_orders(tmp_path: Path) -> None:
    config = PoolConfig(
        2, tmp_path, "127.0.0.1", 5000, False, ("192.0.2.1", "::1"), program=("run",)
    )
    assert [" ".join(order.command) for order in config.orders(tmp_path)] == [
        f"run --control {tmp_path}/worker-0.sock --name worker-0 --host 127.0.0.1 --port 5000 "
        "--announce 192.0.2.1 --announce ::1 --drain-seconds 30 --loudest 4 --log-level info",
        f"run --control {tmp_path}/worker-1.sock --name worker-1 --host 127.0.0.1 --port 5001 "
        "--announce 192.0.2.1 --announce ::1 --drain-seconds 30 --loudest 4 --log-level info",
    ]
    config = PoolConfig(
        2, tmp_path, tcp_port=8443, announced_tcp_port=443, port_fallback=False, program=("run",)
    )
    flags = [" ".join(order.command).partition("--port ")[2] for order in config.orders(tmp_path)]
    assert flags == [
        f"4000{number} --tcp-port {8443 + number} --announced-tcp-port {443 + number} "
        "--drain-seconds 30 --loudest 4 --log-level info"
        for number in range(2)
    ]
    config = PoolConfig(2, tmp_path, port=0, tcp=False, program=("run",))
    assert all("--no-tcp" in order.command for order in config.orders(tmp_path))
    config = PoolConfig(2, tmp_path, port=0, port_fallback=True, program=("run",))
    assert [" ".join(order.command) for order in config.orders(tmp_path)] == [
        f"run --control {tmp_path}/worker-{number}.sock --name worker-{number} --port 0 "
        "--port-fallback --drain-seconds 30 --loudest 4 --log-level info"
        for number in range(2)
    ]


async def test_worker_that_dies_is_started_again_at_once(make: Make) -> None:
    pool = make(1)
    await pool.start()
    await pool.is_there("worker-0")
    first = pool.process_of("worker-0")
    assert first is not None
    os.kill(first, signal.SIGKILL)
    await until(lambda: pool.process_of("worker-0") not in {None, first})
    assert pool.lost == ["worker-0"]


async def test_every_process_is_told_once_how_much_to_log(make: Make) -> None:
    def told() -> int:
        return sum(isinstance(one, Done) and one.request == 0 for _, one in pool.heard)

    pool = make()
    await pool.start()
    await pool.is_there("worker-0")
    assert told() == 0, "it begins with the level of the settings"
    pool.set_log_level("debug")
    await until(lambda: told() == 1)
    first = pool.process_of("worker-0")
    assert first is not None
    os.kill(first, signal.SIGKILL)
    await until(lambda: pool.process_of("worker-0") not in {None, first})
    await until(lambda: told() == 2)


async def test_worker_that_cannot_run_is_tried_ever_more_seldom(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    pool = make(1, program=(*FAKE, "--dies"))
    await pool.start()
    await until(lambda: "started again in 1 s" in caplog.text)
    assert "worker-0: ERROR broken" in caplog.text
    assert pool.heard == []
    await pool.close()


async def test_program_that_is_not_there(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    pool = make(1, program=("/nonexistent/worker",))
    await pool.start()
    await until(lambda: "worker-0 cannot be started" in caplog.text)
    await pool.close()


async def test_workers_outlive_a_service_that_is_killed(make: Make) -> None:
    pool = make(2)
    await pool.start()
    await pool.is_there("worker-0", "worker-1")
    processes = {name: pool.process_of(name) for name in ("worker-0", "worker-1")}
    pool.abandon()
    again = make(2)
    await again.start()
    assert {name: again.process_of(name) for name in processes} == processes, "heard already"
    await again.close()
    assert not any(is_alive(process) for process in processes.values() if process)


async def test_worker_that_was_found_and_dies_is_started_again(make: Make) -> None:
    pool = make(1)
    await pool.start()
    await pool.is_there("worker-0")
    pool.abandon()
    again = make(1)
    await again.start()
    first = again.process_of("worker-0")
    assert first is not None
    os.kill(first, signal.SIGKILL)
    await until(lambda: again.process_of("worker-0") not in {None, first})


async def test_worker_with_other_settings_is_started_anew(make: Make) -> None:
    pool = make(1, port=40_000)
    await pool.start()
    await pool.is_there("worker-0")
    first = pool.process_of("worker-0")
    pool.abandon()
    again = make(1, port=40_100)
    await again.start()
    await until(lambda: again.process_of("worker-0") not in {None, first})
    assert first is not None
    assert not is_alive(first)


async def test_worker_that_the_operator_has_started_is_used_and_not_ended(
    make: Make, tmp_path: Path
) -> None:
    folder = tmp_path / "sfu"
    folder.mkdir()
    flags = ("--control", str(folder / "worker-0.sock"), "--name", "worker-0")
    process = await WorkerProcess.start("by hand", (*FAKE, *flags), os.environ)
    try:
        await until((folder / "worker-0.sock").exists)
        pool = make(1)
        await pool.start()
        assert pool.process_of("worker-0") == process.number
        await pool.close()
        assert is_alive(process.number)
    finally:
        await process.terminate()


async def test_workers_that_are_too_many_are_ended(make: Make, tmp_path: Path) -> None:
    pool = make(3)
    await pool.start()
    await pool.is_there("worker-0", "worker-1", "worker-2")
    processes = [pool.process_of(f"worker-{number}") for number in range(3)]
    pool.abandon()
    again = make(1)
    await again.start()
    assert [is_alive(process or 0) for process in processes] == [True, False, False]
    assert sorted(path.name for path in (tmp_path / "sfu").glob("*.json")) == ["worker-0.json"]


async def test_worker_that_does_not_answer_is_replaced(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "FIND_PATIENCE", 0.2)
    pool = make(1)
    await pool.start()
    await pool.is_there("worker-0")
    first = pool.process_of("worker-0")
    assert first is not None
    pool.abandon()
    os.kill(first, signal.SIGSTOP)
    again = make(1)
    await again.start()
    assert not is_alive(first)
    await again.is_there("worker-0")


async def test_worker_that_falls_silent_is_killed(
    make: Make, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(keeper, "SILENCE", 2)
    pool = make(1)
    await pool.start()
    await pool.is_there("worker-0")
    first = pool.process_of("worker-0")
    assert first is not None
    os.kill(first, signal.SIGSTOP)
    await until(lambda: pool.process_of("worker-0") != first)
    assert "worker-0 has been silent" in caplog.text
    assert "worker-0" in pool.lost


async def test_worker_that_will_not_end_is_killed(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_process, "TERMINATION", 0.2)
    pool = make(1)
    await pool.start()
    await pool.is_there("worker-0")
    first = pool.process_of("worker-0")
    assert first is not None
    os.kill(first, signal.SIGSTOP)
    await pool.close()
    assert not is_alive(first)


async def test_two_services_with_one_state_folder_do_not_share_workers(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    pool, other = make(1), make(1)
    await pool.start()
    await pool.is_there("worker-0")
    await other.start()
    await other.is_there("worker-0")
    assert "CROSSOVER_STATE_DIR" in caplog.text
    assert pool.process_of("worker-0") != other.process_of("worker-0")
    assert pool.lost == []
    made = other._made
    assert made is not None
    await other.close()
    assert not made.exists()


async def test_state_folder_with_a_long_name(make: Make, tmp_path: Path) -> None:
    pool = make(1, folder=tmp_path / ("long" * 30))
    await pool.start()
    await pool.is_there("worker-0")


async def test_closed_while_it_starts(make: Make) -> None:
    pool = make(2)
    await pool.start()
    await asyncio.sleep(0)
    await pool.close()
    assert pool.processes == []


async def test_what_is_left_of_a_worker_that_is_gone(make: Make, tmp_path: Path) -> None:
    folder = tmp_path / "sfu"
    folder.mkdir()
    (folder / "worker-0.sock").write_text("")
    WorkerRecord(2**22 + 1, ["x"]).write(folder / "worker-0.json")
    (folder / "worker-1.json").write_text("nonsense")
    pool = make(1)
    await pool.start()
    await pool.is_there("worker-0")


async def test_processes_by_their_number() -> None:
    process = await WorkerProcess.start("sleeper", ("sleep", "60"), os.environ)
    assert is_alive(process.number)
    assert runs_with(process.number, "60")
    assert not runs_with(process.number, "6")
    found = WorkerProcess(process.number)
    assert found.alive
    found.kill()
    await found.ended()
    await process.ended()
    assert not is_alive(process.number)
    assert not runs_with(process.number, "60")
    found.kill()
    await found.terminate()
