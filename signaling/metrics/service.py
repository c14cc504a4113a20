"""Rooms, members, hand-overs, connections and messages as metrics."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final, get_args

from prometheus_client.core import Metric

from sfu.control.figures import LAG_BOUNDS, Spread
from signaling.messages.records import Mode
from signaling.messages.wire import ErrorCode
from signaling.metrics.families import Labels, counter, counters, gauge, gauges, histograms
from signaling.mode_policy import ModeReason
from signaling.room import Room
from signaling.switchboard import KNOWN_TYPES, OTHER, Switchboard
from signaling.tally import GAP_BOUNDS, PREPARATION_BOUNDS, Outcome, Tally

MODES: Final[tuple[Mode, ...]] = get_args(Mode)
OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)
LEFT: Final = ("left", "timed-out", "removed", "room-closed")
TURNED_AWAY: Final = ("origin", "too-many")
CLOSED: Final = ("flood", "slow", "replaced", "shutdown")
OVER_RATE: Final = ("messages", "media")


def collect(switchboard: Switchboard, lag: Spread) -> Iterator[Metric]:
    """Everything about signaling but its process.

    Args:
        switchboard: Read, never changed.
        lag: Of the event loop, by ``LAG_BOUNDS``.
    """
    tally = switchboard.tally
    yield from _rooms(switchboard.registry.index.rooms())
    yield from _people(tally)
    yield from _hand_overs(tally)
    yield gauge("crossover_connections", "Open WebSockets.", switchboard.connected)
    yield from _traffic(tally)
    yield histograms(
        "crossover_loop_lag_seconds",
        "How late the event loop of signaling came to what was due.",
        (),
        LAG_BOUNDS,
        [((), lag)],
    )


def _rooms(rooms: Iterable[Room]) -> Iterator[Metric]:
    """In one pass: there may be thousands."""
    number: Counter[Mode] = Counter()
    members: Counter[Mode] = Counter()
    moving = 0
    for room in rooms:
        mode = room.decision.mode
        number[mode] += 1
        members[mode] += len(room.members)
        moving += room.hand_over is not None
    yield gauges(
        "crossover_rooms",
        "Rooms, by how their media travels.",
        ("mode",),
        {(mode,): number[mode] for mode in MODES},
    )
    yield gauges(
        "crossover_members",
        "Members of rooms, by how the room's media travels.",
        ("mode",),
        {(mode,): members[mode] for mode in MODES},
    )
    yield gauge("crossover_hand_overs_preparing", "Rooms that are being prepared to move.", moving)


def _people(tally: Tally) -> Iterator[Metric]:
    yield counter("crossover_joins", "Members who have entered a room.", tally.joined)
    yield counters(
        "crossover_join_failures",
        "Requests to make or join a room that were refused, by error code.",
        ("code",),
        {(str(code),): tally.not_joined[code] for code in ErrorCode},
    )
    yield counters(
        "crossover_leaves",
        "Members who are out of a room, by why.",
        ("reason",),
        _with(LEFT, tally.left),
    )


def _hand_overs(tally: Tally) -> Iterator[Metric]:
    yield counters(
        "crossover_hand_overs",
        "Hand-overs that have ended, by mode aimed at, reason, and outcome.",
        ("mode", "reason", "outcome"),
        {
            (mode, str(reason), outcome): tally.hand_overs[(mode, reason), outcome]
            for mode in MODES
            for reason in ModeReason
            for outcome in OUTCOMES
        },
    )
    yield histograms(
        "crossover_hand_over_preparation_seconds",
        "From the beginning of a hand-over until it was committed.",
        ("mode",),
        PREPARATION_BOUNDS,
        (((mode,), spread) for mode, spread in tally.preparation.items()),
    )
    yield histograms(
        "crossover_hand_over_gap_seconds",
        "For how long the worst picture of a member stood still in a hand-over, as pages report.",
        ("mode", "reason"),
        GAP_BOUNDS,
        (((mode, str(reason)), spread) for (mode, reason), spread in tally.gaps.items()),
    )


def _traffic(tally: Tally) -> Iterator[Metric]:
    yield counter("crossover_connections_opened", "WebSockets opened.", tally.connections)
    yield counters(
        "crossover_connections_refused",
        "WebSockets refused at once, by why.",
        ("reason",),
        _with(TURNED_AWAY, tally.turned_away),
    )
    yield counters(
        "crossover_connections_closed",
        "WebSockets that the server closed, by why.",
        ("reason",),
        _with(CLOSED, tally.closed),
    )
    yield counter("crossover_sessions_resumed", "Sessions continued.", tally.resumed)
    yield counters(
        "crossover_messages_received",
        "Messages received, by type.",
        ("type",),
        {(kind,): tally.received[kind] for kind in (*sorted(KNOWN_TYPES), OTHER)},
    )
    yield counter("crossover_messages_sent", "Messages sent, one for each receiver.", tally.sent)
    yield counter("crossover_sent_bytes", "Payload of these messages.", tally.sent_bytes)
    yield counters(
        "crossover_messages_over_rate",
        "Frames beyond the rate of their connection, which are not looked at.",
        ("rate",),
        _with(OVER_RATE, tally.over_rate),
    )
    yield counters(
        "crossover_request_errors",
        "Errors answered, by code.",
        ("code",),
        {(str(code),): tally.refused[code] for code in ErrorCode},
    )


def _with(known: tuple[str, ...], counted: Counter[str]) -> dict[Labels, float]:
    """Everything that was counted, and zeros for what may be: a rate needs a beginning."""
    return {(key,): counted[key] for key in dict.fromkeys((*known, *sorted(counted)))}
