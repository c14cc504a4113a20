import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.emulation.pipe import Arrival, Pipe
from benchmarks.emulation.pipe_log import Fate
from benchmarks.emulation.plan import Conditions

SIZE = 1250
"""Bytes: ten thousand bits."""


def constant(seed: int = 1, **held: object) -> Pipe[int]:
    return Pipe([(0.0, Conditions(**held))], seed)  # type: ignore[arg-type]


def offer(pipe: Pipe[int], count: int, interval: float) -> list[Arrival[int]]:
    """So many packets at a constant rate, and what arrives in the end."""
    arrived: list[Arrival[int]] = []
    for number in range(count):
        now = number * interval
        pipe.put(now, number, SIZE)
        arrived += pipe.take(now)
    while (due := pipe.due()) < float("inf"):
        arrived += pipe.take(due)
    return arrived


def test_an_unlimited_link_only_delays() -> None:
    arrived = offer(constant(delay=0.03), 5, 0.001)
    assert [one.packet for one in arrived] == list(range(5))
    assert [one.at for one in arrived] == pytest.approx([0.03 + n * 0.001 for n in range(5)])


def test_a_full_link_carries_exactly_its_rate() -> None:
    arrived = offer(constant(rate=1e6, queue=60), 500, 0.005)  # 2 Mbit/s into 1 Mbit/s
    gaps = [later.at - earlier.at for earlier, later in itertools.pairwise(arrived)]
    assert len(arrived) == 500
    assert gaps == pytest.approx([0.01] * 499)


def test_the_rate_changes_in_the_middle_of_a_packet() -> None:
    pipe: Pipe[str] = Pipe([(0.0, Conditions(rate=1e6)), (1.0, Conditions(rate=2e6))], 1)
    pipe.begin(10.0)
    pipe.put(10.996, "across", SIZE)  # 4 ms at 1 Mbit/s, the other 6,000 bits at 2 Mbit/s
    assert pipe.take(11.00299) == []
    (arrival,) = pipe.take(11.00301)
    assert arrival.at == pytest.approx(11.003)


def test_what_waits_while_there_is_no_rate_goes_on_afterwards() -> None:
    held = [(0.0, Conditions(rate=1e6)), (1.0, Conditions(rate=0.0)), (2.0, Conditions(rate=1e6))]
    pipe: Pipe[str] = Pipe(held, 1)
    pipe.begin(0.0)
    assert pipe.put(0.995, "caught", SIZE)
    assert not pipe.put(1.5, "too late", SIZE)
    assert pipe.take(1.999) == []
    assert pipe.due() == 2.0  # at the step: until then nobody knows when it will arrive
    assert pipe.take(2.0) == []
    assert pipe.due() == pytest.approx(2.005)
    assert [one.packet for one in pipe.take(2.0051)] == ["caught"]


def test_before_it_begins_the_first_conditions_hold() -> None:
    pipe: Pipe[str] = Pipe([(0.0, Conditions(delay=0.1)), (0.5, Conditions(delay=0.2))], 1)
    pipe.put(7.0, "early", SIZE)
    assert [one.packet for one in pipe.take(7.1)] == ["early"]
    pipe.begin(8.0)
    pipe.put(8.6, "later", SIZE)
    assert pipe.due() == pytest.approx(8.8)


def test_a_queue_holds_as_long_as_it_may_and_drops_the_rest() -> None:
    pipe = constant(rate=1e6, queue=0.1)
    taken = [pipe.put(0.0, number, SIZE) for number in range(20)]
    assert taken == [True] * 11 + [False] * 9  # the eleventh waits for exactly 0.1 s
    packets = pipe.log.told(0.0)
    assert packets.count(Fate.DROPPED) == 9
    pipe.take(1.0)
    delays = pipe.log.told(0.0).delays()
    assert delays.tolist() == pytest.approx([n * 0.01 for n in range(11)])


def test_a_queue_of_bytes() -> None:
    pipe = constant(rate=1e6, queue=60, queue_bytes=3 * SIZE)
    assert [pipe.put(0.0, number, SIZE) for number in range(5)] == [True] * 3 + [False] * 2


