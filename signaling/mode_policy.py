"""Mesh or SFU: the decision as a pure function of a room's facts.

::

             grown · limited · pinned to sfu               (an SFU is alive)
      mesh ────────────────────────────────────────────────────────────► sfu
           ◄────────────────────────────────────────────────────────────
             small for 20 s · pinned to mesh · the SFU is lost (overrides every pin)

    the SFU is lost, and the room is larger than the mesh cap: it stays, and waits for the SFU

Between ``return_at`` and ``mesh_limit`` members a room stays as it is, so that one person who comes
and goes does not move everybody. A room once limited (somebody's processor or uplink could not
carry the mesh) does not return by itself. While ``crosses_over`` is off, only rooms that are pinned
to ``sfu`` use it; all others are a mesh as if there were none.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from signaling.messages.records import Mode


class ModeReason(StrEnum):
    """Why a room travels the way it does."""

    SMALL = "small-room"
    GROWN = "outgrew-mesh"
    LIMITED = "member-limited"
    SHRUNK = "shrunk"
    PINNED = "pinned"
    SFU_LOST = "sfu-lost"
    NO_SFU = "no-sfu"


@dataclass(frozen=True)
class ModePolicy:
    """The operator's thresholds.

    Attributes:
        mesh_limit: Most members of a mesh while an SFU could take the room.
        mesh_cap: Most members of a mesh when none can; more are refused.
        strain_from: Members from which a mesh may strain devices and uplinks.
        return_at: Members at or below which a room returns to mesh...
        return_after: ...when it has had so few for this many seconds.
        crosses_over: Whether an unpinned room moves to the SFU by itself. Off, because moving
            during a call takes a hand-over that the page does not have yet.
    """

    mesh_limit: int = 6
    mesh_cap: int = 8
    strain_from: int = 5
    return_at: int = 5
    return_after: float = 20.0
    crosses_over: bool = False


@dataclass(frozen=True)
class ModeFacts:
    """What the decision rests on. ``limited``: a member could not carry the mesh."""

    members: int
    sfu_alive: bool
    pin: Mode | None = None
    limited: bool = False


@dataclass(frozen=True)
class ModeDecision:
    """A room's mode. ``generation`` grows by one whenever ``mode`` changes, and never else."""

    mode: Mode = "mesh"
    generation: int = 1
    reason: ModeReason = ModeReason.SMALL
    strained: bool = False
    small_since: float | None = None


def decide(current: ModeDecision, facts: ModeFacts, policy: ModePolicy, now: float) -> ModeDecision:
    """The decision that follows ``current`` under ``facts`` at time ``now`` (seconds)."""
    small = facts.members <= policy.return_at
    small_since = None if not small else now if current.small_since is None else current.small_since
    mode, reason = _choose(replace(current, small_since=small_since), facts, policy, now)
    return ModeDecision(
        mode=mode,
        generation=current.generation + (mode != current.mode),
        reason=reason,
        strained=mode == "mesh" and facts.members >= policy.strain_from,
        small_since=small_since,
    )


def next_deadline(current: ModeDecision, facts: ModeFacts, policy: ModePolicy) -> float | None:
    """When ``decide`` comes to another result though no fact changes."""
    stays = facts.limited or facts.pin is not None
    if current.mode == "mesh" or current.small_since is None or stays:
        return None
    return current.small_since + policy.return_after


def capacity(facts: ModeFacts, policy: ModePolicy, sfu_capacity: int) -> int:
    """Members the room can hold: the SFU's share while it may be used, else the mesh cap."""
    usable = _usable(facts, policy) and facts.pin != "mesh"
    return max(sfu_capacity, policy.mesh_cap) if usable else policy.mesh_cap


def _choose(
    current: ModeDecision, facts: ModeFacts, policy: ModePolicy, now: float
) -> tuple[Mode, ModeReason]:
    if not _usable(facts, policy):
        return _without_sfu(current, facts, policy)
    if facts.pin is not None:
        return facts.pin, ModeReason.PINNED
    if facts.members > policy.mesh_limit:
        return "sfu", ModeReason.GROWN
    if facts.limited:
        return "sfu", ModeReason.LIMITED
    if current.mode == "mesh":
        return "mesh", ModeReason.SMALL
    since = current.small_since
    if since is not None and now >= since + policy.return_after:
        return "mesh", ModeReason.SHRUNK
    return "sfu", current.reason


def _usable(facts: ModeFacts, policy: ModePolicy) -> bool:
    return facts.sfu_alive and (policy.crosses_over or facts.pin is not None)


def _without_sfu(
    current: ModeDecision, facts: ModeFacts, policy: ModePolicy
) -> tuple[Mode, ModeReason]:
    if current.mode == "sfu" or current.reason is ModeReason.SFU_LOST:
        fits = current.mode == "mesh" or facts.members <= policy.mesh_cap
        return "mesh" if fits else "sfu", ModeReason.SFU_LOST
    if facts.members > policy.mesh_limit or facts.limited or facts.pin == "sfu":
        return "mesh", ModeReason.NO_SFU
    return "mesh", ModeReason.SMALL
