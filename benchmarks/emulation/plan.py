"""Plans: what a network between a client and the server does, step by step. Data, checked."""

import itertools
from typing import Annotated, Final, Literal, TypeAlias

import msgspec

Direction: TypeAlias = Literal["down", "up"]
"""As the client sees it: down is from the server to the client."""

DIRECTIONS: Final[tuple[Direction, Direction]] = ("down", "up")

Protocol: TypeAlias = Literal["udp", "tcp"]

Share: TypeAlias = Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]
Seconds: TypeAlias = Annotated[float, msgspec.Meta(ge=0.0)]


class Conditions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One direction of a link, for as long as a step lasts.

    A packet waits in the queue, is serialised at the rate, may be lost, and travels.

    Attributes:
        rate: bits of IP packets a second; None: as many as come; 0: none gets through.
        delay: one way, seconds.
        jitter: standard deviation of the delay, seconds, drawn for each packet; no packet is
            earlier than half of the delay.
        keeps_order: a packet that would overtake another arrives together with it. So jitter
            between close packets makes them arrive in bursts, as queues and radio do.
        loss: share of packets that are lost, whatever the queue does.
        burst: mean number of packets lost in a row (Gilbert's model: a good state that loses
            nothing and a bad one that loses all); 1: each is lost or not for itself.
        reordering: share of packets that are held back on their way, and overtaken.
        held_back: by so many seconds.
        queue: seconds of waiting beyond which what comes is dropped.
        queue_bytes: the same in bytes that wait; the smaller of the two holds.
        blocked: protocols of which nothing gets through.
    """

    rate: Annotated[float, msgspec.Meta(ge=0.0)] | None = None
    delay: Seconds = 0.0
    jitter: Seconds = 0.0
    keeps_order: bool = True
    loss: Annotated[float, msgspec.Meta(ge=0.0, lt=1.0)] = 0.0
    burst: Annotated[float, msgspec.Meta(ge=1.0)] = 1.0
    reordering: Share = 0.0
    held_back: Seconds = 0.02
    queue: Seconds = 0.3
    queue_bytes: Annotated[int, msgspec.Meta(ge=0)] | None = None
    blocked: tuple[Protocol, ...] = ()

    def __post_init__(self) -> None:
        """Check what one field alone does not tell.

        Raises:
            ValueError: losses cannot come in such bursts.
        """
        if self.loss and self.loss / (1 - self.loss) / self.burst > 1:
            raise ValueError(f"{self.loss:.0%} cannot be lost in bursts of {self.burst:g}")


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What changes at one moment.

    Attributes:
        at: seconds since the plan began.
        down: towards the client; None: as before.
        up: towards the server; None: as before.
    """

    at: Seconds = 0.0
    down: Conditions | None = None
    up: Conditions | None = None


class Plan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A link over time. Before it begins the first step holds, after its end the last.

    Attributes:
        name: short, as on the command line.
        says: the same in words.
        seconds: that it takes.
        steps: in order; the first is at 0.
        seed: of all that is drawn.
    """

    name: str
    says: str = ""
    seconds: Seconds
    steps: tuple[Step, ...]
    seed: int = 1

    def __post_init__(self) -> None:
        """Check the order of the steps.

        Raises:
            ValueError: there are none, the first is not at 0, or time runs backwards.
        """
        times = [step.at for step in self.steps]
        if not times or times[0] != 0.0:
            raise ValueError("a plan begins with a step at 0")
        if any(later <= earlier for earlier, later in itertools.pairwise(times)):
            raise ValueError("the steps of a plan are in order of time")
        if times[-1] > self.seconds:
            raise ValueError("a plan is not over before its last step")

    def changes(self, direction: Direction) -> list[tuple[float, Conditions]]:
        """One direction: since when what holds, the first at 0."""
        found: list[tuple[float, Conditions]] = []
        for step in self.steps:
            said: Conditions | None = getattr(step, direction)
            if said is not None:
                found.append((step.at, said))
        if not found or found[0][0] != 0.0:
            found.insert(0, (0.0, Conditions()))
        return found

    def rate(self, direction: Direction, at: float) -> float | None:
        """The link's rate at a moment, seconds since the beginning; None: unlimited."""
        held = [one for since, one in self.changes(direction) if since <= at]
        return (held or [self.changes(direction)[0][1]])[-1].rate

    def scaled(self, share: float) -> "Plan":
        """The same in another time: all steps, and the end, at this multiple of theirs."""
        steps = tuple(msgspec.structs.replace(one, at=one.at * share) for one in self.steps)
        return msgspec.structs.replace(self, seconds=self.seconds * share, steps=steps)


def parse(text: bytes | str) -> Plan:
    """A plan from JSON.

    Raises:
        ValueError: it is none; the message says where.
    """
    try:
        return msgspec.json.decode(text, type=Plan)
    except msgspec.MsgspecError as error:
        raise ValueError(f"no plan: {error}") from error
