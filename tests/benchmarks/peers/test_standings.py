from benchmarks.forwarding_load import LOADS as LOADS_OFFERED
from benchmarks.load import contest
from benchmarks.load.contest import Capacity, Joins, Search, Served
from benchmarks.load.media import Measured
from benchmarks.metering import CpuTime
from benchmarks.peers import standings
from benchmarks.peers.contestant import Absence
from benchmarks.peers.standings import Standing
from benchmarks.peers.synthetic.latency import Latencies
from benchmarks.record import Figure

MAIN = "1-to-200"
LOADS = {MAIN: "1 to 200", "1x10": "a room of 10"}


def served(
    micros: float = 5.0,
    delay: float = 0.001,
    lost: int = 0,
    dropped: int = 0,
    subscribers: int = 200,
    load_share: float = 0.1,
) -> Served:
    latencies = Latencies()
    latencies.add(delay)
    received = 10_000 - lost
    measured = Measured(
        sent=50,
        expected=10_000,
        received=received,
        seconds=1.0,
        cpu=CpuTime(round(micros * 1000 * received), 0),
        load_share=load_share,
        latencies=latencies,
        duplicates=0,
        out_of_order=0,
        faults=0,
    )
    return Served(subscribers, measured, dropped)


def standing(
    name: str, micros: tuple[float, ...], capacity: int, *, delay: float = 0.001
) -> Standing:
    runs = [served(one, delay) for one in micros]
    return Standing(
        name,
        served={load: list(runs) for load in LOADS},
        joins=Joins((0.03, 0.04, 0.05), 100.0 * micros[0]),
        capacity=Capacity(
            (served(subscribers=capacity), served(subscribers=2 * capacity, lost=500))
        ),
    )


OURS = standing("Crossover", (4.0, 5.0, 6.0), 1500)


def rows(*others: Standing, ours: Standing = OURS) -> dict[str, Figure]:
    return {row.name: row for row in standings.figures(ours, others, LOADS, MAIN)}


# ---- rows ----------------------------------------------------------------------------------------


def test_a_ratio_is_the_median_of_the_rounds() -> None:
    row = rows(standing("Janus", (16.0, 25.0, 20.0), 300))[
        "1 to 200, CPU per forwarded packet: Janus"
    ]
    assert row.value == 5.0
    assert row.ratio is not None
    assert round(row.ratio, 3) == 0.25
    assert row.met is True


def test_bars_belong_to_the_main_load_and_to_those_they_name() -> None:
    table = rows(
        standing("Janus", (16.0,) * 3, 300), standing("Janus as it comes", (30.0,) * 3, 200)
    )
    with_bars = {name for name, row in table.items() if row.bar is not None}
    assert with_bars == {
        "1 to 200, CPU per forwarded packet: Janus",
        "subscribers of one 1 Mbit/s stream on one core: Janus",
    }
    assert table["subscribers of one 1 Mbit/s stream on one core: Janus"].met is True


def test_where_they_win_the_row_says_so() -> None:
    better = standing("Pion", (2.0,) * 3, 3000, delay=0.0005)
    table = rows(better)
    wins = {name for name in table if standings.THEY_WIN in name}
    assert f"1 to 200, CPU per forwarded packet: Pion{standings.THEY_WIN}" in wins
    assert f"1 to 200, added latency p99: Pion{standings.THEY_WIN}" in wins
    assert f"subscribers of one 1 Mbit/s stream on one core: Pion{standings.THEY_WIN}" in wins
    assert f"memory per subscriber: Pion{standings.THEY_WIN}" in wins
    assert not any("join" in name for name in wins)


def test_whoever_is_not_installed_has_one_row() -> None:
    gone = Standing("Janus", Absence("not installed", "Janus is not installed: apt-get …"))
    table = rows(gone)
    assert set(table) == {"1 to 200, CPU per forwarded packet: Janus (not installed)"}
    (row,) = table.values()
    assert row.peer is None
    assert row.met is None
    assert "Janus is not installed: apt-get …." in standings.notes([OURS, gone], LOADS)


def test_losses_are_shown() -> None:
    lossy = standing("Pion", (10.0,) * 3, 300)
    assert not any("delivered" in name for name in rows(lossy))
    lossy.served[MAIN][1] = served(10.0, lost=2000)
    assert rows(lossy)["1 to 200, delivered: Pion"].peer == 80


def test_a_run_that_the_load_generator_limited_is_not_reported() -> None:
    theirs = standing("Pion", (10.0,) * 3, 300)
    theirs.served[MAIN][2] = served(10.0, dropped=1)
    table = rows(theirs)
    assert not any(name.startswith("1 to 200") for name in table)
    assert "a room of 10, CPU per forwarded packet: Pion" in table
    left_out = "1 to 200, Pion: left out, for the load generator was the bottleneck."
    assert left_out in standings.notes([OURS, theirs], LOADS)


def test_samples_hold_every_run() -> None:
    samples = standings.samples([OURS])
    assert samples[f"{MAIN}, Crossover: micros"] == [4.0, 5.0, 6.0]
    assert samples["Crossover: capacity"] == [1500]
    assert samples["Crossover: audiences"] == [1500, 3000]
    assert samples["Crossover: join_ms"] == [30, 40, 50]


# ---- capacity ------------------------------------------------------------------------------------


def test_capacity_is_the_last_audience_before_the_first_that_suffers() -> None:
    steps = (served(subscribers=100), served(subscribers=110), served(subscribers=120, lost=11))
    assert Capacity(steps).subscribers == 110
    assert Capacity(steps).limited


def test_late_is_lost() -> None:
    assert Capacity((served(subscribers=100, delay=0.3),)).subscribers == 0


def test_a_full_load_generator_limits_nothing() -> None:
    for last in (
        served(lost=500, load_share=0.95),
        served(lost=500, dropped=3),
        served(delay=0.3, lost=-500),
        served(),
    ):
        assert not Capacity((served(subscribers=100), last)).limited
    full = standing("Crossover", (4.0,) * 3, 1500)
    full.capacity = Capacity((served(subscribers=2000), served(lost=500, load_share=0.95)))
    table = rows(standing("Janus", (16.0,) * 3, 300), ours=full)
    name = f"subscribers of one 1 Mbit/s stream on one core{standings.AT_LEAST}: Janus"
    assert table[name].value == 2000


def test_whoever_turns_people_away_is_at_its_end() -> None:
    assert Capacity((served(subscribers=100),), turned_away=True).limited
    assert Capacity((), turned_away=True).subscribers == 0


def test_audiences_grow_by_steps_up_to_the_most() -> None:
    assert Search(start=100, growth=1.5, most=300, seconds=1.0).sizes() == [100, 150, 225, 300]
    assert Search(start=3, growth=1.1, most=6, seconds=1.0).sizes() == [3, 4, 5, 6]


# ---- who listens to whom -------------------------------------------------------------------------


def test_of_one_stream_some_check_what_they_get_spread_over_the_order_of_joining() -> None:
    load = LOADS_OFFERED["1-to-200"]
    checked = [person for person in range(load.everyone) if contest.is_checked(load, person)]
    assert 8 <= len(checked) <= 9
    assert checked[0] == 1
    assert checked[-1] > 170


def test_in_a_room_the_last_checks() -> None:
    load = LOADS_OFFERED["1x10"]
    assert [one for one in range(10) if contest.is_checked(load, one)] == [9]
