"""What a session keeps for a client that may resume."""

from hypothesis import given, strategies

from signaling.limits import Limits
from signaling.peer_session import Dialect, PeerSession

LIMITS = Limits(replay_frames=4, replay_bytes=40)


def session() -> PeerSession:
    return PeerSession("ann", Dialect.ROOM, "192.0.2.1", "")


def frames(*numbers: int) -> list[bytes]:
    return [f"{number}".encode() for number in numbers]


def test_frames_are_kept_from_the_moment_it_is_known_to_resume() -> None:
    ann = session()
    for payload in frames(1, 2):
        ann.note(payload, LIMITS)
    ann.acknowledge(0)
    for payload in frames(3, 4):
        ann.note(payload, LIMITS)
    assert ann.sent == 4
    assert ann.missed_after(2) == frames(3, 4)
    assert ann.missed_after(3) == frames(4)
    assert ann.missed_after(4) == []
    assert ann.missed_after(1) is None, "the second was not kept"
    assert ann.missed_after(5) is None, "it was never sent"


def test_session_that_does_not_resume_keeps_nothing() -> None:
    ann = session()
    ann.note(b"1", LIMITS)
    assert ann.replay is None
    assert ann.missed_after(1) == []
    assert ann.missed_after(0) is None


def test_acknowledged_frames_are_forgotten() -> None:
    ann = session()
    ann.acknowledge(0)
    for payload in frames(1, 2, 3):
        ann.note(payload, LIMITS)
    ann.acknowledge(2)
    assert ann.missed_after(2) == frames(3)
    assert ann.missed_after(1) is None
    ann.acknowledge(1)
    assert ann.missed_after(2) == frames(3), "an older acknowledgement changes nothing"
    ann.acknowledge(1000)
    assert ann.missed_after(3) == []
    ann.note(b"4", LIMITS)
    assert ann.missed_after(3) == frames(4)


def test_no_more_than_so_many_frames_and_bytes() -> None:
    ann = session()
    ann.acknowledge(0)
    for payload in frames(1, 2, 3, 4, 5):
        ann.note(payload, LIMITS)
    assert ann.missed_after(0) is None
    assert ann.missed_after(1) == frames(2, 3, 4, 5)
    ann.note(b"x" * 39, LIMITS)
    assert ann.missed_after(5) == [b"x" * 39]
    assert ann.missed_after(3) is None
    ann.note(b"x" * 41, LIMITS)
    assert ann.missed_after(7) == []
    assert ann.missed_after(6) is None


def test_counting_again_from_nothing() -> None:
    ann = session()
    ann.acknowledge(0)
    ann.note(b"1", LIMITS)
    ann.restart_count()
    assert ann.missed_after(0) == []
    ann.note(b"2", LIMITS)
    assert ann.missed_after(0) == [b"2"], "it is still one that resumes"


@given(strategies.lists(strategies.integers(-1, 30), max_size=60))
def test_like_a_list_of_everything_sent(steps: list[int]) -> None:
    """A step sends a frame, or acknowledges so many."""
    limits, ann, everything = Limits(replay_frames=5, replay_bytes=1000), session(), list[bytes]()
    ann.acknowledge(0)
    first = 0
    for step in steps:
        if step < 0:
            everything.append(f"{len(everything)}".encode())
            ann.note(everything[-1], limits)
        else:
            ann.acknowledge(step)
            first = max(first, min(step, len(everything)))
        first = max(first, len(everything) - 5)
        for received in range(len(everything) + 2):
            known = first <= received <= len(everything)
            assert ann.missed_after(received) == (everything[received:] if known else None)
