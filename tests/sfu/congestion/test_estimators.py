import numpy as np
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from sfu.congestion.acknowledgements import NOTHING_SAID, Acknowledgements
from sfu.congestion.estimators import HIGHEST_RATE, LOWEST_RATE, START_RATE, Estimators

CAPACITY = 8


def said(
    sent: list[float], arrived: list[float], slot: int = 1, size: int = 1200, probe: int = 0
) -> Acknowledgements:
    return Acknowledgements(
        np.full(len(sent), slot, np.int64),
        np.array(sent),
        np.array(arrived),
        np.full(len(sent), size, np.int32),
        np.full(len(sent), probe, np.int32),
    )


def opened(*slots: int) -> Estimators:
    estimators = Estimators(CAPACITY)
    for slot in slots:
        estimators.open(slot, 0.0)
    return estimators


def test_begins_with_the_start_rate() -> None:
    estimators = opened(1)
    assert estimators.rates[1] == START_RATE
    assert list(estimators.update(NOTHING_SAID, 1.0)) == []


def test_passes_over_slots_that_are_not_open() -> None:
    estimators = opened(1)
    times = list(np.arange(50) * 0.01)
    assert list(estimators.update(said(times, times, slot=2), 1.0)) == []
    assert np.isnan(estimators.round_trips[2])


def test_a_slot_taken_by_another_peer_begins_anew() -> None:
    estimators = opened(1)
    for turn in range(100):
        sent = list(turn * 0.1 + np.arange(50) * 0.002)
        queue = list(np.array(sent) + 0.02 + turn * 0.02)
        estimators.update(said(sent, queue, size=100), turn * 0.1 + 0.2)
    assert estimators.rates[1] != START_RATE
    estimators.close(1)
    estimators.open(1, 100.0)
    fresh = opened(1)
    for turn in range(100):
        sent = list(turn * 0.1 + np.arange(10) * 0.01)
        arrived = list(np.array(sent) + 7.0)
        fresh.update(said(sent, arrived), turn * 0.1 + 0.2)
        later = said(list(np.array(sent) + 100.0), list(np.array(sent) + 307.0))
        estimators.update(later, turn * 0.1 + 100.2)
    np.testing.assert_allclose(estimators.rates[1], fresh.rates[1], rtol=1e-3)


def test_falls_while_nobody_answers_and_not_while_nothing_is_sent() -> None:
    estimators = opened(1, 2)
    last_sent = np.full(CAPACITY, np.nan)
    for tenth in range(200):
        last_sent[1] = tenth / 10
        estimators.decay(last_sent, tenth / 10 + 0.05)
    assert estimators.rates[1] == LOWEST_RATE
    assert estimators.rates[2] == START_RATE


def test_is_not_lowered_by_a_pause_of_ours() -> None:
    estimators = opened(1)
    last_sent = np.full(CAPACITY, np.nan)
    last_sent[1] = 0.0
    estimators.update(said([0.0], [5.0]), 0.1)
    for tenth in range(600):
        estimators.decay(last_sent, tenth / 10)
    last_sent[1] = 60.0
    assert list(estimators.decay(last_sent, 60.1)) == []
    assert estimators.rates[1] == START_RATE


def test_tells_of_what_has_moved_only() -> None:
    estimators = opened(1, 2)
    told = []
    for turn in range(60):
        sent = list(turn * 0.1 + np.arange(10) * 0.01)
        told += list(estimators.update(said(sent, list(np.array(sent) + 3.0)), turn * 0.1 + 0.2))
    assert told
    assert set(told) == {1}
    assert len(told) < 30  # every other pass at most: growth is slow


arrivals = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True),
    st.floats(-1e4, 1e4),
    st.floats(0.0, 2.0),
)


@st.composite
def passes(draw: st.DrawFn) -> list[Acknowledgements]:
    result = []
    at = 0.0
    for _ in range(draw(st.integers(1, 6))):
        slots, sent, arrived, sizes, probes = [], [], [], [], []
        for slot in range(draw(st.integers(0, 3)), CAPACITY, 2):
            steps = draw(st.lists(st.sampled_from([0.0, 1e-4, 0.003, 0.02, 0.5]), max_size=40))
            kind = st.just(draw(arrivals)) if draw(st.booleans()) else arrivals
            times = at - draw(st.sampled_from([0.0, 0.3, 30.0])) + np.cumsum(steps)
            sent += list(times)
            slots += [slot] * len(steps)
            arrived += draw(st.lists(kind, min_size=len(steps), max_size=len(steps)))
            sizes += [draw(st.sampled_from([40, 1200]))] * len(steps)
            probe = draw(st.integers(0, 3))
            probes += [probe if n % 2 else 0 for n in range(len(steps))]
        at += draw(st.sampled_from([0.0, 0.05, 0.1, 3.0, 100.0]))
        result.append(
            Acknowledgements(
                np.array(slots, np.int64),
                np.array(sent, np.float64),
                np.array(arrived, np.float64),
                np.array(sizes, np.int32),
                np.array(probes, np.int32),
            )
        )
    return result


@settings(max_examples=60, deadline=None, phases=(Phase.explicit, Phase.generate))
@given(passes(), st.lists(st.sampled_from([0.02, 0.05, 0.4, 5.0]), min_size=6, max_size=6))
def test_no_feedback_harms(all_said: list[Acknowledgements], waits: list[float]) -> None:
    estimators = Estimators(CAPACITY)
    for slot in range(CAPACITY - 1):
        estimators.open(slot, 0.0)
    now = 0.0
    for one, wait in zip(all_said, waits, strict=False):
        now += wait
        moved = estimators.update(one, now)
        assert set(moved) <= set(range(CAPACITY - 1))
        estimators.decay(np.full(CAPACITY, now), now)
        rates = estimators.rates
        assert (rates >= LOWEST_RATE).all()
        assert (rates <= HIGHEST_RATE).all()
        assert not (estimators.acknowledged < 0).any()
        assert ((estimators.losses >= 0) & (estimators.losses <= 1)).all()
        assert np.isfinite(estimators.queues).all()
        assert np.isfinite(estimators.jitter).all()
