"""Strangers, and how a siege is judged."""

import random

import msgspec
import pytest

from benchmarks.hostile_http import MOST_GROWTH, Held
from benchmarks.load.hostile_http import Deeds, Wickedness

DEEDS = Deeds(
    opened={"garbage": 1}, failed=0, answers={"400": 1}, ended=1, seconds=1.0, most_open=1
)
HELD = Held(
    strangers=DEEDS,
    members_lost=0,
    packets=1000,
    lost=0,
    recovered=3,
    said=10,
    unheard=0,
    chat_ms=((1, 2, 3), (1, 2, 300)),
    newcomers=5,
    turned_away=0,
    newcomer_ms=(1, 2),
    memory_kib=(1000, 1000 + MOST_GROWTH, 1000),
    cpu=0.5,
    late_ms=1.0,
    exceptions=0,
    log_lines=9,
)


def test_strangers_are_the_same_for_the_same_seed_and_of_every_kind() -> None:
    first, again = (Wickedness("x:1", random.Random(7)) for _ in range(2))
    drawn = [first.draw() for _ in range(500)]
    repeated = [again.draw() for _ in range(500)]
    assert [one.kind for one in drawn] == [one.kind for one in repeated]
    assert len({one.kind for one in drawn}) == len(first.kinds)


def test_nobody_but_the_patient_and_the_busy_sends_a_whole_good_request() -> None:
    wickedness = Wickedness("x:1", random.Random(7))
    good = {"silent WebSocket", "garbage frames", "requests", "bad upgrade", "endless body"}
    for _ in range(500):
        script = wickedness.draw()
        if script.kind in {"half open", "slow head"}:
            assert not b"".join(script.pieces).endswith(b"\r\n\r\n")
        elif script.kind in good:
            assert script.pieces[0].endswith(b"\r\n\r\n")


def test_delay_and_memory_within_bounds_are_no_harm() -> None:
    assert HELD.unharmed


@pytest.mark.parametrize(
    "harm",
    [
        {"members_lost": 1},
        {"lost": 1},
        {"unheard": 1},
        {"turned_away": 1},
        {"exceptions": 1},
        {"memory_kib": (1000, 1001 + MOST_GROWTH, 1000)},
    ],
)
def test_harm(harm: dict[str, object]) -> None:
    assert not msgspec.structs.replace(HELD, **harm).unharmed
