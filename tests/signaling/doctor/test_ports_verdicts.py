"""Verdicts on ports."""

import pytest

from signaling.doctor.finding import Level
from signaling.doctor.ports import (
    PortFacts,
    Running,
    announced_tcp_verdict,
    sfu_tcp_verdicts,
    tcp_verdict,
    udp_verdicts,
)

FREE = PortFacts(3000, is_free=True)
TAKEN = PortFacts(3000, is_free=False, is_taken=True, detail="address already in use")
FORBIDDEN = PortFacts(80, is_free=False, detail="permission denied")
OURS = Running("1.2.3", workers=1)
MESH_ONLY = Running("1.2.3", workers=0)


@pytest.mark.parametrize(
    ("facts", "running", "level", "said"),
    [
        (FREE, None, Level.OK, "free"),
        (PortFacts(0, is_free=True), None, Level.OK, "free"),
        (TAKEN, OURS, Level.OK, "Crossover 1.2.3 serves there already"),
        (TAKEN, None, Level.FAIL, "CROSSOVER_PORT"),
        (FORBIDDEN, None, Level.FAIL, "permission denied"),
    ],
)
def test_tcp(facts: PortFacts, running: Running | None, level: Level, said: str) -> None:
    verdict = tcp_verdict(facts, running)
    assert verdict.level is level
    assert said in f"{verdict.found} {verdict.advice}"


@pytest.mark.parametrize(
    ("facts", "running", "fallback", "level", "said"),
    [
        (FREE, None, True, Level.OK, "firewalls"),
        (TAKEN, OURS, True, Level.OK, "runs here"),
        (TAKEN, OURS, False, Level.OK, "runs here"),
        (TAKEN, MESH_ONLY, False, Level.FAIL, "CROSSOVER_SFU_PORT"),
        (TAKEN, None, True, Level.WARN, "takes any other"),
        (TAKEN, None, False, Level.FAIL, "CROSSOVER_SFU_PORT"),
        (FORBIDDEN, OURS, True, Level.FAIL, "permission denied"),
    ],
)
def test_udp(
    facts: PortFacts, running: Running | None, fallback: bool, level: Level, said: str
) -> None:
    (verdict,) = udp_verdicts([facts], running, fallback=fallback)
    assert verdict.level is level
    assert said in f"{verdict.found} {verdict.advice}"


def test_each_worker_has_a_verdict_and_none_is_one_too() -> None:
    assert len(udp_verdicts([FREE, TAKEN, FREE], None, fallback=False)) == 3
    (verdict,) = udp_verdicts([], None, fallback=False)
    assert verdict.level is Level.WARN


@pytest.mark.parametrize(
    ("facts", "running", "is_chosen", "level", "said"),
    [
        (FREE, None, False, Level.OK, "lets no UDP through"),
        (TAKEN, OURS, False, Level.OK, "in use"),
        (TAKEN, MESH_ONLY, False, Level.WARN, "people without UDP"),
        (TAKEN, None, True, Level.FAIL, "does not start"),
        (FORBIDDEN, None, True, Level.FAIL, "permission denied"),
    ],
)
def test_tcp_of_the_workers(
    facts: PortFacts, running: Running | None, is_chosen: bool, level: Level, said: str
) -> None:
    [found] = sfu_tcp_verdicts([facts], running, is_chosen=is_chosen)
    assert found.level is level
    assert said in found.found
    assert sfu_tcp_verdicts([], running, is_chosen=is_chosen) == []


@pytest.mark.parametrize(
    ("answers", "level", "said"),
    [
        (True, Level.OK, "answers there"),
        (None, Level.WARN, "Nobody answers"),
        (False, Level.WARN, "Something else"),
    ],
)
def test_tcp_where_it_is_announced(answers: bool | None, level: Level, said: str) -> None:
    found = announced_tcp_verdict("2001:db8::1", 443, answers)
    assert (found.level, found.subject) == (level, "TCP [2001:db8::1]:443")
    assert said in found.found
