import msgspec
import pytest

from benchmarks.emulation import plan as plans_of
from benchmarks.emulation.plan import Conditions, Plan, Step
from benchmarks.emulation.plans import NAMES, PLANS, named

DIP = named("downlink-dip")


def test_each_direction_has_its_own_changes() -> None:
    assert [(at, held.rate) for at, held in DIP.changes("down")] == [(0, 5e6), (20, 5e5), (40, 5e6)]
    assert [(at, held.rate) for at, held in DIP.changes("up")] == [(0, 20e6)]
    assert [DIP.rate("down", at) for at in (-1, 0, 19.9, 20, 59)] == [5e6, 5e6, 5e6, 5e5, 5e6]


def test_a_direction_nobody_speaks_of_has_no_limits() -> None:
    plan = Plan(name="one", seconds=3, steps=(Step(), Step(at=1, down=Conditions(rate=1e6))))
    assert plan.changes("up") == [(0.0, Conditions())]
    assert [plan.rate("down", at) for at in (0.5, 1.5)] == [None, 1e6]


def test_a_plan_in_another_time() -> None:
    short = DIP.scaled(0.25)
    assert short.seconds == 15
    assert [at for at, _ in short.changes("down")] == [0, 5, 10]


def test_plans_travel_as_json() -> None:
    for plan in PLANS:
        assert plans_of.parse(msgspec.json.encode(plan)) == plan


def test_names_are_used_once() -> None:
    assert len(set(NAMES)) == len(PLANS)
    with pytest.raises(KeyError, match="there is no plan nowhere"):
        named("nowhere")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "no plan"),
        ('{"name": "x", "seconds": 1, "steps": []}', "begins with a step at 0"),
        ('{"name": "x", "seconds": 1, "steps": [{"at": 1}]}', "begins with a step at 0"),
        ('{"name": "x", "seconds": 9, "steps": [{}, {"at": 2}, {"at": 2}]}', "in order of time"),
        ('{"name": "x", "seconds": 1, "steps": [{}, {"at": 2}]}', "not over before"),
        ('{"name": "x", "seconds": 1, "steps": [{"down": {"rate": -1}}]}', r"steps\[0\].down.rate"),
        ('{"name": "x", "seconds": 1, "steps": [{"down": {"loss": 1.0}}]}', "loss"),
        ('{"name": "x", "seconds": 1, "steps": [{"down": {"loss": 0.9}}]}', "90% cannot be lost"),
        ('{"name": "x", "seconds": 1, "steps": [{"down": {"speed": 1}}]}', "speed"),
        ('{"name": "x", "seconds": 1, "steps": [{"up": {"blocked": ["icmp"]}}]}', "icmp"),
    ],
)
def test_what_is_no_plan_is_refused_with_the_place(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        plans_of.parse(text)
