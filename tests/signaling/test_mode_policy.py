"""Mesh or SFU: every edge of the diagram, and what must hold whatever happens."""

from dataclasses import replace

import pytest
from hypothesis import given, strategies

from signaling.media_plane import SfuState
from signaling.messages.records import Mode
from signaling.mode_policy import (
    Hold,
    ModeDecision,
    ModeFacts,
    ModePolicy,
    ModeReason,
    capacity,
    decide,
    next_deadline,
    stay,
)

NOW = 1000.0
POLICY = ModePolicy()
BY_PINS_ALONE = ModePolicy(crosses_over=False)

READY, STARTING, LOST, NONE = SfuState.READY, SfuState.STARTING, SfuState.LOST, SfuState.NONE
R = ModeReason

MESH = ModeDecision()
SFU = ModeDecision(mode="sfu", generation=2, reason=R.GROWN)
LONG_AGO = NOW - 500


def sfu(
    reason: ModeReason = R.GROWN, small: float | None = None, fits: float | None = None
) -> ModeDecision:
    return replace(SFU, reason=reason, small_since=small, fits_since=fits)


def mesh(reason: ModeReason = R.SMALL) -> ModeDecision:
    return replace(MESH, reason=reason)


def facts(
    members: int,
    state: SfuState = READY,
    *,
    pin: Mode | None = None,
    limited: bool = False,
    unreachable: bool = False,
    away: bool = False,
    held: ModeReason | None = None,
    until: float = NOW + 10,
) -> ModeFacts:
    hold = Hold(held, until) if held is not None else None
    return ModeFacts(members, state, pin, limited, unreachable, away, hold)


FULL, DRAINING = SfuState.FULL, SfuState.DRAINING

