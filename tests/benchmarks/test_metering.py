import os
import time

from benchmarks import metering


def test_counts_time_that_is_used() -> None:
    before, own = metering.cpu_time(os.getpid()), time.process_time_ns()
    while time.process_time_ns() - own < 50_000_000:
        pass
    spent = metering.cpu_time(os.getpid()) - before
    assert spent.ran > 25_000_000


def test_memory_of_this_process() -> None:
    memory = metering.memory(os.getpid())
    assert 0 < memory.pss <= memory.rss


def test_cores_are_allowed_ones() -> None:
    assert set(metering.cores()) <= os.sched_getaffinity(0)


def test_a_process_that_is_gone_costs_nothing() -> None:
    assert metering.cpu_time(2**22 + 1) == metering.CpuTime(0, 0)
