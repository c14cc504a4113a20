from hypothesis import given
from hypothesis import strategies as st

from benchmarks.crossover_point import Crossover, crossover

UPLOADS = {people: people - 1.0 for people in range(2, 9)}
ONCE = dict.fromkeys(range(2, 13), 1.0)


def test_a_users_upload_crosses_where_both_are_equal() -> None:
    assert crossover(UPLOADS, ONCE, margin=0.03) == Crossover(3, 2.0)


def test_only_what_was_measured_counts() -> None:
    mesh = {people: UPLOADS[people] for people in (2, 4, 8)}
    assert crossover(mesh, ONCE, margin=0.03) == Crossover(4, 2.0)
    assert crossover({4: 3.0, 6: 5.0}, ONCE) == Crossover(4, 4.0)


def test_between_two_points_a_straight_line_is_taken() -> None:
    assert crossover({4: 10.0, 6: 20.0}, {4: 12.0, 6: 14.0}) == Crossover(6, 4.5)


def test_a_difference_within_the_margin_is_none() -> None:
    assert crossover({2: 100.0, 4: 102.0}, {2: 100.0, 4: 100.0}, margin=0.03) is None
    assert crossover({2: 100.0, 4: 104.0}, {2: 101.0, 4: 100.0}, margin=0.03) == Crossover(4, 2.0)


def test_none_where_the_mesh_is_better_in_the_end_or_nothing_is_common() -> None:
    assert crossover({2: 3.0, 4: 1.0}, {2: 1.0, 4: 3.0}) is None
    assert crossover({2: 3.0}, {4: 1.0}) is None
    assert crossover({}, {}) is None


@given(
    st.dictionaries(
        st.integers(2, 12),
        st.tuples(st.floats(0.1, 100), st.floats(0.1, 100)),
        min_size=1,
    )
)
def test_the_crossing_is_never_beyond_the_points(
    values: dict[int, tuple[float, float]],
) -> None:
    mesh = {people: ours for people, (ours, _) in values.items()}
    sfu = {people: theirs for people, (_, theirs) in values.items()}
    found = crossover(mesh, sfu)
    if found is None:
        assert sfu[max(values)] >= mesh[max(values)]
        return
    assert all(sfu[people] < mesh[people] for people in values if people >= found.first)
    before = [people for people in values if people < found.first]
    assert max(before, default=found.first) <= found.at <= found.first
