"""Who may come in, and who has outstayed."""

from collections.abc import Callable

from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from signaling.http.doorkeeper import Doorkeeper, Phase, Visit
from signaling.limits import DoorLimits

LIMITS = DoorLimits(connections=20, unfinished_connections=6)


class Hall:
    """A doorkeeper, and who was told to leave."""

    def __init__(self, limits: DoorLimits = LIMITS, per_address: int = 2) -> None:
        self.keeper = Doorkeeper(limits, per_address)
        self.left: list[str] = []

    def arrive(self, name: str, address: str, now: float = 0.0, exempt: bool = False) -> Visit:
        """Who has to be let in."""
        visit = self.keeper.arrive(address, exempt, self._leaver(name), now)
        assert visit is not None
        return visit

    def is_refused(self, address: str) -> bool:
        visit = self.keeper.arrive(address, False, self._leaver("?"), 0.0)
        return visit is None

    def _leaver(self, name: str) -> Callable[[], None]:
        return lambda: self.left.append(name)


def test_an_address_has_twice_as_many_connections_as_websockets() -> None:
    hall = Hall(per_address=2)
    visits = [hall.arrive("a", "192.0.2.1") for _ in range(4)]
    assert hall.is_refused("192.0.2.1")
    hall.arrive("b", "192.0.2.2")
    hall.keeper.gone(visits[0])
    hall.arrive("a", "192.0.2.1")
    assert hall.is_refused("192.0.2.1")
    assert hall.keeper.counts.refused == 2


def test_ipv6_is_counted_by_network() -> None:
    hall = Hall(per_address=2)
    for host in range(4):
        hall.arrive("a", f"2001:db8::{host}")
    assert hall.is_refused("2001:db8::abcd")
    hall.arrive("b", "2001:db8:0:1::1")


def test_ipv4_in_ipv6_is_ipv4() -> None:
    hall = Hall(per_address=1)
    hall.arrive("a", "::ffff:192.0.2.1")
    hall.arrive("a", "192.0.2.1")
    assert hall.is_refused("192.0.2.1")
    hall.arrive("b", "::ffff:192.0.2.2")


def test_a_trusted_proxy_is_not_counted_by_address() -> None:
    hall = Hall(DoorLimits(connections=50), per_address=1)
    for _ in range(30):
        hall.arrive("proxy", "10.0.0.1", exempt=True)
    assert hall.keeper.present == 30


def test_who_says_nothing_makes_room_for_others() -> None:
    hall = Hall(per_address=3)
    for number in range(6):
        hall.arrive(f"{number}", f"192.0.2.{number}")
    hall.arrive("newcomer", "198.51.100.1")
    assert hall.left == ["0"], "the oldest of equals"
    assert hall.keeper.unfinished == 6


def test_the_address_with_most_unfinished_goes_first() -> None:
    hall = Hall(per_address=3)
    hall.arrive("good", "198.51.100.1")
    for number in range(5):
        hall.arrive(f"bad {number}", "192.0.2.1")
    for number in range(4):
        hall.arrive("new", f"203.0.113.{number}")
    assert hall.left == [f"bad {number}" for number in range(4)], "never the older good one"


def test_open_websockets_are_never_squeezed_out() -> None:
    hall = Hall(DoorLimits(connections=5, unfinished_connections=5), per_address=5)
    for number in range(5):
        visit = hall.arrive("member", f"192.0.2.{number}")
        hall.keeper.move(visit, Phase.ANSWER, 0.0)
        hall.keeper.move(visit, Phase.OPEN, 0.0)
    assert hall.is_refused("198.51.100.1")
    hall.keeper.dismiss_overdue(1e9)
    assert hall.left == []


def test_idle_connections_make_room_when_all_is_full() -> None:
    hall = Hall(DoorLimits(connections=3, unfinished_connections=3), per_address=5)
    for number in range(3):
        visit = hall.arrive(f"{number}", f"192.0.2.{number}")
        hall.keeper.move(visit, Phase.ANSWER, 0.0)
        hall.keeper.move(visit, Phase.IDLE, float(number))
    hall.arrive("newcomer", "198.51.100.1")
    assert hall.left == ["0"], "idle for longest"


def test_each_phase_has_its_time() -> None:
    hall = Hall()
    limits = hall.keeper.limits
    phases = {
        Phase.HEAD: limits.request_timeout,
        Phase.ANSWER: limits.answer_timeout,
        Phase.IDLE: limits.idle_timeout,
    }
    for phase, seconds in phases.items():
        visit = hall.arrive(phase.name, "192.0.2.1", now=100.0)
        hall.keeper.move(visit, phase, 100.0)
        hall.keeper.dismiss_overdue(99.9 + seconds)
        assert hall.left == []
        hall.keeper.dismiss_overdue(100.0 + seconds)
        assert hall.left == [phase.name]
        hall.left.clear()
    assert hall.keeper.present == 0
    assert hall.keeper.counts.overdue == 3


def test_progress_gives_more_time() -> None:
    hall = Hall()
    visit = hall.arrive("slow", "192.0.2.1")
    for now in range(0, 1000, 20):
        hall.keeper.move(visit, Phase.ANSWER, float(now))
        hall.keeper.dismiss_overdue(float(now))
    assert hall.left == []


class DoorMachine(RuleBasedStateMachine):
    """Counts stay right, limits hold, and nobody who is open is sent away, whatever happens."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.keeper = Doorkeeper(LIMITS, 3)
        self.inside: list[Visit] = []

    @rule(host=st.integers(0, 9))
    def arrive(self, host: int) -> None:
        def leave() -> None:
            assert visit is not None
            assert visit.phase is not Phase.OPEN
            self.inside.remove(visit)

        visit = self.keeper.arrive(f"192.0.2.{host}", host == 9, leave, self.now)
        if visit is not None:
            self.inside.append(visit)

    @rule(which=st.integers(0, 99), phase=st.sampled_from(Phase))
    def move(self, which: int, phase: Phase) -> None:
        if self.inside:
            self.keeper.move(self.inside[which % len(self.inside)], phase, self.now)

    @rule(which=st.integers(0, 99))
    def go(self, which: int) -> None:
        if self.inside:
            visit = self.inside.pop(which % len(self.inside))
            self.keeper.gone(visit)
            self.keeper.gone(visit)
            self.keeper.move(visit, Phase.IDLE, self.now)

    @rule(seconds=st.floats(0, 50))
    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.keeper.dismiss_overdue(self.now)
        for visit in self.inside:
            if visit.phase is Phase.HEAD:
                assert visit.since + LIMITS.request_timeout > self.now

    @invariant()
    def counts_are_right(self) -> None:
        keeper = self.keeper
        assert keeper.present == len(self.inside) <= LIMITS.connections
        heads = [visit for visit in self.inside if visit.phase is Phase.HEAD]
        assert keeper.unfinished == len(heads)
        for host in range(9):
            key = f"192.0.2.{host}"
            assert keeper._from.get(key, 0) == sum(v.key == key for v in self.inside) <= 6
            unfinished = sum(visit.key == key for visit in heads)
            assert keeper._unfinished_from.get(key, 0) == unfinished


TestDoorMachine = DoorMachine.TestCase
TestDoorMachine.settings = hypothesis_settings(max_examples=40, stateful_step_count=40)
