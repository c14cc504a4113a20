"""The networks that Crossover is measured on."""

from typing import Final

from benchmarks.emulation.plan import Conditions, Plan, Step

MEGABIT: Final = 1e6

_NEAR: Final = 0.01
"""One-way delay of a good home connection, seconds."""

_HOME: Final = Conditions(rate=20 * MEGABIT, delay=_NEAR)
"""A direction that nothing is the matter with."""


def _near(rate: float, queue: float = 0.3) -> Conditions:
    return Conditions(rate=rate * MEGABIT, delay=_NEAR, queue=queue)


def constant(name: str, says: str, *, down: Conditions = _HOME, up: Conditions = _HOME) -> Plan:
    """The same for a minute."""
    return Plan(name=name, says=says, seconds=60, steps=(Step(down=down, up=up),))


PLANS: Final[tuple[Plan, ...]] = (
    constant("clean", "20 Mbit/s both ways, 20 ms there and back"),
    Plan(
        name="downlink-dip",
        says="downlink 5 Mbit/s, then 500 kbit/s, then 5 Mbit/s again",
        seconds=60,
        steps=(
            Step(down=_near(5), up=_HOME),
            Step(at=20, down=_near(0.5)),
            Step(at=40, down=_near(5)),
        ),
    ),
    constant(
        "downlink-loss",
        "5 % of the packets towards the client lost, 50 ms there and back",
        down=Conditions(rate=20 * MEGABIT, delay=0.025, loss=0.05),
        up=Conditions(rate=20 * MEGABIT, delay=0.025),
    ),
    constant(
        "uplink-bursts",
        "10 % of the client's packets lost, five in a row, 50 ms there and back",
        down=Conditions(rate=20 * MEGABIT, delay=0.025),
        up=Conditions(rate=20 * MEGABIT, delay=0.025, loss=0.1, burst=5),
    ),
    Plan(
        name="uplink-narrow",
        says="uplink 20 Mbit/s, then 1 Mbit/s",
        seconds=60,
        steps=(Step(down=_HOME, up=_HOME), Step(at=20, up=_near(1))),
    ),
    constant(
        "udp-blocked",
        "TCP only",
        down=Conditions(rate=20 * MEGABIT, delay=_NEAR, blocked=("udp",)),
        up=Conditions(rate=20 * MEGABIT, delay=_NEAR, blocked=("udp",)),
    ),
    constant("another-address", "20 Mbit/s both ways; the client gets another address"),
    constant(
        "jitter",
        "delay of 50 ms that varies by 30 ms, both ways",
        down=Conditions(rate=5 * MEGABIT, delay=0.05, jitter=0.03),
        up=Conditions(rate=5 * MEGABIT, delay=0.05, jitter=0.03),
    ),
    constant(
        "reordering",
        "2 % of the packets overtaken by those of the next 20 ms, both ways",
        down=Conditions(rate=5 * MEGABIT, delay=0.02, reordering=0.02),
        up=Conditions(rate=5 * MEGABIT, delay=0.02, reordering=0.02),
    ),
    constant(
        "deep-queue",
        "downlink 2 Mbit/s behind a queue of two seconds",
        down=_near(2, queue=2.0),
    ),
    Plan(
        name="outage",
        says="nothing either way for two seconds",
        seconds=60,
        steps=(
            Step(down=_HOME, up=_HOME),
            Step(at=20, down=_near(0), up=_near(0)),
            Step(at=22, down=_HOME, up=_HOME),
        ),
    ),
)


NAMES: Final = tuple(plan.name for plan in PLANS)


def named(name: str) -> Plan:
    """The plan of this name.

    Raises:
        KeyError: there is none.
    """
    for plan in PLANS:
        if plan.name == name:
            return plan
    raise KeyError(f"there is no plan {name}: {', '.join(NAMES)}")
