import pytest

from sfu.media.key_frame_requests import BURST, REPEAT_AFTER, KeyFrameRequests
from sfu.units import Seconds


def test_one_request_for_many_wishes() -> None:
    requests = KeyFrameRequests()
    assert requests.next_deadline(someone_waits=True) is None
    assert requests.want(Seconds(10.0))
    assert not requests.want(Seconds(10.0))
    assert requests.take(Seconds(10.0), someone_waits=False)
    assert not requests.want(Seconds(10.1)), "it is on its way"
    assert not requests.take(Seconds(10.1), someone_waits=True)


def test_repeated_while_someone_waits_and_less_often_when_nothing_comes() -> None:
    requests = KeyFrameRequests()
    requests.want(Seconds(10.0))
    assert requests.take(Seconds(10.0), someone_waits=True)
    assert requests.next_deadline(someone_waits=False) is None
    times = [10.0]
    while times[-1] < 17.0:
        due = requests.next_deadline(someone_waits=True)
        assert due is not None
        assert requests.take(due, someone_waits=True)
        times.append(due)
    # Each takes one token, and half a one comes meanwhile: with the last of them, one a second.
    soon = [10.0 + REPEAT_AFTER * number for number in range(2 * BURST - 1)]
    assert times == pytest.approx([*soon, 12.0, 13.0, 14.0, 15.0, 16.0, 17.0])
    requests.answered()
    assert requests.next_deadline(someone_waits=True) is None


def test_a_lost_request_can_be_wanted_again() -> None:
    requests = KeyFrameRequests()
    requests.want(Seconds(10.0))
    requests.take(Seconds(10.0), someone_waits=False)
    assert requests.want(Seconds(10.6))
    assert requests.take(Seconds(10.6), someone_waits=False)


@pytest.mark.parametrize(
    ("resumed", "most"),
    [
        pytest.param([0.0], 0.06, id="one"),
        pytest.param([0.0, 0.02, 0.04], 0.06, id="all before the key frame"),
        pytest.param([0.0, 0.03, 0.06, 0.1], 0.33, id="some after it"),
        pytest.param([0.0, 0.06, 0.35, 0.42], 0.66, id="slowly"),
    ],
)
def test_nobody_waits_for_long_in_a_hand_over(resumed: list[float], most: float) -> None:
    """Chromium's key frame comes after 50 ms; it passes over requests within 300 ms of another."""
    requests, comes, answered_at = KeyFrameRequests(), Seconds(99.0), -1.0
    coming, waiting, waits = list(resumed), list[float](), list[float]()
    for millisecond in range(2000):
        now = Seconds(millisecond / 1000)
        if now >= comes:
            requests.answered()
            waits += [now - since for since in waiting]
            waiting.clear()
            comes = Seconds(99.0)
        while coming and coming[0] <= now:
            waiting.append(coming.pop(0))
            requests.want(now)
        if requests.take(now, bool(waiting)) and now >= answered_at + 0.3:
            answered_at, comes = now, Seconds(now + 0.05)
    assert len(waits) == len(resumed)
    assert max(waits) <= most
