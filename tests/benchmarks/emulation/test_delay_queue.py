import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.emulation.delay_queue import DelayQueue, Travelling


def test_nothing_arrives_early() -> None:
    queue = DelayQueue(0.03)
    queue.put(1.0, 5, b"one")
    assert queue.take(1.029) == []
    assert queue.wait(1.01) == pytest.approx(0.02)
    assert queue.take(1.031) == [Travelling(1.03, 5, b"one")]
    assert queue.wait(1.031) is None


def test_what_is_late_is_not_waited_for() -> None:
    queue = DelayQueue(0.03)
    queue.put(1.0, 0, b"one")
    assert queue.wait(2.0) == 0


def test_there_is_no_negative_delay() -> None:
    with pytest.raises(ValueError, match="no delay"):
        DelayQueue(-0.001)


@given(st.lists(st.floats(0, 0.1)), st.floats(0, 0.05))
def test_everything_arrives_once_and_in_order(pauses: list[float], delay: float) -> None:
    queue, now, arrived = DelayQueue(delay), 0.0, []
    for number, pause in enumerate(pauses):
        now += pause
        arrived += queue.take(now)
        queue.put(now, 0, str(number).encode())
    arrived += queue.take(now + delay)
    assert [int(one.datagram) for one in arrived] == list(range(len(pauses)))
    assert len(queue) == 0