TABLE = [
    # current                         facts                                   mode    why
    # ---- the SFU takes no more rooms
    (mesh(), facts(6, FULL), "mesh", "small-room"),
    (mesh(), facts(7, FULL), "mesh", "sfu-full"),
    (mesh(), facts(2, FULL, pin="sfu"), "mesh", "sfu-full"),
    (mesh(), facts(1, FULL, pin="sfu"), "mesh", "sfu-full"),
    (mesh(R.SFU_FULL), facts(7), "sfu", "outgrew-mesh"),
    (mesh(R.SFU_FULL), facts(4), "mesh", "small-room"),
    (sfu(), facts(40, FULL), "sfu", "outgrew-mesh"),
    (sfu(), facts(6, FULL), "sfu", "outgrew-mesh"),
    (sfu(small=LONG_AGO), facts(4, FULL), "mesh", "shrunk"),
    # ---- the SFU is about to end: who fits into a mesh goes there, whatever the pins
    (sfu(), facts(8, DRAINING), "mesh", "sfu-draining"),
    (sfu(), facts(9, DRAINING), "sfu", "sfu-draining"),
    (sfu(), facts(2, DRAINING, pin="sfu"), "mesh", "sfu-draining"),
    (sfu(), facts(4, DRAINING, limited=True), "mesh", "sfu-draining"),
    (sfu(), facts(4, DRAINING, away=True), "sfu", "outgrew-mesh"),
    (sfu(), facts(4, DRAINING, held=R.SFU_DRAINING), "sfu", "outgrew-mesh"),
    (mesh(), facts(7, DRAINING), "mesh", "sfu-draining"),
    (mesh(R.SFU_DRAINING), facts(7, LOST), "mesh", "sfu-draining"),
    (mesh(R.SFU_DRAINING), facts(7, NONE), "mesh", "sfu-draining"),
    (mesh(R.SFU_DRAINING), facts(7), "sfu", "outgrew-mesh"),
    (mesh(R.SFU_DRAINING), facts(4), "mesh", "small-room"),
    (sfu(R.SFU_DRAINING), facts(6), "sfu", "outgrew-mesh"),
    # ---- mesh, an SFU is ready
    (mesh(), facts(1), "mesh", "small-room"),
    (mesh(), facts(6), "mesh", "small-room"),
    (mesh(), facts(7), "sfu", "outgrew-mesh"),
    (mesh(), facts(500), "sfu", "outgrew-mesh"),
    (mesh(), facts(2, limited=True), "sfu", "member-limited"),
    (mesh(), facts(7, limited=True), "sfu", "outgrew-mesh"),
    (mesh(), facts(2, pin="sfu"), "sfu", "pinned"),
    (mesh(), facts(2, pin="mesh"), "mesh", "pinned"),
    (mesh(), facts(8, pin="mesh"), "mesh", "pinned"),
    (mesh(), facts(2, pin="mesh", limited=True), "mesh", "pinned"),
    (mesh(R.SFU_LOST), facts(4), "mesh", "small-room"),
    (mesh(R.SFU_LOST), facts(7), "sfu", "outgrew-mesh"),
    (mesh(R.PINNED), facts(4), "mesh", "small-room"),
    (mesh(R.SHRUNK), facts(4), "mesh", "shrunk"),
    (mesh(R.SHRUNK), facts(7), "sfu", "outgrew-mesh"),
    # ---- mesh: a pin to it holds for a room that fits into one
    (mesh(), facts(9, pin="mesh"), "sfu", "outgrew-mesh"),
    # ---- mesh: somebody cannot reach the SFU
    (mesh(), facts(4, unreachable=True), "mesh", "small-room"),
    (mesh(), facts(7, unreachable=True), "mesh", "member-unreachable"),
    (mesh(), facts(8, unreachable=True), "mesh", "member-unreachable"),
    (mesh(), facts(9, unreachable=True), "sfu", "outgrew-mesh"),
    (mesh(), facts(4, unreachable=True, limited=True), "mesh", "member-unreachable"),
    (mesh(), facts(4, unreachable=True, pin="sfu"), "mesh", "member-unreachable"),
    (mesh(), facts(9, unreachable=True, pin="sfu"), "sfu", "pinned"),
    (mesh(), facts(4, unreachable=True, pin="mesh"), "mesh", "pinned"),
    (mesh(R.UNREACHABLE), facts(6, unreachable=True), "mesh", "member-unreachable"),
    (mesh(R.UNREACHABLE), facts(6), "mesh", "small-room"),
    (mesh(R.UNREACHABLE), facts(7), "sfu", "outgrew-mesh"),
    # ---- mesh: a hand-over has failed
    (mesh(), facts(7, held=R.GROWN), "mesh", "small-room"),
    (mesh(), facts(7, held=R.GROWN, until=NOW), "sfu", "outgrew-mesh"),
    (mesh(), facts(7, held=R.LIMITED), "sfu", "outgrew-mesh"),
    (mesh(), facts(7, held=R.GROWN, pin="sfu"), "sfu", "pinned"),
    (mesh(), facts(9, held=R.GROWN), "sfu", "outgrew-mesh"),
    # ---- mesh: somebody is away, which matters only the other way
    (mesh(), facts(7, away=True), "sfu", "outgrew-mesh"),
    # ---- mesh, an SFU is being started: only somebody alone goes to wait for it
    (mesh(), facts(7, STARTING), "mesh", "no-sfu"),
    (mesh(), facts(4, STARTING, limited=True), "mesh", "no-sfu"),
    (mesh(), facts(2, STARTING, pin="sfu"), "mesh", "no-sfu"),
    (mesh(), facts(1, STARTING, pin="sfu"), "sfu", "pinned"),
    (mesh(), facts(0, STARTING, pin="sfu"), "sfu", "pinned"),
    (mesh(R.SFU_LOST), facts(7, STARTING), "mesh", "sfu-lost"),
    (mesh(), facts(6, STARTING), "mesh", "small-room"),
    # ---- mesh, no SFU, or one that is just lost
    *[
        row
        for state in (NONE, LOST)
        for row in (
            (mesh(), facts(2, state), "mesh", "small-room"),
            (mesh(), facts(7, state), "mesh", "no-sfu"),
            (mesh(), facts(1, state, pin="sfu"), "mesh", "no-sfu"),
            (mesh(), facts(2, state, limited=True), "mesh", "no-sfu"),
            (mesh(), facts(2, state, pin="sfu"), "mesh", "no-sfu"),
            (mesh(), facts(2, state, pin="mesh"), "mesh", "small-room"),
            (mesh(R.NO_SFU), facts(6, state), "mesh", "small-room"),
            (mesh(R.SHRUNK), facts(4, state), "mesh", "shrunk"),
            (mesh(R.SFU_LOST), facts(6, state), "mesh", "sfu-lost"),
            (mesh(R.SFU_LOST), facts(50, state), "mesh", "sfu-lost"),
        )
    ],
    # ---- on the SFU
    (sfu(), facts(7), "sfu", "outgrew-mesh"),
    (sfu(), facts(6), "sfu", "outgrew-mesh"),
    (sfu(), facts(5), "sfu", "outgrew-mesh"),
    (sfu(small=NOW - 19.9), facts(5), "sfu", "outgrew-mesh"),
    (sfu(small=NOW - 20.0), facts(5), "mesh", "shrunk"),
    (sfu(small=LONG_AGO), facts(6), "sfu", "outgrew-mesh"),
    (sfu(small=LONG_AGO), facts(2, limited=True), "sfu", "member-limited"),
    (sfu(small=LONG_AGO), facts(2, pin="sfu"), "sfu", "pinned"),
    (sfu(), facts(2, pin="mesh"), "mesh", "pinned"),
    (sfu(), facts(8, pin="mesh"), "mesh", "pinned"),
    (sfu(), facts(9, pin="mesh"), "sfu", "outgrew-mesh"),
    (sfu(R.LIMITED), facts(4), "sfu", "member-limited"),
    (sfu(R.PINNED), facts(4), "sfu", "pinned"),
    (sfu(small=LONG_AGO), facts(5, STARTING), "mesh", "shrunk"),
    # ---- on the SFU: somebody cannot reach it, and the room has fitted into a mesh for a while
    (sfu(fits=LONG_AGO), facts(7, unreachable=True), "mesh", "member-unreachable"),
    (sfu(fits=NOW - 20), facts(8, unreachable=True), "mesh", "member-unreachable"),
    (sfu(fits=NOW - 19.9), facts(8, unreachable=True), "sfu", "outgrew-mesh"),
    (sfu(fits=LONG_AGO), facts(9, unreachable=True), "sfu", "outgrew-mesh"),
    (sfu(fits=LONG_AGO), facts(3, unreachable=True, limited=True), "mesh", "member-unreachable"),
    (sfu(fits=LONG_AGO), facts(3, unreachable=True, pin="sfu"), "sfu", "pinned"),
    # ---- on the SFU: the way back has failed, or cannot be built now
    (sfu(small=LONG_AGO), facts(5, held=R.SHRUNK), "sfu", "outgrew-mesh"),
    (sfu(small=LONG_AGO), facts(5, held=R.SHRUNK, until=NOW), "mesh", "shrunk"),
    (sfu(), facts(5, held=R.SHRUNK, pin="mesh"), "mesh", "pinned"),
    (sfu(small=LONG_AGO), facts(5, away=True), "sfu", "outgrew-mesh"),
    (sfu(), facts(5, away=True, pin="mesh"), "sfu", "outgrew-mesh"),
    # ---- a service that was restarted, and whose workers are about to be found: rooms stay
    (sfu(), facts(9, STARTING), "sfu", "outgrew-mesh"),
    (sfu(), facts(3, STARTING), "sfu", "outgrew-mesh"),
    (sfu(R.PINNED), facts(1, STARTING, pin="sfu"), "sfu", "pinned"),
    # ---- the SFU is lost, whatever was pinned, has failed before, or is away
    *[
        row
        for state in (NONE, LOST)
        for row in (
            (sfu(), facts(7, state), "mesh", "sfu-lost"),
            (sfu(), facts(1, state), "mesh", "sfu-lost"),
            (sfu(R.PINNED), facts(2, state, pin="sfu"), "mesh", "sfu-lost"),
            (sfu(R.LIMITED), facts(2, state, limited=True), "mesh", "sfu-lost"),
            (sfu(), facts(8, state), "mesh", "sfu-lost"),
            (sfu(), facts(8, state, away=True, held=R.SFU_LOST), "mesh", "sfu-lost"),
            (sfu(R.SFU_LOST), facts(8, state), "mesh", "sfu-lost"),
        )
    ],
    # ---- ... but a room that is too large for a mesh waits for a worker to come back
    (sfu(), facts(9, LOST), "sfu", "sfu-lost"),
    (sfu(R.PINNED), facts(50, LOST, pin="sfu"), "sfu", "sfu-lost"),
    (sfu(R.SFU_LOST), facts(9), "sfu", "outgrew-mesh"),
    (sfu(R.SFU_LOST), facts(9, pin="sfu"), "sfu", "pinned"),
    (sfu(R.SFU_LOST), facts(6), "sfu", "outgrew-mesh"),
    # ---- and no longer than that
    (sfu(), facts(9, NONE), "mesh", "sfu-lost"),
    (sfu(R.SFU_LOST), facts(500, NONE), "mesh", "sfu-lost"),
]


