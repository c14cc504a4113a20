import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.scale_model import (
    ROOMS,
    Demand,
    Habits,
    Measured,
    Point,
    Prices,
    Room,
    SignalingCost,
    TooFewPoints,
    WorkerCost,
    cost,
    demand,
    fit,
    left_out,
    load_of,
    machines,
    packets,
    received,
)

TRUE = WorkerCost(3e-6, 50e-6, 100e-6)
MEASURED = Measured(TRUE, 1e-3, SignalingCost(300e-6, 200e-6, 8, 60e-6, 10e-6, 16.0), 64.0)
TEN = Room("ten", 10, "sfu", 9, 10)
PAIR = Room("pair", 2, "mesh", 1, 2)


def point(packets_in: float, packets_out: float, transports: float, off: float = 1.0) -> Point:
    bare = Point("", packets_in, packets_out, transports, math.nan)
    name = f"{packets_in} {packets_out} {transports}"
    return replace(bare, name=name, share=off * TRUE.share(bare))


POINTS = [
    point(150, 90_000, 600),
    point(150, 150_000, 1000),
    point(6000, 54_000, 100),
    point(6000, 114_000, 100),
    point(3000, 100_000, 300),
]


def test_fit_finds_what_the_points_were_made_of() -> None:
    found = fit(POINTS)
    assert found.per_packet_out == pytest.approx(TRUE.per_packet_out)
    assert found.per_packet_in == pytest.approx(TRUE.per_packet_in)
    assert found.per_transport == pytest.approx(TRUE.per_transport)
    assert all(abs(error) < 1e-6 for error in left_out(POINTS).values())


def test_a_point_that_does_not_fit_shows_when_it_is_left_out() -> None:
    odd = point(4000, 80_000, 200, off=2.0)
    errors = left_out([*POINTS, odd])
    assert errors[odd.name] == pytest.approx(-50)


def test_light_loads_are_no_part_of_it() -> None:
    light = point(600, 5400, 10, off=3.0)
    assert not light.busy
    assert fit([*POINTS, light]) == fit(POINTS)
    assert light.name not in left_out([*POINTS, light])


def test_no_coefficient_is_below_zero() -> None:
    falling = [point(150, 150_000, 1000), point(150, 150_000, 2000, off=0.5), POINTS[2]]
    found = fit(falling)
    assert min(vars(found).values()) >= 0


@pytest.mark.parametrize("count", range(3))
def test_too_few_points_are_no_model(count: int) -> None:
    with pytest.raises(TooFewPoints, match=f"{count} loads"):
        fit(POINTS[:count])


def test_leaving_out_needs_one_more() -> None:
    with pytest.raises(TooFewPoints):
        left_out(POINTS[:3])


def test_packets_are_whole() -> None:
    assert packets(150) == 30
    assert packets(600) == 60
    assert packets(1200) == 150


def test_what_a_room_receives_and_sends() -> None:
    habits = Habits(open_microphones=3, encodings=(150, 500, 1200))
    each = received(TEN, habits)
    assert each.packets == 9 * 30 + 3 * 50
    load = load_of(TEN, habits)
    assert load.packets_out == 10 * each.packets
    assert load.packets_in == 10 * (30 + 60 + 150) + 3 * 50
    assert load.transports == 20


def test_a_broadcast_goes_to_all_but_its_publisher() -> None:
    broadcast = next(room for room in ROOMS if room.publishers == 1)
    load = load_of(broadcast, Habits())
    assert load.packets_out == 1000 * (packets(1200) + 50)
    assert load.packets_in < 500


def test_what_is_out_of_sight_is_not_sent() -> None:
    wide = replace(TEN, people=100, publishers=100)
    assert received(wide, Habits()) == received(TEN, Habits())


def test_a_mesh_costs_no_sfu_and_the_egress_of_what_is_relayed() -> None:
    one = demand(PAIR, MEASURED, Habits(relayed=0.0))
    assert one.sfu == one.egress == 0
    relayed = demand(PAIR, MEASURED, Habits(relayed=0.5))
    assert relayed.egress == 0.5 * received(PAIR, Habits()).bits
    assert relayed.signaling == one.signaling > 0


def test_idle_people_cost_memory_and_the_room() -> None:
    idle = Habits(joins=0, chats=0, pings=0)
    one = demand(TEN, MEASURED, idle)
    assert one.signaling == 0
    assert one.sfu == pytest.approx(TRUE.share(load_of(TEN, idle)) / 10)
    assert one.kib == 16 + 2 * 64


def test_machines_are_the_largest_need_and_those_to_spare() -> None:
    prices = Prices(vcpus=10, gbit=1, gib=1, filled=0.5, spare=2)
    nothing = Demand(0, 0, 0, 0)
    assert machines(1000, nothing, prices) == 3
    assert machines(1000, replace(nothing, sfu=0.05), prices) == 10 + 2
    assert machines(1000, replace(nothing, egress=5e6), prices) == 10 + 2
    assert machines(1000, replace(nothing, kib=5 * 1048.576), prices) == 10 + 2
    assert machines(1001, replace(nothing, sfu=0.05), prices) == 11 + 2


def test_price_is_of_machines_and_egress() -> None:
    prices = Prices(vcpu_hour=0.1, gigabyte=0.2, vcpus=10, filled=0.5, spare=0)
    one = Demand(0.05, 0, 8e9 / 3600, 0)
    assert one.gigabytes == pytest.approx(1)
    found = cost(1000, one, prices)
    assert found.machines == pytest.approx(10 * 10 * 0.1 / 1000)
    assert found.egress == pytest.approx(0.2)
    assert found.total == found.machines + found.egress


@given(st.integers(1, 10**6), st.floats(1e-6, 0.1), st.floats(0, 1e7), st.floats(0, 500))
def test_more_users_never_need_fewer_machines(
    users: int, cores: float, bits: float, kib: float
) -> None:
    one = Demand(cores, 0, bits, kib)
    assert machines(users + 1, one, Prices()) >= machines(users, one, Prices()) >= 2
