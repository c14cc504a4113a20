"""Mesh or SFU: every edge of the diagram, and what must hold whatever happens."""

from dataclasses import replace

import pytest
from hypothesis import given, strategies

from signaling.messages.records import Mode
from signaling.mode_policy import (
    ModeDecision,
    ModeFacts,
    ModePolicy,
    ModeReason,
    capacity,
    decide,
    next_deadline,
)

NOW = 1000.0
POLICY = ModePolicy(crosses_over=True)

MESH = ModeDecision()
SFU = ModeDecision(mode="sfu", generation=2, reason=ModeReason.GROWN)


def sfu(reason: ModeReason = ModeReason.GROWN, small_since: float | None = None) -> ModeDecision:
    return replace(SFU, reason=reason, small_since=small_since)


def mesh(reason: ModeReason = ModeReason.SMALL, small_since: float | None = None) -> ModeDecision:
    return replace(MESH, reason=reason, small_since=small_since)


def facts(
    members: int, alive: bool = True, pin: Mode | None = None, limited: bool = False
) -> ModeFacts:
    return ModeFacts(members=members, sfu_alive=alive, pin=pin, limited=limited)


TABLE = [
    # current                         facts                              mode    why
    # ---- mesh, an SFU is alive
    (mesh(), facts(1), "mesh", "small-room"),
    (mesh(), facts(6), "mesh", "small-room"),
    (mesh(), facts(7), "sfu", "outgrew-mesh"),
    (mesh(), facts(500), "sfu", "outgrew-mesh"),
    (mesh(), facts(2, limited=True), "sfu", "member-limited"),
    (mesh(), facts(7, limited=True), "sfu", "outgrew-mesh"),
    (mesh(), facts(2, pin="sfu"), "sfu", "pinned"),
    (mesh(), facts(2, pin="mesh"), "mesh", "pinned"),
    (mesh(), facts(7, pin="mesh"), "mesh", "pinned"),
    (mesh(), facts(2, pin="mesh", limited=True), "mesh", "pinned"),
    (mesh(ModeReason.SFU_LOST), facts(4), "mesh", "small-room"),
    (mesh(ModeReason.SFU_LOST), facts(7), "sfu", "outgrew-mesh"),
    (mesh(ModeReason.PINNED), facts(4), "mesh", "small-room"),
    # ---- mesh, no SFU
    (mesh(), facts(2, alive=False), "mesh", "small-room"),
    (mesh(), facts(7, alive=False), "mesh", "no-sfu"),
    (mesh(), facts(2, alive=False, limited=True), "mesh", "no-sfu"),
    (mesh(), facts(2, alive=False, pin="sfu"), "mesh", "no-sfu"),
    (mesh(), facts(2, alive=False, pin="mesh"), "mesh", "small-room"),
    (mesh(ModeReason.NO_SFU), facts(6, alive=False), "mesh", "small-room"),
    (mesh(ModeReason.SFU_LOST), facts(6, alive=False), "mesh", "sfu-lost"),
    (mesh(ModeReason.SFU_LOST), facts(7, alive=False), "mesh", "sfu-lost"),
    # ---- on the SFU
    (sfu(), facts(7), "sfu", "outgrew-mesh"),
    (sfu(), facts(6), "sfu", "outgrew-mesh"),
    (sfu(), facts(5), "sfu", "outgrew-mesh"),
    (sfu(small_since=NOW - 19.9), facts(5), "sfu", "outgrew-mesh"),
    (sfu(small_since=NOW - 20.0), facts(5), "mesh", "shrunk"),
    (sfu(small_since=NOW - 500), facts(6), "sfu", "outgrew-mesh"),
    (sfu(small_since=NOW - 500), facts(2, limited=True), "sfu", "member-limited"),
    (sfu(small_since=NOW - 500), facts(2, pin="sfu"), "sfu", "pinned"),
    (sfu(), facts(2, pin="mesh"), "mesh", "pinned"),
    (sfu(), facts(500, pin="mesh"), "mesh", "pinned"),
    (sfu(ModeReason.LIMITED), facts(4), "sfu", "member-limited"),
    (sfu(ModeReason.PINNED), facts(4), "sfu", "pinned"),
    # ---- the SFU is lost, whatever was pinned
    (sfu(), facts(7, alive=False), "mesh", "sfu-lost"),
    (sfu(), facts(2, alive=False), "mesh", "sfu-lost"),
    (sfu(ModeReason.PINNED), facts(2, alive=False, pin="sfu"), "mesh", "sfu-lost"),
    (sfu(ModeReason.LIMITED), facts(2, alive=False, limited=True), "mesh", "sfu-lost"),
    (sfu(), facts(8, alive=False), "mesh", "sfu-lost"),
    # ---- ... but a room that is too large for a mesh has to wait for it
    (sfu(), facts(9, alive=False), "sfu", "sfu-lost"),
    (sfu(ModeReason.PINNED), facts(50, alive=False, pin="sfu"), "sfu", "sfu-lost"),
    (sfu(ModeReason.SFU_LOST), facts(9, alive=False), "sfu", "sfu-lost"),
    (sfu(ModeReason.SFU_LOST), facts(8, alive=False), "mesh", "sfu-lost"),
    (sfu(ModeReason.SFU_LOST), facts(9), "sfu", "outgrew-mesh"),
    (sfu(ModeReason.SFU_LOST), facts(9, pin="sfu"), "sfu", "pinned"),
]


