"""What a peer says of itself, and what is tried beyond it."""

from sfu.congestion.receiver_limit import TRIED_FOR, ReceiverLimit
from sfu.units import BitsPerSecond, Seconds


def take(limit: ReceiverLimit, said: float, sent: float, step: float | None, now: float) -> float:
    next_step = None if step is None else BitsPerSecond(step)
    return limit.take(BitsPerSecond(said), sent, next_step, Seconds(now))


def test_what_limits_is_believed() -> None:
    limit = ReceiverLimit()
    assert take(limit, 100e3, 90e3, 200e3, 10.0) == 100e3
    assert take(limit, 300e3, 90e3, 200e3, 11.0) == 300e3
    assert take(limit, 300e3, 90e3, None, 12.0) == 300e3


def test_where_there_is_room_the_next_step_is_tried_for_a_while() -> None:
    limit = ReceiverLimit()
    assert take(limit, 150e3, 100e3, 200e3, 10.0) == 200e3
    assert take(limit, 140e3, 100e3, 200e3, 11.0) == 200e3
    assert take(limit, 250e3, 190e3, 400e3, 12.0) == 250e3, "it follows"
    assert take(limit, 250e3, 190e3, None, 10.0 + TRIED_FOR) == 250e3


def test_a_trial_ends_with_its_time_and_when_less_can_be_received() -> None:
    limit = ReceiverLimit()
    take(limit, 150e3, 100e3, 200e3, 10.0)
    assert take(limit, 150e3, 190e3, None, 10.1 + TRIED_FOR) == 150e3
    limit = ReceiverLimit()
    take(limit, 150e3, 100e3, 200e3, 10.0)
    assert take(limit, 120e3, 190e3, None, 11.0) == 120e3
    assert take(limit, 150e3, 190e3, None, 12.0) == 150e3
