import itertools

import pytest

from benchmarks.browser.tile_report import (
    LINGER,
    TileReport,
    Unseen,
    concealments,
    passage_of,
)
from benchmarks.gaps import Window

IDS = {"Ada": "a", "Bo": "b"}


def word(at: float, kind: str, generation: int, mode: str | None = None) -> dict[str, object]:
    return {"at": at, "type": kind, "mode": mode, "generation": generation}


def report(member_id: str, shift: float) -> TileReport:
    """Frames every 50 ms; at 10 s the room is moved to the SFU, and its picture 400 ms later."""
    frames = [
        [at, None if at == 10_450 else "mesh" if at < 10_400 else "sfu"]
        for at in range(0, 20_000, 50)
    ]
    return TileReport.parse(
        {
            "frames": {member_id: frames},
            "voices": {member_id: [[0, "old"], [10_500, "new"]]},
            "readings": {
                "old": [[0, 0], [10_000, 0], [12_000, 48_000]],
                "new": [[10_000, 0], [11_000, 4800], [30_000, 4800]],
            },
            "words": [
                word(5000 + shift, "mode-changed", 2, "mesh"),  # nobody was asked to prepare it
                word(10_000 + shift, "prepare-hand-over", 3, "sfu"),
                word(10_600 + shift, "hand-over-ready", 3),
                word(10_700 + shift, "mode-changed", 3, "sfu"),
                word(15_000 + shift, "mode-changed", 3, "sfu"),  # only news
            ],
        }
    )


REPORTS = {"Ada": report("b", 0), "Bo": report("a", 30)}


def test_a_passage_lies_between_the_first_and_the_last_word() -> None:
    passage = passage_of(REPORTS, IDS, "sfu")
    assert (passage.mode, passage.begun) == ("sfu", 10.0)
    assert passage.committed == pytest.approx(10.73)
    assert passage.over == pytest.approx(10.73 + LINGER)
    assert passage.ready == pytest.approx({"Ada": 10.6, "Bo": 10.63})
    assert [(one.viewer, one.member) for one in passage.sights] == [("Ada", "Bo"), ("Bo", "Ada")]
    assert passage.gaps == pytest.approx([0.05, 0.05])
    assert passage.excesses == pytest.approx([0.0, 0.0])


def test_a_frame_of_no_known_way_belongs_to_the_way_before() -> None:
    shown = REPORTS["Ada"].sight("Ada", "Bo", "b")
    ways = [frame.way for frame in shown.frames]
    assert ways.count("mesh") == 10_400 / 50
    assert [way for way, _ in itertools.groupby(ways)] == ["mesh", "sfu"]


def test_who_came_with_the_hand_over_is_not_compared() -> None:
    late = TileReport.parse({"frames": {}, "voices": {}, "readings": {}, "words": []})
    passage = passage_of({**REPORTS, "Cleo": late}, {**IDS, "Cleo": "c"}, "sfu")
    assert len(passage.sights) == 2


def test_a_change_that_was_not_prepared_is_no_passage() -> None:
    with pytest.raises(Unseen):
        passage_of(REPORTS, IDS, "mesh")


def test_made_up_sound_is_that_of_the_tracks_that_were_heard() -> None:
    ada = REPORTS["Ada"]
    # The old track until 10.5 s: a quarter of 48,000; the new one from there: half of 4,800.
    assert ada.concealed("b", Window(10.0, 12.0)) == pytest.approx((12_000 + 2400) / 48_000)
    assert ada.concealed("b", Window(8.0, 10.0)) == 0
    assert ada.concealed("b", Window(12.0, 14.0)) == 0
    assert ada.concealed("nobody", Window(0.0, 20.0)) == 0


def test_concealment_is_beyond_that_before() -> None:
    found = concealments(REPORTS, IDS, Window(10.0, 12.0))
    assert found == pytest.approx([0.3, 0.3])
    assert concealments(REPORTS, IDS, Window(12.0, 14.0)) == pytest.approx([-0.3, -0.3])