@pytest.mark.parametrize(("current", "known", "mode", "why"), TABLE)
def test_edge(current: ModeDecision, known: ModeFacts, mode: Mode, why: str) -> None:
    after = decide(current, known, POLICY, NOW)
    assert (after.mode, after.reason) == (mode, why)
    assert after.generation == current.generation + (mode != current.mode)


PINNED_ONLY = [
    # rooms do not cross over by themselves: the SFU is for those that are pinned to it
    (mesh(), facts(7), "mesh", "no-sfu"),
    (mesh(), facts(2, limited=True), "mesh", "no-sfu"),
    (mesh(), facts(2), "mesh", "small-room"),
    (mesh(), facts(2, pin="sfu"), "sfu", "pinned"),
    (mesh(), facts(2, pin="sfu", unreachable=True), "mesh", "member-unreachable"),
    (mesh(), facts(2, pin="mesh"), "mesh", "pinned"),
    (mesh(), facts(2, NONE, pin="sfu"), "mesh", "no-sfu"),
    (sfu(R.PINNED), facts(2, NONE, pin="sfu"), "mesh", "sfu-lost"),
    # ... and left, when the pin is taken away
    (sfu(R.PINNED), facts(8), "mesh", "shrunk"),
    (sfu(R.PINNED), facts(9), "sfu", "pinned"),
]