@pytest.mark.parametrize(("current", "known", "mode", "why"), TABLE)
def test_edge(current: ModeDecision, known: ModeFacts, mode: Mode, why: str) -> None:
    after = decide(current, known, POLICY, NOW)
    assert (after.mode, after.reason) == (mode, why)
    assert after.generation == current.generation + (mode != current.mode)


STAYS = [
    # while rooms do not cross over by themselves, the SFU is for those that are pinned to it
    (mesh(), facts(7), "mesh", "no-sfu"),
    (mesh(), facts(2, limited=True), "mesh", "no-sfu"),
    (mesh(), facts(2), "mesh", "small-room"),
    (mesh(), facts(2, pin="sfu"), "sfu", "pinned"),
    (mesh(), facts(2, pin="mesh"), "mesh", "pinned"),
    (mesh(), facts(2, alive=False, pin="sfu"), "mesh", "no-sfu"),
    (sfu(ModeReason.PINNED), facts(2, alive=False, pin="sfu"), "mesh", "sfu-lost"),
]


@pytest.mark.parametrize(("current", "known", "mode", "why"), STAYS)
def test_no_room_crosses_over_by_itself_unless_that_is_switched_on(
    current: ModeDecision, known: ModeFacts, mode: Mode, why: str
) -> None:
    after = decide(current, known, ModePolicy(), NOW)
    assert (after.mode, after.reason) == (mode, why)


def test_capacity_while_rooms_do_not_cross_over() -> None:
    assert capacity(facts(2), ModePolicy(), 300) == 8
    assert capacity(facts(2, pin="sfu"), ModePolicy(), 300) == 300
    assert capacity(facts(2, pin="mesh"), ModePolicy(), 300) == 8


@pytest.mark.parametrize("why", list(ModeReason))
def test_table_reaches_every_reason(why: ModeReason) -> None:
    assert why in [row[3] for row in TABLE]


@pytest.mark.parametrize(
    ("members", "strained"), [(1, False), (4, False), (5, True), (6, True), (8, True)]
)
def test_large_mesh_strains(members: int, strained: bool) -> None:
    assert decide(MESH, facts(members, alive=False), POLICY, NOW).strained is strained


def test_sfu_does_not_strain() -> None:
    assert decide(MESH, facts(7), POLICY, NOW).strained is False


def test_room_is_small_since_it_last_became_so() -> None:
    decision = decide(SFU, facts(5), POLICY, NOW)
    assert decision.small_since == NOW
    decision = decide(decision, facts(4), POLICY, NOW + 5)
    assert decision.small_since == NOW
    decision = decide(decision, facts(6), POLICY, NOW + 10)
    assert decision.small_since is None
    decision = decide(decision, facts(5), POLICY, NOW + 15)
    assert decision.small_since == NOW + 15
    assert decide(decision, facts(5), POLICY, NOW + 34.9).mode == "sfu"
    assert decide(decision, facts(5), POLICY, NOW + 35).mode == "mesh"