def test_losses_are_as_frequent_as_was_asked_for() -> None:
    pipe = constant(loss=0.05)
    arrived = offer(pipe, 20_000, 0.001)
    assert 1 - len(arrived) / 20_000 == pytest.approx(0.05, abs=0.005)
    assert pipe.log.told(0.0).count(Fate.LOST) == 20_000 - len(arrived)


def bursts(lost: list[bool]) -> list[int]:
    return [len(list(some)) for is_lost, some in itertools.groupby(lost) if is_lost]


@pytest.mark.parametrize(("share", "burst"), [(0.1, 5.0), (0.05, 1.0), (0.3, 3.0)])
def test_losses_come_in_bursts(share: float, burst: float) -> None:
    arrived = {one.packet for one in offer(constant(loss=share, burst=burst), 40_000, 0.001)}
    lost = [number not in arrived for number in range(40_000)]
    found = bursts(lost)
    assert sum(lost) / len(lost) == pytest.approx(share, rel=0.1)
    # Lost independently of each other they are 1 / (1 - share) in a row.
    expected = burst if burst > 1 else 1 / (1 - share)
    assert sum(found) / len(found) == pytest.approx(expected, rel=0.1)


def test_jitter_varies_the_delay_and_keeps_the_order() -> None:
    arrived = offer(constant(delay=0.1, jitter=0.03), 5_000, 0.01)
    assert [one.packet for one in arrived] == list(range(5_000))
    assert all(later.at >= earlier.at for earlier, later in itertools.pairwise(arrived))


def test_jitter_has_the_spread_it_should_where_order_is_not_kept() -> None:
    arrived = offer(constant(delay=0.2, jitter=0.03, keeps_order=False), 5_000, 0.01)
    delays = [one.at - 0.01 * one.packet for one in arrived]
    mean = sum(delays) / len(delays)
    spread = (sum((one - mean) ** 2 for one in delays) / len(delays)) ** 0.5
    assert mean == pytest.approx(0.2, abs=0.003)
    assert spread == pytest.approx(0.03, rel=0.05)
    assert min(delays) >= 0.1
    assert [one.packet for one in arrived] != sorted(one.packet for one in arrived)


def test_some_packets_are_overtaken() -> None:
    arrived = offer(constant(delay=0.02, reordering=0.1, held_back=0.025), 5_000, 0.01)
    late = [one for one in arrived if one.at - 0.01 * one.packet > 0.04]
    assert len(late) / 5_000 == pytest.approx(0.1, rel=0.15)
    order = [one.packet for one in arrived]
    assert order != sorted(order)
    assert sorted(order) == list(range(5_000))


def test_the_same_seed_repeats_and_another_does_not() -> None:
    held = {"loss": 0.1, "jitter": 0.02, "delay": 0.05, "reordering": 0.05}
    first = offer(constant(7, **held), 500, 0.004)
    assert offer(constant(7, **held), 500, 0.004) == first
    assert offer(constant(8, **held), 500, 0.004) != first


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 0.02), st.integers(40, 1500)), max_size=80),
    st.sampled_from([None, 0.0, 2e5, 3e6]),
    st.sampled_from([0.0, 4e5, None]),
    st.floats(0, 0.05),
)
def test_whenever_one_looks_everything_fares_the_same(
    offered: list[tuple[float, int]], first: float | None, second: float | None, delay: float
) -> None:
    changes = [
        (0.0, Conditions(rate=first, delay=delay)),
        (0.2, Conditions(rate=second, delay=delay)),
    ]
    rarely: Pipe[int] = Pipe(changes, 3)
    often: Pipe[int] = Pipe(changes, 3)
    now, arrived = 0.0, []
    for pipe in (rarely, often):
        pipe.begin(0.0)
    for number, (pause, size) in enumerate(offered):
        step = pause / 4
        for part in range(1, 4):
            arrived += often.take(now + part * step)
        now += pause
        assert often.put(now, number, size) == rarely.put(now, number, size)
    arrived += often.take(now + 1000)
    late = rarely.take(now + 1000)
    assert [one.packet for one in arrived] == [one.packet for one in late]
    assert [one.at for one in arrived] == pytest.approx([one.at for one in late], abs=1e-6)
    assert len(rarely) == len(often)