@pytest.mark.parametrize(("current", "known", "mode", "why"), PINNED_ONLY)
def test_no_room_crosses_over_by_itself_where_that_is_switched_off(
    current: ModeDecision, known: ModeFacts, mode: Mode, why: str
) -> None:
    after = decide(current, known, BY_PINS_ALONE, NOW)
    assert (after.mode, after.reason) == (mode, why)
    assert after.prewarm is (why == "member-unreachable")


@pytest.mark.parametrize("why", list(ModeReason))
def test_table_reaches_every_reason(why: ModeReason) -> None:
    assert why in [row[3] for row in TABLE]


@pytest.mark.parametrize(
    ("members", "strained"), [(1, False), (4, False), (5, True), (6, True), (8, True)]
)
def test_large_mesh_strains(members: int, strained: bool) -> None:
    assert decide(MESH, facts(members, NONE), POLICY, NOW).strained is strained


def test_sfu_does_not_strain() -> None:
    assert decide(MESH, facts(7), POLICY, NOW).strained is False


PREWARMED = [
    (facts(4), False),
    (facts(5), True),
    (facts(6), True),
    (facts(5, STARTING), False),
    (facts(5, LOST), False),
    (facts(5, NONE), False),
    (facts(5, pin="mesh"), False),
    (facts(7, unreachable=True), True),
    (facts(4, unreachable=True), False),
    (facts(4, unreachable=True, limited=True), True),  # or nobody would learn that it can
    (facts(4, unreachable=True, limited=True, pin="mesh"), False),
    (facts(7, held=R.GROWN), True),
    (facts(7), False),  # it is on the SFU
]


