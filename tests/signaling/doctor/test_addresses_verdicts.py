"""Verdicts on announced addresses."""

from collections import Counter

import pytest

from signaling.doctor.addresses import AddressFacts, address_verdicts
from signaling.doctor.finding import Level

OWN = {"127.0.0.1", "10.0.0.5", "8.8.4.4"}


@pytest.mark.parametrize(
    ("announced", "seen", "levels", "said"),
    [
        (["8.8.4.4"], [], {"ok": 2}, "everywhere"),
        (["8.8.4.4", "10.0.0.5"], ["8.8.4.4"], {"ok": 3}, "everywhere"),
        (["10.0.0.5"], [], {"ok": 1, "warn": 1}, "STUN_SERVERS"),
        (["10.0.0.5"], ["10.0.0.5"], {"ok": 2}, "agrees"),
        (["10.0.0.5"], ["9.9.9.9"], {"ok": 1, "warn": 1}, "=9.9.9.9,10.0.0.5 "),
        (["9.9.9.9", "10.0.0.5"], ["9.9.9.9"], {"ok": 3}, "router must pass"),
        (["9.9.9.9"], [], {"warn": 1, "ok": 1}, "no STUN server confirms"),
        (["9.9.9.8"], ["9.9.9.9"], {"warn": 2}, "neither this machine's"),
        (["127.0.0.1"], [], {"ok": 1, "fail": 1}, "CROSSOVER_ANNOUNCED_IPS"),
        (["127.0.0.1"], ["9.9.9.9"], {"ok": 1, "fail": 1}, "Only this machine"),
        (["10.0.0.5"], ["127.0.0.1"], {"ok": 2}, "agrees"),
    ],
)
def test_addresses(
    announced: list[str], seen: list[str], levels: dict[str, int], said: str
) -> None:
    verdicts = address_verdicts(AddressFacts(announced, OWN, seen))
    assert Counter(one.level.value for one in verdicts) == levels
    assert said in " ".join(f"{one.found} {one.advice}" for one in verdicts)
    for one in verdicts:
        assert bool(one.advice) is (one.level is not Level.OK)
