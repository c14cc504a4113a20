"""When what is due next."""

from hypothesis import given
from hypothesis import strategies as st

from sfu.units import Seconds
from sfu.worker.timetable import Timetable

times = st.integers(0, 20).map(float).map(Seconds)


def test_what_is_due_comes_in_order_and_once() -> None:
    table: Timetable[str] = Timetable()
    table.set("late", Seconds(3.0))
    table.set("early", Seconds(1.0))
    assert table.next_deadline() == 1.0
    assert table.take_due(Seconds(0.5)) == []
    assert table.take_due(Seconds(3.0)) == ["early", "late"]
    assert table.take_due(Seconds(9.0)) == []
    assert table.next_deadline() is None


def test_what_is_postponed_or_cancelled_does_not_come_earlier() -> None:
    table: Timetable[str] = Timetable()
    table.set("one", Seconds(1.0))
    table.set("one", Seconds(2.0))
    table.set("two", Seconds(1.0))
    table.set("two", None)
    assert table.take_due(Seconds(1.0)) == []
    assert table.take_due(Seconds(2.0)) == ["one"]


def test_what_is_close_together_is_due_together_and_never_too_early() -> None:
    table: Timetable[str] = Timetable(grid=0.01)
    table.set("one", Seconds(1.001))
    table.set("two", Seconds(1.009))
    table.set("three", Seconds(1.011))
    deadline = table.next_deadline()
    assert deadline is not None
    assert 1.009 <= deadline < 1.011
    assert table.take_due(Seconds(1.0095)) == []
    assert table.take_due(deadline) == ["one", "two"]


@given(st.lists(st.tuples(st.integers(0, 4), st.none() | times)), st.lists(times))
def test_it_does_what_a_dictionary_would(
    entries: list[tuple[int, Seconds | None]], moments: list[Seconds]
) -> None:
    table: Timetable[int] = Timetable()
    truth: dict[int, Seconds] = {}
    for what, due in entries:
        table.set(what, due)
        truth.pop(what, None)
        if due is not None:
            truth[what] = due
    for now in sorted(moments):
        expected = {what for what, due in truth.items() if due <= now}
        assert set(table.take_due(now)) == expected
        for what in expected:
            del truth[what]
