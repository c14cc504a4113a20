"""Which clients are still there."""

from signaling.http.keep_alive import TURN, KeepAlive, Pulse

TURNS = 6


def turns(keep_alive: KeepAlive, number: int) -> list[tuple[int, int]]:
    """So many turns of the wheel; how often each was asked, how often given up, per number."""
    asked, gone = 0, 0
    for _ in range(TURN):
        quiet, dead = keep_alive.beat()
        asked += quiet.count(number)
        gone += dead.count(number)
    return [(asked, gone)]


def test_silent_client_is_asked_once_and_then_gone() -> None:
    keep_alive = KeepAlive()
    keep_alive.watch(5)
    seen = [turns(keep_alive, 5)[0] for _ in range(3)]
    assert seen == [(0, 0), (1, 0), (0, 1)]


def test_client_that_answers_stays() -> None:
    keep_alive = KeepAlive()
    pulse = keep_alive.watch(5)
    for _ in range(TURNS):
        for _ in range(TURN):
            quiet, gone = keep_alive.beat()
            assert gone == []
            if 5 in quiet:
                pulse.silent = 0


def test_client_that_talks_is_not_asked() -> None:
    keep_alive = KeepAlive()
    pulse = keep_alive.watch(5)
    for _ in range(TURNS):
        pulse.silent = 0
        assert turns(keep_alive, 5) == [(0, 0)]


def test_client_that_left_is_not_asked() -> None:
    keep_alive = KeepAlive()
    keep_alive.watch(5)
    keep_alive.forget(5)
    keep_alive.forget(6)
    for _ in range(TURNS):
        assert turns(keep_alive, 5) == [(0, 0)]


def test_clients_are_looked_at_in_equal_shares() -> None:
    keep_alive = KeepAlive()
    pulses: dict[int, Pulse] = {number: keep_alive.watch(number) for number in range(10 * TURN)}
    for _ in range(TURN):
        keep_alive.beat()
    for _ in range(TURN):
        quiet, _ = keep_alive.beat()
        assert len(quiet) == 10
        for number in quiet:
            assert pulses[number].silent
