from dataclasses import replace

import pytest

from benchmarks.gaps import Window
from benchmarks.passage import AFTER, Frame, Mode, Passage, Sight, from_samples, to_samples
from benchmarks.timeline import stretches

BEGUN = 1000.0


def frames(switch: float, before: Mode, after: Mode, hole: tuple[float, float]) -> list[Frame]:
    """Ten a second for 20 s around the beginning, but for a hole."""
    every = (BEGUN - 10 + place / 10 for place in range(200))
    return [
        Frame(at, before if at < BEGUN + switch else after)
        for at in every
        if not hole[0] < at - BEGUN < hole[1]
    ]


PASSAGE = Passage(
    mode="sfu",
    begun=BEGUN,
    ready={"Ada": BEGUN + 0.4, "Bo": BEGUN + 0.5},
    committed=BEGUN + 0.6,
    over=BEGUN + 1.2,
    sights=[
        Sight("Ada", "Bo", frames(0.35, "mesh", "sfu", (0.31, 0.55))),
        Sight("Bo", "Ada", frames(0.25, "mesh", "sfu", (-1.09, -0.71))),
    ],
)


def test_gaps_of_each_pair_and_what_they_exceed() -> None:
    assert PASSAGE.window == Window(BEGUN, BEGUN + 1.2 + AFTER)
    assert PASSAGE.gaps == pytest.approx([0.3, 0.1])
    assert PASSAGE.excesses == pytest.approx([0.2, -0.3])


def test_stalls_by_pair() -> None:
    stalls = PASSAGE.stalls(0.15)
    assert stalls["Bo", "Ada"] == []
    [stall] = stalls["Ada", "Bo"]
    assert (stall.start, stall.end) == pytest.approx((BEGUN + 0.3, BEGUN + 0.6))


def test_samples_tell_the_same_passage() -> None:
    samples = to_samples("timeline, one", PASSAGE)
    assert all(isinstance(one, float) for values in samples.values() for one in values)
    found = from_samples("timeline, one", samples)
    assert found is not None
    assert (found.mode, found.begun) == ("sfu", 0.0)
    assert found.ready == pytest.approx({"Ada": 0.4, "Bo": 0.5})
    assert (found.committed, found.over) == pytest.approx((0.6, 1.2))
    assert found.gaps == pytest.approx(PASSAGE.gaps)
    assert from_samples("timeline, another", samples) is None


def test_a_name_that_begins_like_another_is_another() -> None:
    there, back = PASSAGE, replace(PASSAGE, mode="mesh")
    samples = to_samples("way", there) | to_samples("way, back", back)
    found = from_samples("way", samples), from_samples("way, back", samples)
    assert [one.mode for one in found if one is not None] == ["sfu", "mesh"]


def test_stretches_of_one_way() -> None:
    shown = [
        Frame(1, "mesh"),
        Frame(2, "mesh"),
        Frame(3, "sfu"),
        Frame(4, "mesh"),
        Frame(5, "mesh"),
    ]
    assert stretches(shown, 9) == [("mesh", 1, 3), ("sfu", 3, 4), ("mesh", 4, 9)]
    assert stretches([], 9) == []