def test_coming_and_going_between_the_thresholds_moves_nobody() -> None:
    """Six and seven in turn: one hand-over, not one per visit."""
    decision = decide(MESH, facts(6), POLICY, NOW)
    for turn in range(100):
        for members in (7, 6):
            decision = decide(decision, facts(members), POLICY, NOW + turn * 100)
    assert (decision.mode, decision.generation) == ("sfu", 2)


def test_mesh_has_no_deadline() -> None:
    assert next_deadline(mesh(small_since=NOW), facts(2), POLICY) is None


def test_deadline_is_when_a_small_room_returns() -> None:
    small = decide(SFU, facts(3), POLICY, NOW)
    assert next_deadline(small, facts(3), POLICY) == NOW + 20
    assert next_deadline(small, facts(3, limited=True), POLICY) is None
    assert next_deadline(small, facts(3, pin="sfu"), POLICY) is None
    assert next_deadline(decide(SFU, facts(6), POLICY, NOW), facts(6), POLICY) is None


@pytest.mark.parametrize(
    ("known", "held"),
    [
        (facts(2), 300),
        (facts(2, pin="sfu"), 300),
        (facts(2, pin="mesh"), 8),
        (facts(2, alive=False), 8),
        (facts(2, alive=False, pin="sfu"), 8),
    ],
)
def test_capacity(known: ModeFacts, held: int) -> None:
    assert capacity(known, POLICY, 300) == held


def test_small_sfu_holds_no_less_than_a_mesh() -> None:
    assert capacity(facts(2), POLICY, 3) == 8


# ---- whatever happens --------------------------------------------------------------------

FACTS = strategies.builds(
    ModeFacts,
    members=strategies.integers(1, 12),
    sfu_alive=strategies.booleans(),
    pin=strategies.sampled_from([None, None, "mesh", "sfu"]),
    limited=strategies.booleans(),
)
PAUSES = strategies.sampled_from([0.0, 0.5, 5.0, 19.0, 20.0, 60.0])


@given(strategies.lists(strategies.tuples(FACTS, PAUSES), max_size=50))
def test_decisions_make_sense(course: list[tuple[ModeFacts, float]]) -> None:
    decision, now = MESH, NOW
    for known, pause in course:
        now += pause
        before, decision = decision, decide(decision, known, POLICY, now)
        assert decision.generation - before.generation == (decision.mode != before.mode)
        if not known.sfu_alive:
            fits = known.members <= POLICY.mesh_cap
            assert decision.mode == ("mesh" if fits else before.mode)
        elif known.pin is not None:
            assert decision.mode == known.pin
        elif known.members > POLICY.mesh_limit or known.limited:
            assert decision.mode == "sfu"
        deadline = next_deadline(decision, known, POLICY)
        assert deadline is None or deadline > now
        again = decide(decision, known, POLICY, now)
        assert replace(again, reason=decision.reason) == decision, "once is enough"


@given(strategies.lists(strategies.tuples(strategies.integers(1, 12), PAUSES), max_size=80))
def test_no_flip_flop(course: list[tuple[int, float]]) -> None:
    """With an SFU alive and nothing pinned, a room returns only after it was small for a while."""
    decision, now, large_at = MESH, NOW, NOW
    for members, pause in course:
        now += pause
        before, decision = decision, decide(decision, facts(members), POLICY, now)
        if members > POLICY.return_at:
            large_at = now
        if (before.mode, decision.mode) == ("sfu", "mesh"):
            assert now - large_at >= POLICY.return_after
        if (before.mode, decision.mode) == ("mesh", "sfu"):
            assert members > POLICY.mesh_limit


@given(
    strategies.floats(0, 2e9, allow_nan=False),
    strategies.floats(0, 3600, allow_nan=False),
)
def test_deadline_is_kept_whatever_the_clock_rounds_to(now: float, return_after: float) -> None:
    policy = replace(POLICY, return_after=return_after)
    small = decide(SFU, facts(3), policy, now)
    deadline = next_deadline(small, facts(3), policy)
    if deadline is None:
        assert small.mode == "mesh"
    else:
        assert decide(small, facts(3), policy, deadline).mode == "mesh"
