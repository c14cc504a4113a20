"""How long to wait before a worker is started again."""

from signaling.workers.back_off import LONGEST, QUICK, BackOff


def test_at_once_and_then_ever_more_seldom() -> None:
    back_off = BackOff()
    waits = [back_off.after(0.1) for _ in range(9)]
    assert waits == [0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]


def test_worker_that_lived_is_started_again_at_once() -> None:
    back_off = BackOff()
    for _ in range(5):
        back_off.after(0.1)
    assert back_off.after(QUICK + 1) == 0.0
    assert back_off.after(0.1) == 1.0


def test_no_number_of_deaths_is_too_large() -> None:
    back_off = BackOff()
    assert max(back_off.after(0.1) for _ in range(5000)) == LONGEST
