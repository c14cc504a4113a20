"""Verdicts on the machine."""

import pytest

from sfu.worker.udp_socket import BUFFER_BYTES
from signaling.doctor import machine
from signaling.doctor.finding import Level
from signaling.doctor.machine import ClockFacts, SocketFacts

MIB = 1 << 20
OK, WARN, FAIL = Level.OK, Level.WARN, Level.FAIL


@pytest.mark.parametrize(
    ("facts", "level", "said"),
    [
        (ClockFacts(True, 0.0123), OK, "0.012 s"),
        (ClockFacts(False), WARN, "NTP"),
        (ClockFacts(None), WARN, "does not tell"),
    ],
)
def test_clock(facts: ClockFacts, level: Level, said: str) -> None:
    verdict = machine.clock_verdict(facts)
    assert verdict.level is level
    assert said in f"{verdict.found} {verdict.advice}"


@pytest.mark.parametrize(
    ("limit", "connections", "level"),
    [
        (0, 1_000_000, OK),
        (5100, 5000, OK),
        (5099, 5000, WARN),
        (101, 5000, WARN),
        (100, 5000, FAIL),
        (64, 1, FAIL),
    ],
)
def test_files(limit: int, connections: int, level: Level) -> None:
    assert machine.files_verdict(limit, connections).level is level


@pytest.mark.parametrize(
    ("received", "sent", "level"),
    [(8 * MIB, 8 * MIB, OK), (8 * MIB - 1, 8 * MIB, WARN), (8 * MIB, 200_000, WARN)],
)
def test_buffers(received: int, sent: int, level: Level) -> None:
    verdict = machine.buffers_verdict(SocketFacts(received, sent, True, True, True))
    assert verdict.level is level
    assert ("rmem_max=8388608" in verdict.advice) is (level is WARN)


def test_a_worker_asks_for_what_the_doctor_looks_for() -> None:
    assert machine.WANTED_BUFFER == BUFFER_BYTES


@pytest.mark.parametrize(
    ("there", "missing"),
    [
        ((True, True, True), []),
        ((False, True, True), ["UDP_SEGMENT"]),
        ((True, False, True), ["UDP_GRO"]),
        ((True, True, False), ["recvmmsg"]),
        ((False, False, False), ["UDP_SEGMENT", "UDP_GRO", "sendmmsg"]),
    ],
)
def test_kernel(there: tuple[bool, bool, bool], missing: list[str]) -> None:
    verdict = machine.kernel_verdict(SocketFacts(0, 0, *there))
    assert verdict.level is (WARN if missing else OK)
    for one in missing:
        assert one in verdict.found


@pytest.mark.parametrize(
    ("cores", "workers", "level"),
    [(1, 0, OK), (1, 1, OK), (1, 2, WARN), (2, 1, OK), (2, 2, WARN), (8, 7, OK), (8, 8, WARN)],
)
def test_cores(cores: int, workers: int, level: Level) -> None:
    assert machine.cores_verdict(cores, workers).level is level


@pytest.mark.parametrize(
    ("available", "workers", "level"),
    [(None, 1, WARN), (400 * MIB, 1, OK), (400 * MIB - 1, 1, WARN), (200 * MIB, 0, OK)],
)
def test_memory(available: int | None, workers: int, level: Level) -> None:
    assert machine.memory_verdict(available, workers).level is level


def test_event_loop() -> None:
    assert machine.loop_verdict(True).level is OK
    assert machine.loop_verdict(False).level is WARN
