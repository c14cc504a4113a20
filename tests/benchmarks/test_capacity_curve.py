from collections.abc import Iterator

import pytest

from benchmarks import capacity_curve
from benchmarks.capacity_curve import audience, bitrate, rooms
from benchmarks.forwarding_load import Load
from benchmarks.load import saturation
from benchmarks.load.contest import Served
from benchmarks.load.media import Measured
from benchmarks.load.saturation import Carried, carry, climb, portions, unnamed
from benchmarks.metering import CpuTime
from benchmarks.peers.synthetic.latency import Latencies
from benchmarks.record import Figure
from sfu.control.figures import PortFigures, Spread


def carried(
    load: Load, delivered: int = 1000, dropped: int = 0, batch: float | None = 8.0
) -> Carried:
    measured = Measured(
        sent=100,
        expected=1000,
        received=delivered,
        seconds=1.0,
        cpu=CpuTime(5_000_000, 0),
        load_share=0.4,
        latencies=Latencies(),
        duplicates=0,
        out_of_order=0,
        faults=0,
    )
    return Carried(load, 1, Served(load.people - 1, measured, dropped), batch, batch)


@pytest.fixture(autouse=True)
def no_delays(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(Latencies, "percentile", lambda *_: 0.0)
    yield


def values(found: list[Figure]) -> dict[str, float]:
    return {figure.name: figure.value for figure in found}


def test_the_largest_load_that_was_carried_counts() -> None:
    curve = audience(100, 200, 300)
    steps = [carried(load) for load in curve.loads[:2]]
    steps.append(carried(curve.loads[2], delivered=990))
    found = values(capacity_curve.figures(curve, steps))
    assert found == {
        "subscribers of one 1.2 Mbit/s stream, at least 99.9 % in time": 200,
        "1 to 200 at 1,200 kbit/s, the most: CPU per forwarded packet": 5.0,
        "1 to 200 at 1,200 kbit/s, the most: datagrams in a receive batch": 8.0,
        "1 to 200 at 1,200 kbit/s, the most: datagrams in a message (GSO run)": 8.0,
    }


def test_a_crowd_that_was_full_is_not_the_workers_limit() -> None:
    curve = rooms(1, 2, 3)
    steps = [carried(load) for load in curve.loads[:2]]
    steps.append(carried(curve.loads[2], delivered=990, dropped=1))
    [first, *_] = capacity_curve.figures(curve, steps)
    assert first.value == 2
    assert first.name.endswith("(at least: the load generator was full)")
    assert "**full**: not the worker" in capacity_curve.table([(curve, steps)])


def test_nothing_is_told_of_what_was_never_carried() -> None:
    curve = bitrate(300)
    assert capacity_curve.figures(curve, [carried(curve.loads[0], delivered=0)]) == []


def test_a_worker_that_does_not_tell_has_no_portions() -> None:
    curve = bitrate(300)
    step = carried(curve.loads[0], batch=None)
    assert len(capacity_curve.figures(curve, [step])) == 2
    assert capacity_curve.row(step)["batch"] == 0


def test_samples_are_columns_of_one_length() -> None:
    curve = bitrate(300, 600)
    found = capacity_curve.samples(curve, [carried(load) for load in curve.loads])
    assert set(found) == {f"curve, bitrate: {name}" for name in capacity_curve.COLUMNS}
    assert {len(column) for column in found.values()} == {2}
    assert found["curve, bitrate: kbps"] == [300, 600]


def test_climbing_ends_where_something_is_full_and_does_nothing_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done: list[str] = []

    def measure(load: Load, _seconds: float) -> Carried:
        done.append(load.name)
        return carried(load, delivered=1000 if load.rooms < 3 else 900)

    monkeypatch.setattr(saturation, "carry", measure)
    loads = rooms(1, 2, 3, 4).loads
    known = {unnamed(loads[0]): carried(loads[0])}
    assert [one.load.rooms for one in climb(loads, 1.0, known)] == [1, 2, 3]
    assert done == ["2x10", "3x10", "3x10"], "once may be chance"


def port(batches: list[int], received: int, messages: list[int], sent: int) -> PortFigures:
    return PortFigures(
        batches=Spread(counts=batches, total=received), messages=Spread(counts=messages, total=sent)
    )


def test_portions_are_of_what_came_in_between() -> None:
    before, after = port([5, 0], 5, [10, 0], 10), port([5, 2], 21, [11, 3], 26)
    assert portions([before], [after]) == (8.0, 4.0)
    assert portions([before, before], [after, before]) == (8.0, 4.0)
    assert portions([before], [before]) == (None, None)
    assert portions([None], [after]) == (None, None)


def test_rooms_have_to_be_divisible() -> None:
    with pytest.raises(ValueError, match="3 rooms"):
        carry(Load("3x2", 3, 2, 300), 0.1, workers=2)


def test_two_workers_carry_half_the_rooms_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    found = carry(Load("2x3", 2, 3, 300), 0.3, workers=2)
    assert found.measured.received == found.measured.expected > 0
    assert found.measured.cpu.ran > 0
    assert found.batch is not None
    assert found.run is not None
    assert found.batch >= 1
    assert found.run >= 1
