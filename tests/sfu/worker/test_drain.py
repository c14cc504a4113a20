"""When a worker that was told to end does so."""

from sfu.units import Seconds
from sfu.worker.drain import Drain


def test_it_ends_when_it_is_empty_or_at_its_deadline() -> None:
    drain = Drain()
    assert not drain.is_over(0, Seconds(1e9))
    assert drain.remaining(Seconds(0)) is None
    drain.begin(10.0, Seconds(100))
    looks = [(5, 100), (5, 109.9), (0, 100), (5, 110)]
    over = [drain.is_over(transports, Seconds(at)) for transports, at in looks]
    assert over == [False, False, True, True]
    assert [drain.remaining(Seconds(at)) for at in (100, 104, 200)] == [10.0, 6.0, 0.0]


def test_told_twice_the_earlier_deadline_holds() -> None:
    drain = Drain()
    drain.begin(10.0, Seconds(100))
    drain.begin(100.0, Seconds(101))
    assert drain.until == Seconds(110)
    drain.begin(1.0, Seconds(102))
    assert drain.until == Seconds(103)
