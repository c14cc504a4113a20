import os
import socket
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


def test_drops_at_a_port_are_counted() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        server.bind(("127.0.0.1", 0))
        port = server.getsockname()[1]
        assert metering.udp_drops(port) == 0
        for _ in range(50):
            server.sendto(bytes(1000), ("127.0.0.1", port))
        assert 0 < metering.udp_drops(port) < 50
