import numpy as np
import pytest

from sfu.congestion.overuse import Usage
from sfu.congestion.rate_control import BACK_OFF, NEXT, Phase, RateControls

SLOT = np.array([2])


def usage(kind: Usage) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array([kind], np.int64)


def controls(start: float = 1e6) -> RateControls:
    made = RateControls(4, start, 1e4, 1e7)
    made.begin(2, 0.0)
    return made


def test_the_table_is_total() -> None:
    assert NEXT.shape == (len(Phase), len(Usage))
    assert set(NEXT.ravel()) <= set(Phase)
    assert (NEXT[:, Usage.OVER] == Phase.DECREASE).all()
    assert (NEXT[:, Usage.UNDER] == Phase.HOLD).all()


def test_grows_by_a_share_a_second_and_not_beyond_what_arrives() -> None:
    made = controls()
    for now in np.arange(0.0, 1.001, 0.1):
        made.update(SLOT, usage(Usage.NORMAL), np.array([1e6]), np.array([0.05]), now)
    assert made.rates[2] == pytest.approx(1.08e6, rel=1e-3)
    for now in np.arange(1.1, 60.0, 0.1):
        made.update(SLOT, usage(Usage.NORMAL), np.array([1e6]), np.array([0.05]), now)
    assert made.rates[2] == pytest.approx(1.26e6)


def test_falls_below_what_arrives_and_waits_for_the_queue() -> None:
    made = controls()
    made.update(SLOT, usage(Usage.OVER), np.array([0.8e6]), np.array([0.05]), 1.0)
    assert made.rates[2] == pytest.approx(BACK_OFF * 0.8e6)
    for now in np.arange(1.1, 5.0, 0.1):
        made.update(SLOT, usage(Usage.UNDER), np.array([0.7e6]), np.array([0.05]), now)
    assert made.rates[2] == pytest.approx(BACK_OFF * 0.8e6)


def test_grows_slowly_near_what_the_path_was_seen_to_carry() -> None:
    made = controls()
    made.update(SLOT, usage(Usage.OVER), np.array([0.8e6]), np.array([0.05]), 1.0)
    for now in np.arange(1.1, 2.11, 0.1):
        made.update(SLOT, usage(Usage.NORMAL), np.array([0.72e6]), np.array([0.05]), now)
    assert 4_000 <= made.rates[2] - BACK_OFF * 0.8e6 <= 40_000


def test_halves_while_it_is_not_known_what_arrives() -> None:
    made = controls()
    for now in (1.0, 1.02, 1.3):
        made.update(SLOT, usage(Usage.OVER), np.array([np.nan]), np.array([np.nan]), now)
    assert made.rates[2] == pytest.approx(0.25e6)  # the second came too soon


@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize("kind", Usage)
@pytest.mark.parametrize("throughput", [0.0, 1e3, 1e6, 1e12, np.nan])
def test_stays_within_its_bounds(phase: Phase, kind: Usage, throughput: float) -> None:
    made = controls()
    made._phases[2] = phase
    for now in (0.0, 5.0, 5.1, 1e9):
        made.update(SLOT, usage(kind), np.array([throughput]), np.array([np.nan]), now)
        assert 1e4 <= made.rates[2] <= 1e7
    assert made.rates[3] == 1e6
