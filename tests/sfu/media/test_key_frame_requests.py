from sfu.media.key_frame_requests import REPEAT_AFTER, KeyFrameRequests
from sfu.units import Seconds


def test_one_request_for_many_wishes() -> None:
    requests = KeyFrameRequests()
    assert requests.next_deadline(someone_waits=True) is None
    assert requests.want(Seconds(10.0))
    assert not requests.want(Seconds(10.0))
    assert requests.take(Seconds(10.0), someone_waits=False)
    assert not requests.want(Seconds(10.1)), "it is on its way"
    assert not requests.take(Seconds(10.1), someone_waits=True)


def test_repeated_while_someone_waits() -> None:
    requests = KeyFrameRequests()
    requests.want(Seconds(10.0))
    requests.take(Seconds(10.0), someone_waits=True)
    assert requests.next_deadline(someone_waits=False) is None
    assert requests.next_deadline(someone_waits=True) == 10.0 + REPEAT_AFTER
    assert requests.take(Seconds(10.0 + REPEAT_AFTER), someone_waits=True)
    # Both tokens are spent: one more comes every second, half of one is there.
    due = requests.next_deadline(someone_waits=True)
    assert due is not None
    assert 10.9 < due < 11.1
    requests.answered()
    assert requests.next_deadline(someone_waits=True) is None


def test_a_lost_request_can_be_wanted_again() -> None:
    requests = KeyFrameRequests()
    requests.want(Seconds(10.0))
    requests.take(Seconds(10.0), someone_waits=False)
    assert requests.want(Seconds(10.6))
    assert requests.take(Seconds(10.6), someone_waits=False)