@pytest.mark.parametrize(("known", "prewarm"), PREWARMED)
def test_mesh_that_may_outgrow_itself_connects_early(known: ModeFacts, prewarm: bool) -> None:
    assert decide(MESH, known, POLICY, NOW).prewarm is prewarm
    assert not decide(MESH, replace(known, unreachable=False), BY_PINS_ALONE, NOW).prewarm
    never = replace(POLICY, prewarm_from=0)
    assert not decide(MESH, known, never, NOW).prewarm


def test_mode_in_force_while_another_is_prepared() -> None:
    known = facts(7)
    wanted = decide(MESH, known, POLICY, NOW)
    before = stay(MESH, wanted, known, POLICY)
    assert (before.mode, before.generation, before.reason) == ("mesh", 1, "small-room")
    assert (before.strained, before.prewarm) == (True, True)
    assert (wanted.strained, wanted.prewarm) == (False, False)


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


def test_coming_and_going_at_the_cap_moves_nobody_who_cannot_reach_the_sfu() -> None:
    decision = decide(MESH, facts(9, unreachable=True), POLICY, NOW)
    for turn in range(100):
        for members in (8, 9):
            known = facts(members, unreachable=True)
            decision = decide(decision, known, POLICY, NOW + turn * 5)
    assert (decision.mode, decision.generation) == ("sfu", 2)


DEADLINES = [
    # current                                 facts                               deadline
    (sfu(small=NOW, fits=NOW), facts(3), NOW + 20),
    (sfu(small=NOW, fits=NOW), facts(3, limited=True), None),
    (sfu(small=NOW, fits=NOW), facts(3, pin="sfu"), None),
    (sfu(fits=NOW), facts(7), None),
    (sfu(fits=NOW), facts(7, unreachable=True), NOW + 20),
    (sfu(fits=NOW), facts(7, unreachable=True, pin="sfu"), None),
    (sfu(small=NOW, fits=NOW - 10), facts(3, unreachable=True), NOW + 10),
    (sfu(small=NOW - 30, fits=NOW), facts(3, away=True), None),
    (sfu(small=NOW - 30), facts(3, held=R.SHRUNK, until=NOW + 40), NOW + 40),
    (mesh(), facts(7, held=R.GROWN, until=NOW + 10), NOW + 10),
    (mesh(), facts(7, held=R.GROWN, until=NOW), None),
    (replace(mesh(), small_since=NOW, fits_since=NOW), facts(2), None),
]


@pytest.mark.parametrize(("current", "known", "deadline"), DEADLINES)
def test_deadline(current: ModeDecision, known: ModeFacts, deadline: float | None) -> None:
    assert next_deadline(current, known, POLICY, NOW) == deadline


CAPACITIES: list[tuple[Mode, ModeFacts, int]] = [
    ("mesh", facts(2), 300),
    ("mesh", facts(2, pin="sfu"), 300),
    ("mesh", facts(2, pin="mesh"), 8),
    ("mesh", facts(2, unreachable=True), 300),
    ("mesh", facts(2, NONE), 8),
    ("mesh", facts(2, NONE, pin="sfu"), 8),
    ("mesh", facts(2, STARTING), 8),
    ("mesh", facts(2, LOST), 8),
    ("sfu", facts(2), 300),
    ("sfu", facts(2, STARTING), 300),
    ("sfu", facts(20, LOST), 300),
    ("sfu", facts(2, pin="mesh"), 8),
    ("sfu", facts(20, pin="mesh"), 300),
]


@pytest.mark.parametrize(("mode", "known", "held"), CAPACITIES)
def test_capacity(mode: Mode, known: ModeFacts, held: int) -> None:
    assert capacity(mode, known, POLICY, 300) == held


