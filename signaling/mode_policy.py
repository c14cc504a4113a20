"""Mesh or SFU: the decision as a pure function of a room's facts.

::

             grown · limited · pinned to sfu           (an SFU is ready for it)
      mesh ────────────────────────────────────────────────────────────► sfu
           ◄────────────────────────────────────────────────────────────
             small for 20 s · pinned to mesh · somebody cannot reach the SFU ·
             the SFU is lost (overrides every pin)

    the SFU is about to end, without another: who fits into a mesh goes there while it still carries

    the SFU is full: rooms on it stay, and rooms that ought to be on it are a mesh up to the cap

    the last SFU is lost, and the room is larger than the mesh cap: it waits for the time that a
    worker takes to come back, and goes on as a mesh of a few only then

Between ``return_at`` and ``mesh_limit`` members a room stays as it is, so that one person who comes
and goes does not move everybody. A room once limited (somebody's processor or uplink could not
carry the mesh) does not return by itself. Somebody who cannot reach the SFU keeps a room that fits
into a mesh there. A pin to mesh holds for a room that fits into one. While ``crosses_over`` is off,
only rooms that are pinned to ``sfu`` use it.

The function says what is wanted; ``hand_over`` and ``mode_keeper`` get there.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self

from signaling.media_plane import SfuState
from signaling.messages.records import Mode


class ModeReason(StrEnum):
    """Why a room travels the way it does."""

    SMALL = "small-room"
    GROWN = "outgrew-mesh"
    LIMITED = "member-limited"
    SHRUNK = "shrunk"
    PINNED = "pinned"
    UNREACHABLE = "member-unreachable"
    SFU_LOST = "sfu-lost"
    SFU_DRAINING = "sfu-draining"
    SFU_FULL = "sfu-full"
    NO_SFU = "no-sfu"


_WANTING = frozenset({ModeReason.SFU_LOST, ModeReason.SFU_DRAINING})
"""Reasons of a room that was on the SFU, and has done without it because it had to."""


@dataclass(frozen=True)
class ModePolicy:
    """The operator's thresholds.

    Attributes:
        mesh_limit: Most members of a mesh while an SFU could take the room.
        mesh_cap: Most members of a mesh when none can; more are refused.
        strain_from: Members from which a mesh may strain devices and uplinks.
        prewarm_from: Members from which those of a mesh connect to the SFU early; 0 = never.
        limited_from: Members from which one who cannot carry the mesh moves it; 0 = never.
        return_at: Members at or below which a room returns to mesh...
        return_after: ...when it has had so few for this many seconds.
        hand_over_seconds: How long members have to get ready for another mode.
        crosses_over: Whether an unpinned room moves to the SFU by itself.
    """

    mesh_limit: int = 6
    mesh_cap: int = 8
    strain_from: int = 5
    prewarm_from: int = 5
    limited_from: int = 4
    return_at: int = 5
    return_after: float = 20.0
    hand_over_seconds: float = 5.0
    crosses_over: bool = True


@dataclass(frozen=True)
class Hold:
    """A move has failed, and is not tried again for a while: for the same reason, that is."""

    reason: ModeReason
    until: float


@dataclass(frozen=True)
class ModeFacts:
    """What the decision rests on.

    Attributes:
        members: How many.
        sfu: Whether there is an SFU.
        pin: The strongest of the room's pins.
        limited: A member could not carry the mesh.
        unreachable: A member cannot reach the SFU.
        away: A member's signaling is interrupted: no mesh can be built with it now.
        hold: What is not to be tried again yet.
    """

    members: int
    sfu: SfuState = SfuState.READY
    pin: Mode | None = None
    limited: bool = False
    unreachable: bool = False
    away: bool = False
    hold: Hold | None = None


@dataclass(frozen=True)
class ModeDecision:
    """A room's mode.

    Attributes:
        generation: Grows whenever ``mode`` changes, and never shrinks.
        strained: Large for a mesh.
        prewarm: A mesh whose members connect to the SFU, and publish nothing.
        small_since: Since when it has had so few members that it might return to mesh.
        fits_since: Since when it has had so few that it could.
    """

    mode: Mode = "mesh"
    generation: int = 1
    reason: ModeReason = ModeReason.SMALL
    strained: bool = False
    prewarm: bool = False
    small_since: float | None = None
    fits_since: float | None = None

    @classmethod
    def told(cls, mode: Mode, generation: int = 1) -> Self:
        """A decision of which no more is known than what members were told."""
        reason = ModeReason.GROWN if mode == "sfu" else ModeReason.SMALL
        return cls(mode=mode, generation=generation, reason=reason)


def decide(current: ModeDecision, facts: ModeFacts, policy: ModePolicy, now: float) -> ModeDecision:
    """What is wanted after ``current`` under ``facts`` at time ``now`` (seconds)."""
    since = replace(
        current,
        small_since=_since(current.small_since, facts.members <= policy.return_at, now),
        fits_since=_since(current.fits_since, facts.members <= policy.mesh_cap, now),
    )
    mode, reason = _choose(since, facts, policy, now)
    generation = current.generation + (mode != current.mode)
    wanted = replace(since, mode=mode, generation=generation, reason=reason)
    return _described(wanted, facts, policy)


def stay(
    current: ModeDecision, wanted: ModeDecision, facts: ModeFacts, policy: ModePolicy
) -> ModeDecision:
    """What is so while the wanted mode is still being prepared."""
    staying = replace(
        wanted, mode=current.mode, generation=current.generation, reason=current.reason
    )
    return _described(staying, facts, policy)


def next_deadline(
    current: ModeDecision, facts: ModeFacts, policy: ModePolicy, now: float
) -> float | None:
    """When ``decide`` may come to another result though no fact changes; after ``now``."""
    dates = [facts.hold.until] if facts.hold is not None else []
    if current.mode == "sfu" and facts.pin != "sfu":
        if current.small_since is not None and not facts.limited:
            dates.append(current.small_since + policy.return_after)
        if current.fits_since is not None and facts.unreachable:
            dates.append(current.fits_since + policy.return_after)
    return min((date for date in dates if date > now), default=None)


def capacity(mode: Mode, facts: ModeFacts, policy: ModePolicy, sfu_capacity: int) -> int:
    """Members the room can hold: the SFU's share while it may be used, else the mesh cap.

    Args:
        mode: Where the room is, or is going.
        facts: About the room.
        policy: The operator's thresholds.
        sfu_capacity: Members one room may have on the SFU.
    """
    usable = policy.crosses_over or facts.pin is not None
    usable = usable and (mode == "sfu" or facts.sfu is SfuState.READY)
    if usable and _pin(facts, policy) != "mesh":
        return max(sfu_capacity, policy.mesh_cap)
    return policy.mesh_cap


def is_kept_out(members: int, mode: Mode, facts: ModeFacts, policy: ModePolicy) -> bool:
    """Whether one more member cannot come in because the SFU takes nobody.

    Args:
        members: How many the room has.
        mode: Where the room is, or is going.
        facts: About the room.
        policy: The operator's thresholds.
    """
    if mode == "sfu":
        return facts.sfu is SfuState.FULL
    usable = policy.crosses_over or facts.pin == "sfu"
    busy = facts.sfu in {SfuState.FULL, SfuState.DRAINING}
    return busy and usable and members >= policy.mesh_cap


def _since(before: float | None, so: bool, now: float) -> float | None:
    if not so:
        return None
    return now if before is None else before


def _described(decision: ModeDecision, facts: ModeFacts, policy: ModePolicy) -> ModeDecision:
    """With what else may be seen of a mesh of this size."""
    is_mesh = decision.mode == "mesh"
    return replace(
        decision,
        strained=is_mesh and facts.members >= policy.strain_from,
        prewarm=is_mesh and _connects_early(decision.reason, facts, policy),
    )


def _connects_early(reason: ModeReason, facts: ModeFacts, policy: ModePolicy) -> bool:
    """Whether members of a mesh connect to the SFU: they may need it soon, or wait for it.

    Whoever cannot reach it has to try, or nobody would ever learn that it can.
    """
    if facts.sfu is not SfuState.READY or not policy.prewarm_from or _pin(facts, policy) == "mesh":
        return False
    is_large = policy.crosses_over and facts.members >= policy.prewarm_from
    return is_large or reason is ModeReason.UNREACHABLE


def _pin(facts: ModeFacts, policy: ModePolicy) -> Mode | None:
    """The pin that is in force."""
    return None if facts.pin == "mesh" and facts.members > policy.mesh_cap else facts.pin


def _choose(
    current: ModeDecision, facts: ModeFacts, policy: ModePolicy, now: float
) -> tuple[Mode, ModeReason]:
    if facts.sfu in {SfuState.NONE, SfuState.LOST}:
        return _without_sfu(current, facts, policy)
    mode, reason = _wish(current, facts, policy, now)
    if facts.sfu is SfuState.DRAINING and current.mode == "sfu":
        fits = facts.members <= policy.mesh_cap
        mode, reason = "mesh" if fits else "sfu", ModeReason.SFU_DRAINING
    if mode == current.mode:
        return mode, reason
    if mode == "sfu" and not _can_be_entered(facts):
        return "mesh", _lack(current, facts)
    held = facts.hold is not None and facts.hold.reason is reason and now < facts.hold.until
    if held and facts.members <= policy.mesh_cap:
        return current.mode, current.reason
    if mode == "mesh" and facts.away:
        return "sfu", current.reason
    return mode, reason


def _can_be_entered(facts: ModeFacts) -> bool:
    """A hand-over needs a worker that takes the room; somebody alone may wait for one to come."""
    waits = facts.sfu is SfuState.STARTING and facts.members <= 1
    return facts.sfu is SfuState.READY or waits


def _wish(
    current: ModeDecision, facts: ModeFacts, policy: ModePolicy, now: float
) -> tuple[Mode, ModeReason]:
    pin, need = _pin(facts, policy), _need(facts, policy)
    is_mesh, kept = current.mode == "mesh", _kept_back(current, facts, policy, now)
    if pin == "mesh":
        return "mesh", ModeReason.PINNED
    if pin == "sfu":
        return ("mesh", ModeReason.UNREACHABLE) if is_mesh and kept else ("sfu", ModeReason.PINNED)
    if not policy.crosses_over:
        return _by_pins_alone(current, facts, policy)
    if kept and not (is_mesh and need is None and current.reason is not ModeReason.UNREACHABLE):
        return "mesh", ModeReason.UNREACHABLE
    if need is not None:
        return "sfu", need
    return _between(current, policy, now)


def _need(facts: ModeFacts, policy: ModePolicy) -> ModeReason | None:
    """Why the room should be on the SFU, if it should."""
    if facts.pin == "sfu":
        return ModeReason.PINNED
    if facts.members > policy.mesh_limit:
        return ModeReason.GROWN
    return ModeReason.LIMITED if facts.limited else None


def _kept_back(current: ModeDecision, facts: ModeFacts, policy: ModePolicy, now: float) -> bool:
    """Whether somebody who cannot reach the SFU may have the room in a mesh.

    A room that is on the SFU has to have fitted into a mesh for a while, as one that is small.
    """
    if not facts.unreachable or facts.members > policy.mesh_cap:
        return False
    since = current.fits_since
    lasting = since is not None and now >= since + policy.return_after
    return current.mode == "mesh" or lasting


def _between(current: ModeDecision, policy: ModePolicy, now: float) -> tuple[Mode, ModeReason]:
    """Nothing speaks for the SFU; a room that is there stays for a while."""
    if current.mode == "mesh":
        return "mesh", _smallness(current)
    since = current.small_since
    if since is not None and now >= since + policy.return_after:
        return "mesh", ModeReason.SHRUNK
    return "sfu", ModeReason.GROWN if current.reason in _WANTING else current.reason


def _by_pins_alone(
    current: ModeDecision, facts: ModeFacts, policy: ModePolicy
) -> tuple[Mode, ModeReason]:
    """An unpinned room on a server whose rooms do not cross over by themselves."""
    if current.mode == "sfu":
        fits = facts.members <= policy.mesh_cap
        return ("mesh", ModeReason.SHRUNK) if fits else ("sfu", current.reason)
    wanting = _need(facts, policy) is not None
    return "mesh", ModeReason.NO_SFU if wanting else ModeReason.SMALL


def _without_sfu(
    current: ModeDecision, facts: ModeFacts, policy: ModePolicy
) -> tuple[Mode, ModeReason]:
    if current.mode == "sfu":
        waits = facts.sfu is SfuState.LOST and facts.members > policy.mesh_cap
        return "sfu" if waits else "mesh", ModeReason.SFU_LOST
    if current.reason in _WANTING or _need(facts, policy) is not None:
        return "mesh", _lack(current, facts)
    return "mesh", _smallness(current)


def _smallness(current: ModeDecision) -> ModeReason:
    shrunk = current.reason is ModeReason.SHRUNK
    return ModeReason.SHRUNK if shrunk else ModeReason.SMALL


def _lack(current: ModeDecision, facts: ModeFacts) -> ModeReason:
    """Why a mesh is one that should be on the SFU, or was."""
    if facts.sfu is SfuState.FULL:
        return ModeReason.SFU_FULL
    if facts.sfu is SfuState.DRAINING:
        return ModeReason.SFU_DRAINING
    return current.reason if current.reason in _WANTING else ModeReason.NO_SFU
