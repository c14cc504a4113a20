"""At most one deadline per key, on the caller's clock."""

from hypothesis import given, strategies

from signaling.deadlines import Deadlines


def test_earliest_first() -> None:
    deadlines: Deadlines[str] = Deadlines()
    for key, at in (("b", 2.0), ("c", 3.0), ("a", 1.0)):
        deadlines.set(key, at)
    assert deadlines.next() == 1.0
    assert list(deadlines.due(0.9)) == []
    assert list(deadlines.due(2.0)) == ["a", "b"]
    assert deadlines.next() == 3.0
    assert "b" not in deadlines
    assert "c" in deadlines


def test_setting_again_moves() -> None:
    deadlines: Deadlines[str] = Deadlines()
    deadlines.set("a", 1.0)
    deadlines.set("a", 5.0)
    assert list(deadlines.due(4.0)) == []
    deadlines.set("a", 2.0)
    assert list(deadlines.due(4.0)) == ["a"]
    assert list(deadlines.due(9.0)) == []
    assert deadlines.next() is None


def test_cancelled_ones_do_not_come() -> None:
    deadlines: Deadlines[str] = Deadlines()
    deadlines.set("a", 1.0)
    deadlines.cancel("a")
    deadlines.cancel("never set")
    assert deadlines.next() is None
    assert list(deadlines.due(2.0)) == []


def test_what_is_set_while_being_carried_out_is_carried_out() -> None:
    deadlines: Deadlines[str] = Deadlines()
    deadlines.set("a", 1.0)
    deadlines.set("b", 2.0)
    seen = []
    for key in deadlines.due(5.0):
        seen.append(key)
        if key == "a":
            deadlines.cancel("b")
            deadlines.set("c", 3.0)
            deadlines.set("later", 6.0)
    assert seen == ["a", "c"]
    assert deadlines.next() == 6.0


def test_memory_stays_in_proportion() -> None:
    deadlines: Deadlines[int] = Deadlines()
    for number in range(100_000):
        deadlines.set(number % 10, float(number))
    assert len(deadlines._heap) <= 64 + 4 * 10 + 1
    assert deadlines.next() == 99_990.0


STEPS = strategies.lists(
    strategies.tuples(
        strategies.sampled_from(["set", "cancel", "due"]),
        strategies.integers(0, 5),
        strategies.integers(0, 20),
    ),
    max_size=200,
)


@given(STEPS)
def test_like_a_plain_dictionary(steps: list[tuple[str, int, int]]) -> None:
    deadlines: Deadlines[int] = Deadlines()
    model: dict[int, float] = {}
    for step, key, at in steps:
        match step:
            case "set":
                deadlines.set(key, float(at))
                model[key] = float(at)
            case "cancel":
                deadlines.cancel(key)
                model.pop(key, None)
            case _:
                came = [(model[key], key) for key in deadlines.due(float(at))]
                assert [when for when, _ in came] == sorted(when for when, _ in came)
                assert {key for _, key in came} == {k for k, when in model.items() if when <= at}
                model = {k: when for k, when in model.items() if when > at}
        assert deadlines.next() == min(model.values(), default=None)
        assert {key for key in range(6) if key in deadlines} == set(model)