def test_capacity_where_rooms_do_not_cross_over() -> None:
    assert capacity("mesh", facts(2), BY_PINS_ALONE, 300) == 8
    assert capacity("mesh", facts(2, pin="sfu"), BY_PINS_ALONE, 300) == 300
    assert capacity("mesh", facts(2, pin="mesh"), BY_PINS_ALONE, 300) == 8


def test_small_sfu_holds_no_less_than_a_mesh() -> None:
    assert capacity("mesh", facts(2), POLICY, 3) == 8


# ---- whatever happens --------------------------------------------------------------------

FACTS = strategies.builds(
    ModeFacts,
    members=strategies.integers(1, 12),
    sfu=strategies.sampled_from(SfuState),
    pin=strategies.sampled_from([None, None, "mesh", "sfu"]),
    limited=strategies.booleans(),
    unreachable=strategies.booleans(),
    away=strategies.booleans(),
    hold=strategies.none()
    | strategies.builds(Hold, strategies.sampled_from(ModeReason), strategies.floats(900, 2000)),
)
PAUSES = strategies.sampled_from([0.0, 0.5, 5.0, 19.0, 20.0, 60.0])
POLICIES = strategies.builds(ModePolicy, crosses_over=strategies.booleans())


@given(strategies.lists(strategies.tuples(FACTS, PAUSES), max_size=50), POLICIES)
def test_decisions_make_sense(course: list[tuple[ModeFacts, float]], policy: ModePolicy) -> None:
    decision, now = MESH, NOW
    for known, pause in course:
        now += pause
        before, decision = decision, decide(decision, known, policy, now)
        assert decision.generation - before.generation == (decision.mode != before.mode)
        fits = known.members <= policy.mesh_cap
        if known.sfu is NONE:
            assert decision.mode == "mesh"
        elif known.sfu is LOST:
            assert decision.mode == ("mesh" if fits else before.mode)
        elif (before.mode, decision.mode) == ("mesh", "sfu"):
            assert known.sfu is READY or known.members == 1
            assert not (known.unreachable and fits)
            assert known.pin != "mesh" or not fits
            assert policy.crosses_over or known.pin == "sfu"
        elif (before.mode, decision.mode) == ("sfu", "mesh"):
            assert fits
            assert not known.away
            assert known.pin != "sfu"
        assert not (decision.mode == "sfu" and (decision.strained or decision.prewarm))
        deadline = next_deadline(decision, known, policy, now)
        assert deadline is None or deadline > now
        if decision.mode == before.mode:
            assert decide(decision, known, policy, now) == decision, "once is enough"


@given(strategies.lists(strategies.tuples(strategies.integers(1, 12), PAUSES), max_size=80))
def test_no_flip_flop(course: list[tuple[int, float]]) -> None:
    """With an SFU ready and nothing pinned, a room returns only after it was small for a while."""
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


@given(FACTS, strategies.sampled_from([MESH, SFU, sfu(small=NOW - 5, fits=NOW - 5)]))
def test_nothing_changes_before_the_deadline_by_itself(
    known: ModeFacts, current: ModeDecision
) -> None:
    decision = decide(current, known, POLICY, NOW)
    deadline = next_deadline(decision, known, POLICY, NOW)
    just_before = NOW + 10_000 if deadline is None else deadline - 0.001
    if just_before > NOW and decision.mode == current.mode:
        assert decide(decision, known, POLICY, just_before) == decision


@given(
    strategies.floats(0, 2e9, allow_nan=False),
    strategies.floats(0, 3600, allow_nan=False),
)
def test_deadline_is_kept_whatever_the_clock_rounds_to(now: float, return_after: float) -> None:
    policy = replace(POLICY, return_after=return_after)
    small = decide(SFU, facts(3), policy, now)
    deadline = next_deadline(small, facts(3), policy, now)
    if deadline is None:
        assert small.mode == "mesh"
    else:
        assert decide(small, facts(3), policy, deadline).mode == "mesh"
